// Docker images as tasks name them, and whether an engine has them.
#pragma once

#include <string>
#include <utility>

#include "lib/task/definition.h"

namespace gt::docker {

class Engine;

// golem.docker.image.DockerImage of 2016: a repository, a tag (empty is latest), and perhaps an id.
struct Image : task::Image {
  explicit Image(std::string repository_, std::string tag_ = {}, std::string id_ = {})
      : task::Image{.repository = std::move(repository_),
                    .tag = tag_.empty() ? std::string("latest") : std::move(tag_),
                    .id = std::move(id_)} {}
  explicit Image(task::Image image) : task::Image(std::move(image)) {}

  // True if the engine has it: an image of this name and, where an id is given, the very image with this id (or an id that
  // starts so). Throws EngineUnreachable, EngineRefused; a name that no image can have is merely not available.
  bool is_available(Engine& engine) const;
  bool is_available() const;  // asks the engine at the default socket
};

}  // namespace gt::docker
