// Paths saved on another machine, turned into paths on this one.
#pragma once

#include <string>
#include <string_view>

#include "lib/task/path_map.h"

namespace gt::run {

using task::is_windows_path;
using task::PathMap;

// The part behind the last slash or backslash. A task may have been saved on either kind of machine.
std::string_view last_component(std::string_view path);
// The part before it, without the separator; "/" for a file of the root, empty if there is no separator.
std::string_view parent(std::string_view path);

// True for the scripts that Golem itself brought, wherever they lay: submit-task has its own in their place.
bool is_builtin_script(std::string_view path);

// `word` as it must be typed in a shell.
std::string shell_word(std::string_view word);

}  // namespace gt::run
