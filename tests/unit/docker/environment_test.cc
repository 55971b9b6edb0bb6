#include "lib/docker/environment.h"

#include "lib/docker/engine.h"
#include "tests/support/fake_engine.h"
#include "tests/unit/docker/support.h"

namespace gt::docker {
namespace {

using testing::FakeEngine;
using testing::json_answer;

struct Scene {
  FakeEngine fake;
  Engine engine{{.host = fake.host()}};

  Scene() {
    fake.answer("GET /images/golem%2Fblender%3Alatest/json",
                {json_answer(200, R"({"Id":"sha256:feed01","RepoTags":["golem/blender:latest"]})")});
  }
};

TEST_CASE("an image has a name, and a missing tag is latest") {
  CHECK(Image("golem/blender").name() == "golem/blender:latest");
  CHECK(Image("golem/blender", "1.4").name() == "golem/blender:1.4");
  CHECK(Image("golem/blender", "", "feed").name() == "golem/blender:latest");
  CHECK(Image(task::Image{.repository = "a", .tag = "", .id = "b"}).name() == "a:latest");
}

TEST_CASE("an image is available by its name, and with an id only if that is the name's") {
  Scene scene;
  struct Row {
    Image image;
    bool available;
  };
  const Row rows[] = {
      {Image("golem/blender"), true},
      {Image("golem/blender", "latest"), true},
      {Image("golem/blender", "2.7"), false},
      {Image("golem/other"), false},
      {Image("Golem/Blender"), false},
      {Image(""), false},
      {Image("../../info"), false},
      {Image("golem/blender", "latest", "sha256:feed01"), true},
      {Image("golem/blender", "latest", "feed"), true},
      {Image("golem/blender", "latest", "beef"), false},
      {Image("golem/other", "latest", "feed01"), false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.image.name());
    CAPTURE(row.image.id);
    CHECK(row.image.is_available(scene.engine) == row.available);
  }
}

TEST_CASE("an environment is supported if any of its images is present") {
  Scene scene;
  CHECK(Environment().supported(scene.engine));
  CHECK(BlenderDockerEnvironment().supported(scene.engine));
  CHECK_FALSE(LuxRenderDockerEnvironment().supported(scene.engine));
  CHECK_FALSE(BlenderDockerEnvironment(Image("my/blender")).supported(scene.engine));
  CHECK(DockerEnvironment({Image("golem/none"), Image("golem/blender")}, "either").supported(scene.engine));
  CHECK_FALSE(DockerEnvironment({}, "nothing").supported(scene.engine));
  CHECK(BlenderDockerEnvironment().short_description() == "Blender (www.blender.org)");
  CHECK(LuxRenderDockerEnvironment().short_description() == "LuxRender (www.luxrender.net)");
  CHECK(Environment().long_description() == "");
}

TEST_CASE("the first present image of a task's header is used") {
  Scene scene;
  const TaskHeader header{.docker_images = {Image("golem/none"), Image("golem/blender"), Image("golem/blender", "", "feed")}};
  const std::optional<Image> image = header.find_image(scene.engine);
  REQUIRE(image);
  CHECK(image->name() == "golem/blender:latest");
  CHECK(image->id.empty());
  CHECK_FALSE(TaskHeader{}.find_image(scene.engine));
  CHECK_FALSE(TaskHeader{.docker_images = {Image("golem/none")}}.find_image(scene.engine));
}

}  // namespace
}  // namespace gt::docker
