#include "lib/docker/job.h"

#include <sys/stat.h>

#include <stdexcept>
#include <thread>
#include <tuple>

#include "lib/docker/engine.h"
#include "tests/support/fake_engine.h"
#include "tests/unit/docker/support.h"

namespace gt::docker {
namespace {

using testing::error_of;
using testing::FakeEngine;
using testing::json_answer;
using testing::read_text;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

struct Scene {
  testing::TemporaryDirectory root;
  FakeEngine fake;
  Engine engine{{.host = fake.host(), .timeout = 500ms, .patience = 1s}};

  Scene() {
    for (const char* name : {"resources", "work", "output"}) fs::create_directory(root.path() / name);
    fake.answer("POST /containers/create", {json_answer(201, R"({"Id":"c0ffee"})")});
    fake.answer("POST /containers/c0ffee/start", {json_answer(204, "")});
    fake.answer("DELETE /containers/", {json_answer(204, "")});
  }
  JobSpec spec() const {
    return {.image = testing::image("golem/base"),
            .script = "print('\xc3\xa9\xff')\r\n",
            .params = {{"a", 1}},
            .resources_dir = root.path() / "resources",
            .work_dir = root.path() / "work",
            .output_dir = root.path() / "output"};
  }
  std::string name_of_created() const {
    for (const testing::Call& call : fake.calls())
      if (call.target.starts_with("/containers/create?name=")) return call.target.substr(24);
    return {};
  }
};

std::string frame(int stream, const std::string& payload) {
  return std::string{static_cast<char>(stream), 0, 0, 0, 0, 0, 0, static_cast<char>(payload.size())} + payload;
}

TEST_CASE("script and parameters are there before the container, which goes with the object") {
  Scene scene;
  {
    Job job(scene.engine, scene.spec());
    CHECK(job.container_id() == "c0ffee");
    CHECK(job.status() == JobStatus::Created);
    CHECK(read_text(scene.root.path() / "work/job.py") == "print('\xc3\xa9\xff')\r\n");
    CHECK(read_text(scene.root.path() / "work/params.py") == "a = 1\n");
    CHECK(scene.fake.count("DELETE") == 0);
  }
  CHECK(scene.fake.count("DELETE /containers/" + scene.name_of_created() + "?force=1&v=1") == 1);
  CHECK(scene.fake.count("DELETE") == 1);
}

TEST_CASE("the files can be read by the container's user whatever the umask") {
  Scene scene;
  const mode_t before = ::umask(0077);
  { const Job job(scene.engine, scene.spec()); }
  ::umask(before);
  for (const char* name : {"job.py", "params.py"}) {
    struct stat info {};
    REQUIRE(::stat((scene.root.path() / "work" / name).c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0644);
  }
}

TEST_CASE("no link of an earlier container is followed") {
  Scene scene;
  const fs::path victim = scene.root.path() / "victim";
  testing::write_text(victim, "precious");
  const std::string work = (scene.root.path() / "work").string();
  fs::create_symlink(victim, work + "/job.py");
  CHECK(error_of([&] { Job(scene.engine, scene.spec()); }) ==
        "system.error: " + work + "/job.py: cannot write through a link: Too many levels of symbolic links");
  fs::remove(work + "/job.py");
  fs::create_hard_link(victim, work + "/job.py");
  CHECK(error_of([&] { Job(scene.engine, scene.spec()); }).starts_with("system.error: "));
  fs::remove(work + "/job.py");
  REQUIRE(::mkfifo((work + "/job.py").c_str(), 0644) == 0);
  CHECK(error_of([&] { Job(scene.engine, scene.spec()); }).starts_with("system.error: "));
  CHECK(read_text(victim) == "precious");
  CHECK(scene.fake.count("POST /containers/create") == 0);
}

TEST_CASE("a bad parameter name makes no container") {
  Scene scene;
  JobSpec spec = scene.spec();
  spec.params = {{"import os; os", 1}};
  CHECK(error_of([&] { Job(scene.engine, spec); }).starts_with("job.parameter-name: "));
  CHECK(scene.fake.calls().empty());
}

TEST_CASE("an image that is not there makes no container") {
  Scene scene;
  scene.fake.answer("POST /containers/create", {json_answer(404, R"({"message":"No such image: golem/base:latest"})")});
  CHECK(error_of([&] { Job(scene.engine, scene.spec()); }) ==
        "engine.image-missing: No such image: golem/base:latest; build or pull it first; docker images lists what is there");
}

TEST_CASE("an image with an id is used by its id, which has to be that of the name") {
  Scene scene;
  scene.fake.answer("GET /images/golem%2Fbase%3Alatest/json", {json_answer(200, R"({"Id":"sha256:feed01"})")});
  JobSpec spec = scene.spec();
  spec.image.id = "feed01";
  { const Job job(scene.engine, spec); }
  bool is_by_id = false;
  for (const testing::Call& call : scene.fake.calls())
    is_by_id |= call.body.find(R"("Image":"sha256:feed01")") != std::string::npos;
  CHECK(is_by_id);
  spec.image.id = "feed02";
  CHECK(
      error_of([&] { Job(scene.engine, spec); }) ==
      "engine.image-missing: there is no image golem/base:latest with id feed02; docker images --no-trunc lists what is there");
}

TEST_CASE("a container whose creation was not confirmed is removed by its name") {
  Scene scene;
  scene.fake.answer("POST /containers/create", {testing::hang_up()});
  scene.engine.ping();
  scene.fake.answer("GET /_ping", {testing::hang_up()});
  CHECK(error_of([&] { Job(scene.engine, scene.spec()); }).starts_with("engine.unreachable: "));
  CHECK(scene.fake.count("DELETE /containers/" + scene.name_of_created() + "?force=1&v=1") == 1);
}

TEST_CASE("a container whose creation was not confirmed is found by its label once the engine is back, or made again") {
  for (const char* found : {R"([{"Id":"c0ffee","Names":["/x"]}])", "[]"}) {
    Scene scene;
    scene.fake.answer("POST /containers/create", {testing::hang_up(), json_answer(201, R"({"Id":"c0ffee"})")});
    scene.fake.answer("GET /containers/json", {json_answer(200, found)});
    {
      const Job job(scene.engine, scene.spec());
      CHECK(job.container_id() == "c0ffee");
      CHECK(job.status() == JobStatus::Created);
      CHECK(scene.fake.count("POST /containers/create") == (std::string(found) == "[]" ? 2 : 1));
      std::string wanted = "GET /containers/json?all=1&filters=";
      wanted += percent_encode(R"({"label":["io.gt-tools.job=)" + job.container_name() + "\"]}");
      CHECK(scene.fake.count(wanted) == 1);
    }
    CHECK(scene.fake.count("DELETE") == 1);
  }
}

TEST_CASE("a start whose answer got lost is repeated only if the container did not start") {
  struct Row {
    const char* status;
    std::size_t starts;
  };
  for (const Row& row : {Row{"created", 2}, Row{"running", 1}, Row{"exited", 1}}) {
    CAPTURE(row.status);
    Scene scene;
    scene.fake.answer("POST /containers/c0ffee/start", {testing::hang_up(), json_answer(204, "")});
    scene.fake.answer("GET /containers/c0ffee/json",
                      {json_answer(200, std::string(R"({"State":{"Status":")") + row.status + R"("}})")});
    Job job(scene.engine, scene.spec());
    job.start();
    CHECK(scene.fake.count("POST /containers/c0ffee/start") == row.starts);
  }
}

TEST_CASE("without an engine that ever answered nobody waits for one") {
  Scene scene;
  scene.fake.vanish();
  const auto begin = std::chrono::steady_clock::now();
  CHECK(error_of([&] { Job(scene.engine, scene.spec()); }).starts_with("engine.unreachable: no container engine at "));
  CHECK(std::chrono::steady_clock::now() - begin < 500ms);
}

TEST_CASE("what the engine warns about is kept") {
  Scene scene;
  scene.fake.answer("POST /containers/create",
                    {json_answer(201, R"({"Id":"c0ffee","Warnings":["no swap limit\u001b","again"]})")});
  const Job job(scene.engine, scene.spec());
  REQUIRE(job.findings().size() == 2);
  CHECK(to_string(job.findings()[0]) == "warning: the engine warns: no swap limit\\x1b");
}

TEST_CASE("the container is removed when an exception flies, and after remove() not again") {
  Scene scene;
  CHECK_THROWS_AS(
      [&] {
        Job job(scene.engine, scene.spec());
        job.start();
        throw std::runtime_error("elsewhere");
      }(),
      std::runtime_error);
  CHECK(scene.fake.count("DELETE") == 1);
  {
    Job job(scene.engine, scene.spec());
    job.remove();
    CHECK(job.status() == JobStatus::Removed);
    CHECK(scene.fake.count("DELETE") == 2);
  }
  CHECK(scene.fake.count("DELETE") == 2);
}

TEST_CASE("an engine that is away when a container is to go, or when its output is to be listened to, is waited for") {
  Scene scene;
  const testing::Answer nothing{};  // the connection ends
  scene.fake.answer("DELETE /containers/", {nothing, json_answer(204, "")});
  scene.fake.answer("POST /containers/c0ffee/attach", {nothing, json_answer(200, "")});
  scene.fake.answer("GET /containers/c0ffee/json", {json_answer(200, R"({"State":{"Status":"exited","ExitCode":0}})")});
  std::string told;
  JobSpec spec = scene.spec();
  spec.live_log.stdout_file = scene.root.path() / "out";
  spec.on_remove_failure = [&](const Error& error) { told = error.what(); };
  {
    Job job(scene.engine, spec);
    job.start();
  }
  CHECK(told == "");
  CHECK(scene.fake.count("POST /containers/c0ffee/attach") == 2);
  CHECK(scene.fake.count("DELETE /containers/") == 2);
}

TEST_CASE("a removal that fails is told, not thrown") {
  Scene scene;
  scene.fake.answer("DELETE /containers/", {json_answer(500, R"({"message":"device busy"})")});
  std::string told;
  JobSpec spec = scene.spec();
  spec.on_remove_failure = [&](const Error& error) { told = error.what(); };
  { const Job job(scene.engine, spec); }
  CHECK(told.starts_with("the engine refused to remove container gt-tools-"));
  CHECK(told.ends_with(": device busy (HTTP 500)"));
}

TEST_CASE("a start that fails keeps the engine's words and the container is removed") {
  Scene scene;
  scene.fake.answer("POST /containers/c0ffee/start",
                    {json_answer(400, R"({"message":"exec: \"/usr/bin/python\": no such file"})")});
  CHECK(error_of([&] {
          Job job(scene.engine, scene.spec());
          job.start();
        }) ==
        "engine.refused: the engine refused to start container c0ffee: exec: \"/usr/bin/python\": no such file (HTTP 400)");
  CHECK(scene.fake.count("DELETE") == 1);
}

TEST_CASE("logs go to their files, and a log that is cut off is read again from its beginning") {
  Scene scene;
  const testing::Answer whole = testing::chunked_answer({frame(1, "one\n") + frame(2, "bad\n"), frame(1, "two\n")});
  const testing::Answer cut_frame = testing::chunked_answer({frame(1, "one\n") + frame(2, "bad\n").substr(0, 10)});
  scene.fake.answer("GET /containers/c0ffee/logs", {testing::cut_answer(whole, 6), cut_frame, whole});
  Job job(scene.engine, scene.spec());
  const fs::path out = scene.root.path() / "stdout.log";
  const fs::path err = scene.root.path() / "stderr.log";
  testing::write_text(out, "what an earlier run left there, longer than the new log");
  job.dump_logs({.stdout_file = out, .stderr_file = err});
  CHECK(read_text(out) == "one\ntwo\n");
  CHECK(read_text(err) == "bad\n");
  CHECK(scene.fake.count("GET /containers/c0ffee/logs") == 3);
  fs::remove(out);
  fs::remove(err);
  job.dump_logs({.stderr_file = err});
  CHECK_FALSE(fs::exists(out));
  CHECK(read_text(err) == "bad\n");
  scene.fake.answer("GET /containers/c0ffee/logs", {testing::cut_answer(whole, 6)});
  CHECK(error_of([&] { job.dump_logs({.stdout_file = out}); }) ==
        "engine.unreachable: the engine cuts off the log of container c0ffee");
}

TEST_CASE("the status follows the container") {
  Scene scene;
  scene.fake.answer("GET /containers/c0ffee/json", {json_answer(200, R"({"State":{"Status":"running"}})"),
                                                    json_answer(200, R"({"State":{"Status":"exited","ExitCode":2}})")});
  scene.fake.answer("POST /containers/c0ffee/wait", {testing::chunked_answer({R"({"StatusCode":2})"})});
  scene.fake.answer("POST /containers/c0ffee/kill?signal=SIGKILL", {json_answer(409, "{}"), json_answer(204, "")});
  Job job(scene.engine, scene.spec());
  CHECK(job.status() == JobStatus::Created);
  job.start();
  CHECK(job.status() == JobStatus::Running);
  CHECK(job.status() == JobStatus::Exited);
  CHECK(job.wait() == 2);
  job.kill();
  CHECK(job.status() == JobStatus::Exited);
  job.kill();
  CHECK(job.status() == JobStatus::Killed);
}

TEST_CASE("an end that is seen before the engine has answered the kill is of that kill; another exit code is not") {
  for (const auto& [exit_code, end, killer] : {std::tuple{137, WaitResult::End::Killed, WaitResult::Killer::Job},
                                               {0, WaitResult::End::Exited, WaitResult::Killer::None}}) {
    Scene scene;
    testing::Answer slow = json_answer(204, "");
    slow.delay = 300ms;
    scene.fake.answer("POST /containers/c0ffee/kill?signal=SIGKILL", {slow});
    scene.fake.answer("POST /containers/c0ffee/wait", {testing::chunked_answer({R"({"StatusCode":137})"})});
    scene.fake.answer("GET /containers/c0ffee/json",
                      {json_answer(200, R"({"State":{"Status":"exited","ExitCode":)" + std::to_string(exit_code) + "}}")});
    Job job(scene.engine, scene.spec());
    job.start();
    std::thread killer_thread([&] { job.kill(); });
    std::this_thread::sleep_for(100ms);
    const WaitResult result = job.wait(10s);
    killer_thread.join();
    CHECK(result.end == end);
    CHECK(result.killer == killer);
  }
}

}  // namespace
}  // namespace gt::docker
