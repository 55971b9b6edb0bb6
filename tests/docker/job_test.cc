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
#include <fstream>
#include <stdexcept>
#include <thread>

#include "lib/base/remove_tree.h"
#include "lib/docker/capped_log.h"
#include "lib/docker/engine.h"
#include "lib/docker/http.h"
#include "lib/docker/outputs.h"
#include "lib/docker/reap.h"
#include "tests/docker/job_scene.h"
#include "tests/docker/own_podman.h"
#include "tests/docker/reaper.h"
#include "tests/unit/docker/support.h"

namespace gt::docker {
namespace {

using testing::engine_host;
using testing::error_of;
using testing::is_podman;
using testing::k_gid;
using testing::k_test_label;
using testing::k_uid;
using testing::read_text;
using testing::Scene;
using End = WaitResult::End;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

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
  CHECK(job.wait() == 0);
  CHECK(job.status() == JobStatus::Exited);
  CHECK(job.wait() == 0);
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
  CHECK(left == std::vector<std::string>{"job.py", "made.txt", "params.json", "params.py"});
}

TEST_CASE("isolation as seen from inside") {
  Scene scene;
  const bool has_init = scene.engine.info().has_init;  // Docker brings its own, Podman needs catatonit
  CHECK((has_init || is_podman()));
  CHECK(scene.output_of(R"(
import os, socket
print(os.getuid(), os.getgid(), os.getgroups())
print(sorted({v.split('=')[0] for v in open('/proc/self/environ').read().split('\0') if v} - {'TERM', 'container'}))
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
       "['/golem/output', '/golem/resources', '/golem/work']\n" +
            std::string(has_init ? "True" : "False") + "\n268435456\n512\n");
}

TEST_CASE("a directory is mounted whatever its name; what Podman cannot mount it does not mount as another") {
  struct Row {
    const char* name;
    bool podman_can = true;
  };
  const Row rows[] = {{"o:ro"}, {"o,ro=true,x"}, {"o\"x"}, {"o,target=x"}, {"ż 'x'"}, {"o\n,x"}, {"a:b,\"c'\n", false}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Scene scene;
    JobSpec spec = scene.spec("open('/golem/output/x', 'w').write('here')");
    spec.output_dir = scene.at(row.name);
    fs::create_directory(spec.output_dir);
    fs::permissions(spec.output_dir, fs::perms::all);
    if (is_podman() && !row.podman_can) {
      CHECK(error_of([&] { scene.run(spec); }).starts_with("usage: "));
    } else {
      CHECK(scene.run(spec).exit_code == 0);
      CHECK(read_text(spec.output_dir / "x") == "here");
    }
  }
}

TEST_CASE("too much memory is told as such") {
  Scene scene;
  JobSpec spec = scene.spec("print('begin', flush=True)\nx = []\nwhile True: x.append(bytearray(b'1') * (8 << 20))\n");
  spec.isolation.memory_bytes = 64 << 20;
  const WaitResult result = scene.run(spec);
  CHECK(result.end == End::OutOfMemory);
  CHECK(result.exit_code == 137);
  CHECK(scene.out() == "begin\n");
  CHECK_FALSE(fs::exists("oom"));  // as Podman's monitor leaves it where its service was started
}

TEST_CASE("an end by a signal of its own is an exit, not out of memory") {
  Scene scene;
  const WaitResult result = scene.run(scene.spec("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"));
  // Podman does not tell what the kernel ended for its memory: WaitResult::End::OutOfMemory says what that means.
  if (!scene.engine.info().has_init) return;  // the script is process 1, which SIGKILL from inside does not reach
  CHECK(result.end == (is_podman() ? End::OutOfMemory : End::Exited));
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
  JobSpec spec = scene.spec("import time; time.sleep(60)");
  std::optional<Clock::time_point> begin;
  spec.wish = [&] { return begin && Clock::now() - *begin > 500ms ? Wish::Stop : Wish::GoOn; };
  Job job(scene.engine, spec);
  job.start();
  begin = Clock::now();
  const WaitResult result = job.wait(60s);
  CHECK(result.end == End::Cancelled);
  CHECK(result.exit_code == 143);
  CHECK(job.status() == JobStatus::Stopped);
  CHECK(Clock::now() - *begin < 2500ms);
}

TEST_CASE("a wish to kill has no grace, even for a script that ignores SIGTERM and was asked to stop before") {
  Scene scene;
  JobSpec spec = scene.spec(
      "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
      "open('/golem/output/up', 'w').close(); time.sleep(60)");
  spec.stop_grace = 30s;
  std::atomic<Wish> wish = Wish::GoOn;
  spec.wish = [&] { return wish.load(); };
  Job job(scene.engine, spec);
  job.start();
  while (!fs::exists(scene.at("output/up"))) std::this_thread::sleep_for(10ms);
  std::thread user([&] {
    wish = Wish::Stop;
    std::this_thread::sleep_for(700ms);
    wish = Wish::Kill;
  });
  const auto begin = Clock::now();
  const WaitResult result = job.wait(60s);
  user.join();
  CHECK(result.end == End::Cancelled);
  CHECK(result.exit_code == 137);
  CHECK(job.status() == JobStatus::Killed);
  CHECK(Clock::now() - begin >= 700ms);
  CHECK(Clock::now() - begin < 3s);
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
  CHECK(result.end == End::Killed);
  CHECK(result.killer == WaitResult::Killer::Job);
  CHECK(result.exit_code == 137);
  CHECK(job.status() == JobStatus::Killed);
  job.kill();  // 409 is no error
}

TEST_CASE("a kill by another client is told from one of its own") {
  Scene scene;
  Job job(scene.engine, scene.spec("import time; time.sleep(60)"));
  job.start();
  std::thread other([&] {
    std::this_thread::sleep_for(300ms);
    scene.engine.kill_container(job.container_id(), "SIGTERM");
  });
  const WaitResult result = job.wait(30s);
  other.join();
  CHECK(result.end == End::Killed);
  CHECK(result.killer == WaitResult::Killer::OtherClient);
  CHECK(result.exit_code == 143);
  CHECK(job.status() == JobStatus::Exited);
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
  const bool was_killed = error == "nothing" && result.exit_code == 137 && result.killer == WaitResult::Killer::OtherClient;
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
        std::string("engine.image-missing: ") +
            (is_podman() ? "no such image: docker.io/golem/never-made:latest: image not known"
                         : "No such image: golem/never-made:latest") +
            "; build or pull it first; docker images lists what is there");
  spec.image.repository = "golem/base";
  spec.image.id = "0000000000000000";
  CHECK(error_of([&] {
          Job(scene.engine, spec);
        }).starts_with("engine.image-missing: there is no image golem/base:latest with id "));
  const auto image = scene.engine.find_image(testing::image("golem/base"));
  REQUIRE(image);
  CHECK(std::count(image->tags.begin(), image->tags.end(), is_podman() ? "localhost/golem/base:latest" : "golem/base:latest") ==
        1);
  spec.image.id = image->id.substr(7, 12);
  CHECK(scene.run(spec).exit_code == 0);
  CHECK_FALSE(scene.engine.find_image(testing::image("golem/base", "no-such-tag")));
  CHECK_FALSE(scene.engine.find_image(testing::image("Golem/BASE")));
}

TEST_CASE("what the engine refuses comes with its words") {
  Scene scene;
  JobSpec spec = scene.spec("pass");
  spec.isolation.network = "no-such-network";
  const std::string error = error_of([&] {
    Job job(scene.engine, spec);
    job.start();
  });
  CHECK(error.starts_with("engine.refused: the engine refused to "));
  CHECK(error.find("no-such-network") != std::string::npos);
  INFO(error);
  CHECK(error.find(is_podman() ? "(HTTP 500)" : "(HTTP 404)") != std::string::npos);
}

TEST_CASE("a start that fails is an error with the engine's words") {
  Scene scene;
  const std::string body =
      R"({"Image":"golem/base","Entrypoint":["/no/such/program"],"HostConfig":{"Ulimits":[)"
      R"({"Name":"nofile","Soft":64,"Hard":64},{"Name":"nproc","Soft":64,"Hard":64}]},"Labels":{"io.gt-tools.project":"gt-tools",")" +
      std::string(k_test_label) + R"(":")" + scene.at("").parent_path().filename().string() + R"("}})";
  const std::string id = scene.engine.create_container(body, "gt-test-" + scene.at("").parent_path().filename().string()).id;
  const std::string error = error_of([&] { scene.engine.start_container(id); });
  CHECK(error.starts_with("engine.refused: the engine refused to start container " + id.substr(0, 12) + ": "));
  CHECK(error.find("/no/such/program") != std::string::npos);
  scene.engine.remove_container(id);
  scene.engine.remove_container(id);
}

nlohmann::json inspected(const Scene& scene, const Job& job) {
  const std::string host = engine_host();
  const Http http(host.empty() ? "/var/run/docker.sock" : host.substr(host.starts_with("unix://") ? 7 : 0));
  const Response response = http.send({.target = "/containers/" + job.container_id() + "/json", .total = 30s});
  REQUIRE(response.status == 200);
  static_cast<void>(scene);
  return nlohmann::json::parse(response.body);
}

TEST_CASE("the engine has all of the isolation that was asked for") {
  Scene scene;
  JobSpec spec = scene.spec("pass");
  spec.isolation.cpus = 0.5;
  const Job job(scene.engine, spec);
  const nlohmann::json seen = inspected(scene, job);
  const nlohmann::json& host = seen["HostConfig"];
  CHECK(seen["Config"]["WorkingDir"] == "/golem/work");
  CHECK(seen["Config"]["User"] == "12345:23456");
  CHECK(host["NetworkMode"] == "none");
  CHECK(host["Privileged"] == false);
  CHECK(host["SecurityOpt"] == nlohmann::json{"no-new-privileges"});
  CHECK(host["ReadonlyRootfs"] == true);
  CHECK(host["Memory"] == 256 << 20);
  CHECK(host["MemorySwap"] == 256 << 20);
  CHECK(host["NanoCpus"] == 500'000'000);
  CHECK(host["PidsLimit"] == 512);
  CHECK(host["Devices"].empty());
  CHECK(host["AutoRemove"] == false);
  CHECK(host["RestartPolicy"]["MaximumRetryCount"] == 0);
  if (is_podman()) {
    // It tells what it made of the request.
    CHECK(host["CapDrop"].size() >= 14);  // by name, all that it would have given
    CHECK(host["CapAdd"].empty());
    CHECK(host["Tmpfs"]["/tmp"].get<std::string>().find("rw,nosuid,nodev,size=268435456") == 0);
    CHECK(host["Ulimits"].dump().find(R"({"Hard":4096,"Name":"RLIMIT_NOFILE","Soft":4096})") != std::string::npos);
  } else {
    CHECK(seen["Path"] == "/usr/bin/python");
    CHECK(seen["Args"] == nlohmann::json{"/golem/work/job.py"});
    CHECK(host["CapDrop"] == nlohmann::json{"ALL"});
    CHECK(host["CapAdd"].is_null());
    CHECK(host["Tmpfs"] == nlohmann::json{{"/tmp", "rw,nosuid,nodev,size=268435456"}});
    CHECK(host["Init"] == true);
    CHECK(host["LogConfig"]["Config"] == nlohmann::json{{"max-file", "1"}, {"max-size", "1073741824"}});
    CHECK(host["Ulimits"].dump() == R"([{"Hard":0,"Name":"core","Soft":0},{"Hard":4096,"Name":"nofile","Soft":4096}])");
    CHECK(host["Binds"].is_null());
    CHECK(host["DeviceRequests"].is_null());
  }
  std::vector<std::string> mounts;
  for (const nlohmann::json& mount : seen["Mounts"])
    mounts.push_back(mount["Source"].get<std::string>() + " " + mount["Destination"].get<std::string>() +
                     (mount["RW"].get<bool>() ? " rw" : " ro"));
  std::sort(mounts.begin(), mounts.end());
  CHECK(mounts == std::vector<std::string>{scene.at("output").string() + " /golem/output rw",
                                           scene.at("resources").string() + " /golem/resources ro",
                                           scene.at("work").string() + " /golem/work rw"});
}

TEST_CASE("a container inherits no descriptor, and its ulimits hold") {
  Scene scene;
  CHECK(scene.output_of("import os, resource\n"
                        "print(sorted(f for f in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + f)))\n"
                        "print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_NOFILE))\n") ==
        "['0', '1', '2']\n(0, 0) (4096, 4096)\n");
}

TEST_CASE("the container carries its project, its job, and its owner") {
  Scene scene;
  const Job job(scene.engine, scene.spec("pass"));
  const std::vector<ContainerInfo> found = scene.engine.list_containers({{k_job_label, job.container_name()}});
  REQUIRE(found.size() == 1);
  CHECK(found[0].id == job.container_id());
  CHECK(found[0].name == job.container_name());
  const Process me = this_process();
  CHECK(me.pid == ::getpid());
  CHECK(me.start > 0);
  CHECK(owner_of(found[0].labels, me, start_of_process) == Owner::Alive);
}

TEST_CASE("explicit preparation: new until then") {
  Scene scene;
  JobSpec spec = scene.spec("pass");
  spec.preparation = Preparation::Explicit;
  Job job(scene.engine, spec);
  CHECK(job.status() == JobStatus::New);
  CHECK(job.container_id() == "");
  CHECK(scene.containers().empty());
  CHECK_FALSE(fs::exists(scene.at("work/job.py")));
  job.prepare();
  job.prepare();
  CHECK(job.status() == JobStatus::Created);
  CHECK(scene.containers().size() == 1);
}

TEST_CASE("parameters of every kind arrive, as a module and as JSON") {
  Scene scene;
  JobSpec spec = scene.spec(R"(# -*- coding: utf-8 -*-
import json, params
loaded = json.load(open('params.json'))
for name in sorted(loaded):
    a, b = getattr(params, name), loaded[name]
    if isinstance(a, bytes):
        a = list(a)
    print(name, type(a).__name__, a == b or a != a and b != b)
print(params.text == u'z\u0142o\u015b\u0107 \U0001F600 \'"\\\n\x00', params.big == 2 ** 64 - 1, params.small == -2 ** 63)
print(params.nothing is None, params.yes is True, params.no is False, params.raw == b'\x00\xff', params.inf == float('inf'))
)");
  spec.params = {{"text", std::string("złość 😀 '\"\\\n") + '\0'},
                 {"big", std::numeric_limits<std::uint64_t>::max()},
                 {"small", std::numeric_limits<std::int64_t>::min()},
                 {"nothing", nullptr},
                 {"yes", true},
                 {"no", false},
                 {"real", 0.1},
                 {"inf", std::numeric_limits<double>::infinity()},
                 {"nan", std::numeric_limits<double>::quiet_NaN()},
                 {"raw", nlohmann::ordered_json::binary({0, 255})},
                 {"nested", {{"list", {1, {{"x", nullptr}}, "é"}}, {"py/object", "not ours"}}}};
  CHECK(scene.run(spec).exit_code == 0);
  CHECK(scene.err() == "");
  CHECK(scene.out() ==
        "big int True\ninf float True\nnan float True\nnested dict True\nno bool True\nnothing NoneType True\n"
        "raw list True\nreal float True\nsmall int True\ntext str True\nyes bool True\n"
        "True True True\nTrue True True True True\n");
}

// What a job writes while it runs.
struct Live {
  explicit Live(Scene& scene) : spec(scene.spec("")), scene_(scene) {
    spec.live_log.stdout_file = scene.at("stdout.log");
    spec.live_log.stderr_file = scene.at("stderr.log");
  }
  LogReport run(const std::string& script) {
    spec.script = script;
    Job job(scene_.engine, spec);
    job.start();
    CHECK(job.wait(300s).end == End::Exited);
    return job.finish_live_log();
  }
  JobSpec spec;

 private:
  Scene& scene_;
};

TEST_CASE("streams come while the script runs, into files") {
  Scene scene;
  Live live(scene);
  live.spec.script =
      "import os, sys, time\nprint('first', flush=True)\nprint('oops', file=sys.stderr, flush=True)\n"
      "while not os.path.exists('go'): time.sleep(0.01)\nprint('last')\n";
  Job job(scene.engine, live.spec);
  job.start();
  const auto limit = Clock::now() + 20s;
  while ((scene.out() != "first\n" || scene.err() != "oops\n") && Clock::now() < limit) std::this_thread::sleep_for(10ms);
  CHECK(scene.out() == "first\n");
  CHECK(scene.err() == "oops\n");
  CHECK(job.status() == JobStatus::Running);
  testing::write_text(scene.at("work/go"), "");
  CHECK(job.wait() == 0);
  const LogReport report = job.finish_live_log();
  CHECK(scene.out() == "first\nlast\n");
  CHECK(report.stdout_bytes == 11);
  CHECK(report.stderr_bytes == 5);
  CHECK_FALSE(report.may_have_gap);
}

TEST_CASE("what is said in the last moment is not lost") {
  Scene scene;
  Live live(scene);
  for (int i = 0; i < 10; ++i) {
    live.run("import os, sys\nfor i in range(2000): print(i)\nsys.stdout.flush(); os.write(2, b'end'); os._exit(0)");
    CHECK(scene.out().size() == 8890);
    CHECK(scene.err() == "end");
  }
}

TEST_CASE("binary output, a line without an end, and a log beyond its limit") {
  Scene scene;
  Live live(scene);
  const std::uint64_t mib = std::uint64_t{1} << 20;
  live.spec.isolation.log_bytes = 2 * mib;
  const LogReport report = live.run(
      "import os, sys\nos.write(2, bytes(range(256)) * 4)\n"
      "for i in range(80): sys.stdout.buffer.write(bytes([65 + i % 26]) * 65536)\nsys.stdout.buffer.write(b'END')\n");
  CHECK(report.stdout_bytes == 5 * mib + 3);
  CHECK(report.stderr_bytes == 1024);
  CHECK(report.left_out == 5 * mib + 3 - 2 * mib - 65536);
  CHECK_FALSE(report.may_have_gap);
  std::string bytes;
  for (int i = 0; i < 1024; ++i) bytes += static_cast<char>(i % 256);
  CHECK(scene.err() == bytes);
  const std::string out = scene.out();
  const std::string mark = "\n[gt-tools: " + std::to_string(report.left_out) +
                           " bytes were left out here; the limit of this log is 2097152 bytes]\n";
  CHECK(out.size() == 2 * mib + mark.size() + 65536);
  CHECK(out.compare(2 * mib, mark.size(), mark) == 0);
  CHECK(out.ends_with("BBBEND"));
}

// Of this process since the last call, in kiB.
std::int64_t peak_memory_since_last() {
  std::ifstream status("/proc/self/status");
  std::int64_t peak = 0;
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) peak = std::atoll(line.c_str() + 6);
  std::ofstream("/proc/self/clear_refs") << "5";
  return peak;
}

// GT_TOOLS_FULL=1: more than the default limit of a gigabyte.
TEST_CASE("a gigabyte of output passes through little memory, and what is over the limit is said") {
  Scene scene;
  Live live(scene);
  const bool is_full = testing::is_full_run();
  const std::uint64_t mib = std::uint64_t{1} << 20;
  const std::uint64_t limit = is_full ? Isolation{}.log_bytes : 24 * mib;
  if (!is_full) live.spec.isolation.log_bytes = limit;
  const std::uint64_t size = limit + 8 * mib;
  peak_memory_since_last();
  const std::int64_t before = peak_memory_since_last();
  const LogReport report = live.run("import sys\nline = b'%062d\\n' % 7 * 16384\nfor i in range(" + std::to_string(size / mib) +
                                    "): sys.stdout.buffer.write(line + b'x' * 16384)\n");
  CHECK(peak_memory_since_last() - before < 16 << 10);
  CHECK(report.stdout_bytes == size);
  CHECK(report.left_out == size - limit - CappedLog::k_tail);
  CHECK_FALSE(report.may_have_gap);
  const std::string mark = "\n[gt-tools: " + std::to_string(report.left_out) +
                           " bytes were left out here; the limit of this log is " + std::to_string(limit) + " bytes]\n";
  CHECK(fs::file_size(scene.at("stdout.log")) == limit + mark.size() + CappedLog::k_tail);
}

TEST_CASE("a script that closes its streams and runs on") {
  Scene scene;
  Live live(scene);
  const LogReport report =
      live.run("import os, time\nos.write(1, b'before')\nfor fd in (0, 1, 2): os.close(fd)\ntime.sleep(4)\n");
  CHECK(report.stdout_bytes == 6);
  CHECK_FALSE(report.may_have_gap);
  CHECK(scene.out() == "before");
}

TEST_CASE("what a hostile script leaves is sorted, and can be removed") {
  Scene scene;
  CHECK(scene.output_of(R"(
import os, socket
os.chdir('/golem/output')
open('good.png', 'w').write('picture')
os.symlink('/etc/shadow', 'shadow.png')
os.symlink('/golem/work', 'work')
os.mkfifo('pipe')
os.link('good.png', 'second.png')
os.mkdir('locked', 0o700); open('locked/x', 'w').close(); os.chmod('locked', 0)
with open('terabyte', 'wb') as f: f.truncate(2 ** 40)
open(b'odd\n\xff', 'w').close()
open('setuid', 'w').close(); os.chmod('setuid', 0o6777)
s = socket.socket(socket.AF_UNIX); s.bind('socket')
os.mkdir('d'); os.chdir('d')
for i in range(2000):
    os.mkdir('deep'); os.chdir('deep')
print('made')
)") == "made\n");
  const Outputs outputs(scene.at("output"));
  const Outputs::Listing listing = outputs.list();
  std::vector<std::string> names;
  for (const Outputs::File& file : listing.files) names.push_back(file.name);
  if (::geteuid() == 0) std::erase(names, "locked/x");
  CHECK(names == std::vector<std::string>{"odd\n\xff", "setuid"});
  std::vector<std::string> refused;
  for (const Finding& finding : listing.refused) refused.push_back(finding.where.file);
  std::erase_if(refused, [](const std::string& name) { return name.starts_with("d/") || name.starts_with("locked"); });
  std::sort(refused.begin(), refused.end());
  CHECK(refused == std::vector<std::string>{"good.png", "pipe", "second.png", "shadow.png", "socket", "terabyte", "work"});
  CHECK(error_of([&] { outputs.open("shadow.png"); }) ==
        "run.result-invalid: shadow.png: is a symbolic link, not a regular file");
  remove_tree(scene.at("output"));
  CHECK_FALSE(fs::exists(scene.at("output")));
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

// With GT_TOOLS_TEST_PODMAN the engine is a Podman of the test's own.
int main(int argc, char** argv) {
  std::unique_ptr<gt::testing::OwnPodman> podman;
  try {
    if (gt::testing::is_podman()) {
      if (const std::string obstacle = gt::testing::OwnPodman::obstacle(); !obstacle.empty())
        throw std::runtime_error(obstacle);
      podman = std::make_unique<gt::testing::OwnPodman>();
      ::setenv("GT_TOOLS_DOCKER_SOCKET", podman->host().c_str(), 1);
    }
    gt::docker::Engine engine({.host = gt::testing::engine_host()});
    if (!engine.find_image(gt::testing::image("golem/base")))
      throw std::runtime_error("there is no image golem/base; make it with ./dev images");
  } catch (const std::exception& error) {
    std::printf("skipped: %s\n", error.what());
    return 77;
  }
  gt::docker::Engine engine({.host = gt::testing::engine_host()});
  doctest::Context context(argc, argv);
  if (!podman) context.addFilter("test-suite-exclude", "podman");
  return gt::testing::run_and_reap(engine, [&] { return context.run(); });
}
