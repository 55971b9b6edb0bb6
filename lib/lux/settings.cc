#include "lib/lux/settings.h"

#include <algorithm>

#include "lib/base/error.h"
#include "lib/base/text.h"

namespace gt::lux {
namespace {

struct PictureInfo {
  Picture picture;
  std::string_view name;
  std::string_view extension;
};
constexpr PictureInfo k_pictures[] = {
#define GT_LUX_PICTURE(picture, name, extension, parameter) {Picture::picture, name, extension},
#include "lib/lux/pictures.def"
#undef GT_LUX_PICTURE
};

constexpr std::int64_t k_max_side = 65536;
constexpr std::int64_t k_max_number = std::int64_t{1} << 24;  // whole numbers up to here are exact as 32-bit floats
constexpr std::size_t k_max_filename = 1000;                  // LuxRender's strings end at 1023 bytes

const PictureInfo& info_of(Picture picture) { return k_pictures[static_cast<std::size_t>(picture)]; }

char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

Error bad(std::string_view name, const std::string& value, std::string_view expected) {
  return Error(ErrorCode::LuxSettings,
               "the LuxRender setting " + std::string(name) + " is " + value + ", but should be " + std::string(expected));
}

void require_number(std::string_view name, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value < least || value > most)
    throw bad(name, std::to_string(value), "from " + std::to_string(least) + " to " + std::to_string(most));
}

void require_range(std::string_view name, const std::array<double, 2>& range) {
  // Not a number fails every comparison.
  if (!(range[0] >= 0 && range[0] < range[1] && range[1] <= 1))
    throw bad(name, std::to_string(range[0]) + " to " + std::to_string(range[1]), "a part of 0 to 1");
}

void require_filename(const std::string& filename) {
  const bool printing = std::all_of(filename.begin(), filename.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  const std::size_t slash = filename.rfind('/');
  const bool absolute = !filename.empty() && filename[0] == '/';
  if (!printing || !absolute || slash + 1 == filename.size() || filename.size() > k_max_filename ||
      filename.find('.', slash) != std::string::npos)
    throw bad("filename", "'" + printable(filename) + "'",
              "an absolute path in printable ASCII of at most " + std::to_string(k_max_filename) +
                  " bytes whose last part has no '.', which LuxRender would take for its extension");
}

}  // namespace

std::optional<Picture> find_picture(std::string_view saved_name) {
  for (const PictureInfo& info : k_pictures) {
    const auto same = [](char a, char b) { return to_upper(a) == b; };
    if (std::equal(saved_name.begin(), saved_name.end(), info.name.begin(), info.name.end(), same)) return info.picture;
  }
  return std::nullopt;
}

std::string_view extension(Picture picture) { return info_of(picture).extension; }
std::string_view to_string(Picture picture) { return info_of(picture).name; }

void validate(const Settings& settings) {
  require_number("width", settings.width, 1, k_max_side);
  require_number("height", settings.height, 1, k_max_side);
  require_number("halttime", settings.halttime, 0, k_max_number);
  require_number("haltspp", settings.haltspp, 0, k_max_number);
  if (settings.halttime == 0 && settings.haltspp == 0)
    throw Error(ErrorCode::LuxSettings, "neither halttime nor haltspp limits the rendering, so it would never end");
  require_filename(settings.filename);
  if (!settings.crop) return;
  require_range("crop in x", settings.crop->x);
  require_range("crop in y", settings.crop->y);
}

Settings render_settings(const TaskOptions& options, std::string filename) {
  return {.width = options.resolution[0],
          .height = options.resolution[1],
          .halttime = options.halttime,
          .haltspp = options.haltspp,
          .filename = std::move(filename),
          .picture = options.picture,
          .film = Film::New,
          .crop = {}};
}

Settings image_settings(const TaskOptions& options, std::string filename) {
  Settings settings = render_settings(options, std::move(filename));
  settings.halttime = 10;
  settings.haltspp = 1;
  settings.film = Film::Resumed;
  return settings;
}

}  // namespace gt::lux
