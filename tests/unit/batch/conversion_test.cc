#include "lib/batch/conversion.h"

#include <doctest/doctest.h>

#include "lib/json/profile.h"
#include "lib/pickle/decode.h"
#include "tests/unit/batch/support.h"

namespace gt::batch {
namespace {

using testing::recorded;

Conversion convert(const std::string& name, const std::string& bytes, const Rules& rules = {}) {
  return convert_source(name, bytes, rules);
}

TEST_CASE("what a source is, by content") {
  struct Row {
    std::string what;
    std::string name;
    std::string bytes;
    Result result;
  };
  const std::string blender = recorded("bl_default.gt");
  const Row rows[] = {
      {"a task", "a.gt", blender, Result::Migrated},
      {"a task whatever its suffix", "a.bak", blender, Result::Migrated},
      {"its JSON", "a.json", recorded("bl_default.json"), Result::Migrated},
      {"a Docker task as JSON", "a.json", recorded("bl_default.docker.json"), Result::AlreadyMigrated},
      {"a Docker task as a pickle", "a.gt", recorded("bl_docker.gt"), Result::Migrated},
      {"a cut task", "a.gt", blender.substr(0, 300), Result::Bad},
      {"a cut task with another suffix", "a.bak", blender.substr(0, 300), Result::Bad},
      {"a cut task of protocol 1", "a.bak", recorded("sch_A_bl_c1.gt").substr(0, 300), Result::Bad},
      {"words that begin like an instance", "README", "(in short: hello)", Result::NotATask},
      {"words that begin like a class", "LICENSE", "(c) 2016", Result::NotATask},
      {"a cut JSON task", "a", recorded("bl_default.json").substr(0, 900), Result::Bad},
      {"words that say they are a task", "a.GT", "hello", Result::Bad},
      {"an empty task", "a.gt", "", Result::Bad},
      {"words", "README", "hello", Result::NotATask},
      {"nothing", "empty", "", Result::NotATask},
      {"other JSON", "package.json", "{\"name\": 1}", Result::NotATask},
      {"broken JSON", "package.json", "{\"name\": ", Result::NotATask},
      {"a pickle that is a list", "list.gt", "(lp0\n.", Result::NotATask},
      {"a picture", "a.png", "\x89PNG\r\n", Result::NotATask},
      {"a picture that says it is a task", "a.gt", "\x89PNG\r\n", Result::Bad},
      {"a task without resources", "a.gt", recorded("bl_res_missing.gt"), Result::Invalid},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Conversion got = convert(row.name, row.bytes);
    CHECK(to_string(got.result) == to_string(row.result));
    CHECK(got.documents.size() == (row.result == Result::Migrated ? 1 : 0));
    CHECK(got.failure.has_value() == is_failure(row.result));
  }
}

TEST_CASE("the bytes are those of the single tools") {
  Rules both{.target = Target::Both, .compat = Compat::As2016};
  const Conversion got = convert("a.gt", recorded("bl_default.gt"), both);
  REQUIRE(got.documents.size() == 2);
  CHECK(got.documents[0].text == recorded("bl_default.json"));
  CHECK(got.documents[1].text == recorded("bl_default.docker.json"));
}

std::string to_json(const object::Graph& graph, json::Profile profile = json::Profile::Compat2016) {
  StringSink sink;
  json::encode(graph, sink, profile, {});
  return sink.text();
}

TEST_CASE("a pickle of a task is the same task") {
  for (const char* name : {"a.json", "a.gt"}) {
    CAPTURE(name);
    const std::string source = recorded(std::string("bl_default") + std::string(name + 1));
    const Conversion got = convert(name, source, {.target = Target::Pickle});
    REQUIRE(got.documents.size() == 1);
    CHECK(got.documents[0].form == Form::Pickle);
    CHECK(to_json(pickle::decode(got.documents[0].text).graph) == recorded("bl_default.json"));
  }
}

TEST_CASE("JSON for jsonpickle 3 is that of gt2json --compat modern") {
  const std::string pickled = recorded("bl_default.gt");
  const Conversion got = convert("a.gt", pickled, {.target = Target::Json, .compat = Compat::Modern});
  REQUIRE(got.documents.size() == 1);
  CHECK(got.documents[0].text == to_json(pickle::decode(pickled).graph, json::Profile::Modern));
  CHECK(got.documents[0].text != recorded("bl_default.json"));
}

std::string with_windows_lines(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

TEST_CASE("what Windows did to a file is undone, and told, where that is wished; else the explanation names the option") {
  const std::string whole = recorded("bl_default.gt");
  const std::string damaged = with_windows_lines(whole);
  const Conversion refused = convert("a.gt", damaged);
  REQUIRE(refused.failure);
  CHECK(refused.result == Result::Bad);
  CHECK(refused.failure->hint.starts_with("gt2json --repair helps: "));
  const Conversion got = convert("a.gt", damaged, {.repair = Repair::Yes});
  const Conversion expected = convert("a.gt", whole);
  REQUIRE(got.documents.size() == 1);
  CHECK(got.documents[0].text == expected.documents[0].text);
  CHECK(got.findings.size() == expected.findings.size() + 1);
  // Again from the repaired bytes, where the rewriting is refused.
  CHECK(convert("a.gt", with_windows_lines(recorded("vray_default.gt")), {.repair = Repair::Yes}).documents[0].text ==
        recorded("vray_default.json"));
}

TEST_CASE("a dump of a running task is a task only where tasks are upgraded") {
  const std::string pickled = recorded("bl_default.gt");
  const std::string dump = "(" + pickled.substr(0, pickled.size() - 1) + "Nt.";
  CHECK(convert("a.gt", dump).result == Result::NotATask);
  const Conversion got = convert("a.gt", dump, {.upgrade = Upgrade::Yes});
  REQUIRE(got.documents.size() == 1);
  CHECK(got.documents[0].text == convert("a.gt", pickled, {.upgrade = Upgrade::Yes}).documents[0].text);
  CHECK(got.findings[0].message == "of a tuple only the task definition is kept");
  CHECK(got.era == Era::Y2016);
  CHECK(convert("a.gt", "(lp0\n.", {.upgrade = Upgrade::Yes}).result == Result::NotATask);
}

// A list whose first item holds the task, as nodes kept it beside its state.
std::string held_by(const std::string& task_class, const std::string& state_class) {
  std::string task = recorded("bl_default.json");
  return R"([{"py/object":")" + task_class + R"(","task_definition":)" + task + R"(},{"py/object":")" + state_class + R"("}])";
}

TEST_CASE("the era is that of what was saved, whatever is written of it") {
  const std::string plain = recorded("bl_default.json");
  std::string of_apps = plain;
  const std::string options = "gnr.task.blenderrendertask.BlenderRendererOptions";
  REQUIRE(of_apps.find(options) != std::string::npos);
  of_apps.replace(of_apps.find(options), options.size(), "apps.blender.task.blenderrendertask.BlenderRendererOptions");
  std::string unknown = plain;
  for (std::size_t at = 0; (at = unknown.find("gnr.", at)) != std::string::npos;) unknown.replace(at, 4, "other.");
  std::string of_2015 = plain;
  for (std::size_t at = 0; (at = of_2015.find("\"gnr.", at)) != std::string::npos; ++at) of_2015.insert(at + 1, "examples.");
  struct Row {
    std::string what;
    std::string bytes;
    Era era;
  };
  for (const Row& row :
       {Row{"a task", plain, Era::Y2016}, Row{"a task of 2015", of_2015, Era::Y2015},
        Row{"a task with one class of a later time", of_apps, Era::Late2016},
        Row{"a running task and its state",
            held_by("apps.blender.task.blenderrendertask.BlenderRenderTask", "golem.task.taskstate.TaskState"), Era::Node},
        Row{"a list of something else", held_by("gnr.gnrtask.Holder", "gnr.gnrtask.State"), Era::Y2016},
        Row{"a task of no package that is known", unknown, Era::Unknown}}) {
    CAPTURE(row.what);
    const Conversion got = convert("a.json", row.bytes, {.target = Target::Json, .upgrade = Upgrade::Yes});
    REQUIRE(got.era);
    CHECK(to_string(*got.era) == to_string(row.era));
  }
}

TEST_CASE("an upgrade alone makes a Docker task of JSON a new one") {
  const std::string docker = recorded("bl_default.docker.json");
  CHECK(convert("a.json", docker).result == Result::AlreadyMigrated);
  std::string old = docker;
  const std::string field = "\"main_scene_file\"";
  old.replace(old.find(field), field.size(), "\"mainSceneFile\"");
  const Conversion got = convert("a.json", old, {.upgrade = Upgrade::Yes});
  CHECK(got.result == Result::Migrated);
  REQUIRE(got.documents.size() == 1);
  CHECK(got.documents[0].text.find(field) != std::string::npos);
}

TEST_CASE("a task without a Docker form becomes JSON, with the reason") {
  const Conversion got = convert("a.gt", recorded("vray_default.gt"));
  REQUIRE(got.documents.size() == 1);
  CHECK(got.documents[0].form == Form::Json);
  CHECK(got.documents[0].text == recorded("vray_default.json"));
  CHECK(got.reason == "is a V-Ray task, not a Blender task");
  CHECK(got.renderer == task::Renderer::VRay);
  CHECK(convert("a.gt", recorded("vray_default.gt"), {.target = Target::Both}).documents.size() == 1);
}

TEST_CASE("a failure says where, with the bytes around it") {
  const std::string bytes = recorded("bl_default.gt").substr(0, 300);
  const Conversion got = convert("a.gt", bytes);
  REQUIRE(got.failure);
  REQUIRE(got.failure->where.offset);
  const std::uint64_t offset = *got.failure->where.offset;
  CHECK(got.failure->excerpt_at <= offset);
  CHECK(got.failure->excerpt == bytes.substr(got.failure->excerpt_at, got.failure->excerpt.size()));
  CHECK(hex_dump(*got.failure).find(offset < bytes.size() ? '>' : ' ') != std::string::npos);
}

TEST_CASE("what would stop a task is told before") {
  const testing::Scratch scratch;
  const auto warnings = [&](const std::string& bytes, const Rules& rules = {}) {
    std::vector<std::string> out;
    for (const Finding& finding : convert("a.gt", bytes, rules).findings)
      out.push_back(finding.where.path + " " + finding.message);
    return out;
  };
  const std::string bytes = recorded("bl_default.json");
  REQUIRE(bytes.find("/home/golem/scenes/a.blend") != std::string::npos);
  CHECK(warnings(bytes) == std::vector<std::string>{"main_scene_file /home/golem/scenes/a.blend is not there"});
  testing::write_text(scratch / "a.blend", "BLENDER");
  Rules mapped;
  mapped.paths.add("/home/golem/scenes=" + scratch / "");
  CHECK(warnings(bytes, mapped).empty());
  std::string other = bytes;
  other.replace(other.find("\"output_format\":\"") + 17, 3, "XYZ");
  CHECK(warnings(other, mapped).size() == 1);
  std::string no_number = bytes;
  const std::size_t timeout = no_number.find("\"full_task_timeout\":");
  no_number.replace(timeout, no_number.find(',', timeout) - timeout, "\"full_task_timeout\":NaN");
  const auto got = warnings(no_number, mapped);
  REQUIRE_FALSE(got.empty());
  CHECK(got.back() == "full_task_timeout is a number that JSON does not have; strict readers stop there");
}

}  // namespace
}  // namespace gt::batch
