#include "lib/docker/environment.h"

#include <algorithm>

#include "lib/docker/engine.h"

namespace gt::docker {

bool Image::is_available(Engine& engine) const { return engine.find_image(*this).has_value(); }

bool Image::is_available() const {
  Engine engine;
  return is_available(engine);
}

std::optional<Image> first_available(const std::vector<Image>& images, Engine& engine) {
  const auto found =
      std::find_if(images.begin(), images.end(), [&engine](const Image& image) { return image.is_available(engine); });
  return found == images.end() ? std::nullopt : std::optional<Image>(*found);
}

bool DockerEnvironment::supported(Engine& engine) const { return first_available(images_, engine).has_value(); }

std::optional<Image> TaskHeader::find_image(Engine& engine) const { return first_available(docker_images, engine); }

}  // namespace gt::docker
