#include "lib/docker/engine.h"

#include <sys/stat.h>

#include <thread>

#include "tests/support/fake_engine.h"
#include "tests/unit/docker/support.h"

namespace gt::docker {
namespace {

using testing::error_of;
using testing::FakeEngine;
using testing::json_answer;
using testing::text_answer;
using namespace std::chrono_literals;

struct Pair {
  FakeEngine fake;
  Engine engine{{.host = fake.host(), .timeout = 500ms, .patience = 1s}};
};

TEST_CASE("an engine that does not answer is unreachable, with the way to start one") {
  Engine missing({.host = "/nowhere/engine.sock"});
  CHECK(error_of([&] { missing.ping(); }) ==
        "engine.unreachable: no container engine at /nowhere/engine.sock: No such file or directory; start one with "
        "systemctl start docker (Debian package docker.io), or name another socket with DOCKER_HOST=unix:///PATH");
  Pair pair;
  pair.fake.vanish();
  CHECK(error_of([&] { pair.engine.ping(); }).find(": Connection refused; start one with") != std::string::npos);
  CHECK(error_of([&] { pair.engine.memory_bytes(); }).starts_with("engine.unreachable: "));
}

TEST_CASE("a slow engine is given up in time") {
  Pair pair;
  pair.engine.ping();
  pair.fake.answer("GET /info", {{.bytes = json_answer(200, "{}").bytes, .delay = 2s}});
  const auto begin = std::chrono::steady_clock::now();
  CHECK(error_of([&] { pair.engine.info(); }) == "engine.unreachable: the container engine at " + pair.fake.socket() +
                                                     " did not answer the request to describe itself: no answer in time");
  CHECK(std::chrono::steady_clock::now() - begin < 1s);
}

TEST_CASE("addresses that are no Unix socket are refused") {
  CHECK(Engine().socket() == "/var/run/docker.sock");
  CHECK(Engine({.host = "unix:///a/b"}).socket() == "/a/b");
  CHECK(Engine({.host = "/a/b"}).socket() == "/a/b");
  CHECK(error_of([] { Engine({.host = "tcp://127.0.0.1:2375"}); }) ==
        "usage: the engine's address tcp://127.0.0.1:2375 is no Unix socket; give unix:///PATH");
  CHECK(error_of([] { Engine({.host = "unix://"}); }) ==
        "usage: the engine's address unix:// is no Unix socket; give unix:///PATH");
  CHECK(error_of([] { Engine({.host = "/" + std::string(107, 'a')}); }).find("is longer than the 107 bytes") !=
        std::string::npos);
}

TEST_CASE("the version is agreed once: the engine's own, at most the newest known") {
  struct Row {
    std::string offered;
    std::string used;
  };
  for (const Row& row : {Row{"1.41", "v1.41"}, Row{"1.30", "v1.30"}, Row{"1.52", "v1.44"}, Row{"2.0", "v1.44"}}) {
    CAPTURE(row.offered);
    Pair pair;
    std::string answer = text_answer(200, "OK").bytes;
    answer.replace(answer.find("1.41"), 4, row.offered);
    pair.fake.answer("GET /_ping", {{.bytes = answer}});
    pair.fake.answer("GET /containers/json", {json_answer(200, "[]")});
    pair.engine.info();
    pair.engine.list_containers({});
    REQUIRE(pair.fake.calls().size() == 3);
    CHECK(pair.fake.calls()[0].version == "");
    CHECK(pair.fake.calls()[1].version == row.used);
    CHECK(pair.fake.calls()[2].version == row.used);
  }
  for (const char* offered : {"1.29", "x", "1.", "1.41x"}) {
    Pair pair;
    std::string answer = text_answer(200, "OK").bytes;
    answer.replace(answer.find("1.41"), 4, offered);
    pair.fake.answer("GET /_ping", {{.bytes = answer}});
    CHECK(error_of([&] { pair.engine.ping(); }) == "engine.refused: the engine at " + pair.fake.socket() +
                                                       " speaks API version '" + offered + "', 1.30 or newer is needed");
  }
}

TEST_CASE("errors keep the engine's own words, JSON or not") {
  Pair pair;
  pair.fake.answer("GET /containers/json",
                   {json_answer(500, R"({"message":"disk \u001b[31mfull"})"), text_answer(400, "client is too old\n"),
                    json_answer(500, ""), json_answer(200, "[{]"), json_answer(200, R"([{"Id":7}])")});
  const auto list = [&] { return error_of([&] { pair.engine.list_containers({}); }); };
  CHECK(list() == "engine.refused: the engine refused to list containers: disk \\x1b[31mfull (HTTP 500)");
  CHECK(list() == "engine.refused: the engine refused to list containers: client is too old (HTTP 400)");
  CHECK(list() == "engine.refused: the engine refused to list containers: no reason given (HTTP 500)");
  CHECK(list() == "engine.refused: the engine's answer to the request to list containers is not understood: [{]");
  CHECK(list() == "engine.refused: the engine's answer to the request to list containers is not understood: [{\"Id\":7}]");
}

TEST_CASE("info is asked once; an init program that was not found is none") {
  Pair pair;
  CHECK(pair.engine.memory_bytes() == 8'589'934'592);
  CHECK(pair.engine.info().cpus == 4);
  CHECK(pair.engine.info().has_init);
  CHECK(pair.engine.info().version == "fake");
  CHECK(pair.fake.count("GET /info") == 1);
  for (const char* text :
       {R"({"InitBinary":""})", R"({"InitBinary":null})", R"({"InitBinary":"docker-init","InitCommit":{"ID":"N/A"}})"}) {
    Pair other;
    other.fake.answer("GET /info", {json_answer(200, text)});
    CHECK_FALSE(other.engine.info().has_init);
  }
}

TEST_CASE("an image is found by its name, and an id has to be the id of that name") {
  Pair pair;
  pair.fake.answer("GET /images/golem%2Fblender%3Alatest/json",
                   {json_answer(200, R"({"Id":"sha256:abcdef0123456789","RepoTags":["golem/blender:latest"]})")});
  pair.fake.answer("GET /images/golem%2Fbroken", {json_answer(500, R"({"message":"layer lost"})")});
  pair.fake.answer("GET /images/Golem", {json_answer(400, R"({"message":"invalid reference format"})")});
  const auto found = pair.engine.find_image(testing::image("golem/blender"));
  REQUIRE(found);
  CHECK(found->id == "sha256:abcdef0123456789");
  CHECK(found->tags == std::vector<std::string>{"golem/blender:latest"});
  CHECK(pair.engine.find_image(testing::image("golem/blender", "")));
  CHECK(pair.engine.find_image(testing::image("golem/blender", "latest", "abcdef012345")));
  CHECK(pair.engine.find_image(testing::image("golem/blender", "latest", "sha256:abcdef0123456789")));
  CHECK_FALSE(pair.engine.find_image(testing::image("golem/blender", "latest", "sha256:bcdef0123456")));
  CHECK_FALSE(pair.engine.find_image(testing::image("golem/blender", "1.0")));
  CHECK_FALSE(pair.engine.find_image(testing::image("Golem")));
  CHECK(error_of([&] { pair.engine.find_image(testing::image("golem/broken")); }) ==
        "engine.refused: the engine refused to look for the image golem/broken:latest: layer lost (HTTP 500)");
}

TEST_CASE("a name from a task cannot become another request") {
  Pair pair;
  for (const char* name : {"", "../containers", "a/../../b", "/a", "a?b", "a b", "a\nb", "a//b", "caf\xc3\xa9", "a%2fb"})
    CHECK_FALSE(pair.engine.find_image(testing::image(name)));
  CHECK(pair.fake.calls().empty());
}

TEST_CASE("containers are listed by label") {
  Pair pair;
  pair.fake.answer("GET /containers/json",
                   {json_answer(200, R"([{"Id":"c1","State":"running","Labels":{"a":"b"}},{"Id":"c2","Labels":null}])")});
  const auto containers = pair.engine.list_containers({{"io.gt-tools.run", "1"}, {"io.gt-tools.project", "gt-tools"}});
  CHECK(pair.fake.calls().back().target ==
        "/containers/"
        "json?all=1&filters=%7B%22label%22%3A%5B%22io.gt-tools.project%3Dgt-tools%22%2C%22io.gt-tools.run%3D1%22%5D%7D");
  REQUIRE(containers.size() == 2);
  CHECK(containers[0].id == "c1");
  CHECK(containers[0].state == "running");
  CHECK(containers[0].labels == Engine::Labels{{"a", "b"}});
  CHECK(containers[1].labels.empty());
}

TEST_CASE("creation: id, missing image, name in use, refused body") {
  Pair pair;
  pair.fake.answer(
      "POST /containers/create",
      {json_answer(201, R"({"Id":"c1","Warnings":[]})"), json_answer(404, R"({"message":"No such image: golem/x:latest"})"),
       json_answer(409, R"({"message":"Conflict. The container name \"/n\" is already in use"})"),
       json_answer(400, R"({"message":"Minimum memory limit allowed is 6MB"})"),
       json_answer(500, R"({"message":"unexpected EOF"})"), json_answer(201, "{}")});
  const auto create = [&] { return error_of([&] { pair.engine.create_container("{}", "n"); }); };
  CHECK(pair.engine.create_container("{\"Image\":\"x\"}", "n").id == "c1");
  CHECK(pair.fake.calls().back().target == "/containers/create?name=n");
  CHECK(pair.fake.calls().back().body == "{\"Image\":\"x\"}");
  CHECK(create() ==
        "engine.image-missing: No such image: golem/x:latest; build or pull it first; docker images lists what is there");
  CHECK(create() ==
        "engine.refused: the engine refused to create a container: Conflict. The container name \"/n\" is already in use (HTTP "
        "409)");
  CHECK(create() == "engine.refused: the engine refused to create a container: Minimum memory limit allowed is 6MB (HTTP 400)");
  CHECK(create() == "engine.refused: the engine refused to create a container: unexpected EOF (HTTP 500)");
  CHECK(create() == "engine.refused: the engine's answer to the request to create a container is not understood: {}");
}

TEST_CASE("start: 204 and 304 are success, the rest is not") {
  Pair pair;
  pair.fake.answer("POST /containers/0123456789abcdef/start",
                   {json_answer(204, ""), json_answer(304, ""), json_answer(400, R"({"message":"OCI runtime create failed"})"),
                    json_answer(404, R"({"message":"No such container: x"})"), testing::hang_up()});
  const auto start = [&] { return error_of([&] { pair.engine.start_container("0123456789abcdef"); }); };
  CHECK(start() == "nothing");
  CHECK(start() == "nothing");
  CHECK(start() == "engine.refused: the engine refused to start container 0123456789ab: OCI runtime create failed (HTTP 400)");
  CHECK(start() == "engine.refused: the engine refused to start container 0123456789ab: No such container: x (HTTP 404)");
  CHECK(start().starts_with("engine.unreachable: "));
}

TEST_CASE("signals: 204 delivered, 409 not running") {
  Pair pair;
  pair.fake.answer("POST /containers/c/kill?signal=SIGTERM",
                   {json_answer(204, ""), json_answer(409, R"({"message":"is not running"})"), json_answer(404, "{}")});
  CHECK(pair.engine.kill_container("c", "SIGTERM") == Engine::Signalled::Delivered);
  CHECK(pair.engine.kill_container("c", "SIGTERM") == Engine::Signalled::NotRunning);
  CHECK(error_of([&] { pair.engine.kill_container("c", "SIGTERM"); }) ==
        "engine.refused: the engine refused to signal container c: {} (HTTP 404)");
}

TEST_CASE("removal: gone is gone; what passes in a moment is tried again, what does not is an error") {
  Pair pair;
  const auto remove = [&] { return error_of([&] { pair.engine.remove_container("c"); }); };
  pair.fake.answer("DELETE /containers/c?force=1&v=1", {json_answer(204, "")});
  CHECK(remove() == "nothing");
  pair.fake.answer("DELETE /containers/c?force=1&v=1", {json_answer(404, "{}")});
  CHECK(remove() == "nothing");
  CHECK(pair.fake.count("DELETE") == 2);
  pair.fake.answer("DELETE /containers/c?force=1&v=1",
                   {json_answer(409, R"({"message":"removal already in progress"})"), json_answer(500, R"({"message":"busy"})"),
                    testing::hang_up(), json_answer(404, "{}")});
  CHECK(remove() == "nothing");
  CHECK(pair.fake.count("DELETE") == 6);
  pair.fake.answer("DELETE /containers/c?force=1&v=1", {json_answer(500, R"({"message":"busy"})")});
  CHECK(remove() == "engine.refused: the engine refused to remove container c: busy (HTTP 500)");
}

TEST_CASE("inspection tells an end, a container that is gone and an engine that does not answer apart") {
  Pair pair;
  pair.fake.answer(
      "GET /containers/c/json",
      {json_answer(200, R"({"State":{"Status":"exited","ExitCode":137,"OOMKilled":true}})"),
       json_answer(200, R"({"State":{"Status":"running","ExitCode":0}})"), json_answer(404, "{}"),
       json_answer(500, R"({"message":"context canceled"})"), json_answer(200, "[]"),
       json_answer(200, R"({"State":{"Status":7}})"), json_answer(200, ""), testing::hang_up(), testing::silent_answer()});
  const auto inspect = [&] { return pair.engine.inspect_container("c", 200ms); };
  const Inspection exited = inspect();
  CHECK(exited.found == Inspection::Found::Yes);
  CHECK(exited.has_ended());
  CHECK(exited.exit_code == 137);
  CHECK(exited.memory == MemoryVerdict::OutOfMemory);
  CHECK_FALSE(inspect().has_ended());
  CHECK(inspect().found == Inspection::Found::Gone);
  CHECK(inspect().failure == "the engine refused to inspect container c: context canceled (HTTP 500)");
  for (int i = 0; i < 5; ++i) {
    const Inspection seen = inspect();
    CHECK(seen.found == Inspection::Found::NoAnswer);
    CHECK(seen.failure != "");
  }
}

TEST_CASE("logs: whole, cut, refused") {
  Pair pair;
  pair.fake.answer("GET /containers/c/logs?stdout=1&stderr=1",
                   {testing::chunked_answer({"ab", "c"}), testing::cut_answer(testing::chunked_answer({"ab", "c"}), 4),
                    json_answer(409, R"({"message":"can not get logs from container which is dead"})")});
  std::string got;
  const auto read = [&] {
    return pair.engine.read_logs("c", Engine::Logs::SoFar, [&](std::string_view bytes) { got += bytes; });
  };
  CHECK(read());
  CHECK(got == "abc");
  CHECK_FALSE(read());
  CHECK(error_of([&] { read(); }) ==
        "engine.refused: the engine refused to give the log of container c: can not get logs from container which is dead "
        "(HTTP 409)");
  pair.fake.vanish();
  CHECK(error_of([&] { read(); }).starts_with("engine.unreachable: no container engine at "));
}

TEST_CASE("one Engine serves several threads") {
  Pair pair;
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n)
        if (pair.engine.memory_bytes() == 8'589'934'592 && !pair.engine.find_image(testing::image("none"))) ++good;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 160);
}

}  // namespace
}  // namespace gt::docker
