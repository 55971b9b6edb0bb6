#include "lib/docker/dialect.h"

#include "tests/unit/docker/support.h"

namespace gt::docker {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using testing::error_of;

constexpr PodmanHost k_host{.max_files = 20'000, .max_processes = 32'768, .has_init = false};

ordered_json body(const std::string& source, bool is_read_only = false) {
  ordered_json out;
  const ordered_json mount = {{"Type", "bind"}, {"Source", source}, {"Target", "/golem/work"}, {"ReadOnly", is_read_only}};
  out["HostConfig"]["Mounts"] = ordered_json::array({mount});
  out["HostConfig"]["Ulimits"] = ordered_json::array();
  return out;
}

TEST_CASE("only Podman says which libpod it has") {
  CHECK(dialect_of({.api_version = "1.41"}) == Dialect::Docker);
  CHECK(dialect_of({.api_version = "1.41", .libpod_version = "4.3.1"}) == Dialect::Podman);
}

TEST_CASE("Podman says with 500 what Docker says with 409 and 400, and other things, too") {
  struct Row {
    int status;
    const char* body;
    bool podman_state;
    bool podman_name;
  };
  const Row rows[] = {
      {409, "{}", true, false},
      {400, "{}", false, true},
      {500, R"({"message":"can only kill running containers. 5f is in state exited: container state improper"})", true, false},
      {500, R"({"message":"normalizing image: normalizing name for compat API: repository name must be lowercase"})", false,
       true},
      {500, R"({"message":"database is locked"})", false, false},
      {404, R"({"message":"normalizing image, container state improper"})", false, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.body);
    const Response response{.status = row.status, .body = row.body};
    CHECK(is_wrong_state(Dialect::Podman, response) == row.podman_state);
    CHECK(is_impossible_name(Dialect::Podman, response) == row.podman_name);
    CHECK(is_wrong_state(Dialect::Docker, response) == (row.status == 409));
    CHECK(is_impossible_name(Dialect::Docker, response) == (row.status == 400));
  }
}

TEST_CASE("out of memory: Docker tells, Podman leaves it to be suspected") {
  struct Row {
    const char* inspected;
    MemoryVerdict docker;
    MemoryVerdict podman;
  };
  using enum MemoryVerdict;
  const Row rows[] = {
      {R"({"State":{"OOMKilled":true,"ExitCode":137},"HostConfig":{"Memory":1000}})", OutOfMemory, OutOfMemory},
      {R"({"State":{"OOMKilled":false,"ExitCode":137},"HostConfig":{"Memory":1000}})", NotTheCause, Suspected},
      {R"({"State":{"OOMKilled":false,"ExitCode":137},"HostConfig":{"Memory":0}})", NotTheCause, NotTheCause},
      {R"({"State":{"OOMKilled":false,"ExitCode":143},"HostConfig":{"Memory":1000}})", NotTheCause, NotTheCause},
      {R"({"State":{"OOMKilled":"yes","ExitCode":"137"},"HostConfig":[]})", NotTheCause, NotTheCause},
      {R"({"State":{}})", NotTheCause, NotTheCause},
      {R"({})", NotTheCause, NotTheCause},
  };
  for (const Row& row : rows) {
    CAPTURE(row.inspected);
    CHECK(memory_verdict(Dialect::Docker, json::parse(row.inspected)) == row.docker);
    CHECK(memory_verdict(Dialect::Podman, json::parse(row.inspected)) == row.podman);
  }
}

TEST_CASE("ulimits that are left out are named, those beyond the machine's are cut") {
  ordered_json request = body("/w");
  adapt_to_podman(request, k_host);
  CHECK(request["HostConfig"]["Ulimits"].dump() ==
        R"([{"Name":"nofile","Soft":20000,"Hard":20000},{"Name":"nproc","Soft":32768,"Hard":32768}])");
  request = body("/w");
  request["HostConfig"]["Ulimits"] = {{{"Name", "nproc"}, {"Soft", 5}, {"Hard", 100'000}},
                                      {{"Name", "core"}, {"Soft", 0}, {"Hard", 0}}};
  adapt_to_podman(request, k_host);
  CHECK(
      request["HostConfig"]["Ulimits"].dump() ==
      R"([{"Name":"nproc","Soft":5,"Hard":32768},{"Name":"core","Soft":0,"Hard":0},{"Name":"nofile","Soft":20000,"Hard":20000}])");
  request = body("/w");
  adapt_to_podman(request, {.max_files = std::numeric_limits<std::int64_t>::max(), .max_processes = 7});
  CHECK(request["HostConfig"]["Ulimits"][0]["Hard"] == 1'048'576);
}

TEST_CASE("a directory that Podman would split at its commas is bound, one that it cannot have is refused") {
  ordered_json request = body("/a:b");
  adapt_to_podman(request, k_host);
  CHECK(request["HostConfig"]["Mounts"][0]["Source"] == "/a:b");
  CHECK_FALSE(request["HostConfig"].contains("Binds"));
  for (const char* name : {"/a,ro=false", "/a\"b", "/a\nb", "/a\rb"}) {
    for (const bool is_read_only : {true, false}) {
      CAPTURE(name);
      request = body(name, is_read_only);
      adapt_to_podman(request, k_host);
      CHECK(request["HostConfig"]["Mounts"].empty());
      CHECK(request["HostConfig"]["Binds"] ==
            ordered_json::array({std::string(name) + ":/golem/work:" + (is_read_only ? "ro" : "rw") + ",rprivate"}));
    }
  }
  request = body("/a:b,c");
  CHECK(error_of([&] { adapt_to_podman(request, k_host); }) ==
        "usage: /a:b,c: Podman mounts no directory with both a colon and one of , \" or a line's end in its name; name another "
        "directory");
}

}  // namespace
}  // namespace gt::docker
