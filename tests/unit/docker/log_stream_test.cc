#include "lib/docker/log_stream.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <vector>

#include "lib/docker/capped_log.h"
#include "lib/docker/engine.h"
#include "tests/support/fake_engine.h"
#include "tests/unit/docker/support.h"

namespace gt::docker {
namespace {

using testing::Answer;
using testing::error_of;
using testing::FakeEngine;
using testing::json_answer;
using testing::read_text;
using testing::TemporaryDirectory;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

const char* const k_attach = "POST /containers/c/attach?stream=1&stdout=1&stderr=1";
const char* const k_follow = "GET /containers/c/logs?stdout=1&stderr=1&follow=1";
const char* const k_inspect = "GET /containers/c/json";

std::string frame(int stream, const std::string& payload) {
  const auto size = payload.size();
  std::string out{static_cast<char>(stream), 0, 0, 0, 0, 0, static_cast<char>(size >> 8), static_cast<char>(size & 255)};
  return out + payload;
}
Answer state(const std::string& status) { return json_answer(200, R"({"State":{"Status":")" + status + "\"}}"); }

class Lines : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::vector<std::string> lines;

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    lines.emplace_back(message.payload.data(), message.payload.size());
  }
  void flush_() override {}
};

struct Scene {
  TemporaryDirectory root;
  FakeEngine fake;
  Engine engine{{.host = fake.host(), .timeout = 500ms, .patience = 1s}};
  std::shared_ptr<Lines> sink = std::make_shared<Lines>();
  LiveLog log{.stdout_file = root.path() / "out",
              .stderr_file = root.path() / "err",
              .logger = std::make_shared<spdlog::logger>("golem.task.docker.job.container", sink)};

  Scene() { log.logger->set_level(spdlog::level::debug); }
  LogReport run() { return LogStream(engine, "c", log, 1 << 20).finish(); }
  std::string out() const { return read_text(root.path() / "out"); }
  std::string err() const { return read_text(root.path() / "err"); }
};

TEST_CASE("both streams go to their files, and line by line to the logger") {
  Scene scene;
  const std::string bytes = frame(1, "one\ntw") + frame(2, "bad\n") + frame(1, "o\n\nlast");
  std::vector<std::string> chunks;
  for (const char byte : bytes) chunks.emplace_back(1, byte);  // cut anywhere
  scene.fake.answer(k_attach, {testing::chunked_answer(chunks)});
  scene.fake.answer(k_inspect, {state("exited")});
  const LogReport report = scene.run();
  CHECK(scene.out() == "one\ntwo\n\nlast");
  CHECK(scene.err() == "bad\n");
  CHECK(report.stdout_bytes == 13);
  CHECK(report.stderr_bytes == 4);
  CHECK_FALSE(report.may_have_gap);
  CHECK(scene.sink->lines == std::vector<std::string>{"stdout: one", "stderr: bad", "stdout: two", "stdout: ", "stdout: last"});
}

TEST_CASE("a logger above debug gets nothing, and nobody listens for nothing") {
  Scene scene;
  scene.log.logger->set_level(spdlog::level::info);
  scene.fake.answer(k_attach, {testing::chunked_answer({frame(1, "one\n")})});
  scene.fake.answer(k_inspect, {state("exited")});
  scene.run();
  CHECK(scene.sink->lines.empty());
  CHECK(scene.out() == "one\n");
  CHECK(scene.log.is_wanted());
  CHECK_FALSE(LiveLog{.logger = scene.log.logger}.is_wanted());
  CHECK_FALSE(LiveLog{}.is_wanted());
}

TEST_CASE("a connection that is lost is made good from the engine's log, without a byte twice") {
  const std::string all = frame(1, "first\n") + frame(2, "one\n") + frame(1, "second\n") + frame(2, "two\n");
  const Answer attached = testing::chunked_answer({frame(1, "first\n"), frame(2, "on")});
  struct Row {
    const char* what;
    std::vector<Answer> attach;
    std::vector<Answer> inspect;
    std::vector<Answer> follow;
    bool was_away = false;  // then nobody knows what it has not kept
  };
  const Row rows[] = {
      {"the engine was away",
       {attached},
       {testing::hang_up(), testing::hang_up(), state("running"), state("exited")},
       {testing::chunked_answer({all})},
       true},
      {"in the middle of a frame",
       {testing::cut_answer(testing::chunked_answer({frame(1, "first\n"), frame(2, "one\n")}), 10)},
       {state("running"), state("exited")},
       {testing::cut_answer(testing::chunked_answer({all}), 9), testing::chunked_answer({all})}},
      {"again and again",
       {attached},
       {testing::hang_up(), state("running"), state("running"), state("exited")},
       {testing::hang_up(), testing::cut_answer(testing::chunked_answer({all}), 20), testing::chunked_answer({all})},
       true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Scene scene;
    scene.fake.answer(k_attach, row.attach);
    scene.fake.answer(k_inspect, row.inspect);
    scene.fake.answer(k_follow, row.follow);
    const LogReport report = scene.run();
    CHECK(scene.out() == "first\nsecond\n");
    CHECK(scene.err() == "one\ntwo\n");
    CHECK(report.may_have_gap == row.was_away);
    CHECK(scene.sink->lines.size() == 4);
  }
}

TEST_CASE("what the engine no longer has is a gap") {
  struct Row {
    const char* what;
    std::vector<Answer> inspect;
    std::vector<Answer> follow;
  };
  const Row rows[] = {
      {"a log that is shorter than what came",
       {testing::hang_up(), state("exited")},
       {testing::chunked_answer({frame(1, "fi")})}},
      {"a container that is gone", {testing::hang_up(), json_answer(404, "{}")}, {}},
      {"an engine that does not come back", {testing::hang_up()}, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Scene scene;
    scene.fake.answer(k_attach, {testing::chunked_answer({frame(1, "first\n")})});
    scene.fake.answer(k_inspect, row.inspect);
    if (!row.follow.empty()) scene.fake.answer(k_follow, row.follow);
    CHECK(scene.run().may_have_gap);
    CHECK(scene.out() == "first\n");
  }
}

TEST_CASE("what goes wrong before the stream is an error of its maker") {
  Scene scene;
  scene.fake.answer(k_attach, {json_answer(404, R"({"message":"No such container: c"})"), testing::silent_answer()});
  CHECK(error_of([&] { scene.run(); }) ==
        "engine.refused: the engine refused to give the output of container c: No such container: c (HTTP 404)");
  CHECK(error_of([&] { scene.run(); }).ends_with("to give the output of container c: no answer in time"));
  scene.log.stdout_file = scene.root.path() / "missing" / "out";
  CHECK(error_of([&] { scene.run(); }).starts_with("file.not-found: "));
}

TEST_CASE("bytes that are no frames are an error, at the end") {
  Scene scene;
  scene.fake.answer(k_attach, {testing::chunked_answer({"HTTP/1.1 502 Bad Gateway"})});
  CHECK(error_of([&] { scene.run(); }).starts_with("engine.refused: the engine's log stream is damaged: "));
}

TEST_CASE("a stream that is silent can be left at any time") {
  Scene scene;
  scene.fake.answer(k_attach, {testing::silent_answer(testing::cut_answer(testing::chunked_answer({frame(1, "x")}), 7))});
  const auto begin = std::chrono::steady_clock::now();
  { const LogStream stream(scene.engine, "c", scene.log, 100); }
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
}

TEST_CASE("a log keeps its beginning and its end") {
  const TemporaryDirectory root;
  const fs::path path = root.path() / "log";
  const std::size_t tail = CappedLog::k_tail;
  struct Row {
    std::uint64_t limit;
    std::size_t size;
    std::size_t left_out;
  };
  for (const Row& row : {Row{10, 0, 0}, Row{10, 10, 0}, Row{10, 11, 0}, Row{10, 10 + tail, 0}, Row{10, 11 + tail, 1},
                         Row{0, 3 * tail + 7, 2 * tail + 7}, Row{100, 1'000'000, 1'000'000 - 100 - tail}}) {
    std::string text;
    for (std::size_t i = 0; i < row.size; ++i) text += static_cast<char>('a' + i * i % 26);
    for (const std::size_t piece : {std::size_t{1000}, text.size() + 1}) {
      CAPTURE(row.size);
      CappedLog log(path, row.limit);
      for (std::size_t at = 0; at < text.size(); at += piece) log.write(std::string_view(text).substr(at, piece));
      log.finish();
      CHECK(log.left_out() == row.left_out);
      std::string expected = text;
      if (row.left_out > 0)
        expected.replace(row.limit, row.left_out,
                         "\n[gt-tools: " + std::to_string(row.left_out) +
                             " bytes were left out here; the limit of this log is " + std::to_string(row.limit) + " bytes]\n");
      CHECK(read_text(path) == expected);
    }
  }
}

TEST_CASE("lines: cut anywhere, without an end, too long") {
  const std::size_t most = LineSplitter::k_max_line;
  struct Row {
    std::string text;
    std::vector<std::string> lines;
  };
  const Row rows[] = {
      {"", {}},
      {"a", {"a"}},
      {"a\n", {"a"}},
      {"\n\nb", {"", "", "b"}},
      {std::string(most, 'x') + "\n", {std::string(most, 'x')}},
      {std::string(most, 'x') + "yz\nw", {std::string(most, 'x') + " ...", "yz", "w"}},
      {std::string(2 * most, 'x'), {std::string(most, 'x') + " ...", std::string(most, 'x')}},
  };
  for (const Row& row : rows) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}}) {
      std::vector<std::string> lines;
      LineSplitter splitter([&](std::string_view line) { lines.emplace_back(line); });
      for (std::size_t at = 0; at < row.text.size(); at += piece) splitter.feed(std::string_view(row.text).substr(at, piece));
      splitter.finish();
      CHECK(lines == row.lines);
    }
  }
}

}  // namespace
}  // namespace gt::docker
