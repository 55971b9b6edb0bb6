// Files that somebody made to do harm. What they claim must cost nothing: the test program's memory is measured.
#include <ImfTiledOutputFile.h>
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <bit>

#include "lib/picture/examine.h"
#include "tests/unit/picture/exr_files.h"
#include "tests/unit/picture/jpeg_files.h"

using namespace gt::testing;
using gt::picture::plain_layout;

namespace {

std::string number(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? value >> (8 * i) & 0xff : 0);
  return out;
}

std::string fault(const std::string& bytes, Kind kind, Size size) {
  OpenStrips open;
  return outcome([&] { gt::picture::examine(open.add_bytes("a", bytes, size.height), kind, size.width); });
}

std::string with(std::string text, std::size_t place, std::string_view bytes) {
  return text.replace(place, bytes.size(), bytes);
}

// An EXR header as its parts; the chunks are whatever follows.
struct Exr {
  std::string version = number(2, 4);
  std::string channels = channel("Y");
  std::string window = number(0, 4) + number(0, 4) + number(7, 4) + number(3, 4);
  std::string compression = number(0, 1);
  std::string order = number(0, 1);
  float aspect = 1;
  std::string more = {};
  std::string after = {};

  static std::string channel(std::string_view name, std::uint32_t type = 1, std::uint32_t sampling = 1) {
    return std::string(name) + '\0' + number(type, 4) + number(0, 4) + number(sampling, 4) + number(1, 4);
  }
  static std::string attribute(std::string_view name, std::string_view type, std::string_view value) {
    return std::string(name) + '\0' + std::string(type) + '\0' + number(value.size(), 4) + std::string(value);
  }
  std::string header() const {
    const std::string one = number(0x3f800000, 4);
    return "\x76\x2f\x31\x01" + version + attribute("channels", "chlist", channels + '\0') +
           attribute("compression", "compression", compression) + attribute("dataWindow", "box2i", window) +
           attribute("displayWindow", "box2i", window) + attribute("lineOrder", "lineOrder", order) +
           attribute("pixelAspectRatio", "float", number(std::bit_cast<std::uint32_t>(aspect), 4)) +
           attribute("screenWindowCenter", "v2f", number(0, 8)) + attribute("screenWindowWidth", "float", one) + more + '\0';
  }
  std::string bytes() const { return header() + after; }
  // The table and the four uncompressed rows of the 8 x 4 halves that the header describes.
  static std::string rows(std::size_t header_bytes) {
    std::string table;
    std::string data;
    for (std::uint64_t y = 0; y < 4; ++y) {
      table += number(header_bytes + 32 + data.size(), 8);
      data += number(y, 4) + number(16, 4) + std::string(16, static_cast<char>(y + 1));
    }
    return table + data;
  }
  std::string whole() const { return header() + rows(header().size()); }
};

const std::string k_png_start = "\x89PNG\r\n\x1a\n";

std::string jpeg_header(int width, int height) {
  const auto big = [](int value) { return std::string{static_cast<char>(value >> 8), static_cast<char>(value & 0xff)}; };
  return std::string("\xff\xd8\xff\xc0\0\x11\x08", 7) + big(height) + big(width) +
         std::string("\3\1\x22\0\2\x11\1\3\x11\1\xff\xda\0\x0c\3\1\0\2\x11\3\x11\0\x3f\0", 24);
}

}  // namespace

TEST_CASE("what a header claims costs nothing") {
  struct rusage before {};
  ::getrusage(RUSAGE_SELF, &before);
  const std::string max = number(0x7fffffff, 4);
  const std::string tga = number(0x0a0000, 3) + number(0, 9);
  const std::string bmp = "BM" + number(70, 4) + number(0, 4) + number(54, 4) + number(40, 4);
  const std::string bmp_rest = number(1, 2) + number(24, 2) + number(0, 24);
  // The checksum of this header is right.
  const std::string png =
      k_png_start +
      std::string("\0\0\0\x0dIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x06\0\0\0\x14\xc9\x0b\x66\0\0\0\x0aIDAT", 33);
  struct Row {
    Kind kind;
    std::string bytes;
    std::string text;
  };
  const auto huge = [&](std::string_view from, std::string_view to) {
    return Exr{.window = number(0, 8) + std::string(from) + std::string(to)}.bytes();
  };
  const Row rows[] = {
      {Kind::Png, png, "the picture has 2147483647 x 2147483647 pixels, it must have 8 x 4"},
      {Kind::Tga, tga + number(0xffffffff, 4) + number(24, 2), "the picture has 65535 x 65535 pixels, it must have 8 x 4"},
      {Kind::Tga, tga + number(0, 4) + number(24, 2), "the picture has 0 x 0 pixels, it must have 8 x 4"},
      {Kind::Bmp, bmp + max + max + bmp_rest, "the picture has 2147483647 x 2147483647 pixels, it must have 8 x 4"},
      {Kind::Bmp, bmp + number(0x80000000, 4) + number(0x80000000, 4) + bmp_rest,
       "the picture has -2147483648 x 2147483648 pixels, it must have 8 x 4"},
      {Kind::Bmp, bmp + number(0, 8) + bmp_rest, "the picture has 0 x 0 pixels, it must have 8 x 4"},
      {Kind::Jpeg, jpeg_header(65535, 65535),
       "it is not a whole JPEG picture: Maximum supported image dimension is 65500 pixels"},
      {Kind::Jpeg, jpeg_header(65500, 65500), "the picture has 65500 x 65500 pixels, it must have 8 x 4"},
      {Kind::Jpeg, jpeg_header(0, 4), "it is not a whole JPEG picture: Empty JPEG image (DNL not supported)"},
      {Kind::Exr, huge(number(0x7ffffffe, 4), number(0x7ffffffe, 4)),
       "the picture has 2147483647 x 2147483647 pixels, it must have 8 x 4"},
      {Kind::Exr, Exr{.window = number(0x80000000, 4) + number(0x80000000, 4) + max + max}.bytes(),
       "the picture has 4294967296 x 4294967296 pixels, it must have 8 x 4"},
      {Kind::Exr, huge(number(0xffffffff, 4), number(0xffffffff, 4)), "the picture has 0 x 0 pixels, it must have 8 x 4"},
  };
  for (const Row& row : rows) CHECK(fault(row.bytes, row.kind, {8, 4}) == coded("a: " + row.text));
  struct rusage after {};
  ::getrusage(RUSAGE_SELF, &after);
  CHECK(after.ru_maxrss - before.ru_maxrss < 16 * 1024);  // KiB
}

TEST_CASE("EXR files that are forged or not of one part of scan lines are refused by name") {
  const TempDirectory directory;
  const Exr good;
  REQUIRE(fault(good.whole(), Kind::Exr, {8, 4}) == "no error");
  std::string many;
  for (int i = 0; i < 1025; ++i) many += Exr::channel("c" + std::to_string(10000 + i));
  std::string attributes;
  for (int i = 0; i < 4096; ++i) attributes += Exr::attribute("a", "string", "");
  const std::size_t table = good.header().size();
  const auto table_with = [&](std::size_t chunk, std::uint64_t place) {
    return with(good.whole(), table + 8 * chunk, number(place, 8));
  };
  const std::size_t data = table + 32;
  struct Row {
    std::string bytes;
    std::string text;
  };
  const Row rows[] = {
      {Exr{.version = number(3, 4)}.bytes(), "the EXR has the version 3, not 2"},
      {Exr{.version = number(0x202, 4)}.bytes(), "the EXR has tiles; only scan lines are read"},
      {Exr{.version = number(0x802, 4)}.bytes(), "the EXR has deep pixels; only flat ones are read"},
      {Exr{.version = number(0x1002, 4)}.bytes(), "the EXR has several parts; only files of one part are read"},
      {Exr{.version = number(0x8002, 4)}.bytes(), "the EXR has unknown flags in its version field"},
      {Exr{.more = Exr::attribute("type", "string", "deepscanline")}.bytes(),
       "the EXR is of type deepscanline; only scan lines are read"},
      {Exr{.aspect = -1}.bytes(), "the EXR has a pixel aspect ratio of -1.000000"},
      {Exr{.more = attributes}.bytes(), "the EXR has more than 4096 attributes"},
      {Exr{.channels = many}.bytes(), "the EXR has more than 1024 channels"},
      {Exr{.channels = ""}.bytes(), "the EXR has no channels"},
      {Exr{.channels = Exr::channel("Y") + Exr::channel("Y")}.bytes(), "the EXR has channels that are not sorted, or twice"},
      {Exr{.channels = Exr::channel("Y", 3)}.bytes(), "the EXR has the channel Y of type 3"},
      {Exr{.channels = Exr::channel("BY", 1, 2)}.bytes(),
       "the EXR has the channel BY with fewer samples than pixels; Blender writes none such"},
      {Exr{.channels = "Y"}.bytes(), "the EXR has a list of channels that is cut"},
      {Exr{.compression = number(10, 1)}.bytes(), "the EXR has the unknown compression 10"},
      {Exr{.order = number(2, 1)}.bytes(), "the EXR has the line order 2, which only tiles may have"},
      {Exr{.more = Exr::attribute("dataWindow", "box2i", number(0, 16))}.bytes(), "the EXR has 2 attributes dataWindow, not 1"},
      {Exr{.window = number(0, 8)}.bytes(), "the EXR has an attribute dataWindow of type box2i and 8 bytes"},
      {"\x76\x2f\x31\x01" + number(2, 4) + '\0', "the EXR has 0 attributes dataWindow, not 1"},
      {Exr{.more = Exr::attribute(std::string(256, 'n'), "string", "")}.bytes(),
       "the EXR has a name of more than 255 bytes: " + std::string(80, 'n') + "..."},
      {"\x76\x2f\x31\x01" + number(2, 4) + Exr::attribute("a", "string", std::string(5 << 20, 'x')),
       "the EXR has a header of more than 4194304 bytes"},
      {"\x76\x2f\x31\x01" + number(2, 4) + std::string("a\0string\0", 9) + number(0x7fffffff, 4),
       "the file is cut: it ends after 21 bytes"},
      {table_with(2, 0), "it is not a whole EXR picture: the rows from 2 on are missing"},
      {table_with(1, 40),
       "it is not a whole EXR picture: the rows from 1 on are said to be at byte 40 of " + std::to_string(good.whole().size())},
      {table_with(1, std::uint64_t{1} << 63),
       "it is not a whole EXR picture: the rows from 1 on are said to be at byte 9223372036854775808 of " +
           std::to_string(good.whole().size())},
      {table_with(1, data), "it is not a whole EXR picture: the rows from 1 on are others where the table says: those from 0"},
      {with(good.whole(), data + 4, number(17, 4)), "it is not a whole EXR picture: the rows from 0 on have 17 bytes"},
      {with(good.whole(), data + 4, number(0, 4)), "it is not a whole EXR picture: the rows from 0 on have 0 bytes"},
      {good.whole().substr(0, good.whole().size() - 1), "it is not a whole EXR picture: the rows from 3 on are cut"},
  };
  for (const Row& row : rows) CHECK(fault(row.bytes, Kind::Exr, {8, 4}) == coded("a: " + row.text));
  // As the library writes them.
  Imf::Header header(8, 4);
  header.channels().insert("Y", Imf::Channel(Imf::HALF));
  header.setTileDescription(Imf::TileDescription(8, 8));
  { Imf::TiledOutputFile file((directory / "tiled").c_str(), header, 0); }
  CHECK(fault(contents(directory / "tiled"), Kind::Exr, {8, 4}) ==
        "run.result-invalid: a: the EXR has tiles; only scan lines are read");
}

TEST_CASE("blocks of an EXR that are too large for memory are refused before they are allocated") {
  std::string channels;
  for (int i = 0; i < 1024; ++i) channels += Exr::channel("c" + std::to_string(10000 + i), 2);
  const Exr bomb{.channels = channels, .window = number(0, 8) + number(65535, 4) + number(255, 4), .compression = number(9, 1)};
  CHECK(fault(bomb.bytes(), Kind::Exr, {65536, 256}) ==
        "run.result-invalid: a: the EXR has blocks of 68719476736 bytes, more than the limit of 1073741824");
}

TEST_CASE("attributes that OpenEXR would believe are never shown to it") {
  // A preview of 2^30 pixels, and a table of 2^31 texts.
  const std::string more = Exr::attribute("preview", "preview", number(0x8000, 4) + number(0x8000, 4)) +
                           Exr::attribute("texts", "stringvector", number(0x7fffffff, 4));
  CHECK(fault(Exr{.more = more}.whole(), Kind::Exr, {8, 4}) == "no error");
}

TEST_CASE("a JPEG of a thousand scans is not decoded to its end") {
  const TempDirectory directory;
  write_jpeg(smooth({8, 4}, plain_layout("RGB", SampleType::Byte)), directory / "a.jpg", {.scans = JpegOptions::Scans::Many});
  const std::string whole = contents(directory / "a.jpg");
  REQUIRE(fault(whole, Kind::Jpeg, {8, 4}) == "no error");
  // The last channel again and again: as legal as the first time.
  const std::size_t last = whole.rfind("\xff\xda");
  std::string many = whole.substr(0, last);
  for (int i = 0; i < 1000; ++i) many += whole.substr(last, whole.size() - 2 - last);
  CHECK(fault(many + "\xff\xd9", Kind::Jpeg, {8, 4}) == "run.result-invalid: a: the JPEG has more than 100 scans");
}

TEST_CASE("a file cut at any byte is refused, and one changed in any byte never crashes") {
  const TempDirectory directory;
  const Size size{9, 5};
  struct Row {
    std::string name;
    Kind kind;
    std::string bytes;
  };
  std::vector<Row> rows;
  const auto add = [&](const std::string& name, Kind kind) { rows.push_back({name, kind, contents(directory / "good")}); };
  for (const auto packing : {gt::picture::TgaStyle::Packing::Raw, gt::picture::TgaStyle::Packing::Runs}) {
    write_picture(synthetic(size, plain_layout("RGBA", SampleType::Byte), gt::picture::TgaStyle{packing}), Kind::Tga,
                  directory / "good");
    add("TGA", Kind::Tga);
  }
  for (const char* channels : {"RGB", "Y"}) {
    write_picture(synthetic(size, plain_layout(channels, SampleType::Byte), gt::picture::BmpStyle{}), Kind::Bmp,
                  directory / "good");
    add("BMP", Kind::Bmp);
    write_jpeg(smooth(size, plain_layout(channels, SampleType::Byte)), directory / "good");
    add("JPEG", Kind::Jpeg);
    write_jpeg(smooth(size, plain_layout(channels, SampleType::Byte)), directory / "good",
               {.scans = JpegOptions::Scans::Progressive});
    add("progressive JPEG", Kind::Jpeg);
  }
  write_picture(synthetic(size, plain_layout("RGBA", SampleType::Word)), Kind::Png, directory / "good");
  add("PNG", Kind::Png);
  for (int compression = 0; compression < Imf::NUM_COMPRESSION_METHODS; ++compression) {
    write_exr(synthetic(size, multilayer()), directory / "good", {.compression = static_cast<Imf::Compression>(compression)});
    add("EXR " + std::to_string(compression), Kind::Exr);
  }
  for (const Row& row : rows) {
    CAPTURE(row.name);
    REQUIRE(fault(row.bytes, row.kind, size) == "no error");
    for (std::size_t length = 0; length < row.bytes.size(); ++length) {
      CAPTURE(length);
      CHECK(fault(row.bytes.substr(0, length), row.kind, size).rfind("run.result-", 0) == 0);
    }
    for (std::size_t i = 0; i < row.bytes.size(); ++i) {
      std::string changed = row.bytes;
      changed[i] = static_cast<char>(changed[i] ^ (i % 2 == 0 ? 0x01 : 0x80));
      const std::string text = fault(changed, row.kind, size);
      CAPTURE(i);
      const bool is_refused = text.rfind("run.result-", 0) == 0;
      CHECK((is_refused || (text == "no error" && row.kind != Kind::Png)));
    }
  }
}
