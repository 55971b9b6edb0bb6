// What a container left behind. It ran a script from outside, so its output directory may hold links, devices, anything.
#pragma once

#include <filesystem>
#include <string>

#include "lib/base/fd.h"
#include "lib/render/plan.h"

namespace gt::run {

// Opens `name` in `directory` for reading: a regular file of that very directory, no link. Throws ResultInvalid.
Fd open_result(const std::filesystem::path& directory, const std::string& name);

// The result of a subtask has the format, size and rows that the plan asked for. Throws ResultInvalid.
void check_result(const render::Plan& plan, const render::Subtask& subtask, const std::filesystem::path& directory);

// The last `lines` lines of a log, each printable; empty if the log is not there.
std::string log_tail(const std::filesystem::path& log, int lines = 10);

}  // namespace gt::run
