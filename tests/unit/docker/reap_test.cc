#include "lib/docker/reap.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <nlohmann/json.hpp>

#include "lib/docker/engine.h"
#include "lib/docker/job.h"
#include "tests/support/fake_engine.h"
#include "tests/unit/docker/support.h"

namespace gt::docker {
namespace {

using testing::FakeEngine;
using testing::json_answer;

const Process k_me{.pid = 100, .start = 5000, .uid = 1000, .machine = "m1", .boot = "b1", .pid_namespace = "4026531836"};

std::map<std::string, std::string> labels_of(const Process& owner) {
  auto labels = owner_labels(owner);
  labels[k_project_label] = k_project;
  return labels;
}

// Process 200 lives since 7000; of 300 nothing can be known; no other lives.
std::optional<std::uint64_t> start_of(pid_t pid) {
  if (pid == 200) return 7000;
  if (pid == 300) return 0;
  return std::nullopt;
}

TEST_CASE("a container is an orphan only if its owner is surely dead and surely this user's") {
  struct Row {
    const char* what;
    std::function<void(std::map<std::string, std::string>&)> change;
    Owner owner;
  };
  using Labels = std::map<std::string, std::string>;
  const Row rows[] = {
      {"the process is gone", [](Labels&) {}, Owner::Dead},
      {"it lives", [](Labels& l) { l["io.gt-tools.owner-pid"] = "200", l["io.gt-tools.owner-start"] = "7000"; }, Owner::Alive},
      {"its number was given to a later process",
       [](Labels& l) { l["io.gt-tools.owner-pid"] = "200", l["io.gt-tools.owner-start"] = "6999"; }, Owner::Dead},
      {"nothing can be known of it", [](Labels& l) { l["io.gt-tools.owner-pid"] = "300"; }, Owner::Alive},
      {"another user", [](Labels& l) { l["io.gt-tools.owner-uid"] = "1001"; }, Owner::SomebodyElse},
      {"root", [](Labels& l) { l["io.gt-tools.owner-uid"] = "0"; }, Owner::SomebodyElse},
      {"another project", [](Labels& l) { l["io.gt-tools.project"] = "gt-tools-2"; }, Owner::SomebodyElse},
      {"no project", [](Labels& l) { l.erase("io.gt-tools.project"); }, Owner::SomebodyElse},
      {"another PID namespace", [](Labels& l) { l["io.gt-tools.owner-pid-namespace"] = "1"; }, Owner::SomebodyElse},
      {"before the last boot of this machine", [](Labels& l) { l["io.gt-tools.owner-boot"] = "b0"; }, Owner::Dead},
      {"before the last boot, in another PID namespace",
       [](Labels& l) { l["io.gt-tools.owner-boot"] = "b0", l["io.gt-tools.owner-pid-namespace"] = "1"; }, Owner::Dead},
      {"another boot of another machine",
       [](Labels& l) { l["io.gt-tools.owner-boot"] = "b0", l["io.gt-tools.owner-machine"] = "m2"; }, Owner::SomebodyElse},
      {"another boot of a machine without a name",
       [](Labels& l) { l["io.gt-tools.owner-boot"] = "b0", l["io.gt-tools.owner-machine"] = ""; }, Owner::SomebodyElse},
      {"no boot", [](Labels& l) { l.erase("io.gt-tools.owner-boot"); }, Owner::SomebodyElse},
      {"no pid", [](Labels& l) { l.erase("io.gt-tools.owner-pid"); }, Owner::SomebodyElse},
      {"a pid that is none", [](Labels& l) { l["io.gt-tools.owner-pid"] = "-1"; }, Owner::SomebodyElse},
      {"a pid with more behind it", [](Labels& l) { l["io.gt-tools.owner-pid"] = "1 "; }, Owner::SomebodyElse},
      {"a start that is no number", [](Labels& l) { l["io.gt-tools.owner-start"] = "x"; }, Owner::SomebodyElse},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Labels labels =
        labels_of({.pid = 150, .start = 6000, .uid = 1000, .machine = "m1", .boot = "b1", .pid_namespace = "4026531836"});
    row.change(labels);
    CHECK(owner_of(labels, k_me, start_of) == row.owner);
  }
  Process unknown = k_me;
  unknown.boot.clear();
  CHECK(owner_of(labels_of(unknown), unknown, start_of) == Owner::SomebodyElse);
}

TEST_CASE("the start of a process tells it from others, and a zombie is dead") {
  const Process me = this_process();
  CHECK(me.pid == ::getpid());
  CHECK(me.start > 0);
  CHECK(start_of_process(::getpid()) == me.start);
  CHECK(me.uid == ::geteuid());
  CHECK(me.boot.size() == 36);
  CHECK_FALSE(me.pid_namespace.empty());
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  CHECK(start_of_process(child).value_or(0) >= me.start);
  ::kill(child, SIGKILL);
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
  CHECK_FALSE(start_of_process(child));  // dead, and not yet waited for
  ::waitpid(child, nullptr, 0);
  CHECK_FALSE(start_of_process(child));
}

std::string listed(const std::string& id, const std::map<std::string, std::string>& labels) {
  return nlohmann::json{{"Id", id}, {"Names", {"/name-" + id}}, {"State", "running"}, {"Labels", labels}}.dump();
}

TEST_CASE("orphans are removed, all others stay") {
  FakeEngine fake;
  Engine engine({.host = fake.host()});
  const Process me = this_process();
  Process dead = me;
  dead.start -= 1;
  Process other = dead;
  other.uid += 1;
  fake.answer("GET /containers/json",
              {json_answer(200, "[" + listed("dead", labels_of(dead)) + "," + listed("mine", labels_of(me)) + "," +
                                    listed("other", labels_of(other)) + "," + listed("stuck", labels_of(dead)) + "]")});
  fake.answer("DELETE /containers/dead", {json_answer(204, "")});
  fake.answer("DELETE /containers/stuck", {json_answer(500, R"({"message":"device busy"})")});
  const Reaped reaped = reap(engine);
  CHECK(reaped.removed == std::vector<std::string>{"name-dead"});
  REQUIRE(reaped.findings.size() == 1);
  CHECK(to_string(reaped.findings[0]) ==
        "warning: container name-stuck of a run that was killed could not be removed: the engine refused to remove container "
        "stuck: device busy (HTTP 500)");
  CHECK(fake.count("DELETE /containers/mine") == 0);
  CHECK(fake.count("DELETE /containers/other") == 0);
}

}  // namespace
}  // namespace gt::docker
