// Picture formats by the names that saved tasks use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/picture/kind.h"

namespace gt::render {

struct Format {
  std::string_view saved;      // "EXR"
  std::string_view blender;    // "OPEN_EXR"
  std::string_view extension;  // ".exr"
  picture::Kind kind{};
};

// The format of a saved name in any case ("png"); absent if Blender cannot write it.
std::optional<Format> find_format(std::string_view saved_name);
// "PNG, TGA, ...", for messages.
std::string format_names();

// `path` as it is when it ends in the format's extension in any case, else with the extension appended.
std::string with_extension(std::string_view path, const Format& format);

}  // namespace gt::render
