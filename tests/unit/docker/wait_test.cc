#include "lib/docker/wait.h"

#include <thread>

#include "tests/support/fake_engine.h"
#include "tests/unit/docker/support.h"

namespace gt::docker {
namespace {

using testing::Answer;
using testing::error_of;
using testing::FakeEngine;
using testing::json_answer;
using End = WaitResult::End;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

const char* const k_inspect = "GET /containers/c/json";
const char* const k_wait = "POST /containers/c/wait";
const char* const k_term = "POST /containers/c/kill?signal=SIGTERM";
const char* const k_kill = "POST /containers/c/kill?signal=SIGKILL";

Answer state(const std::string& status, int exit_code = 0, bool out_of_memory = false) {
  return json_answer(200, R"({"State":{"Status":")" + status + R"(","ExitCode":)" + std::to_string(exit_code) +
                              R"(,"OOMKilled":)" + (out_of_memory ? "true" : "false") + "}}");
}
Answer answered(int code) { return testing::chunked_answer({R"({"Error":null,"StatusCode":)" + std::to_string(code) + "}\n"}); }
// 200 and the headers at once, the body never.
Answer waiting() { return testing::cut_answer(testing::chunked_answer({""}), 10); }

struct Scene {
  FakeEngine fake;
  Engine engine{{.host = fake.host(), .timeout = 500ms, .patience = 1s}};
  std::function<Wish()> wish = {};
  std::chrono::milliseconds grace = 300ms;

  Ending run(std::optional<std::chrono::milliseconds> timeout = {}) { return Waiter(engine, "c", grace, wish).run(timeout); }
};

TEST_CASE("the exit code is that of inspect, whatever wait said") {
  Scene scene;
  scene.fake.answer(k_wait, {answered(0)});
  scene.fake.answer(k_inspect, {state("exited", 3)});
  const Ending ending = scene.run();
  CHECK(ending.result.end == End::Exited);
  CHECK(ending.result.exit_code == 3);
  CHECK(ending.status == JobStatus::Exited);
}

TEST_CASE("a wait that ends early is asked again") {
  Scene scene;
  scene.fake.answer(k_wait, {answered(0), json_answer(500, "{}"), answered(0)});
  scene.fake.answer(k_inspect, {state("running"), state("running"), state("exited", 9)});
  CHECK(scene.run().result.exit_code == 9);
  CHECK(scene.fake.count(k_wait) == 3);
}

TEST_CASE("out of memory is told from an end by a signal, and from a helper that was killed") {
  Scene scene;
  scene.fake.answer(k_wait, {answered(137)});
  scene.fake.answer(k_inspect, {state("exited", 137, true), state("exited", 137, false), state("exited", 0, true)});
  CHECK(scene.run().result.end == End::OutOfMemory);
  CHECK(scene.run().result.end == End::Exited);
  CHECK(scene.run().result.end == End::Exited);
}

TEST_CASE("a container that never ran or that someone removed is an error") {
  Scene scene;
  scene.fake.answer(k_wait, {answered(0), json_answer(404, "{}")});
  scene.fake.answer(k_inspect, {state("created"), json_answer(404, "{}")});
  CHECK(error_of([&] { scene.run(); }) == "run.container-failed: container c was never started");
  CHECK(error_of([&] { scene.run(); }) ==
        "run.container-failed: container c was removed by someone else before its end was known");
}

TEST_CASE("at the deadline the container is ended: by SIGTERM if it obeys") {
  Scene scene;
  scene.fake.answer(k_wait, {testing::silent_answer(waiting()), answered(143)});
  scene.fake.answer(k_term, {json_answer(204, "")});
  scene.fake.answer(k_inspect, {state("exited", 143)});
  const auto begin = Clock::now();
  const Ending ending = scene.run(300ms);
  CHECK(ending.result.end == End::TimedOut);
  CHECK(ending.result.exit_code == 143);
  CHECK(ending.status == JobStatus::Stopped);
  CHECK(Clock::now() - begin >= 300ms);
  CHECK(Clock::now() - begin < 800ms);
  CHECK(scene.fake.count(k_kill) == 0);
}

TEST_CASE("at the deadline the container is ended: by SIGKILL if it does not obey") {
  Scene scene;
  scene.fake.answer(k_wait, {testing::silent_answer(waiting()), testing::silent_answer(waiting()), answered(137)});
  scene.fake.answer(k_term, {json_answer(204, "")});
  scene.fake.answer(k_kill, {json_answer(204, "")});
  scene.fake.answer(k_inspect, {state("running"), state("exited", 137)});
  const Ending ending = scene.run(100ms);
  CHECK(ending.result.end == End::TimedOut);
  CHECK(ending.result.exit_code == 137);
  CHECK(ending.status == JobStatus::Killed);
  CHECK(scene.fake.count(k_kill) == 1);
}

TEST_CASE("a timeout of centuries is none") {
  Scene scene;
  scene.fake.answer(k_wait, {answered(0)});
  scene.fake.answer(k_inspect, {state("exited", 0)});
  CHECK(scene.run(std::chrono::milliseconds::max()).result.end == End::Exited);
}

TEST_CASE("a container that ends by itself at the deadline has exited") {
  Scene scene;
  scene.fake.answer(k_wait, {testing::silent_answer(waiting())});
  scene.fake.answer(k_term, {json_answer(409, R"({"message":"is not running"})")});
  scene.fake.answer(k_inspect, {state("exited", 0)});
  const Ending ending = scene.run(100ms);
  CHECK(ending.result.end == End::Exited);
  CHECK(ending.status == JobStatus::Exited);
}

TEST_CASE("cancelling stops the container within the grace") {
  Scene scene;
  const auto begin = Clock::now();
  scene.wish = [&] { return Clock::now() - begin > 200ms ? Wish::Stop : Wish::GoOn; };
  scene.fake.answer(k_wait, {testing::silent_answer(waiting()), testing::silent_answer(waiting()), answered(137)});
  scene.fake.answer(k_term, {json_answer(204, "")});
  scene.fake.answer(k_kill, {json_answer(204, "")});
  scene.fake.answer(k_inspect, {state("running"), state("exited", 137)});
  const Ending ending = scene.run();
  CHECK(ending.result.end == End::Cancelled);
  CHECK(ending.status == JobStatus::Killed);
  CHECK(Clock::now() - begin >= 500ms);
  CHECK(Clock::now() - begin < 1000ms);
}

TEST_CASE("cancelled before it began, it does not wait at all") {
  Scene scene;
  scene.wish = [] { return Wish::Stop; };
  scene.fake.answer(k_wait, {answered(143)});
  scene.fake.answer(k_term, {json_answer(204, "")});
  scene.fake.answer(k_inspect, {state("exited", 143)});
  CHECK(scene.run().result.end == End::Cancelled);
}

TEST_CASE("an engine that vanishes during the wait and comes back gives the true exit code") {
  Scene scene;
  scene.fake.answer(k_wait, {testing::vanishing_answer(waiting()), answered(9)});
  scene.fake.answer(k_inspect, {state("running"), state("exited", 9)});
  std::thread restart([&] {
    while (scene.fake.count(k_wait) == 0) std::this_thread::sleep_for(5ms);
    std::this_thread::sleep_for(300ms);
    scene.fake.listen();
  });
  const Ending ending = scene.run();
  restart.join();
  CHECK(ending.result.end == End::Exited);
  CHECK(ending.result.exit_code == 9);
  CHECK(scene.fake.count(k_wait) == 2);
}

TEST_CASE("exit code 255 is the program's own, unless the engine was away: then it did not see the end") {
  Scene scene;
  scene.fake.answer(k_wait, {answered(255)});
  scene.fake.answer(k_inspect, {state("exited", 255)});
  CHECK(scene.run().result.end == End::Exited);
  const Ending ending = Waiter(scene.engine, "c", scene.grace, scene.wish, Waiter::EngineSoFar::WasAway).run({});
  CHECK(ending.result.end == End::Killed);
  CHECK(ending.result.killer == WaitResult::Killer::Engine);
}

TEST_CASE("an engine that vanishes and does not come back is lost, within the patience") {
  Scene scene;
  scene.fake.answer(k_wait, {testing::vanishing_answer(waiting())});
  const auto begin = Clock::now();
  const Ending ending = scene.run();
  CHECK(ending.result.end == End::EngineLost);
  CHECK(ending.status == JobStatus::Running);
  CHECK(Clock::now() - begin > 500ms);
  CHECK(Clock::now() - begin < 2s);
}

TEST_CASE("cancelling does not wait for a lost engine") {
  Scene scene;
  scene.fake.answer(k_wait, {testing::vanishing_answer(waiting())});
  std::atomic<bool> is_cancelled = false;
  scene.wish = [&] { return is_cancelled ? Wish::Stop : Wish::GoOn; };
  std::thread cancel([&] {
    std::this_thread::sleep_for(200ms);
    is_cancelled = true;
  });
  const auto begin = Clock::now();
  CHECK(scene.run().result.end == End::EngineLost);
  CHECK(Clock::now() - begin < 700ms);
  cancel.join();
}

}  // namespace
}  // namespace gt::docker
