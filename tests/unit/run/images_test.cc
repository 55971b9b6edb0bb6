#include "lib/run/images.h"

#include <doctest/doctest.h>

#include "lib/base/error.h"
#include "tests/unit/run/fake_runner.h"

using gt::run::rename_images;
using gt::run::to_image;
using gt::task::Image;

namespace {

const std::vector<Image> k_images{{.repository = "golem/blender", .tag = "latest", .id = "sha256:1"},
                                  {.repository = "golem/base", .tag = "1.1", .id = ""}};

std::string error_text(const auto& body) {
  try {
    body();
  } catch (const gt::Error& error) {
    return std::string(gt::to_string(error.code())) + ": " + error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("image names are split as Docker does") {
  CHECK(to_image("a/b").name() == "a/b:latest");
  CHECK(to_image("a/b:3.4").name() == "a/b:3.4");
  CHECK(to_image("host:5000/a/b").repository == "host:5000/a/b");
  CHECK(to_image("host:5000/a/b:1").tag == "1");
  for (const char* bad : {"", ":1", "a:", "a@sha256:00"}) CHECK(error_text([&] { to_image(bad); }).rfind("usage: ", 0) == 0);
}

TEST_CASE("renames replace images of the task by repository or full name") {
  CHECK(rename_images(k_images, {}) == k_images);
  CHECK(rename_images(k_images, {"golem/blender=my/b:3"})[0] == Image{"my/b", "3", ""});
  CHECK(rename_images(k_images, {"golem/base:1.1=my/b"})[1] == Image{"my/b", "latest", ""});
  CHECK(
      error_text([] { rename_images(k_images, {"golem/base:2=x"}); }) ==
      "usage: --image golem/base:2=x: the task names no image golem/base:2, only golem/blender:latest, golem/base:1.1; give it "
      "as OLD=NEW, such as --image golem/blender=my/blender:3.4");
  CHECK(error_text([] { rename_images(k_images, {"golem/base"}); }).find("there is no '='") != std::string::npos);
}

TEST_CASE("the first image that is there is used") {
  gt::run::FakeRunner runner;
  runner.images = {"golem/base:1.1"};
  CHECK(gt::run::choose_image(k_images, runner).name() == "golem/base:1.1");
  runner.images.clear();
  CHECK(error_text([&] { gt::run::choose_image(k_images, runner); }) ==
        "engine.image-missing: the engine has none of the task's images golem/blender:latest, golem/base:1.1; make them with "
        "./dev images, or docker build -t golem/blender -f scripts/Dockerfile.blender .; --image OLD=NEW takes one of another "
        "name");
}
