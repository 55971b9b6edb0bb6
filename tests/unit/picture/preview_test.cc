#include "lib/picture/preview.h"

#include <doctest/doctest.h>

#include <cstring>

#include "lib/picture/join.h"
#include "tests/unit/picture/exr_files.h"
#include "tests/unit/picture/jpeg_files.h"

using namespace gt::testing;
using gt::OutputFile;
using gt::picture::plain_layout;
using gt::picture::PreviewStrip;

namespace {

constexpr std::uint8_t k_gray = 128;

Picture preview(const TempDirectory& directory, std::vector<PreviewStrip> strips, Size whole, std::int64_t max_side,
                Size expected) {
  OutputFile out(directory / "preview.png");
  write_preview(strips, whole, max_side, out);
  out.publish();
  return read_picture(directory / "preview.png", Kind::Png, expected);
}

Picture filled(Size size, std::vector<std::uint8_t> pixel, Layout layout) {
  Picture picture{{size, std::move(layout)}, {}};
  for (std::int64_t i = 0; i < size.width * size.height; ++i)
    picture.pixels.insert(picture.pixels.end(), pixel.begin(), pixel.end());
  return picture;
}

std::vector<std::uint8_t> halves(std::initializer_list<float> values) {
  std::vector<std::uint8_t> out;
  for (const float value : values) {
    const std::uint16_t bits = Imath::half(value).bits();
    out.push_back(static_cast<std::uint8_t>(bits & 0xff));
    out.push_back(static_cast<std::uint8_t>(bits >> 8));
  }
  return out;
}

}  // namespace

TEST_CASE("a small picture is its own preview") {
  const TempDirectory directory;
  const Picture picture = synthetic({7, 5}, plain_layout("RGB", SampleType::Byte));
  write_picture(picture, Kind::Png, directory / "a.png");
  OpenStrips open;
  const PreviewStrip strip{open.add(directory / "a.png", 5), Kind::Png, 0};
  CHECK(preview(directory, {strip}, {7, 5}, 7, {7, 5}) == picture);
}

TEST_CASE("pixels are averaged, whatever divides the sides") {
  const TempDirectory directory;
  Picture picture{{{5, 2}, plain_layout("Y", SampleType::Byte)}, {0, 10, 20, 30, 40, 100, 110, 120, 130, 140}};
  write_picture(picture, Kind::Png, directory / "a.png");
  OpenStrips open;
  const PreviewStrip strip{open.add(directory / "a.png", 2), Kind::Png, 0};
  // Columns 0-1 and 2-4, both rows.
  CHECK(preview(directory, {strip}, {5, 2}, 2, {2, 1}).pixels == std::vector<std::uint8_t>{55, 55, 55, 80, 80, 80});
  CHECK(preview(directory, {strip}, {5, 2}, 1, {1, 1}).pixels == std::vector<std::uint8_t>{70, 70, 70});
}

TEST_CASE("averages are exact, and a half is rounded up") {
  const TempDirectory directory;
  Picture picture{{{4, 1}, plain_layout("Y", SampleType::Byte)}, {0, 1, 254, 255}};
  write_picture(picture, Kind::Png, directory / "a.png");
  Picture words{{{4, 1}, plain_layout("Y", SampleType::Word)}, {0, 0, 1, 1, 0xfe, 0xfe, 0xff, 0xff}};
  write_picture(words, Kind::Png, directory / "b.png");
  for (const char* file : {"a.png", "b.png"}) {
    OpenStrips open;
    const PreviewStrip strip{open.add(directory / file, 1), Kind::Png, 0};
    CHECK(preview(directory, {strip}, {4, 1}, 2, {2, 1}).pixels == std::vector<std::uint8_t>{1, 1, 1, 255, 255, 255});
  }
}

TEST_CASE("a picture is shown small while it is joined, whatever the order of its rows") {
  const TempDirectory directory;
  const Size size{23, 33};
  struct Row {
    Kind kind;
    Layout layout;
    decltype(Header::style) style;
  };
  const Row rows[] = {{Kind::Png, plain_layout("RGBA", SampleType::Word), gt::picture::PngStyle{}},
                      {Kind::Tga, plain_layout("RGB", SampleType::Byte), gt::picture::TgaStyle{}},
                      {Kind::Bmp, plain_layout("RGB", SampleType::Byte), gt::picture::BmpStyle{}},
                      {Kind::Exr, multilayer(), gt::picture::ExrStyle{}},
                      {Kind::Jpeg, plain_layout("RGB", SampleType::Byte), {}}};
  for (const Row& row : rows) {
    CAPTURE(gt::picture::to_string(row.kind));
    const Picture whole = synthetic(size, row.layout, row.style);
    OpenStrips open;
    std::vector<PreviewStrip> strips;
    for (const std::int64_t first : {0, 16}) {
      const std::int64_t end = first == 0 ? 16 : size.height;
      const std::string path = directory / ("s" + std::to_string(first));
      if (row.kind == Kind::Jpeg) {
        write_jpeg(rows_of(whole, first, end), path);
      } else {
        write_picture(rows_of(whole, first, end), row.kind, path);
      }
      strips.push_back({open.add(path, end - first), row.kind, first});
    }
    const Picture expected = preview(directory, strips, size, 9, {6, 9});
    gt::picture::Shrinker small(size, 9, gt::picture::writing_order(row.kind));
    CHECK_FALSE(small.is_whole());
    OutputFile joined(directory / "joined");
    gt::picture::join(open.strips, row.kind, size.width, joined, &small);
    CHECK(small.is_whole());
    directory.put("small", small.to_png());
    CHECK(read_picture(directory / "small", Kind::Png, {6, 9}) == expected);
  }
}

TEST_CASE("a picture in which there is nothing to show is joined all the same") {
  const TempDirectory directory;
  const Size size{2, 1};
  write_exr(synthetic(size, {{{"Z", SampleType::Float}}}), directory / "z.exr");
  OpenStrips open;
  open.add(directory / "z.exr", 1);
  gt::picture::Shrinker small(size, 2);
  OutputFile out(directory / "joined");
  gt::picture::join(open.strips, Kind::Exr, size.width, out, &small);
  out.publish();
  CHECK(read_picture(directory / "joined", Kind::Exr, size).header.layout.channels.front().name == "Z");
  CHECK_FALSE(small.is_whole());
}

TEST_CASE("rows that are not there are gray, and strips may be of any kind") {
  const TempDirectory directory;
  const auto gray_bytes = [](std::size_t pixels) { return std::vector<std::uint8_t>(pixels * 3, k_gray); };
  CHECK(preview(directory, {}, {3, 2}, 100, {3, 2}).pixels == gray_bytes(6));

  Picture png = filled({4, 2}, {1, 2, 200, 0}, plain_layout("RGBA", SampleType::Byte));
  write_picture(png, Kind::Png, directory / "png");
  Picture tga = filled({4, 1}, {9, 8, 7}, plain_layout("RGB", SampleType::Byte));
  tga.header.style = gt::picture::TgaStyle{};
  write_picture(tga, Kind::Tga, directory / "tga");
  Picture bmp = filled({4, 1}, {77}, plain_layout("Y", SampleType::Byte));
  bmp.header.style = gt::picture::BmpStyle{};
  write_picture(bmp, Kind::Bmp, directory / "bmp");
  write_jpeg(filled({4, 1}, {60}, plain_layout("Y", SampleType::Byte)), directory / "jpeg");
  OpenStrips open;
  const std::vector<PreviewStrip> strips = {{open.add(directory / "png", 2), Kind::Png, 1},
                                            {open.add(directory / "tga", 1), Kind::Tga, 3},
                                            {open.add(directory / "bmp", 1), Kind::Bmp, 5},
                                            {open.add(directory / "jpeg", 1), Kind::Jpeg, 6}};
  const Picture seen = preview(directory, strips, {4, 8}, 8, {4, 8});
  const std::vector<std::uint8_t> column[] = {{k_gray, k_gray, k_gray}, {1, 2, 200},  {1, 2, 200},  {9, 8, 7},
                                              {k_gray, k_gray, k_gray}, {77, 77, 77}, {60, 60, 60}, {k_gray, k_gray, k_gray}};
  for (std::int64_t y = 0; y < 8; ++y) {
    const auto row = seen.row(y);
    CAPTURE(y);
    CHECK(std::vector<std::uint8_t>(row.begin(), row.begin() + 3) == column[y]);
    CHECK(std::vector<std::uint8_t>(row.end() - 3, row.end()) == column[y]);
  }
}

TEST_CASE("linear light becomes sRGB, cut at black and white") {
  const TempDirectory directory;
  // A, B, G, R; 0.2140 is what sRGB calls one half.
  write_exr(filled({2, 1}, halves({1, 4, 0.2140F, -1}), plain_layout("ABGR", SampleType::Half)), directory / "a.exr");
  OpenStrips open;
  const PreviewStrip strip{open.add(directory / "a.exr", 1), Kind::Exr, 0};
  const Picture seen = preview(directory, {strip}, {2, 1}, 2, {2, 1});
  CHECK(std::vector<std::uint8_t>(seen.pixels.begin(), seen.pixels.begin() + 3) == std::vector<std::uint8_t>{0, 127, 255});
}

TEST_CASE("of a multilayer EXR the combined pass is shown; one without colours is refused") {
  const TempDirectory directory;
  Picture layers = synthetic({2, 1}, multilayer());
  const std::vector<std::uint8_t> colours = halves({0, 0, 1, 0});
  for (const std::ptrdiff_t place : {0, 16}) std::copy(colours.begin(), colours.end(), layers.pixels.begin() + place);
  write_exr(layers, directory / "a.exr");
  OpenStrips open;
  const PreviewStrip strip{open.add(directory / "a.exr", 1), Kind::Exr, 0};
  const Picture seen = preview(directory, {strip}, {2, 1}, 2, {2, 1});
  CHECK(seen.pixels == std::vector<std::uint8_t>{0, 255, 0, 0, 255, 0});

  write_exr(synthetic({2, 1}, {{{"Z", SampleType::Float}}}), directory / "z.exr");
  const PreviewStrip depth{open.add(directory / "z.exr", 1), Kind::Exr, 0};
  CHECK(outcome([&] {
          preview(directory, {depth}, {2, 1}, 2, {2, 1});
        }) == "run.result-invalid: z.exr: the picture has no channels R, G, B or Y to show: 1 channels: Z float");
}
