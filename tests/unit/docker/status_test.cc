// Every status that an engine was seen to answer to the calls of this client, with its words: success, or an error that
// keeps them.
#include <functional>

#include "lib/docker/engine.h"
#include "tests/support/fake_engine.h"
#include "tests/unit/docker/support.h"

namespace gt::docker {
namespace {

using testing::Answer;
using testing::error_of;
using testing::FakeEngine;
using testing::json_answer;
using testing::text_answer;
using namespace std::chrono_literals;

std::string says(std::string_view message) { return nlohmann::json{{"message", message}}.dump(); }

TEST_CASE("each status of each call") {
  const auto create = [](Engine& engine) { engine.create_container("{}", "n"); };
  const auto start = [](Engine& engine) { engine.start_container("c"); };
  const auto kill = [](Engine& engine) { engine.kill_container("c", "SIGX"); };
  const auto remove = [](Engine& engine) { engine.remove_container("c"); };
  const auto find = [](Engine& engine) {
    const bool is_found = engine.find_image(testing::image("golem/x")).has_value();
    CHECK_FALSE(is_found);
  };
  const auto list = [](Engine& engine) { engine.list_containers({}); };
  const auto inspect = [](Engine& engine) {
    const Inspection seen = engine.inspect_container("c", 500ms);
    if (seen.found == Inspection::Found::NoAnswer) throw Error(ErrorCode::EngineRefused, seen.failure);
  };
  const auto logs = [](Engine& engine) { engine.read_logs("c", Engine::Logs::SoFar, [](std::string_view) {}); };
  const auto attach = [](Engine& engine) {
    engine.attach_container(
        "c", [] {}, [](std::string_view) {}, [] { return false; });
  };
  const auto wait = [](Engine& engine) { CHECK(engine.wait_container("c", [] { return false; })); };
  const auto events = [](Engine& engine) { CHECK_FALSE(engine.was_killed_by_client("c")); };
  const std::string create_failed = "engine.refused: the engine refused to create a container: ";
  const std::string start_failed = "engine.refused: the engine refused to start container c: ";
  const std::string kill_failed = "engine.refused: the engine refused to signal container c: ";
  struct Row {
    const char* request;
    std::function<void(Engine&)> call;
    int status;
    std::string body;
    std::string error = "nothing";
  };
  const std::string exists = "Conflict. The container name \"/n\" is already in use by container \"5f\". You have to remove it";
  const std::string no_program = "OCI runtime create failed: exec: \"/x\": stat /x: no such file or directory";
  const Row rows[] = {
      {"GET /info", [](Engine& engine) { engine.info(); }, 500, says("broken"),
       "engine.refused: the engine refused to describe itself: broken (HTTP 500)"},
      {"GET /images", find, 404, says("no such image: golem/x: No such image: golem/x:latest")},
      {"GET /images", find, 400, says("invalid reference format: repository name must be lowercase")},
      {"GET /images", find, 500, says("layer does not exist"),
       "engine.refused: the engine refused to look for the image golem/x:latest: layer does not exist (HTTP 500)"},
      {"GET /containers/json", list, 500, says("invalid character"),
       "engine.refused: the engine refused to list containers: invalid character (HTTP 500)"},
      {"GET /containers/json", list, 400, "page not found\n",
       "engine.refused: the engine refused to list containers: page not found (HTTP 400)"},
      {"POST /containers/create", create, 201, R"({"Id":"c","Warnings":[]})"},
      {"POST /containers/create", create, 404, says("No such image: golem/x:latest"),
       "engine.image-missing: No such image: golem/x:latest; build or pull it first; docker images lists what is there"},
      {"POST /containers/create", create, 409, says(exists), create_failed + exists + " (HTTP 409)"},
      {"POST /containers/create", create, 400, says("Invalid container name (!)"),
       create_failed + "Invalid container name (!) (HTTP 400)"},
      {"POST /containers/create", create, 400, says("Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available"),
       create_failed + "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available (HTTP 400)"},
      {"POST /containers/create", create, 400, says("Duplicate mount point: /golem/work"),
       create_failed + "Duplicate mount point: /golem/work (HTTP 400)"},
      {"POST /containers/create", create, 500, says("unexpected EOF"), create_failed + "unexpected EOF (HTTP 500)"},
      {"POST /containers/c/start", start, 204, ""},
      {"POST /containers/c/start", start, 304, ""},
      {"POST /containers/c/start", start, 404, says("No such container: c"), start_failed + "No such container: c (HTTP 404)"},
      {"POST /containers/c/start", start, 400, says(no_program), start_failed + no_program + " (HTTP 400)"},
      {"POST /containers/c/start", start, 500, says("device busy"), start_failed + "device busy (HTTP 500)"},
      {"POST /containers/c/wait", wait, 200, R"({"Error":null,"StatusCode":3})"},
      {"POST /containers/c/wait", wait, 404, says("No such container: c")},  // inspect tells the rest
      {"GET /containers/c/json", inspect, 404, says("No such container: c")},
      {"GET /containers/c/json", inspect, 500, says("context canceled"),
       "engine.refused: the engine refused to inspect container c: context canceled (HTTP 500)"},
      {"GET /containers/c/logs", logs, 200, ""},
      {"GET /containers/c/logs", logs, 404, says("No such container: c"),
       "engine.refused: the engine refused to give the log of container c: No such container: c (HTTP 404)"},
      {"GET /containers/c/logs", logs, 400, says("Bad parameters: you must choose at least one stream"),
       "engine.refused: the engine refused to give the log of container c: Bad parameters: you must choose at least one stream "
       "(HTTP 400)"},
      {"POST /containers/c/attach", attach, 200, ""},
      {"POST /containers/c/attach", attach, 404, says("No such container: c"),
       "engine.refused: the engine refused to give the output of container c: No such container: c (HTTP 404)"},
      {"POST /containers/c/attach", attach, 409, says("container c is paused"),
       "engine.refused: the engine refused to give the output of container c: container c is paused (HTTP 409)"},
      {"POST /containers/c/kill", kill, 204, ""},
      {"POST /containers/c/kill", kill, 409, says("Container c is not running")},
      {"POST /containers/c/kill", kill, 404, says("No such container: c"), kill_failed + "No such container: c (HTTP 404)"},
      {"POST /containers/c/kill", kill, 400, says("Invalid signal: SIGX"), kill_failed + "Invalid signal: SIGX (HTTP 400)"},
      {"DELETE /containers/c", remove, 204, ""},
      {"DELETE /containers/c", remove, 404, says("No such container: c")},
      {"DELETE /containers/c", remove, 409, says("You cannot remove a running container"),
       "engine.refused: the engine refused to remove container c: You cannot remove a running container (HTTP 409)"},
      {"GET /events", events, 500, says("invalid character")},  // who killed it is then not known
  };
  for (const Row& row : rows) {
    CAPTURE(row.request);
    CAPTURE(row.status);
    FakeEngine fake;
    fake.answer(row.request, {json_answer(row.status, row.body)});
    Engine engine({.host = fake.host(), .timeout = 500ms, .patience = 1s});
    CHECK(error_of([&] { row.call(engine); }) == row.error);
    CHECK(fake.count(row.request) >= 1);
  }
}

TEST_CASE("an engine that finds the client's version too new or too old is left with its words") {
  for (const Answer& answer : {json_answer(400, says("client version 1.99 is too new. Maximum supported API version is 1.41")),
                               text_answer(400, "client version 1.11 is too old\n")}) {
    FakeEngine fake;
    fake.answer("GET /info", {answer});
    Engine engine({.host = fake.host(), .timeout = 500ms});
    const std::string error = error_of([&] { engine.info(); });
    CHECK(error.starts_with("engine.refused: the engine refused to describe itself: client version 1."));
    CHECK(error.ends_with(" (HTTP 400)"));
  }
}

}  // namespace
}  // namespace gt::docker
