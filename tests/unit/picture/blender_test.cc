// What Blender itself wrote: blender/README.md.
#include <doctest/doctest.h>

#include "lib/picture/compare.h"
#include "lib/picture/examine.h"
#include "tests/unit/picture/support.h"

using namespace gt::testing;

namespace {

struct Row {
  const char* name;
  Kind kind;
  const char* description;
};

constexpr Row k_rows[] = {
    {"png_rgba16", Kind::Png, "RGBA, 16 bit"},
    {"png_bw8", Kind::Png, "gray, 8 bit"},
    {"tga_rgba", Kind::Tga, "RGBA, 8 bit"},
    {"tga_bw", Kind::Tga, "gray, 8 bit"},
    {"bmp_rgb", Kind::Bmp, "RGB, 8 bit"},
    {"bmp_bw", Kind::Bmp, "gray, 8 bit"},
    {"jpeg_rgb", Kind::Jpeg, "RGB, 8 bit"},
    {"jpeg_bw", Kind::Jpeg, "gray, 8 bit"},
    {"exr_rgba16_zip", Kind::Exr, "RGBA, half"},
    {"exr_rgb32_pxr24", Kind::Exr, "RGB, float"},
    {"exr_multilayer", Kind::Exr,
     "5 channels: ViewLayer.Combined.A half, ViewLayer.Combined.B half, ViewLayer.Combined.G half, ViewLayer.Combined.R half, "
     "ViewLayer.Depth.Z float"},
};

std::string file(const Row& row, const std::string& part) {
  return "tests/unit/picture/blender/" + std::string(row.name) + "." + part;
}

}  // namespace

TEST_CASE("strips that Blender wrote join to the whole frame that Blender wrote") {
  const TempDirectory directory;
  for (const Row& row : k_rows) {
    CAPTURE(row.name);
    OpenStrips open;
    for (const auto& [part, height] : {std::pair{"1", 16}, {"2", 16}, {"3", 8}}) {
      const StripFile& strip = open.add(file(row, part), height);
      CHECK(gt::picture::kind_of(strip.fd) == row.kind);
      CHECK(gt::picture::examine(strip, row.kind, 20).description == row.description);
    }
    join_to(open, row.kind, 20, directory / "joined");
    OpenStrips both;
    both.add(file(row, "whole"), 40);
    both.add(directory / "joined", 40);
    const auto whole = gt::picture::examine(both.strips[0], row.kind, 20);
    CHECK_FALSE(whole.is_flat);
    CHECK_FALSE(whole.is_black);
    CHECK(gt::picture::examine(both.strips[1], row.kind, 20).hash == whole.hash);
    CHECK(gt::picture::compare(both.strips[0], both.strips[1], 20, {.kind = row.kind}).pixels == 0);
  }
}
