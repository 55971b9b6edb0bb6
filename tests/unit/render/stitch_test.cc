#include "lib/render/stitch.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <png.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <vector>

#include "lib/render/strips.h"

using gt::Error;
using gt::OutputFile;
using gt::render::Channels;
using gt::render::PixelType;
using gt::render::PngInfo;
using gt::render::PngReader;
using gt::render::PngWriter;
using gt::render::StripFile;

namespace {

namespace fs = std::filesystem;

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    char name[] = "/tmp/gt-stitch-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~TemporaryDirectory() { fs::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

struct Picture {
  PngInfo info;
  std::vector<std::uint8_t> pixels;
  bool operator==(const Picture& o) const {
    return info.width == o.info.width && info.height == o.info.height && info.type == o.info.type && pixels == o.pixels;
  }
};

// Pixels that differ in every channel and both bytes of a sample.
Picture synthetic(std::int64_t width, std::int64_t height, PixelType type) {
  Picture picture{{width, height, type, {}}, {}};
  std::uint32_t state = 12345;
  for (std::size_t i = 0; i < picture.info.row_bytes() * static_cast<std::size_t>(height); ++i) {
    state = state * 1664525 + 1013904223;
    picture.pixels.push_back(static_cast<std::uint8_t>(state >> 24));
  }
  return picture;
}

void write_rows(const Picture& picture, std::int64_t first, std::int64_t end, const std::string& path,
                const gt::render::Appearance& appearance = {}) {
  OutputFile out(path);
  PngInfo info = picture.info;
  info.height = end - first;
  info.appearance = appearance;
  PngWriter writer(out, info);
  const std::size_t bytes = info.row_bytes();
  for (auto y = first; y < end; ++y) writer.write_row({picture.pixels.data() + static_cast<std::size_t>(y) * bytes, bytes});
  writer.finish();
  out.publish();
}

Picture read_picture(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY);
  Picture picture;
  {
    PngReader reader(fd);
    picture.info = reader.info();
    std::vector<std::uint8_t> row(reader.info().row_bytes());
    for (std::int64_t y = 0; y < reader.info().height; ++y) {
      reader.read_row(row);
      picture.pixels.insert(picture.pixels.end(), row.begin(), row.end());
    }
    reader.finish();
  }
  ::close(fd);
  return picture;
}

struct OpenStrips {
  std::vector<StripFile> strips;
  ~OpenStrips() {
    for (const StripFile& strip : strips) ::close(strip.fd);
  }
  void add(const std::string& path, std::int64_t height) {
    strips.push_back({.fd = ::open(path.c_str(), O_RDONLY), .name = fs::path(path).filename(), .height = height});
  }
};

std::string error_text(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return std::string(gt::to_string(error.code())) + ": " + error.what();
  }
  return "no error";
}

std::string check_text(const std::string& path, std::int64_t width, std::int64_t height) {
  OpenStrips open;
  open.add(path, height);
  return error_text([&] { gt::render::check_strip(open.strips.front(), width); });
}

std::string bytes_of(const std::string& path) { return std::string(gt::Input::read(path).bytes()); }

// A PNG that Blender would not write, by libpng's simple means.
void write_odd(const std::string& path, int color_type, int bits, int interlace) {
  FILE* file = std::fopen(path.c_str(), "wb");
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, file);
  png_set_IHDR(png, info, 8, 2, bits, color_type, interlace, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  const png_color colors[2] = {{0, 0, 0}, {255, 255, 255}};
  if (color_type == PNG_COLOR_TYPE_PALETTE) png_set_PLTE(png, info, colors, 2);
  png_write_info(png, info);
  std::vector<std::uint8_t> row(8 * 4, 0);
  const int passes = png_set_interlace_handling(png);
  for (int i = 0; i < passes * 2; ++i) png_write_row(png, row.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  std::fclose(file);
}

}  // namespace

TEST_CASE("strips joined equal the whole picture in every byte of every channel") {
  const TemporaryDirectory temporary;
  for (const Channels channels : {Channels::Gray, Channels::GrayAlpha, Channels::Rgb, Channels::Rgba}) {
    for (const int bits : {8, 16}) {
      for (const std::int64_t count : {1, 2, 3, 7, 23}) {
        const Picture whole = synthetic(31, 23, {channels, bits});
        OpenStrips open;
        for (const auto& rows : gt::render::even_strips(23, count)) {
          const std::string path = temporary.file("s" + std::to_string(rows.first));
          write_rows(whole, rows.first, rows.end, path);
          open.add(path, rows.height());
        }
        OutputFile out(temporary.file("joined.png"));
        gt::render::stitch(open.strips, 31, out);
        out.publish();
        CAPTURE(gt::render::to_string(whole.info.type));
        CAPTURE(count);
        CHECK(read_picture(temporary.file("joined.png")) == whole);
      }
    }
  }
}

TEST_CASE("the same strips give the same bytes, and keep the chunks in which they agree") {
  const TemporaryDirectory temporary;
  const Picture whole = synthetic(5, 4, {Channels::Rgba, 8});
  const gt::render::Appearance::Density density{2834, 2834, 1};
  write_rows(whole, 0, 2, temporary.file("a"), {.gamma = 45455, .srgb_intent = 0, .density = density});
  write_rows(whole, 2, 4, temporary.file("b"), {.gamma = 45455, .srgb_intent = 0, .density = {}});
  for (const char* name : {"x.png", "y.png"}) {
    OpenStrips open;
    open.add(temporary.file("a"), 2);
    open.add(temporary.file("b"), 2);
    OutputFile out(temporary.file(name));
    gt::render::stitch(open.strips, 5, out);
    out.publish();
  }
  CHECK(bytes_of(temporary.file("x.png")) == bytes_of(temporary.file("y.png")));
  const PngInfo info = read_picture(temporary.file("x.png")).info;
  CHECK(info.appearance.gamma == 45455);
  CHECK(info.appearance.srgb_intent == 0);
  CHECK_FALSE(info.appearance.density);
}

TEST_CASE("a strip that is not what was asked for is refused") {
  const TemporaryDirectory temporary;
  const std::string good = temporary.file("good.png");
  write_rows(synthetic(8, 4, {Channels::Rgb, 8}), 0, 4, good);
  CHECK(check_text(good, 8, 4) == "no error");
  CHECK(check_text(good, 8, 5) == "run.result-invalid: good.png: the picture has 8 x 4 pixels, it must have 8 x 5");
  CHECK(check_text(good, 9, 4) == "run.result-invalid: good.png: the picture has 8 x 4 pixels, it must have 9 x 4");

  const std::string text = temporary.file("text.png");
  gt::write_file(text, "this is no picture\n");
  CHECK(check_text(text, 8, 4) == "run.result-invalid: text.png: it is not a whole PNG picture: Not a PNG file");
  gt::write_file(text, "");
  CHECK(check_text(text, 8, 4) == "run.result-invalid: text.png: it is not a whole PNG picture: the file is cut");
}

TEST_CASE("a picture cut at any byte, or with any byte changed before its end, is refused") {
  const TemporaryDirectory temporary;
  const std::string good = temporary.file("good.png");
  write_rows(synthetic(8, 4, {Channels::Rgba, 16}), 0, 4, good, {.gamma = 45455, .srgb_intent = {}, .density = {}});
  const std::string bytes = bytes_of(good);
  const std::string bad = temporary.file("bad.png");
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    gt::write_file(bad, bytes.substr(0, length));
    CAPTURE(length);
    CHECK(check_text(bad, 8, 4) != "no error");
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x01);
    gt::write_file(bad, changed);
    CAPTURE(i);
    CHECK(check_text(bad, 8, 4) != "no error");
  }
}

TEST_CASE("palettes, interlacing and few bits are refused by name") {
  const TemporaryDirectory temporary;
  const std::string path = temporary.file("odd.png");
  const std::string start = "run.result-invalid: odd.png: ";
  write_odd(path, PNG_COLOR_TYPE_PALETTE, 8, PNG_INTERLACE_NONE);
  CHECK(check_text(path, 8, 2) == start + "the PNG has a palette; Blender writes none");
  write_odd(path, PNG_COLOR_TYPE_GRAY, 4, PNG_INTERLACE_NONE);
  CHECK(check_text(path, 8, 2) == start + "the PNG has 4 bits per channel, not 8 or 16");
  write_odd(path, PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_ADAM7);
  CHECK(check_text(path, 8, 2) == start + "the PNG is interlaced; Blender writes none that is");
}

TEST_CASE("strips of different types are not joined, and the output stays as it was") {
  const TemporaryDirectory temporary;
  write_rows(synthetic(8, 4, {Channels::Rgb, 8}), 0, 2, temporary.file("a"));
  const std::string target = temporary.file("out.png");
  gt::write_file(target, "before");
  for (const auto& [type, name] :
       {std::pair{PixelType{Channels::Rgba, 8}, "RGBA, 8 bit"}, {PixelType{Channels::Rgb, 16}, "RGB, 16 bit"}}) {
    write_rows(synthetic(8, 4, type), 2, 4, temporary.file("b"));
    const std::string text = error_text([&] {
      OpenStrips open;
      open.add(temporary.file("a"), 2);
      open.add(temporary.file("b"), 2);
      OutputFile out(target);
      gt::render::stitch(open.strips, 8, out);
      out.publish();
    });
    CHECK(text == "run.result-invalid: b: the strip is " + std::string(name) + ", the first one is RGB, 8 bit");
    CHECK(bytes_of(target) == "before");
  }
}

TEST_CASE("a whole picture of another format must begin as such files do") {
  const TemporaryDirectory temporary;
  const std::string path = temporary.file("a.exr");
  const auto check = [&](std::string_view bytes) {
    gt::write_file(path, bytes);
    OpenStrips open;
    open.add(path, 4);
    return error_text([&] { gt::render::check_whole(open.strips.front(), *gt::render::find_format("EXR")); });
  };
  CHECK(check("\x76\x2f\x31\x01 and so on") == "no error");
  CHECK(check("") == "run.result-invalid: a.exr: the file is empty");
  CHECK(check("text") == "run.result-invalid: a.exr: the file does not begin as EXR files do: text");
}
