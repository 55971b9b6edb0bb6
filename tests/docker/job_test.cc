// gt::docker::Job against the real engine and golem/base. Exits with 77 (skipped) where one of them is missing.
#define DOCTEST_CONFIG_IMPLEMENT
#include "lib/docker/job.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "lib/docker/engine.h"
#include "tests/docker/reaper.h"
#include "tests/unit/docker/support.h"

namespace gt::docker {
namespace {

using testing::error_of;
using testing::read_text;
using End = WaitResult::End;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr std::uint32_t k_uid = 12345;
constexpr std::uint32_t k_gid = 23456;
constexpr const char* k_test_label = "io.gt-tools.test";

std::string engine_host() {
  const char* const socket = std::getenv("GT_TOOLS_DOCKER_SOCKET");
  return socket == nullptr ? "" : socket;
}

// Three directories that the container's user may use, and an engine. Checks at its end that no container is left.
class Scene {
 public:
  Scene() {
    for (const char* name : {"resources", "work", "output"}) {
      fs::create_directory(root_.path() / name);
      fs::permissions(root_.path() / name, fs::perms::all);
    }
    fs::permissions(root_.path(), fs::perms::all);
    label_ = root_.path().filename().string();
  }
  ~Scene() { CHECK(containers().empty()); }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  JobSpec spec(const std::string& script) const {
    JobSpec spec;
    spec.image.repository = "golem/base";
    spec.script = script;
    spec.resources_dir = root_.path() / "resources";
    spec.work_dir = root_.path() / "work";
    spec.output_dir = root_.path() / "output";
    spec.isolation.uid = k_uid;
    spec.isolation.gid = k_gid;
    spec.isolation.memory_bytes = 256 << 20;
    spec.labels = {{k_test_label, label_}, testing::owner_label()};
    return spec;
  }
  std::vector<ContainerInfo> containers() { return engine.list_containers({{k_test_label, label_}}); }
  fs::path at(const std::string& name) const { return root_.path() / name; }
  LogFiles logs() const { return {.stdout_file = at("stdout.log"), .stderr_file = at("stderr.log")}; }
  std::string out() const { return read_text(at("stdout.log")); }
  std::string err() const { return read_text(at("stderr.log")); }

  // Runs it to its end and keeps the logs.
  WaitResult run(const JobSpec& spec) {
    Job job(engine, spec);
    job.start();
    const WaitResult result = job.wait(60s);
    job.dump_logs(logs());
    return result;
  }
  // What a script prints that must succeed.
  std::string output_of(const std::string& script) {
    const WaitResult result = run(spec(script));
    CHECK(result.end == End::Exited);
    CHECK(result.exit_code == 0);
    CHECK(err() == "");
    return out();
  }

  Engine engine{{.host = engine_host()}};

 private:
  testing::TemporaryDirectory root_;
  std::string label_;
};

TEST_CASE("a script with its parameters runs, and its streams come apart") {
  Scene scene;
  JobSpec spec = scene.spec(
      "# -*- coding: utf-8 -*-\nimport sys, params\n"
      "sys.stdout.write('Zażółć ' + params.text + '\\n')\nsys.stderr.write('błąd\\n')\nsys.exit(params.code)\n");
  spec.params = {{"text", "gęślą 'jaźń' 😀"}, {"code", 42}};
  const WaitResult result = scene.run(spec);
  CHECK(result.end == End::Exited);
  CHECK(result.exit_code == 42);
  CHECK(scene.out() == "Zażółć gęślą 'jaźń' 😀\n");
  CHECK(scene.err() == "błąd\n");
}

TEST_CASE("the status goes from created to removed") {
  Scene scene;
  Job job(scene.engine, scene.spec("import sys; sys.stdin.read()\nimport time; time.sleep(0.3)"));
  CHECK(job.status() == JobStatus::Created);
  REQUIRE(scene.containers().size() == 1);
  CHECK(scene.containers()[0].id == job.container_id());
  CHECK(scene.containers()[0].state == "created");
  CHECK(scene.containers()[0].labels.at(k_project_label) == "gt-tools");
  job.start();
  job.start();  // 304
  CHECK(job.status() == JobStatus::Running);
  CHECK(job.wait().exit_code == 0);
  CHECK(job.status() == JobStatus::Exited);
  CHECK(job.wait().exit_code == 0);
  job.remove();
  CHECK(job.status() == JobStatus::Removed);
  CHECK(scene.containers().empty());
}

TEST_CASE("the three directories are mounted, resources read-only; a job copies one to the other") {
  Scene scene;
  testing::write_text(scene.at("resources/scene.txt"), "from resources");
  fs::permissions(scene.at("resources/scene.txt"), fs::perms::all);  // so that only the mount protects it
  CHECK(scene.output_of(R"(
import os, shutil
print(os.getcwd())
shutil.copy('../resources/scene.txt', '../output/copied.txt')
open('made.txt', 'w').write('in work')
for path in ('/golem/resources/x', '/golem/resources/scene.txt', '/x', '/golem/x', '/etc/passwd'):
    try:
        open(path, 'a')
        print('WRITABLE', path)
    except OSError as e:
        print(path, os.strerror(e.errno))
open('/tmp/x', 'w').write('x')
)") == "/golem/work\n/golem/resources/x Read-only file system\n/golem/resources/scene.txt Read-only file system\n"
       "/x Read-only file system\n/golem/x Read-only file system\n/etc/passwd Permission denied\n");
  CHECK(read_text(scene.at("output/copied.txt")) == "from resources");
  CHECK(read_text(scene.at("work/made.txt")) == "in work");
  struct stat info {};
  REQUIRE(::stat(scene.at("output/copied.txt").c_str(), &info) == 0);
  CHECK(info.st_uid == k_uid);
  CHECK(info.st_gid == k_gid);
  std::vector<std::string> left;
  for (const auto& entry : fs::directory_iterator(scene.at("work"))) left.push_back(entry.path().filename().string());
  std::sort(left.begin(), left.end());
  CHECK(left == std::vector<std::string>{"job.py", "made.txt", "params.py"});
}

TEST_CASE("isolation as seen from inside") {
  Scene scene;
  CHECK(scene.output_of(R"(
import os, socket
print(os.getuid(), os.getgid(), os.getgroups())
print(sorted(v.split('=')[0] for v in open('/proc/self/environ').read().split('\0') if v))
print(os.environ['HOME'], os.listdir('/sys/class/net'))
for line in open('/proc/self/status'):
    if line.startswith(('Cap', 'NoNewPrivs', 'Seccomp:')):
        print(line.split())
try:
    socket.create_connection(('8.8.8.8', 53), 2)
except OSError as e:
    print(os.strerror(e.errno))
mounts = [line.split() for line in open('/proc/mounts')]
print([sorted(set(m[3].split(',')) & {'nosuid', 'nodev', 'rw', 'size=262144k'}) for m in mounts if m[1] == '/tmp'])
print(sorted(m[1] for m in mounts if m[1].startswith('/golem')))
print(open('/proc/1/comm').read().strip() != 'python')
def first(*paths):
    for path in paths:
        if os.path.exists(path):
            return open(path).read().strip()
print(first('/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/memory.max'))
print(first('/sys/fs/cgroup/pids/pids.max', '/sys/fs/cgroup/pids.max'))
)") == "12345 23456 [23456]\n"
       "['HOME', 'HOSTNAME', 'PATH', 'PYTHONDONTWRITEBYTECODE']\n"
       "/tmp ['lo']\n"
       "['CapInh:', '0000000000000000']\n['CapPrm:', '0000000000000000']\n['CapEff:', '0000000000000000']\n"
       "['CapBnd:', '0000000000000000']\n['CapAmb:', '0000000000000000']\n"
       "['NoNewPrivs:', '1']\n['Seccomp:', '2']\n"
       "Network is unreachable\n"
       "[['nodev', 'nosuid', 'rw', 'size=262144k']]\n"
       "['/golem/output', '/golem/resources', '/golem/work']\n"
       "True\n268435456\n512\n");
}

TEST_CASE("a directory whose name has a colon, a comma and other letters is mounted") {
  Scene scene;
  JobSpec spec = scene.spec("open('/golem/output/x', 'w').write('here')");
  spec.output_dir = scene.at("o:ro,ut 'ż\"");
  fs::create_directory(spec.output_dir);
  fs::permissions(spec.output_dir, fs::perms::all);
  CHECK(scene.run(spec).exit_code == 0);
  CHECK(read_text(spec.output_dir / "x") == "here");
}

TEST_CASE("too much memory is told as such") {
  Scene scene;
  JobSpec spec = scene.spec("print('begin', flush=True)\nx = []\nwhile True: x.append(bytearray(b'1') * (8 << 20))\n");
  spec.isolation.memory_bytes = 64 << 20;
  const WaitResult result = scene.run(spec);
  CHECK(result.end == End::OutOfMemory);
  CHECK(result.exit_code == 137);
  CHECK(scene.out() == "begin\n");
}

TEST_CASE("an end by a signal of its own is an exit, not out of memory") {
  Scene scene;
  const WaitResult result = scene.run(scene.spec("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"));
  CHECK(result.end == End::Exited);
  CHECK(result.exit_code == 137);
}

TEST_CASE("the pids limit holds") {
  Scene scene;
  JobSpec spec = scene.spec(R"(
import os, time
made = 0
try:
    while made < 100:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
        made += 1
except OSError as e:
    print(made < 20, os.strerror(e.errno))
)");
  spec.isolation.pids = 16;
  CHECK(scene.run(spec).exit_code == 0);
  CHECK(scene.out() == "True Resource temporarily unavailable\n");
}

TEST_CASE("a timeout is a deadline, also for a script that ignores SIGTERM") {
  Scene scene;
  struct Row {
    const char* script;
    int exit_code;
    JobStatus status;
  };
  const Row rows[] = {
      {"import time; print('up', flush=True); time.sleep(60)", 143, JobStatus::Stopped},
      {"import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)", 137,
       JobStatus::Killed},
  };
  for (const Row& row : rows) {
    Job job(scene.engine, scene.spec(row.script));
    job.start();
    const auto begin = Clock::now();
    const WaitResult result = job.wait(700ms);
    const auto taken = Clock::now() - begin;
    CHECK(result.end == End::TimedOut);
    CHECK(result.exit_code == row.exit_code);
    CHECK(job.status() == row.status);
    CHECK(taken >= 700ms);
    CHECK(taken < 2700ms);
    job.dump_logs(scene.logs());
    CHECK(scene.out() == "up\n");
    REQUIRE(scene.containers().size() == 1);
    CHECK(scene.containers()[0].state == "exited");
  }
}

TEST_CASE("cancelling stops the container") {
  Scene scene;
  Job job(scene.engine, scene.spec("import time; time.sleep(60)"));
  job.start();
  const auto begin = Clock::now();
  const WaitResult result = job.wait(60s, [&] { return Clock::now() - begin > 500ms; });
  CHECK(result.end == End::Cancelled);
  CHECK(result.exit_code == 143);
  CHECK(job.status() == JobStatus::Stopped);
  CHECK(Clock::now() - begin < 2500ms);
}

TEST_CASE("kill() from another thread ends the wait") {
  Scene scene;
  Job job(scene.engine, scene.spec("import time; time.sleep(60)"));
  job.start();
  std::thread killer([&] {
    std::this_thread::sleep_for(300ms);
    job.kill();
  });
  const WaitResult result = job.wait(30s);
  killer.join();
  CHECK(result.end == End::Exited);
  CHECK(result.exit_code == 137);
  CHECK(job.status() == JobStatus::Killed);
  job.kill();  // 409 is no error
}

TEST_CASE("a running container goes when an exception flies") {
  Scene scene;
  CHECK_THROWS_AS(
      [&] {
        Job job(scene.engine, scene.spec("import time; time.sleep(60)"));
        job.start();
        CHECK(scene.containers().size() == 1);
        throw std::runtime_error("elsewhere");
      }(),
      std::runtime_error);
  CHECK(scene.containers().empty());
}

TEST_CASE("a container that someone else removed is an error for its waiter") {
  Scene scene;
  Job job(scene.engine, scene.spec("import time; time.sleep(60)"));
  job.start();
  std::thread other([&] {
    std::this_thread::sleep_for(300ms);
    scene.engine.remove_container(job.container_id());
  });
  // Between kill and removal the engine may answer either way.
  std::string error;
  WaitResult result;
  error = error_of([&] { result = job.wait(30s); });
  other.join();
  const bool was_gone = error == "run.container-failed: container " + job.container_id().substr(0, 12) +
                                     " was removed by someone else before its end was known";
  const bool was_killed = error == "nothing" && result.exit_code == 137;
  CHECK((was_gone || was_killed));
  CHECK(job.status() == (was_gone ? JobStatus::Removed : JobStatus::Exited));
}

TEST_CASE("waiting for what was not started is an error") {
  Scene scene;
  Job job(scene.engine, scene.spec("pass"));
  CHECK(error_of([&] { job.wait(5s); }) ==
        "run.container-failed: container " + job.container_id().substr(0, 12) + " was never started");
}

TEST_CASE("a syntax error in the script shows in stderr.log") {
  Scene scene;
  CHECK(scene.run(scene.spec("print('never')\nthis is no Python\n")).exit_code == 1);
  CHECK(scene.out() == "");
  CHECK(scene.err().find("File \"/golem/work/job.py\", line 2") != std::string::npos);
  CHECK(scene.err().find("SyntaxError: ") != std::string::npos);
}

TEST_CASE("ten megabytes on both streams arrive whole") {
  Scene scene;
  CHECK(scene
            .run(scene.spec("import sys\nfor i in range(100000):\n"
                            "    sys.stdout.write('%050d' % i)\n    sys.stderr.write('%049d\\n' % i)\n"))
            .exit_code == 0);
  CHECK(scene.out().size() == 5'000'000);
  CHECK(scene.err().size() == 5'000'000);
  CHECK(scene.out().substr(4'999'950) == "00000000000000000000000000000000000000000000099999");
  CHECK(scene.err().substr(4'999'950) == "0000000000000000000000000000000000000000000099999\n");
}

TEST_CASE("an image that is not there is named, and how to see what is") {
  Scene scene;
  JobSpec spec = scene.spec("pass");
  spec.image.repository = "golem/never-made";
  CHECK(error_of([&] { Job(scene.engine, spec); }) ==
        "engine.image-missing: No such image: golem/never-made:latest; build or pull it first; docker images lists what is "
        "there");
  spec.image.repository = "golem/base";
  spec.image.id = "0000000000000000";
  CHECK(error_of([&] {
          Job(scene.engine, spec);
        }).starts_with("engine.image-missing: there is no image golem/base:latest with id "));
  const auto image = scene.engine.find_image(testing::image("golem/base"));
  REQUIRE(image);
  CHECK(std::count(image->tags.begin(), image->tags.end(), "golem/base:latest") == 1);
  spec.image.id = image->id.substr(7, 12);
  CHECK(scene.run(spec).exit_code == 0);
  CHECK_FALSE(scene.engine.find_image(testing::image("golem/base", "no-such-tag")));
  CHECK_FALSE(scene.engine.find_image(testing::image("Golem/BASE")));
}

TEST_CASE("what the engine refuses comes with its words") {
  Scene scene;
  JobSpec spec = scene.spec("pass");
  spec.isolation.memory_bytes = 1 << 20;
  const std::string error = error_of([&] { Job(scene.engine, spec); });
  CHECK(error.starts_with("engine.refused: the engine refused to create a container: "));
  CHECK(error.find("inimum memory limit") != std::string::npos);
  CHECK(error.ends_with(" (HTTP 400)"));
}

TEST_CASE("a start that fails is an error with the engine's words") {
  Scene scene;
  const std::string body =
      R"({"Image":"golem/base","Entrypoint":["/no/such/program"],"Labels":{"io.gt-tools.project":"gt-tools",")" +
      std::string(k_test_label) + R"(":")" + scene.at("").parent_path().filename().string() + R"("}})";
  const std::string id = scene.engine.create_container(body, "gt-test-" + scene.at("").parent_path().filename().string());
  const std::string error = error_of([&] { scene.engine.start_container(id); });
  CHECK(error.starts_with("engine.refused: the engine refused to start container " + id.substr(0, 12) + ": "));
  CHECK(error.find("/no/such/program") != std::string::npos);
  scene.engine.remove_container(id);
  scene.engine.remove_container(id);
}

TEST_CASE("eight jobs in eight threads share an Engine") {
  Scene scene;
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 8; ++i) {
    const fs::path work = scene.at("work" + std::to_string(i));
    fs::create_directory(work);
    threads.emplace_back([&, i, work] {
      JobSpec spec = scene.spec("import sys, params; sys.exit(params.code)");
      spec.params = {{"code", i}};
      spec.work_dir = work;
      Job job(scene.engine, spec);
      job.start();
      if (job.wait(60s).exit_code == i) ++good;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 8);
}

}  // namespace
}  // namespace gt::docker

int main(int argc, char** argv) {
  try {
    gt::docker::Engine engine({.host = gt::docker::engine_host()});
    engine.ping();
    if (!engine.find_image(gt::testing::image("golem/base"))) {
      std::puts("skipped: there is no image golem/base; make it with ./dev images");
      return 77;
    }
  } catch (const gt::Error& error) {
    std::printf("skipped: %s\n", error.what());
    return 77;
  }
  gt::docker::Engine engine({.host = gt::docker::engine_host()});
  return gt::testing::run_and_reap(engine, [&] { return doctest::Context(argc, argv).run(); });
}
