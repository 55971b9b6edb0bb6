#include "lib/render/format.h"

#include <algorithm>

namespace gt::render {
namespace {

using namespace std::string_view_literals;

const Format k_formats[] = {
#define GT_FORMAT(saved, blender, kind) \
  {saved##sv, blender##sv, picture::extension_of(picture::Kind::kind), picture::Kind::kind},
#include "lib/render/formats.def"
#undef GT_FORMAT
};

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

}  // namespace

std::optional<Format> find_format(std::string_view saved_name) {
  for (const Format& format : k_formats) {
    if (equals_ignoring_case(format.saved, saved_name)) return format;
  }
  return std::nullopt;
}

std::string format_names() {
  std::string out;
  for (const Format& format : k_formats) {
    if (!out.empty()) out += ", ";
    out += format.saved;
  }
  return out;
}

std::string with_extension(std::string_view path, const Format& format) {
  std::string out(path);
  const std::size_t length = format.extension.size();
  if (path.size() > length && equals_ignoring_case(path.substr(path.size() - length), format.extension)) return out;
  return out.append(format.extension);
}

}  // namespace gt::render
