#include "lib/lux/settings.h"

#include <doctest/doctest.h>

#include <limits>

#include "lib/base/error.h"

using namespace gt::lux;

namespace {

Settings good() { return render_settings({.resolution = {640, 480}}, "/golem/output/part0001"); }

std::string fault_of(const Settings& settings) {
  try {
    validate(settings);
  } catch (const gt::Error& error) {
    CHECK(error.code() == gt::ErrorCode::LuxSettings);
    return error.what();
  }
  return "no error";
}

template <typename Value>
Settings with(Value Settings::*member, Value value) {
  Settings settings = good();
  settings.*member = std::move(value);
  return settings;
}

const std::string k_filename =
    " an absolute path in printable ASCII of at most 1000 bytes whose last part has no '.', which LuxRender would take for its "
    "extension";

}  // namespace

TEST_CASE("pictures go by the names of saved tasks, in any case") {
  CHECK(find_picture("PNG") == Picture::Png);
  CHECK(find_picture("exr") == Picture::Exr);
  CHECK(find_picture("Tga") == Picture::Tga);
  CHECK_FALSE(find_picture("JPEG"));
  CHECK_FALSE(find_picture(""));
  CHECK_FALSE(find_picture("PNGX"));
  CHECK(extension(Picture::Exr) == ".exr");
  CHECK(to_string(Picture::Tga) == "TGA");
}

TEST_CASE("a subtask renders as the task says, the picture is made from the film that is there") {
  const TaskOptions options{.resolution = {320, 200}, .halttime = 60, .haltspp = 5, .picture = Picture::Tga};
  const Settings render = render_settings(options, "/o/a");
  CHECK(render.width == 320);
  CHECK(render.height == 200);
  CHECK(render.halttime == 60);
  CHECK(render.haltspp == 5);
  CHECK(render.filename == "/o/a");
  CHECK(render.picture == Picture::Tga);
  CHECK(render.film == Film::New);
  const Settings image = image_settings(options, "/o/b");
  CHECK(image.width == 320);
  CHECK(image.halttime == 10);
  CHECK(image.haltspp == 1);
  CHECK(image.film == Film::Resumed);
}

TEST_CASE("good settings pass, at their limits as well") {
  CHECK(fault_of(good()) == "no error");
  CHECK(fault_of(with(&Settings::width, std::int64_t{65536})) == "no error");
  CHECK(fault_of(with(&Settings::haltspp, std::int64_t{1 << 24})) == "no error");
  CHECK(fault_of(with(&Settings::filename, std::string("/a.b/c \"d\\"))) == "no error");
  CHECK(fault_of(with(&Settings::crop, std::optional<Crop>(Crop{{0.25, 1}, {0, 0.5}}))) == "no error");
}

TEST_CASE("what LuxRender would not do is refused with the value") {
  CHECK(fault_of(with(&Settings::width, std::int64_t{0})) == "the LuxRender setting width is 0, but should be from 1 to 65536");
  CHECK(fault_of(with(&Settings::height, std::int64_t{65537})) ==
        "the LuxRender setting height is 65537, but should be from 1 to 65536");
  CHECK(fault_of(with(&Settings::halttime, std::int64_t{-1})) ==
        "the LuxRender setting halttime is -1, but should be from 0 to 16777216");
  CHECK(fault_of(with(&Settings::haltspp, std::int64_t{16777217})) ==
        "the LuxRender setting haltspp is 16777217, but should be from 0 to 16777216");
  Settings endless = good();
  endless.halttime = endless.haltspp = 0;
  CHECK(fault_of(endless) == "neither halttime nor haltspp limits the rendering, so it would never end");
  for (const char* name : {"", "a/b", "/a/", "/a.png", "/a\nb", "/\xc5\xbc"})
    CHECK(fault_of(with(&Settings::filename, std::string(name))).ends_with(", but should be" + k_filename));
  CHECK(fault_of(with(&Settings::filename, "/" + std::string(1000, 'a'))).ends_with(k_filename));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const std::array<double, 2> range : {std::array<double, 2>{0.5, 0.5}, {-0.1, 1}, {0, 1.5}, {nan, 1}, {0, nan}}) {
    CHECK(fault_of(with(&Settings::crop, std::optional<Crop>(Crop{range, {0, 1}})))
              .starts_with("the LuxRender setting crop in x is"));
    CHECK(fault_of(with(&Settings::crop, std::optional<Crop>(Crop{{0, 1}, range})))
              .starts_with("the LuxRender setting crop in y is"));
  }
}
