#include "lib/picture/join.h"

#include <ImfChromaticitiesAttribute.h>
#include <ImfInputFile.h>
#include <ImfStringAttribute.h>
#include <doctest/doctest.h>

#include "lib/picture/compare.h"
#include "tests/unit/picture/exr_files.h"
#include "tests/unit/picture/jpeg_files.h"

using namespace gt::testing;
using gt::OutputFile;
using gt::picture::BmpStyle;
using gt::picture::ExrStyle;
using gt::picture::plain_layout;
using gt::picture::PngStyle;
using gt::picture::TgaStyle;

namespace {

struct Case {
  Kind kind;
  Layout layout;
  decltype(Header::style) style;
};

// Every layout of every kind that is joined by rows.
std::vector<Case> cases() {
  std::vector<Case> out;
  for (const char* channels : {"Y", "YA", "RGB", "RGBA"}) {
    for (const SampleType type : {SampleType::Byte, SampleType::Word})
      out.push_back({Kind::Png, plain_layout(channels, type), PngStyle{}});
  }
  for (const char* channels : {"Y", "RGB", "RGBA"}) {
    const Layout layout = plain_layout(channels, SampleType::Byte);
    out.push_back({Kind::Bmp, layout, BmpStyle{}});
    for (const auto packing : {TgaStyle::Packing::Raw, TgaStyle::Packing::Runs})
      out.push_back({Kind::Tga, layout, TgaStyle{packing}});
  }
  for (int compression = 0; compression <= 4; ++compression) {
    for (const SampleType type : {SampleType::Half, SampleType::Float, SampleType::Uint})
      out.push_back({Kind::Exr, plain_layout("ABGR", type), ExrStyle{compression, {}}});
    out.push_back({Kind::Exr, multilayer(), ExrStyle{compression, {}}});
  }
  return out;
}

void add_strips(const Picture& whole, const Case& c, const TempDirectory& directory, std::int64_t count, OpenStrips& open) {
  std::int64_t first = 0;
  for (const std::int64_t height : uneven(whole.header.size.height, count)) {
    const std::string path = directory / ("s" + std::to_string(first));
    write_picture(rows_of(whole, first, first + height), c.kind, path);
    open.add(path, height);
    first += height;
  }
}

}  // namespace

TEST_CASE("strips joined equal the whole picture in every bit of every channel") {
  const TempDirectory directory;
  const Size size{31, 67};
  for (const Case& c : cases()) {
    const Picture whole = synthetic(size, c.layout, c.style);
    for (const std::int64_t count : {1, 2, 3, 7, 16}) {
      OpenStrips open;
      add_strips(whole, c, directory, count, open);
      join_to(open, c.kind, size.width, directory / "joined");
      CAPTURE(gt::picture::to_string(c.kind));
      CAPTURE(gt::picture::to_string(c.layout));
      CAPTURE(count);
      CHECK(read_picture(directory / "joined", c.kind, size) == whole);
    }
  }
}

TEST_CASE("the same strips give the same bytes") {
  const TempDirectory directory;
  for (const Case& c : cases()) {
    const Picture whole = synthetic({5, 9}, c.layout, c.style);
    for (const char* name : {"x", "y"}) {
      OpenStrips open;
      add_strips(whole, c, directory, 3, open);
      join_to(open, c.kind, 5, directory / name);
    }
    CAPTURE(gt::picture::to_string(c.kind));
    CHECK(contents(directory / "x") == contents(directory / "y"));
    // One picture of all rows is what its own writer writes.
    write_picture(whole, c.kind, directory / "whole");
    CHECK(contents(directory / "x") == contents(directory / "whole"));
  }
}

TEST_CASE("what strips say about showing them is kept where all agree") {
  const TempDirectory directory;
  const auto join_two = [&](Kind kind, const Picture& a, const Picture& b) {
    OpenStrips open;
    write_picture(a, kind, directory / "a");
    write_picture(b, kind, directory / "b");
    open.add(directory / "a", 2);
    open.add(directory / "b", 2);
    join_to(open, kind, 3, directory / "out");
    return read_picture(directory / "out", kind, {3, 4}).header.style;
  };
  const auto rgb = [](decltype(Header::style) style) {
    return synthetic({3, 2}, plain_layout("RGB", SampleType::Byte), std::move(style));
  };
  const PngStyle::Density density{2834, 2834, 1};
  const auto png = std::get<PngStyle>(join_two(Kind::Png, rgb(PngStyle{45455, 0, density}), rgb(PngStyle{45455, 0, {}})));
  CHECK(png.gamma == 45455);
  CHECK(png.srgb_intent == 0);
  CHECK_FALSE(png.density);
  CHECK(std::get<BmpStyle>(join_two(Kind::Bmp, rgb(BmpStyle{1, 2}), rgb(BmpStyle{1, 2}))).y_density == 2);
  CHECK(std::get<BmpStyle>(join_two(Kind::Bmp, rgb(BmpStyle{1, 2}), rgb(BmpStyle{1, 3}))).x_density == 0);
  const TgaStyle raw{TgaStyle::Packing::Raw};
  CHECK(std::get<TgaStyle>(join_two(Kind::Tga, rgb(raw), rgb(raw))).packing == TgaStyle::Packing::Raw);
  CHECK(std::get<TgaStyle>(join_two(Kind::Tga, rgb(raw), rgb(TgaStyle{}))).packing == TgaStyle::Packing::Runs);
}

TEST_CASE("an EXR keeps the attributes that describe the picture, and none of one render") {
  const TempDirectory directory;
  const Picture whole = synthetic({4, 6}, plain_layout("ABGR", SampleType::Half));
  OpenStrips open;
  for (int i = 0; i < 2; ++i) {
    const std::string path = directory / ("s" + std::to_string(i));
    write_exr(rows_of(whole, i * 3, i * 3 + 3), path,
              {.compression = i == 0 ? Imf::PIZ_COMPRESSION : Imf::RLE_COMPRESSION, .change = [&](Imf::Header& header) {
                 header.insert("BlenderMultiChannel", Imf::StringAttribute("Blender V2.55.1 and newer"));
                 header.insert("cryptomatte/3ae39a5/name", Imf::StringAttribute("ViewLayer.CryptoObject"));
                 header.insert("cryptomatte/3ae39a5/manifest", Imf::StringAttribute(i == 0 ? "{\"a\":\"1\"}" : "{}"));
                 header.insert("Date", Imf::StringAttribute("2016/03/01 12:00:00"));
                 header.insert("File", Imf::StringAttribute("/home/ania/blocks.blend"));
                 header.pixelAspectRatio() = 1.5F;
                 header.screenWindowWidth() = 2;
                 header.insert("chromaticities", Imf::ChromaticitiesAttribute(Imf::Chromaticities({0.1F, 0.2F})));
               }});
    open.add(path, 3);
  }
  join_to(open, Kind::Exr, 4, directory / "out.exr");
  CHECK(read_picture(directory / "out.exr", Kind::Exr, {4, 6}) == whole);
  const Imf::InputFile file((directory / "out.exr").c_str());
  const Imf::Header& header = file.header();
  CHECK(header.compression() == Imf::ZIP_COMPRESSION);
  CHECK(header.lineOrder() == Imf::INCREASING_Y);
  CHECK(header.dataWindow() == Imath::Box2i({0, 0}, {3, 5}));
  CHECK(header.displayWindow() == Imath::Box2i({0, 0}, {3, 5}));
  CHECK(header.pixelAspectRatio() == 1.5F);
  CHECK(header.screenWindowWidth() == 2);
  CHECK(header.typedAttribute<Imf::ChromaticitiesAttribute>("chromaticities").value().red.y == 0.2F);
  CHECK(header.typedAttribute<Imf::StringAttribute>("BlenderMultiChannel").value() == "Blender V2.55.1 and newer");
  CHECK(header.typedAttribute<Imf::StringAttribute>("cryptomatte/3ae39a5/name").value() == "ViewLayer.CryptoObject");
  for (const char* name : {"cryptomatte/3ae39a5/manifest", "Date", "File"}) CHECK(header.find(name) == header.end());
}

TEST_CASE("EXR strips that were packed with loss lose nothing more, wherever their windows lie") {
  const TempDirectory directory;
  for (int compression = 0; compression < Imf::NUM_COMPRESSION_METHODS; ++compression) {
    for (const auto order : {Imf::INCREASING_Y, Imf::DECREASING_Y}) {
      // Of halves, as B44 is for them; decreasing rows are written in that order.
      const Picture whole = synthetic({19, 70}, plain_layout("ABGR", SampleType::Half));
      OpenStrips open;
      std::vector<std::uint8_t> expected;
      std::int64_t first = 0;
      for (const std::int64_t height : uneven(70, 3)) {
        const std::string path = directory / ("s" + std::to_string(first));
        write_exr(rows_of(whole, first, first + height), path,
                  {.compression = static_cast<Imf::Compression>(compression),
                   .left = static_cast<int>(first) - 40,
                   .first_row = static_cast<int>(first) * 3 - 50,
                   .order = order});
        const Picture strip = read_picture(path, Kind::Exr, {19, height});
        expected.insert(expected.end(), strip.pixels.begin(), strip.pixels.end());
        open.add(path, height);
        first += height;
      }
      join_to(open, Kind::Exr, 19, directory / "out");
      const Picture joined = read_picture(directory / "out", Kind::Exr, {19, 70});
      CAPTURE(compression);
      CAPTURE(order);
      CHECK(joined.pixels == expected);
      const bool is_lossless = compression <= Imf::PIZ_COMPRESSION;
      CHECK(std::get<ExrStyle>(joined.header.style).compression == (is_lossless ? compression : Imf::ZIP_COMPRESSION));
      if (is_lossless && order == Imf::INCREASING_Y) CHECK(joined == whole);
    }
  }
}

TEST_CASE("JPEG strips joined decode to what the whole frame decodes to, encoded at once") {
  const TempDirectory directory;
  const JpegOptions options[] = {{},
                                 {.quality = 35},
                                 {.quality = 100, .h_sampling = 2, .v_sampling = 1},
                                 {.h_sampling = 1, .v_sampling = 1},
                                 {.h_sampling = 1, .v_sampling = 2},
                                 {.scans = JpegOptions::Scans::Progressive}};
  for (const JpegOptions& option : options) {
    for (const char* channels : {"RGB", "Y"}) {
      const Size size{37, 16 * 40 + 5};
      const Picture whole = smooth(size, plain_layout(channels, SampleType::Byte));
      write_jpeg(whole, directory / "whole.jpg", option);
      const Picture expected = read_picture(directory / "whole.jpg", Kind::Jpeg, size);
      for (const std::int64_t count : {1, 2, 3, 7, 16}) {
        OpenStrips open;
        std::int64_t first = 0;
        for (const std::int64_t height : uneven(size.height, count, gt::picture::k_jpeg_rows)) {
          write_jpeg(rows_of(whole, first, first + height), directory / std::to_string(first), option);
          open.add(directory / std::to_string(first), height);
          first += height;
        }
        join_to(open, Kind::Jpeg, size.width, directory / "joined.jpg");
        CAPTURE(count);
        CAPTURE(option.quality);
        CHECK(read_picture(directory / "joined.jpg", Kind::Jpeg, size) == expected);
        const std::string once = contents(directory / "joined.jpg");
        join_to(open, Kind::Jpeg, size.width, directory / "joined.jpg");
        CHECK(contents(directory / "joined.jpg") == once);
      }
    }
  }
}

TEST_CASE("strips that do not fit together are named with the difference, and the output stays as it was") {
  const TempDirectory directory;
  const auto plain = [&](Kind kind, const char* channels, SampleType type) {
    return [=](const std::string& path) { write_picture(synthetic({8, 16}, plain_layout(channels, type)), kind, path); };
  };
  const auto exr = [&](Layout layout) { return [=](const std::string& path) { write_exr(synthetic({8, 16}, layout), path); }; };
  const auto jpeg = [&](const char* channels, JpegOptions options) {
    return [=](const std::string& path) {
      write_jpeg(smooth({8, 16}, plain_layout(channels, SampleType::Byte)), path, options);
    };
  };
  const auto tga = [&](const char* channels) {
    return [=](const std::string& path) {
      write_picture(synthetic({8, 16}, plain_layout(channels, SampleType::Byte), TgaStyle{}), Kind::Tga, path);
    };
  };
  Layout float_depth = multilayer();
  float_depth.channels[5].type = SampleType::Float;
  Layout fewer = multilayer();
  fewer.channels.pop_back();
  struct Row {
    Kind kind;
    std::function<void(const std::string&)> a;
    std::function<void(const std::string&)> b;
    std::string text;
  };
  const Row rows[] = {
      {Kind::Png, plain(Kind::Png, "RGB", SampleType::Byte), plain(Kind::Png, "RGBA", SampleType::Byte),
       "b: the strip is RGBA, 8 bit, the first one is RGB, 8 bit"},
      {Kind::Png, plain(Kind::Png, "RGB", SampleType::Byte), plain(Kind::Png, "RGB", SampleType::Word),
       "b: the strip is RGB, 16 bit, the first one is RGB, 8 bit"},
      {Kind::Tga, tga("RGBA"), tga("Y"), "b: the strip is gray, 8 bit, the first one is RGBA, 8 bit"},
      {Kind::Exr, exr(plain_layout("ABGR", SampleType::Half)), exr(plain_layout("BGR", SampleType::Half)),
       "b: the strip is RGB, half, the first one is RGBA, half"},
      {Kind::Exr, exr(multilayer()), exr(float_depth),
       "b: the strip has ViewLayer.IndexOB.X float, the first one has ViewLayer.IndexOB.X 32 bit integer"},
      {Kind::Exr, exr(multilayer()), exr(fewer),
       "b: the strip does not have the channel ViewLayer.IndexOB.X, the first one has"},
      {Kind::Exr, exr(fewer), exr(multilayer()), "b: the strip has the channel ViewLayer.IndexOB.X, the first one has not"},
      {Kind::Jpeg, jpeg("RGB", {}), jpeg("Y", {}), "b: the strip has 1 channels, the first one has 3"},
      {Kind::Jpeg, jpeg("RGB", {}), jpeg("RGB", {.quality = 80}), "b: the strip has another JPEG quality than the first one"},
      {Kind::Jpeg, jpeg("RGB", {}), jpeg("RGB", {.h_sampling = 1}),
       "b: the strip has its colours sampled another way than the first one"},
  };
  for (const Row& row : rows) {
    row.a(directory / "a");
    row.b(directory / "b");
    gt::write_file(directory / "out", "before");
    const std::string text = outcome([&] {
      OpenStrips open;
      open.add(directory / "a", 16);
      open.add(directory / "b", 16);
      join_to(open, row.kind, 8, directory / "out");
    });
    CHECK(text == coded(row.text));
    CHECK(contents(directory / "out") == "before");
  }
}

TEST_CASE("JPEG strips that end within a block are refused, but for the last") {
  const TempDirectory directory;
  const auto join_heights = [&](const char* channels, std::vector<std::int64_t> heights) {
    return outcome([&] {
      OpenStrips open;
      for (const std::int64_t height : heights) {
        const std::string path = directory / (std::to_string(open.strips.size()) + ".jpg");
        write_jpeg(smooth({8, height}, plain_layout(channels, SampleType::Byte)), path);
        open.add(path, height);
      }
      join_to(open, Kind::Jpeg, 8, directory / "out");
    });
  };
  CHECK(join_heights("RGB", {16, 32, 7}) == "no error");
  CHECK(join_heights("RGB", {16, 17, 16}) ==
        "run.result-invalid: 1.jpg: the strip has 17 rows, not a multiple of the 16 that a JPEG block has here; strips of JPEG "
        "are joined block by block");
  CHECK(join_heights("Y", {8, 7}) == "no error");
  CHECK(join_heights("Y", {7, 8}) ==
        "run.result-invalid: 0.jpg: the strip has 7 rows, not a multiple of the 8 that a JPEG block has here; strips of JPEG "
        "are joined block by block");
}

TEST_CASE("a picture that its format cannot hold is refused") {
  const TempDirectory directory;
  const auto write = [&](Kind kind, Size size, decltype(Header::style) style) {
    return outcome([&] {
      OutputFile out(directory / "out");
      open_writer(out, kind, {size, plain_layout("RGB", SampleType::Byte), std::move(style)});
    });
  };
  CHECK(write(Kind::Tga, {65536, 1}, TgaStyle{}) ==
        "run.result-invalid: the whole picture has 65536 x 1 pixels; TGA pictures are written up to 65535 in each direction");
  CHECK(write(Kind::Png, {1, 65537}, PngStyle{}) ==
        "run.result-invalid: the whole picture has 1 x 65537 pixels; PNG pictures are written up to 65536 in each direction");
  CHECK(write(Kind::Bmp, {65536, 65536}, BmpStyle{}) ==
        "run.result-invalid: a BMP picture of 65536 x 65536 pixels would be longer than 4 GiB, which BMP cannot hold");
}

TEST_CASE("an EXR is not written to what cannot go back") {
  OutputFile out("/dev/null");
  const Header header{{1, 1}, plain_layout("Y", SampleType::Half), ExrStyle{}};
  CHECK(outcome([&] { open_writer(out, Kind::Exr, header); }) ==
        "file.unwritable: /dev/null: is no regular file, and this output is not written from its start to its end; name a "
        "regular file");
}
