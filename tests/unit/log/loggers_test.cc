#include "lib/log/loggers.h"

#include <doctest/doctest.h>
#include <spdlog/logger.h>

#include <thread>

namespace gt::log {
namespace {

TEST_CASE("lines have the form of Golem's own, and only those of the level come") {
  Config config;
  config.set_level("golem.task", Level::Debug);
  config.set_rule("golem.mute", {.level = Level::Debug, .propagates = false});
  std::string out;
  Loggers loggers(config, [&](std::string_view line) { out += line; });
  loggers.get("golem.task.docker.job.container")->debug("stdout: {}", "Fra:1");
  loggers.get("golem.network")->info("not shown");
  loggers.get("golem.network")->warn("shown");
  loggers.get("golem.mute")->critical("not shown");
  CHECK(out ==
        "DEBUG    [golem.task.docker.job.container    ] stdout: Fra:1\n"
        "WARNING  [golem.network                      ] shown\n");
  CHECK(loggers.get("a") == loggers.get("a"));
  CHECK(loggers.get("golem.task.x")->should_log(spdlog::level::debug));
  CHECK_FALSE(loggers.get("golem.mute")->should_log(spdlog::level::critical));
}

TEST_CASE("a message cannot command a terminal or forge a line, and is never cut") {
  std::string out;
  Loggers loggers({}, [&](std::string_view line) { out += line; });
  const std::string many(100'000, '\x07');
  loggers.get("x")->error("{}", "a\x1b[2Jb\nERROR c\r\t\xff\x9bzł" + many);
  CHECK(out.starts_with("ERROR    [x                                  ] a\\x1b[2Jb\\x0aERROR c\\x0d\\x09\\xff\\x9bzł\\x07"));
  CHECK(out.ends_with("\\x07\n"));
  CHECK(out.size() > 400'000);
  CHECK(std::count(out.begin(), out.end(), '\n') == 1);
}

TEST_CASE("lines of several threads do not mix") {
  std::string out;
  Loggers loggers({}, [&](std::string_view line) {
    for (const char c : line) out += c;
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 500; ++n) loggers.get("t")->error("{}", std::string(50, 'x'));
    });
  for (std::thread& thread : threads) thread.join();
  const std::string line = "ERROR    [t                                  ] " + std::string(50, 'x') + "\n";
  std::string expected;
  for (int n = 0; n < 2000; ++n) expected += line;
  CHECK((out == expected));
}

}  // namespace
}  // namespace gt::log
