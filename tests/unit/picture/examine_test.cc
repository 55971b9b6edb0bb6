#include "lib/picture/examine.h"

#include <doctest/doctest.h>
#include <png.h>

#include <cmath>
#include <cstring>
#include <set>

#include "tests/unit/picture/exr_files.h"
#include "tests/unit/picture/jpeg_files.h"

using namespace gt::testing;
using gt::picture::Examination;
using gt::picture::plain_layout;

namespace {

Examination look(const std::string& path, Kind kind, Size size) {
  OpenStrips open;
  return gt::picture::examine(open.add(path, size.height), kind, size.width);
}

std::string fault(const std::string& path, Kind kind, Size size) {
  return outcome([&] { look(path, kind, size); });
}

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out += static_cast<char>(value);
  return out;
}

// 2 x 2 pixels: red, green; blue, white.
const std::string k_tga_header = bytes({0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2, 0, 24, 0});
const std::string k_tga_rows = bytes({255, 0, 0, 255, 255, 255, 0, 0, 255, 0, 255, 0});
const std::string k_bmp_header =
    bytes({'B', 'M', 70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1,
           0,   24,  0,  0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
const std::string k_bmp_rows = bytes({255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0});
const std::vector<std::uint8_t> k_four = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255};

std::string changed(std::string text, std::size_t place, int value) {
  text[place] = static_cast<char>(value);
  return text;
}

std::string turned(const std::string& rows, std::size_t row) { return rows.substr(row) + rows.substr(0, row); }

// A PNG that Blender would not write, by libpng's simple means.
void write_odd_png(const std::string& path, int color_type, int bits, int interlace) {
  FILE* file = std::fopen(path.c_str(), "wb");
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, file);
  png_set_IHDR(png, info, 8, 2, bits, color_type, interlace, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  const png_color colors[2] = {{0, 0, 0}, {255, 255, 255}};
  if (color_type == PNG_COLOR_TYPE_PALETTE) png_set_PLTE(png, info, colors, 2);
  const png_color_16 transparent{};
  if (color_type == PNG_COLOR_TYPE_RGB && interlace == PNG_INTERLACE_NONE) png_set_tRNS(png, info, nullptr, 0, &transparent);
  png_write_info(png, info);
  std::vector<std::uint8_t> row(8 * 4, 0);
  const int passes = png_set_interlace_handling(png);
  for (int i = 0; i < passes * 2; ++i) png_write_row(png, row.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  std::fclose(file);
}

}  // namespace

TEST_CASE("TGA by hand: both ways up, raw and packed, a packet over two rows, an identification, a footer") {
  const TempDirectory directory;
  const std::string down = changed(k_tga_header, 17, 0x20);
  const std::string packed = changed(k_tga_header, 2, 10);
  const std::string rows[] = {
      k_tga_header + k_tga_rows,
      down + turned(k_tga_rows, 6),
      changed(k_tga_header, 0, 3) + "id." + k_tga_rows,
      k_tga_header + k_tga_rows + std::string(8, '\0') + "TRUEVISION-XFILE." + '\0',
      packed + bytes({3}) + k_tga_rows,
      packed + bytes({0x80}) + k_tga_rows.substr(0, 3) + bytes({2}) + k_tga_rows.substr(3),
  };
  for (const std::string& file : rows) {
    directory.put("a.tga", file);
    CHECK(read_picture(directory / "a.tga", Kind::Tga, {2, 2}).pixels == k_four);
    OpenStrips open;
    CHECK(gt::picture::kind_of(open.add(directory / "a.tga", 2).fd) == Kind::Tga);
  }
  // One run over both rows and into neither.
  directory.put("a.tga", packed + bytes({0x83, 1, 2, 3}));
  CHECK(read_picture(directory / "a.tga", Kind::Tga, {2, 2}).pixels ==
        std::vector<std::uint8_t>{3, 2, 1, 3, 2, 1, 3, 2, 1, 3, 2, 1});
}

TEST_CASE("BMP by hand: both ways up, padded rows, grays") {
  const TempDirectory directory;
  directory.put("a.bmp", k_bmp_header + k_bmp_rows);
  CHECK(read_picture(directory / "a.bmp", Kind::Bmp, {2, 2}).pixels == k_four);
  std::string down = k_bmp_header;
  for (const std::size_t place : {22U, 23U, 24U, 25U}) down[place] = static_cast<char>(place == 22 ? -2 : -1);
  directory.put("a.bmp", down + turned(k_bmp_rows, 8));
  CHECK(read_picture(directory / "a.bmp", Kind::Bmp, {2, 2}).pixels == k_four);
  std::string palette;
  for (int i = 0; i < 256; ++i) palette += bytes({i, i, i, 255});
  const std::string gray = changed(changed(changed(k_bmp_header, 28, 8), 11, 4), 10, 54);
  directory.put("a.bmp", gray + palette + bytes({7, 255, 0, 0, 0, 1, 0, 0}));
  CHECK(read_picture(directory / "a.bmp", Kind::Bmp, {2, 2}).pixels == std::vector<std::uint8_t>{0, 1, 7, 255});
  // As Blender 3.4 does, without the last entry.
  directory.put("a.bmp", changed(gray, 10, 50) + palette.substr(0, 1020) + bytes({7, 255, 0, 0, 0, 1, 0, 0}));
  CHECK(read_picture(directory / "a.bmp", Kind::Bmp, {2, 2}).pixels == std::vector<std::uint8_t>{0, 1, 7, 255});
}

TEST_CASE("EXR by OpenEXR has the samples that were written") {
  const TempDirectory directory;
  Layout mixed = multilayer();
  for (const Layout& layout : {plain_layout("Y", SampleType::Float), plain_layout("ABGR", SampleType::Half), mixed}) {
    const Picture picture = synthetic({13, 40}, layout);
    write_exr(picture, directory / "a.exr", {.left = 7, .first_row = -9});
    CHECK(read_picture(directory / "a.exr", Kind::Exr, {13, 40}) == picture);
  }
}

TEST_CASE("the hash is that of the samples, whatever the kind of the file, and each of them counts") {
  const TempDirectory directory;
  const auto hash_of = [&](const std::string& file, Kind kind) { return look(directory.put("a", file), kind, {2, 2}).hash; };
  const std::uint64_t hash = hash_of(k_tga_header + k_tga_rows, Kind::Tga);
  CHECK(hash_of(k_bmp_header + k_bmp_rows, Kind::Bmp) == hash);
  std::set<std::uint64_t> others{hash};
  for (std::size_t i = 0; i < k_tga_rows.size(); ++i) {
    for (const int bit : {1, 128})
      others.insert(hash_of(k_tga_header + changed(k_tga_rows, i, static_cast<std::uint8_t>(k_tga_rows[i]) ^ bit), Kind::Tga));
  }
  CHECK(others.size() == 1 + 2 * k_tga_rows.size());
}

TEST_CASE("rows of more than one word of the hash, and of a part of one") {
  const TempDirectory directory;
  for (const std::int64_t width : {7, 8, 9, 16, 17}) {
    const Picture picture = synthetic({width, 2}, plain_layout("Y", SampleType::Byte));
    write_picture(picture, Kind::Png, directory / "a");
    std::set<std::uint64_t> hashes{look(directory / "a", Kind::Png, {width, 2}).hash};
    for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
      Picture other = picture;
      other.pixels[i] ^= 64;
      write_picture(other, Kind::Png, directory / "a");
      hashes.insert(look(directory / "a", Kind::Png, {width, 2}).hash);
    }
    CHECK(hashes.size() == 1 + picture.pixels.size());
  }
}

TEST_CASE("pictures of one value and black ones are known") {
  const TempDirectory directory;
  struct Row {
    std::vector<std::uint8_t> pixels;
    bool is_flat;
    bool is_black;
  };
  // Of RGBA, 3 x 1.
  const Row rows[] = {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, true, true},
                      {{0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 8}, false, true},
                      {{1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4}, true, false},
                      {{1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 4, 4}, false, false}};
  for (const Row& row : rows) {
    const Picture picture{{{3, 1}, plain_layout("RGBA", SampleType::Byte)}, row.pixels};
    write_picture(picture, Kind::Png, directory / "a.png");
    const Examination seen = look(directory / "a.png", Kind::Png, {3, 1});
    CHECK(seen.is_flat == row.is_flat);
    CHECK(seen.is_black == row.is_black);
    CHECK(seen.description == "RGBA, 8 bit");
  }
  // Flat rows that differ from each other.
  write_picture({{{1, 2}, plain_layout("Y", SampleType::Byte)}, {5, 6}}, Kind::Png, directory / "a.png");
  CHECK_FALSE(look(directory / "a.png", Kind::Png, {1, 2}).is_flat);
  // Other passes do not count as light, and the zero of a half may be negative.
  Picture dark = synthetic({2, 2}, multilayer());
  for (std::size_t i = 0; i < dark.pixels.size(); ++i) {
    if (i % 16 < 8) dark.pixels[i] = static_cast<std::uint8_t>(i % 2 == 1 ? 0x80 : 0);
  }
  write_exr(dark, directory / "a.exr");
  CHECK(look(directory / "a.exr", Kind::Exr, {2, 2}).is_black);
}

TEST_CASE("NaN is refused with its place, infinities are not") {
  const TempDirectory directory;
  const auto text_with = [&](SampleType type, double value) {
    Picture picture = synthetic({4, 3}, plain_layout("ABGR", type));
    for (const std::size_t pixel : {6U, 9U}) {  // of the second row the third, of the third row the second
      const std::size_t place = pixel * picture.header.layout.pixel_bytes() + 3 * bytes_of(type);
      const auto real = static_cast<float>(value);
      const std::uint16_t bits = Imath::half(real).bits();
      std::memcpy(&picture.pixels[place], type == SampleType::Half ? static_cast<const void*>(&bits) : &real, bytes_of(type));
    }
    write_exr(picture, directory / "a.exr");
    return fault(directory / "a.exr", Kind::Exr, {4, 3});
  };
  const std::string text =
      "run.result-not-a-number: a.exr: the picture has 2 samples that are no number (NaN); the first is in channel R at x 2, y "
      "1";
  CHECK(text_with(SampleType::Half, std::nan("")) == text);
  CHECK(text_with(SampleType::Float, std::nan("")) == text);
  CHECK(text_with(SampleType::Half, HUGE_VAL) == "no error");
  CHECK(text_with(SampleType::Float, -HUGE_VAL) == "no error");
}

TEST_CASE("a file of another kind is said to be what it is") {
  const TempDirectory directory;
  const Picture rgb = smooth({8, 16}, plain_layout("RGB", SampleType::Byte));
  write_picture(rgb, Kind::Png, directory / "png");
  write_jpeg(rgb, directory / "jpeg");
  write_exr(synthetic({8, 16}, multilayer()), directory / "exr");
  directory.put("tga", k_tga_header + k_tga_rows);
  directory.put("bmp", k_bmp_header + k_bmp_rows);
  directory.put("text", "this is no picture\n");
  directory.put("empty", "");
  directory.put("noise", bytes({1, 2, 3, 4, 200}));
  struct Row {
    const char* name;
    Kind expected;
    const char* text;
  };
  const Row rows[] = {{"png", Kind::Jpeg, "png: is a PNG picture, JPEG was expected"},
                      {"jpeg", Kind::Exr, "jpeg: is a JPEG picture, EXR was expected"},
                      {"exr", Kind::Tga, "exr: is an EXR picture, TGA was expected"},
                      {"tga", Kind::Png, "tga: is a TGA picture, PNG was expected"},
                      {"bmp", Kind::Tga, "bmp: is a BMP picture, TGA was expected"},
                      {"text", Kind::Png, "text: is text (this is no picture\\x0a), PNG was expected"},
                      {"text", Kind::Tga, "text: is text (this is no picture\\x0a), TGA was expected"},
                      {"empty", Kind::Bmp, "empty: is empty, BMP was expected"},
                      {"empty", Kind::Tga, "empty: is empty, TGA was expected"},
                      {"noise", Kind::Png, "noise: is no picture of a known kind, PNG was expected"}};
  for (const Row& row : rows)
    CHECK(fault(directory / row.name, row.expected, {8, 16}) == std::string("run.result-wrong-format: ") + row.text);
  for (const auto& [name, kind] :
       {std::pair{"png", Kind::Png}, {"jpeg", Kind::Jpeg}, {"exr", Kind::Exr}, {"tga", Kind::Tga}, {"bmp", Kind::Bmp}}) {
    OpenStrips open;
    CHECK(gt::picture::kind_of(open.add(directory / name, 1).fd) == kind);
  }
  for (const char* name : {"text", "empty", "noise"}) {
    OpenStrips open;
    CHECK_FALSE(gt::picture::kind_of(open.add(directory / name, 1).fd));
  }
}

TEST_CASE("a picture of another size is refused with both sizes") {
  const TempDirectory directory;
  const Picture rgb = smooth({8, 16}, plain_layout("RGB", SampleType::Byte));
  write_picture(rgb, Kind::Png, directory / "a.png");
  write_jpeg(rgb, directory / "a.jpg");
  write_exr(synthetic({8, 16}, multilayer()), directory / "a.exr");
  Picture styled = rgb;
  styled.header.style = gt::picture::TgaStyle{};
  write_picture(styled, Kind::Tga, directory / "a.tga");
  styled.header.style = gt::picture::BmpStyle{};
  write_picture(styled, Kind::Bmp, directory / "a.bmp");
  for (const auto& [name, kind] : {std::pair{"a.png", Kind::Png},
                                   {"a.jpg", Kind::Jpeg},
                                   {"a.exr", Kind::Exr},
                                   {"a.tga", Kind::Tga},
                                   {"a.bmp", Kind::Bmp}}) {
    const std::string start = "run.result-wrong-size: " + std::string(name) + ": the picture has 8 x 16 pixels, it must have ";
    CHECK(fault(directory / name, kind, {8, 16}) == "no error");
    CHECK(fault(directory / name, kind, {8, 17}) == start + "8 x 17");
    CHECK(fault(directory / name, kind, {9, 16}) == start + "9 x 16");
  }
}

TEST_CASE("PNG, TGA and BMP that Blender never writes are refused by name") {
  const TempDirectory directory;
  const auto png = [&](int color_type, int bits, int interlace) {
    write_odd_png(directory / "odd", color_type, bits, interlace);
    return fault(directory / "odd", Kind::Png, {8, 2});
  };
  const std::string start = "run.result-invalid: odd: the ";
  CHECK(png(PNG_COLOR_TYPE_PALETTE, 8, PNG_INTERLACE_NONE) == start + "PNG has a palette; Blender writes none");
  CHECK(png(PNG_COLOR_TYPE_GRAY, 4, PNG_INTERLACE_NONE) == start + "PNG has 4 bits per channel, not 8 or 16");
  CHECK(png(PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_ADAM7) == start + "PNG is interlaced; Blender writes none that is");
  CHECK(png(PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_NONE) == start + "PNG has a transparent colour; Blender writes none");
  struct Row {
    Kind kind;
    std::size_t place;
    int value;
    const char* text;
  };
  const Row rows[] = {
      {Kind::Tga, 1, 1, "TGA has a palette; Blender writes none"},
      {Kind::Tga, 2, 1, "TGA has the image type 1"},
      {Kind::Tga, 2, 0, "TGA has the image type 0"},
      {Kind::Tga, 16, 16, "TGA has 16 bits per pixel; Blender writes 8, 24 or 32"},
      {Kind::Tga, 16, 8, "TGA has 8 bits per pixel; Blender writes 8, 24 or 32"},  // of colours
      {Kind::Tga, 17, 8, "TGA has 8 bits of alpha in 24"},
      {Kind::Tga, 17, 0x10, "TGA has its pixels from right to left, or interleaved; Blender writes none that has"},
      {Kind::Tga, 17, 0x40, "TGA has its pixels from right to left, or interleaved; Blender writes none that has"},
      {Kind::Bmp, 14, 12, "BMP has an information header of 12 bytes; Blender writes 40"},
      {Kind::Bmp, 26, 0, "BMP has 0 planes, not 1"},
      {Kind::Bmp, 30, 1, "BMP has the compression 1; Blender writes none"},
      {Kind::Bmp, 28, 4, "BMP has 4 bits per pixel; Blender writes 8, 24 or 32"},
      {Kind::Bmp, 28, 8, "BMP has its rows at byte 54, in its palette"},
      {Kind::Bmp, 10, 53, "BMP has its rows at byte 53, in its header"},
  };
  for (const Row& row : rows) {
    const std::string& good = row.kind == Kind::Tga ? k_tga_header + k_tga_rows : k_bmp_header + k_bmp_rows;
    directory.put("odd", changed(good, row.place, row.value));
    CHECK(fault(directory / "odd", row.kind, {2, 2}) == start + row.text);
  }
  const std::string gray = changed(changed(changed(k_bmp_header, 28, 8), 11, 4), 10, 54);
  directory.put("odd", gray + std::string(1024, '\7') + std::string(8, '\0'));
  CHECK(fault(directory / "odd", Kind::Bmp, {2, 2}) == start + "BMP has a palette other than grays from 0 to 255");
  directory.put("odd", changed(gray, 46, 2) + std::string(1032, '\0'));
  CHECK(fault(directory / "odd", Kind::Bmp, {2, 2}) == start + "BMP has 2 colours, not 256 grays");
  directory.put("odd", changed(k_tga_header, 2, 10) + bytes({0x84, 1, 2, 3}));
  CHECK(fault(directory / "odd", Kind::Tga, {2, 2}) == start + "last packet of the TGA is longer than its last row");
}

TEST_CASE("JPEG that Blender never writes is refused by name") {
  const TempDirectory directory;
  const Picture four{{{8, 8}, {{{"C"}, {"M"}, {"Y"}, {"K"}}}}, std::vector<std::uint8_t>(256, 7)};
  write_jpeg(four, directory / "a.jpg");
  CHECK(fault(directory / "a.jpg", Kind::Jpeg, {8, 8}) ==
        "run.result-invalid: a.jpg: the JPEG has 4 channels; Blender writes 1 or 3");
  write_jpeg(smooth({8, 8}, plain_layout("RGB", SampleType::Byte)), directory / "a.jpg", {.space = JCS_RGB});
  CHECK(fault(directory / "a.jpg", Kind::Jpeg, {8, 8}) ==
        "run.result-invalid: a.jpg: the JPEG has three channels that are not YCbCr; Blender writes none such");
}
