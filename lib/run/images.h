// Which of a task's images its containers are made from.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/run/container_runner.h"
#include "lib/task/definition.h"

namespace gt::run {

// "repository[:tag]"; a colon before a slash belongs to a registry's port. Throws Usage for digests and empty names.
task::Image to_image(std::string_view name);

// Applies --image rules OLD=NEW. OLD is a repository (any tag) or repository:tag. Throws Usage for a rule without '=' and for
// one that names no image of the task.
std::vector<task::Image> rename_images(std::vector<task::Image> images, const std::vector<std::string>& rules);

// The first image that the engine has, with its id. Throws ImageMissing that names all of them.
task::Image choose_image(const std::vector<task::Image>& images, ContainerRunner& runner);

}  // namespace gt::run
