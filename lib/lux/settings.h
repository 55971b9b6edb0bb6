// What a LuxRender scene is told about one run of luxconsole.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gt::lux {

enum class Picture : std::uint8_t { Png, Exr, Tga };

// The picture of a saved name in any case ("EXR"); absent if LuxRender's film cannot write it.
std::optional<Picture> find_picture(std::string_view saved_name);
std::string_view extension(Picture picture);  // ".png"
std::string_view to_string(Picture picture);  // "PNG"

// Of the film file: begin a new one, or go on with the one that is there under its name.
enum class Film : std::uint8_t { New, Resumed };

// A part of the picture in fractions of its sides; [0, 1] in both directions is all of it.
struct Crop {
  std::array<double, 2> x{0, 1};
  std::array<double, 2> y{0, 1};  // from the top
  bool operator==(const Crop&) const = default;
};

struct Settings {
  std::int64_t width = 0;  // pixels
  std::int64_t height = 0;
  std::int64_t halttime = 0;  // seconds; 0: without a limit
  std::int64_t haltspp = 0;   // samples per pixel; 0: without a limit
  std::string filename;       // the film is <filename>.flm, the picture <filename>.png; absolute in the container
  Picture picture = Picture::Png;
  Film film = Film::New;
  std::optional<Crop> crop;
};

// Throws LuxSettings, naming the value, for what LuxRender would not do: a size of nothing, numbers that its scanner, which
// reads 32-bit floats, would round, a run that never ends, a name that its options -o and -R would shorten.
void validate(const Settings& settings);

// What a task asks for, as Golem's desktop program saved it (task::Definition and its renderer options).
struct TaskOptions {
  std::array<std::int64_t, 2> resolution{0, 0};
  std::int64_t halttime = 600;
  std::int64_t haltspp = 1;
  Picture picture = Picture::Png;
};

// One subtask: the whole picture into a new film.
Settings render_settings(const TaskOptions& options, std::string filename);
// The picture from the merged film: resumed, rendering on no longer than it takes to end. A film with one sample per pixel is
// enough for LuxRender to stop at once, and 10 seconds, which is what Golem gave it, end it in any case.
Settings image_settings(const TaskOptions& options, std::string filename);

}  // namespace gt::lux
