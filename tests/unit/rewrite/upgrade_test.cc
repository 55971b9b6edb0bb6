#include "lib/rewrite/upgrade.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "lib/pickle/decode.h"
#include "lib/rewrite/to_docker.h"
#include "tests/unit/base/support.h"
#include "tests/unit/pickle/support.h"

namespace gt::rewrite {
namespace {

using namespace std::literals;

struct Upgraded {
  std::string json;
  std::vector<std::string> findings;
};

Upgraded upgraded(std::string_view pickle) {
  pickle::Decoded decoded = pickle::decode(pickle);
  const Report report = upgrade(decoded.graph);
  Upgraded out{testing::json_of(decoded.graph), {}};
  for (const Finding& finding : report.findings) out.findings.push_back(to_string(finding));
  return out;
}

bool has(const std::string& json, std::string_view part) { return json.find(part) != std::string::npos; }

TEST_CASE("a task of 2015 gets the modules, names and fields of March 2016") {
  const Upgraded out = upgraded(
      "(iexamples.gnr.RenderingTaskState\nRenderingTaskDefinition\n(dS'taskId'\nS'x'\nsS'mainSceneFile'\nS'a.blend'\n"
      "sS'options'\ncexamples.gnr.TaskState\nGNROptions\nsS'verificationOptions'\n"
      "(iexamples.gnr.RenderingTaskState\nAdvanceRenderingVerificationOptions\n(dS'boxSize'\n(I5\nI5\ntsbsb."sv);
  CHECK(has(out.json, R"("py/object":"gnr.renderingtaskstate.RenderingTaskDefinition")"));
  CHECK(has(out.json, R"("task_id":"x")"));
  CHECK(has(out.json, R"("main_scene_file":"a.blend")"));
  CHECK(has(out.json, R"("box_size":{"py/tuple":[5,5]})"));
  CHECK(has(out.json, R"("py/object":"gnr.renderingtaskstate.AdvanceRenderingVerificationOptions")"));
  CHECK(has(out.json, R"("max_price":0)"));  // a field that came later, with what the constructor sets
  CHECK(!has(out.json, "taskId"));
  CHECK(out.findings == std::vector<std::string>());
}

TEST_CASE("a task of December 2016 gets its options back where they were, and what had no place is told") {
  const Upgraded out = upgraded(
      "(iapps.rendering.task.renderingtaskstate\nRenderingTaskDefinition\n(dS'task_name'\nS'n'\nsS'options'\n"
      "ccopy_reg\n_reconstructor\n(capps.blender.task.blenderrendertask\nBlenderRendererOptions\nc__builtin__\nobject\nNtR"
      "(dS'compositing'\nI01\nsS'use_frames'\nI01\nsbsb."sv);
  CHECK(has(out.json, R"("renderer_options":{"py/object":"gnr.task.blenderrendertask.BlenderRendererOptions")"));
  CHECK(has(out.json, R"("options":{"py/type":"gnr.gnrtaskstate.GNROptions"})"));
  CHECK(has(out.json, R"("use_frames":true)"));
  CHECK(!has(out.json, "compositing"));
  CHECK(out.findings ==
        std::vector<std::string>{"warning: task_name: March 2016 had no such field: a text is left out",
                                 "warning: options.compositing: March 2016 had no such field: true or false is left out"});
}

TEST_CASE("of a task that was saved with its state only the definition is kept, and that is said") {
  const Upgraded out = upgraded(
      "(ccopy_reg\n_reconstructor\n(capps.blender.task.blenderrendertask\nBlenderRenderTask\nc__builtin__\nobject\nNtR"
      "(dS'task_definition'\n(ignr.renderingtaskstate\nRenderingTaskDefinition\nsbNt."sv);
  CHECK(has(out.json, R"({"py/object":"gnr.renderingtaskstate.RenderingTaskDefinition")"));
  CHECK(out.findings == std::vector<std::string>{"warning: of a tuple only the task definition is kept"});
}

TEST_CASE("what holds no task definition is refused") {
  const auto error = testing::error_of([] { upgraded("(lI1\na."sv); });
  CHECK(testing::code_of(error) == "task.wrong-class");
  CHECK(testing::text_of(error) == "holds no task definition but a list");
}

TEST_CASE("a class that March 2016 did not have stays, and is told with its path") {
  const Upgraded out =
      upgraded("(ignr.renderingtaskstate\nRenderingTaskDefinition\n(dS'renderer_options'\n(iapps.dummy\nDummyOptions\nsb."sv);
  CHECK(has(out.json, R"("py/object":"apps.dummy.DummyOptions")"));
  CHECK(out.findings ==
        std::vector<std::string>{
            "warning: renderer_options: is a apps.dummy.DummyOptions, which March 2016 did not have: it stays"});
}

// As three historic templates: the renderer's options, and then the class of all options under the same key.
constexpr std::string_view k_options_twice =
    "(iapps.rendering.task.renderingtaskstate\nRenderingTaskDefinition\n(dS'options'\n"
    "ccopy_reg\n_reconstructor\n(capps.blender.task.blenderrendertask\nBlenderRendererOptions\nc__builtin__\nobject\nNtR"
    "(dS'use_frames'\nI01\nsbsS'options'\ncapps.core.task.gnrtaskstate\nOptions\n"
    "sS'main_program_file'\nS'x/blendertask.py'\nsb."sv;

TEST_CASE("the renderer's options that Python forgot are used again") {
  const std::string told =
      "warning: options: is set twice: a apps.blender.task.blenderrendertask.BlenderRendererOptions, which Python forgot, is "
      "used "
      "instead of the class apps.core.task.gnrtaskstate.Options";
  const Upgraded out = upgraded(k_options_twice);
  CHECK(has(out.json, R"("renderer_options":{"py/object":"gnr.task.blenderrendertask.BlenderRendererOptions")"));
  CHECK(has(out.json, R"("options":{"py/type":"gnr.gnrtaskstate.GNROptions"})"));
  CHECK(out.findings == std::vector<std::string>{told});

  pickle::Decoded decoded = pickle::decode(k_options_twice);
  const Report report = to_docker(decoded.graph, task::Renderer::Blender);
  REQUIRE(report.findings.size() == 1);
  CHECK(to_string(report.findings[0]) == told);
  CHECK(has(testing::json_of(decoded.graph), R"("use_frames":true)"));
  CHECK(has(testing::json_of(decoded.graph), R"("name":"golem/blender:latest")"));
}

}  // namespace
}  // namespace gt::rewrite
