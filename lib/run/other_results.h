// Results that are no pictures of Blender: films of LuxRender, and what a program leaves.
#pragma once

#include <filesystem>
#include <variant>
#include <vector>

#include "lib/run/result_check.h"

namespace gt::run {

struct Taken {
  std::variant<Result, Failure> result;
  std::vector<Finding> notes = {};  // what was left where it was: links, devices
};

// As take_picture does, whatever the subtask makes.
Taken take_result(const RunPlan& plan, const render::Subtask& subtask, const std::filesystem::path& output,
                  const RunDirectory& directory);

}  // namespace gt::run
