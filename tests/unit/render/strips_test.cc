#include "lib/render/strips.h"

#include <doctest/doctest.h>

using gt::render::even_strips;

namespace {

std::vector<std::int64_t> heights(std::int64_t height, std::int64_t count) {
  std::vector<std::int64_t> out;
  for (const auto& rows : even_strips(height, count)) out.push_back(rows.height());
  return out;
}

using Heights = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("strips are as even as can be, the taller ones first") {
  CHECK(heights(54, 1) == Heights{54});
  CHECK(heights(54, 2) == Heights{27, 27});
  CHECK(heights(54, 5) == Heights{11, 11, 11, 11, 10});
  CHECK(heights(97, 10) == Heights{10, 10, 10, 10, 10, 10, 10, 9, 9, 9});
  CHECK(heights(3, 3) == Heights{1, 1, 1});
}

TEST_CASE("strips cover every row once, from the top") {
  for (std::int64_t height = 1; height <= 120; ++height) {
    for (std::int64_t count = 1; count <= height; ++count) {
      std::int64_t next = 0;
      for (const auto& rows : even_strips(height, count)) {
        REQUIRE(rows.first == next);
        REQUIRE(rows.height() >= 1);
        next = rows.end;
      }
      REQUIRE(next == height);
    }
  }
}

TEST_CASE("strips are cut at multiples of a step only") {
  using gt::render::most_strips;
  CHECK(most_strips(100, 16) == 7);
  CHECK(most_strips(96, 16) == 6);
  CHECK(most_strips(5, 1) == 5);
  for (const std::int64_t height : {1, 15, 16, 17, 100, 1080}) {
    for (std::int64_t count = 1; count <= most_strips(height, 16); ++count) {
      std::int64_t next = 0;
      for (const auto& rows : even_strips(height, count, 16)) {
        REQUIRE(rows.first == next);
        REQUIRE(rows.height() >= 1);
        REQUIRE(rows.first % 16 == 0);
        next = rows.end;
      }
      REQUIRE(next == height);
    }
  }
}
