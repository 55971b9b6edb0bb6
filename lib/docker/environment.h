// What a task needs of the machine that computes it: golem.environments of 2016, as far as tasks use it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/docker/image.h"

namespace gt::docker {

// The base: needs nothing.
class Environment {
 public:
  Environment() = default;
  Environment(const Environment&) = default;
  Environment& operator=(const Environment&) = default;
  virtual ~Environment() = default;

  // For people, as the desktop program showed them.
  const std::string& short_description() const { return short_description_; }
  const std::string& long_description() const { return long_description_; }
  // True if this machine can compute tasks of this environment. Throws what the engine's calls throw.
  virtual bool supported(Engine&) const { return true; }

 protected:
  Environment(std::string short_description, std::string long_description)
      : short_description_(std::move(short_description)), long_description_(std::move(long_description)) {}

 private:
  std::string short_description_ = "Default environment for generic tasks without any additional requirements.";
  std::string long_description_;
};

// Needs one of several images.
class DockerEnvironment : public Environment {
 public:
  DockerEnvironment(std::vector<Image> images, std::string short_description, std::string long_description = {})
      : Environment(std::move(short_description), std::move(long_description)), images_(std::move(images)) {}

  bool supported(Engine& engine) const override;  // any of the images is present
  const std::vector<Image>& docker_images() const { return images_; }

 private:
  std::vector<Image> images_;
};

class BlenderDockerEnvironment : public DockerEnvironment {
 public:
  explicit BlenderDockerEnvironment(Image image = Image("golem/blender"))
      : DockerEnvironment({std::move(image)}, "Blender (www.blender.org)") {}
};

class LuxRenderDockerEnvironment : public DockerEnvironment {
 public:
  explicit LuxRenderDockerEnvironment(Image image = Image("golem/luxrender"))
      : DockerEnvironment({std::move(image)}, "LuxRender (www.luxrender.net)") {}
};

// The part of a task's header that decides where it can be computed.
struct TaskHeader {
  // Any of these has to be present to compute the task; the first present one is used. Empty: not a Docker task.
  std::vector<Image> docker_images = {};

  std::optional<Image> find_image(Engine& engine) const;  // nullopt if the engine has none of them
};

// The first of `images` that the engine has.
std::optional<Image> first_available(const std::vector<Image>& images, Engine& engine);

}  // namespace gt::docker
