#include "lib/picture/kind.h"

#include <doctest/doctest.h>

#include "lib/picture/layout.h"

using gt::picture::Kind;

TEST_CASE("kinds are found by the extensions that Blender gives, and strips of JPEG are cut at its blocks") {
  CHECK(gt::picture::find_kind(".png") == Kind::Png);
  CHECK(gt::picture::find_kind(".tga") == Kind::Tga);
  CHECK(gt::picture::find_kind(".bmp") == Kind::Bmp);
  CHECK(gt::picture::find_kind(".jpg") == Kind::Jpeg);
  CHECK(gt::picture::find_kind(".exr") == Kind::Exr);
  CHECK_FALSE(gt::picture::find_kind(".tif"));
  CHECK_FALSE(gt::picture::find_kind(""));
  CHECK(gt::picture::row_granularity(Kind::Jpeg) == 16);
  for (const Kind kind : {Kind::Png, Kind::Tga, Kind::Bmp, Kind::Exr}) CHECK(gt::picture::row_granularity(kind) == 1);
  CHECK(gt::picture::to_string(Kind::Exr) == "EXR");
}

TEST_CASE("halves have the values of IEEE 754") {
  struct Row {
    std::uint16_t bits;
    float value;
  };
  const Row rows[] = {{0x3c00, 1},        {0xc000, -2},        {0x7bff, 65504},           {0x0400, 0x1p-14F},
                      {0x0001, 0x1p-24F}, {0x8001, -0x1p-24F}, {0x03ff, 1023 * 0x1p-24F}, {0x3555, 0x1.554p-2F}};
  for (const Row& row : rows) CHECK(gt::picture::half_to_float(row.bits) == row.value);
  CHECK(gt::picture::half_to_float(0x7c00) > 3e38F);
  CHECK(gt::picture::half_to_float(0xfc00) < -3e38F);
  CHECK(gt::picture::half_to_float(0x7e00) != gt::picture::half_to_float(0x7e00));
}
