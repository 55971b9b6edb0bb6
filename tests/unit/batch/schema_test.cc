// The validator of graphs against valijson on the text of the same tasks.
#include "lib/batch/schema.h"

#include <doctest/doctest.h>

#include "lib/base/sink.h"
#include "lib/convert/load.h"
#include "lib/json/encode.h"
#include "lib/rewrite/to_docker.h"
#include "tests/support/schema.h"
#include "tests/unit/batch/support.h"

namespace gt::batch {
namespace {

using gt::testing::SchemaFile;

std::string encoded(const object::Graph& graph, std::uint64_t size) {
  StringSink sink;
  json::encode_2016(graph, sink, json::EncodeLimits::for_input(size));
  return sink.text();
}

struct Both {
  const Schema& ours;
  SchemaFile theirs;
};

// True if both say the same, and what.
std::optional<bool> agreed(const Both& schema, const object::Graph& graph, const std::string& text) {
  const bool is_valid = !schema.ours.validate(graph);
  return is_valid == schema.theirs.fault(text).empty() ? std::optional<bool>(is_valid) : std::nullopt;
}

TEST_CASE("of every recorded file, both validators say the same") {
  const Both task{task_schema(), SchemaFile("task-2016.schema.json")};
  const Both docker{docker_task_schema(), SchemaFile("docker-task-2016.schema.json")};
  int valid = 0;
  int invalid = 0;
  const auto compare = [&](const Both& schema, const object::Graph& graph, const std::string& text) {
    const auto both = agreed(schema, graph, text);
    const auto fault = schema.ours.validate(graph);
    CHECK_MESSAGE(both, "valijson: ", schema.theirs.fault(text),
                  " ours: ", fault ? fault->path + " " + fault->message : "valid");
    (both.value_or(false) ? valid : invalid)++;
  };
  for (const std::string folder : {"corpus", "corpus-json"}) {
    for (const auto& entry : testing::fs::directory_iterator(testing::fs::path(GT_CONFORMANCE) / folder)) {
      const std::string name = entry.path().filename();
      if (!name.ends_with(folder == "corpus" ? ".gt" : ".json")) continue;
      CAPTURE(name);
      std::optional<convert::Loaded> loaded;
      try {
        loaded = convert::load(entry.path());
        const std::uint64_t size = loaded->input.bytes().size();
        compare(task, loaded->graph, encoded(loaded->graph, size));
        compare(docker, loaded->graph, encoded(loaded->graph, size));
        rewrite::to_docker(loaded->graph);
        compare(docker, loaded->graph, encoded(loaded->graph, size));
      } catch (const Error&) {
        continue;  // what cannot be read, written or rewritten is the conformance tests' matter
      }
    }
  }
  MESSAGE(valid, " valid, ", invalid, " not");
  CHECK(valid > 800);
  CHECK(invalid > 200);
}

struct Fault {
  const char* before;
  const char* after;
  std::string path;
  std::string message;
};

TEST_CASE("a fault is told with its place and value") {
  const std::string valid = testing::read_text(testing::fs::path(GT_CONFORMANCE) / "corpus/bl_docker.docker.json");
  for (const Fault& row :
       {Fault{"\"main_scene_file\":\"/home/golem/scenes/a.blend\"", "\"main_scene_file\":7", "main_scene_file",
              "is 7, which does not belong here"},
        Fault{"\"total_subtasks\":6", "\"total_subtasks\":-6", "total_subtasks", "is -6, which is too small"},
        Fault{"\"resources\"", "\"files\"", "", "has no resources"},
        Fault{"\"task_id\"", "\"id\"", "", "has no proper task_id or taskId"},
        Fault{"\"accept_tasks\"", "\"accepts\"", "renderer_options.environment", "has no accept_tasks"},
        Fault{"golem.docker.image.DockerImage", "golem.docker.image.Container",
              "renderer_options.environment.docker_images[0].py/object",
              "is \"golem.docker.image.Container\", which is not known here"},
        Fault{"\"optimize_total\":false", "\"optimize_total\":0", "optimize_total", "is 0, which does not belong here"}}) {
    CAPTURE(row.before);
    std::string text = valid;
    const std::size_t at = text.find(row.before);
    REQUIRE(at != std::string::npos);
    text.replace(at, std::string_view(row.before).size(), row.after);
    const object::Graph graph = json::decode(text, json::Restore::Whole);
    const auto fault = docker_task_schema().validate(graph);
    REQUIRE(fault);
    CHECK(fault->path == row.path);
    CHECK(fault->message == row.message);
  }
  CHECK_FALSE(docker_task_schema().validate(json::decode(valid, json::Restore::Whole)));
}

}  // namespace
}  // namespace gt::batch
