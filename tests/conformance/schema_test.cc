// The JSON Schemas of schemas/: what the tools write of a task passes, damage does not.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "lib/json/lossless.h"
#include "lib/pickle/decode.h"
#include "tests/conformance/cases.h"
#include "tests/support/schema.h"
#include "tools/gt2json/audit_report.h"

namespace gt::conformance {
namespace {

namespace fs = std::filesystem;

using testing::Document;
using testing::SchemaFile;

const SchemaFile& task_schema() {
  static const SchemaFile schema("task-2016.schema.json");
  return schema;
}
const SchemaFile& docker_schema() {
  static const SchemaFile schema("docker-task-2016.schema.json");
  return schema;
}

// The class at the root of a task's JSON, empty for anything else.
std::string root_class(const std::string& bytes) {
  if (!bytes.starts_with('{')) return "";
  const Document document(bytes);
  const object::Value name = document.graph.find(document.graph.root(), "py/object");
  return name.is(object::Kind::Text) ? std::string(document.graph.string_of(name)) : "";
}

bool is_rendering_task(const std::string& bytes) { return root_class(bytes).ends_with(".RenderingTaskDefinition"); }

bool mentions(const std::string& bytes, const char* words) { return bytes.find(words) != std::string::npos; }

bool is_blender_or_lux(const std::string& bytes) {
  return mentions(bytes, ".BlenderRendererOptions\"") || mentions(bytes, ".LuxRenderOptions\"");
}

// Every file below `root` whose name ends so.
std::vector<fs::path> files_below(const fs::path& root, const std::string& suffix) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (entry.path().filename().string().ends_with(suffix)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

struct Recorded {
  std::string name;  // relative to the data directory
  std::string bytes;
};

// What the scripts wrote of rendering tasks. The inputs in corpus-json, many of them damaged, were written by no tool.
std::vector<Recorded> recorded_tasks() {
  std::vector<Recorded> tasks;
  for (const std::string folder : {"corpus", "corpus-json"}) {
    for (const fs::path& path : files_below(data_directory() / folder, folder == "corpus" ? ".json" : ".docker.json")) {
      std::string bytes = read_bytes(path);
      if (is_rendering_task(bytes)) tasks.push_back({folder + "/" + path.filename().string(), std::move(bytes)});
    }
  }
  return tasks;
}

TEST_CASE("every recorded rendering task validates, except for schema_rejects.tsv") {
  std::map<std::string, std::string> rejected;
  int tasks = 0;
  int docker_tasks = 0;
  for (const Recorded& task : recorded_tasks()) {
    const std::string& name = task.name;
    const std::string& bytes = task.bytes;
    ++tasks;
    std::string fault = task_schema().fault(bytes);
    if (!fault.empty()) rejected["task-2016\t" + name] = fault;
    if (!name.ends_with(".docker.json") || !is_blender_or_lux(bytes)) continue;
    ++docker_tasks;
    fault = docker_schema().fault(bytes);
    if (!fault.empty()) rejected["docker-task-2016\t" + name] = fault;
  }
  CHECK(tasks == 482);
  CHECK(docker_tasks == 278);
  Exceptions(data_directory() / "schema_rejects.tsv").check(rejected);
}

TEST_CASE("the lossless form of every recorded pickle validates, and damage does not") {
  const SchemaFile schema("lossless-1.schema.json");
  int documents = 0;
  for (const fs::path& path : files_below(data_directory() / "corpus", ".gt")) {
    const std::string bytes = read_bytes(path);
    StringSink sink;
    try {
      json::encode_lossless(pickle::decode(bytes).graph, sink, {});
    } catch (const Error&) {
      continue;
    }
    ++documents;
    CHECK_MESSAGE(schema.fault(sink.text()).empty(), path.string(), schema.fault(sink.text()));
  }
  CHECK(documents == 454);
  for (const char* value : {R"({})", R"({"tuple":5})", R"({"py/tuple":[]})", R"({"long":5})", R"({"id":"1","list":[]})",
                            R"({"global":["m"]})", R"({"dict":[[1]]})", R"({"list":[],"tuple":[]})", R"([{"ref":1,"id":2}])"}) {
    CAPTURE(value);
    CHECK(schema.fault(std::string(R"({"gt-tools":"lossless-1","value":)") + value + "}") != "");
  }
}

TEST_CASE("the script's Docker tasks for renderers without an image do not validate as Docker tasks") {
  int tasks = 0;
  for (const Recorded& task : recorded_tasks()) {
    const std::string& name = task.name;
    const std::string& bytes = task.bytes;
    if (!name.ends_with(".docker.json") || is_blender_or_lux(bytes)) continue;
    if (name != "corpus-json/h_minimal.json.docker.json") CHECK_MESSAGE(task_schema().fault(bytes).empty(), name);
    CHECK_MESSAGE(!docker_schema().fault(bytes).empty(), name);
    ++tasks;
  }
  CHECK(tasks == 31);
}

TEST_CASE("what blender2docker and gt2json write of the tasks of every era validates") {
  int tasks = 0;
  int docker_tasks = 0;
  for (const fs::path& path : files_below(data_directory() / "corpus", ".gt")) {
    const std::string name = path.filename().string();
    if (!name.starts_with("sch_") && !name.starts_with("hist_")) continue;
    const Outcome task = convert(Tool::Gt2Json, path);
    REQUIRE_MESSAGE(task.accepted(), name, ": ", task.messages);
    if (!is_rendering_task(*task.bytes)) continue;
    ++tasks;
    CHECK_MESSAGE(task_schema().fault(*task.bytes).empty(), name, ": ", task_schema().fault(*task.bytes));
    const Outcome docker = convert(Tool::Blender2Docker, path);
    if (!docker.accepted()) continue;
    ++docker_tasks;
    CHECK_MESSAGE(docker_schema().fault(*docker.bytes).empty(), name, ": ", docker_schema().fault(*docker.bytes));
  }
  CHECK(tasks == 61);
  CHECK(docker_tasks == 47);
}

TEST_CASE("historic tasks validate" * doctest::skip(std::getenv("GT_TOOLS_HISTORIC") == nullptr)) {
  int tasks = 0;
  for (const fs::path& path : files_below(std::getenv("GT_TOOLS_HISTORIC"), ".json")) {
    const std::string bytes = read_bytes(path);
    if (!is_rendering_task(bytes)) continue;
    ++tasks;
    CHECK_MESSAGE(task_schema().fault(bytes).empty(), path.string(), ": ", task_schema().fault(bytes));
    if (path.string().ends_with(".docker.json"))
      CHECK_MESSAGE(docker_schema().fault(bytes).empty(), path.string(), ": ", docker_schema().fault(bytes));
  }
  CHECK(tasks == 118);
}

// One change of a valid Docker task: the first `before` in its text becomes `after`.
struct Mutation {
  std::string what;
  std::string before;
  std::string after;
};

// Of corpus/bl_docker.docker.json. Each leaves JSON that another program may well write.
const Mutation k_task_mutations[] = {
    {"another class at the root", "gnr.renderingtaskstate.RenderingTaskDefinition",
     "gnr.renderingtaskstate.RenderingTaskState"},
    {"no class at the root", "\"py/object\":\"gnr.renderingtaskstate.RenderingTaskDefinition\"", "\"py\":1"},
    {"no scene", "\"main_scene_file\"", "\"main_scene\""},
    {"a scene that is a number", "\"main_scene_file\":\"/home/golem/scenes/a.blend\"", "\"main_scene_file\":7"},
    {"a scene that is null", "\"main_scene_file\":\"/home/golem/scenes/a.blend\"", "\"main_scene_file\":null"},
    {"no script", "\"main_program_file\"", "\"program\""},
    {"no task_id", "\"task_id\"", "\"id\""},
    {"no resources", "\"resources\"", "\"files\""},
    {"resources under an unknown tag", "\"py/set\"", "\"py/bag\""},
    {"a negative count", "\"total_subtasks\":6", "\"total_subtasks\":-6"},
    {"a count with a fraction", "\"total_subtasks\":6", "\"total_subtasks\":6.5"},
    {"a count as text", "\"total_subtasks\":6", "\"total_subtasks\":\"6\""},
    {"a timeout as text", "\"full_task_timeout\":14400", "\"full_task_timeout\":\"4:00:00\""},
    {"a switch that is a number", "\"optimize_total\":false", "\"optimize_total\":0"},
    {"three sides", "\"resolution\":[\n", "\"resolution\":[\n    1,\n"},
    {"a side as text", "\"resolution\":[\n    800", "\"resolution\":[\n    \"800\""},
    {"no resolution", "\"resolution\"", "\"size\""},
    {"renderer options that are a list", "\"renderer_options\":{", "\"renderer_options\":[],\"was\":{"},
    {"frames that are text", "\"frames\":[\n", "\"frames\":[\n      \"1\",\n"},
    {"no frames", "\"frames\"", "\"images\""},
    {"options without an environment", "\"environment\"", "\"surroundings\""},
    {"an environment that does not say whether it accepts tasks", "\"accept_tasks\"", "\"accepts\""},
    {"software that is one text", "\"software\":[", "\"software\":\"Docker\",\"more\":["},
    {"a Docker environment without images", "\"docker_images\":[\n        {", "\"images\":[\n        {"},
    {"an image without a repository", "\"repository\"", "\"registry\""},
    {"an image without a tag", "\"tag\"", "\"version\""},
    {"an image of another class", "golem.docker.image.DockerImage", "golem.docker.image.Container"},
    {"an image's tag that is a number", "\"tag\":\"latest\"", "\"tag\":1"},
    {"a reference to a negative number", "\"verification_options\":null", "\"verification_options\":{\"py/id\":-1}"},
    {"verification options that are a number", "\"verification_options\":null", "\"verification_options\":5"},
};

// These are tasks, but no Docker tasks.
const Mutation k_docker_mutations[] = {
    {"no image for the task", "\n  \"docker_images\":[\n", "\n  \"docker\":[\n"},
    {"an empty list of images", "\n  \"docker_images\":[\n", "\n  \"docker_images\":[],\n  \"was\":[\n"},
    {"null for the images", "\n  \"docker_images\":[\n", "\n  \"docker_images\":null,\n  \"was\":[\n"},
    {"a reference for the images", "\n  \"docker_images\":[\n", "\n  \"docker_images\":{\"py/id\":0},\n  \"was\":[\n"},
    {"an environment with an empty list of images", "\"docker_images\":[\n        {",
     "\"docker_images\":[],\n \"was\":[\n        {"},
    {"a renderer that has no image", "gnr.task.blenderrendertask.BlenderRendererOptions",
     "gnr.task.vraytask.VRayRendererOptions"},
    {"no renderer options", "\"renderer_options\"", "\"renderer_option\""},
};

std::string mutated(const std::string& text, const Mutation& mutation) {
  const std::size_t at = text.find(mutation.before);
  REQUIRE_MESSAGE(at != std::string::npos, mutation.what, ": the task does not have ", mutation.before);
  std::string out = text;
  return out.replace(at, mutation.before.size(), mutation.after);
}

TEST_CASE("a task with one thing wrong does not validate") {
  const std::string task = read_bytes(data_directory() / "corpus/bl_docker.docker.json");
  REQUIRE(task_schema().fault(task).empty());
  for (const Mutation& mutation : k_task_mutations) {
    CHECK_MESSAGE(!task_schema().fault(mutated(task, mutation)).empty(), mutation.what);
    CHECK_MESSAGE(!docker_schema().fault(mutated(task, mutation)).empty(), mutation.what, ", as a Docker task");
  }
  for (const Mutation& mutation : k_docker_mutations) {
    const std::string text = mutated(task, mutation);
    CHECK_MESSAGE(task_schema().fault(text).empty(), mutation.what, ": ", task_schema().fault(text));
    CHECK_MESSAGE(!docker_schema().fault(text).empty(), mutation.what, ", as a Docker task");
  }
}

// Also shows what the adapter makes of numbers that other readers of JSON refuse.
TEST_CASE("what a task may have besides does no harm") {
  const std::string task = read_bytes(data_directory() / "corpus/bl_docker.docker.json");
  const Mutation k_harmless[] = {
      {"an unknown attribute", "\"task_id\"", "\"color\":{\"py/object\":\"a.B\"},\n  \"task_id\""},
      {"an unknown class", "gnr.task.blenderrendertask.BlenderRendererOptions", "plugin.Options"},
      {"a price that is no number", "\"max_price\":10.0", "\"max_price\":NaN"},
      {"no limit to the price", "\"max_price\":10.0", "\"max_price\":Infinity"},
      {"an integer beyond 64 bits", "\"estimated_memory\":0", "\"estimated_memory\":123456789012345678901234567890"},
      {"a lone surrogate", "\"task_id\":\"", "\"task_id\":\"\\ud800"},
  };
  for (const Mutation& mutation : k_harmless) {
    const std::string text = mutated(task, mutation);
    CHECK_MESSAGE(task_schema().fault(text).empty(), mutation.what, ": ", task_schema().fault(text));
  }
  const Mutation below{"", "\"estimated_memory\":0", "\"estimated_memory\":-123456789012345678901234567890"};
  CHECK(!task_schema().fault(mutated(task, below)).empty());
}

TEST_CASE("what gt2json --audit --json writes is as its schema says") {
  const testing::SchemaFile schema("gt-audit-1.json");
  const std::string pickles[] = {
      read_bytes(data_directory() / "corpus/bl_docker.gt"),
      "cos\nsystem\n(S'id'\ntR.N.rubbish",
      "cm\n\xff\n(lp0\nS'cos\\nsystem\\n)R.'\na\x80",
      "",
  };
  for (const std::string& pickle : pickles) {
    const std::string text = tools::audit_json(pickle::audit(pickle), "a \xff.gt");
    CHECK_MESSAGE(schema.fault(text).empty(), text, schema.fault(text));
  }
  CHECK_FALSE(schema.fault("{\"format\":\"gt-audit-1\"}").empty());
}

}  // namespace
}  // namespace gt::conformance
