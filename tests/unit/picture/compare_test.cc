#include "lib/picture/compare.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "tests/unit/picture/exr_files.h"
#include "tests/unit/picture/jpeg_files.h"

using namespace gt::testing;
using gt::picture::Difference;
using gt::picture::plain_layout;

TEST_CASE("differing pixels are counted, with the largest difference of each channel") {
  const TempDirectory directory;
  Picture picture = synthetic({6, 4}, plain_layout("RGB", SampleType::Word));
  picture.pixels.assign(picture.pixels.size(), 7);
  write_picture(picture, Kind::Png, directory / "a.png");
  const auto set = [&](std::int64_t x, std::int64_t y, std::size_t channel, std::uint16_t value) {
    std::memcpy(&picture.pixels[static_cast<std::size_t>(y * 6 + x) * 6 + channel * 2], &value, 2);
  };
  set(4, 1, 0, 0x0707 + 3);
  set(4, 1, 2, 0x0707 - 5);
  set(2, 3, 0, 0);
  write_picture(picture, Kind::Png, directory / "b.png");
  OpenStrips open;
  open.add(directory / "a.png", 4);
  open.add(directory / "b.png", 4);
  Difference d = compare(open.strips[0], open.strips[1], 6, {});
  CHECK(d.pixels == 2);
  CHECK(d.first_x == 4);
  CHECK(d.first_y == 1);
  REQUIRE(d.channels.size() == 3);
  CHECK(d.channels[0].name == "R");
  CHECK(d.channels[0].largest == 0x0707);
  CHECK(d.channels[1].largest == 0);
  CHECK(d.channels[2].largest == 5);
  d = compare(open.strips[0], open.strips[1], 6, {.tolerance = 5});
  CHECK(d.pixels == 1);
  CHECK(d.first_y == 3);
  CHECK(compare(open.strips[0], open.strips[0], 6, {}).pixels == 0);
}

TEST_CASE("numbers that are none differ from all but themselves, and the zeros are one") {
  const TempDirectory directory;
  const auto write = [&](const char* name, std::vector<float> values) {
    Picture picture{{{static_cast<std::int64_t>(values.size()), 1}, plain_layout("Y", SampleType::Float)}, {}};
    picture.pixels.resize(values.size() * 4);
    std::memcpy(picture.pixels.data(), values.data(), picture.pixels.size());
    write_exr(picture, directory / name);
  };
  const float infinity = HUGE_VALF;
  write("a", {NAN, NAN, infinity, infinity, 0.0F, 1.0F});
  write("b", {NAN, 1.0F, infinity, -infinity, -0.0F, 1.25F});
  OpenStrips open;
  open.add(directory / "a", 1);
  open.add(directory / "b", 1);
  const Difference d = compare(open.strips[0], open.strips[1], 6, {.kind = Kind::Exr});
  CHECK(d.pixels == 3);
  CHECK(d.channels[0].largest == static_cast<double>(infinity));
}

TEST_CASE("a box is compared with its place in the whole picture") {
  const TempDirectory directory;
  for (const Kind kind : {Kind::Png, Kind::Tga, Kind::Bmp, Kind::Exr}) {
    decltype(Header::style) style;
    if (kind == Kind::Tga) style = gt::picture::TgaStyle{};
    if (kind == Kind::Bmp) style = gt::picture::BmpStyle{};
    if (kind == Kind::Exr) style = gt::picture::ExrStyle{.compression = 3, .attributes = {}};
    const Layout layout = kind == Kind::Exr ? multilayer() : plain_layout("RGB", SampleType::Byte);
    const Picture whole = synthetic({20, 15}, layout, style);
    Picture box{{{4, 3}, layout, style}, {}};
    const std::size_t pixel = layout.pixel_bytes();
    for (std::int64_t y = 0; y < 3; ++y) {
      const auto part = whole.row(9 + y).subspan(7 * pixel, 4 * pixel);
      box.pixels.insert(box.pixels.end(), part.begin(), part.end());
    }
    write_picture(whole, kind, directory / "whole");
    write_picture(box, kind, directory / "box");
    OpenStrips open;
    open.add(directory / "whole", 15);
    open.add(directory / "box", 3);
    const auto at = [&](std::int64_t x, std::int64_t y) {
      return compare_region(open.strips[0], 20, open.strips[1], 4, {x, y}, {.kind = kind}).pixels;
    };
    CHECK(at(7, 9) == 0);
    CHECK(at(8, 9) == 12);
    CHECK(at(7, 8) == 12);
    CHECK(at(16, 12) == 12);
    CHECK(outcome([&] { at(17, 12); }) == "bug: a box of 4 x 3 pixels reaches outside of its picture");
    CHECK(outcome([&] { at(-1, 0); }) == "bug: a box of 4 x 3 pixels reaches outside of its picture");
  }
}

TEST_CASE("a JPEG box is the whole picture's within the tolerance") {
  const TempDirectory directory;
  const Picture whole = smooth({64, 48}, plain_layout("RGB", SampleType::Byte));
  write_jpeg(whole, directory / "whole", {.quality = 95});
  write_jpeg(rows_of(whole, 16, 37), directory / "box", {.quality = 95});
  OpenStrips open;
  open.add(directory / "whole", 48);
  open.add(directory / "box", 21);
  const auto differing = [&](double tolerance) {
    return compare_region(open.strips[0], 64, open.strips[1], 64, {0, 16}, {Kind::Jpeg, tolerance}).pixels;
  };
  CHECK(differing(0) > 0);
  CHECK(differing(64) == 0);
}

TEST_CASE("pictures that cannot be compared are named") {
  const TempDirectory directory;
  write_picture(synthetic({6, 4}, plain_layout("RGB", SampleType::Byte)), Kind::Png, directory / "a.png");
  write_picture(synthetic({6, 4}, plain_layout("Y", SampleType::Byte)), Kind::Png, directory / "b.png");
  OpenStrips open;
  open.add(directory / "a.png", 4);
  open.add(directory / "b.png", 4);
  const auto text = [&](std::int64_t width) { return outcome([&] { compare(open.strips[0], open.strips[1], width, {}); }); };
  CHECK(text(6) == "run.result-invalid: b.png: the strip is gray, 8 bit, the first one is RGB, 8 bit");
  CHECK(text(5) == "run.result-wrong-size: a.png: the picture has 6 x 4 pixels, it must have 5 x 4");
}
