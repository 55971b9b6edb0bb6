#include "lib/docker/http.h"

#include <cerrno>
#include <stdexcept>

#include "tests/support/fake_engine.h"
#include "tests/unit/docker/support.h"

namespace gt::docker {
namespace {

using testing::FakeEngine;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST_CASE("a request reaches the socket as it is, and its answer comes back whole") {
  FakeEngine engine;
  engine.answer("POST /a/../b", {testing::json_answer(201, R"({"Id":"x"})")});
  const std::string body(200'000, 'b');  // more than libcurl sends without asking
  const Response response = Http(engine.socket()).send({.method = "POST", .target = "/v1.41/a/../b?c=%2F", .body = body});
  CHECK(response.outcome == Outcome::Complete);
  CHECK(response.status == 201);
  CHECK(response.body == R"({"Id":"x"})");
  CHECK(response.api_version == "1.41");
  REQUIRE(engine.calls().size() == 1);
  CHECK(engine.calls()[0].target == "/a/../b?c=%2F");
  CHECK(engine.calls()[0].version == "v1.41");
  CHECK(engine.calls()[0].body == body);
}

TEST_CASE("answers without a body, plain text and chunks are answers like any other") {
  FakeEngine engine;
  engine.answer("DELETE /x", {testing::json_answer(204, "")});
  engine.answer("POST /x", {testing::json_answer(304, "")});
  engine.answer("GET /x", {testing::text_answer(400, "too old\n")});
  engine.answer("GET /y", {testing::chunked_answer({"ab", "c", "def"})});
  const Http http(engine.socket());
  CHECK(http.send({.method = "DELETE", .target = "/x"}).status == 204);
  CHECK(http.send({.method = "POST", .target = "/x"}).status == 304);
  CHECK(http.send({.target = "/x"}).body == "too old\n");
  CHECK(http.send({.target = "/y"}).body == "abcdef");
}

TEST_CASE("on_body gets the body of a 200 only") {
  FakeEngine engine;
  engine.answer("GET /good", {testing::chunked_answer({"ab", "cd"})});
  engine.answer("GET /bad", {testing::json_answer(500, "{}")});
  std::string got;
  const auto append = [&got](std::string_view bytes) { got += bytes; };
  const Http http(engine.socket());
  CHECK(http.send({.target = "/good", .on_body = append}).body == "");
  CHECK(got == "abcd");
  CHECK(http.send({.target = "/bad", .on_body = append}).body == "{}");
  CHECK(got == "abcd");
}

TEST_CASE("each way to fail has its outcome") {
  FakeEngine engine;
  engine.answer("GET /cut", {testing::cut_answer(testing::json_answer(200, "0123456789"), 3)});
  engine.answer("GET /chunk", {testing::cut_answer(testing::chunked_answer({"0123456789"}), 5)});
  engine.answer("GET /nothing", {testing::hang_up()});
  engine.answer("GET /noise", {{.bytes = "this is not HTTP\r\n\r\n"}});
  engine.answer("GET /silent", {testing::silent_answer()});
  engine.answer("GET /stalls", {testing::silent_answer(testing::cut_answer(testing::json_answer(200, "0123456789"), 3))});
  const Http http(engine.socket());
  CHECK(http.send({.target = "/cut"}).outcome == Outcome::Lost);
  CHECK(http.send({.target = "/chunk"}).outcome == Outcome::Lost);
  CHECK(http.send({.target = "/nothing"}).outcome == Outcome::Lost);
  CHECK(http.send({.target = "/noise"}).outcome == Outcome::Lost);
  CHECK(http.send({.target = "/silent", .total = 100ms}).outcome == Outcome::TimedOut);
  CHECK(http.send({.target = "/stalls", .silence = 100ms}).outcome == Outcome::TimedOut);
  CHECK(http.send({.target = "/silent", .give_up = [] { return true; }}).outcome == Outcome::GivenUp);
  engine.vanish();
  CHECK(http.send({.target = "/_ping"}).outcome == Outcome::NotConnected);
  const Response missing = Http("/nowhere/engine.sock").send({.target = "/_ping"});
  CHECK(missing.outcome == Outcome::NotConnected);
  CHECK(missing.os_error == ENOENT);
}

TEST_CASE("deadlines and polling are kept to the tenth of a second") {
  FakeEngine engine;
  engine.answer("GET /silent", {testing::silent_answer()});
  const Http http(engine.socket());
  auto begin = Clock::now();
  http.send({.target = "/silent", .total = 250ms});
  CHECK(Clock::now() - begin >= 250ms);
  CHECK(Clock::now() - begin < 600ms);
  begin = Clock::now();
  int polls = 0;
  http.send({.target = "/silent", .give_up = [&] { return ++polls, Clock::now() - begin > 500ms; }});
  CHECK(polls >= 5);
  CHECK(polls <= 9);
}

TEST_CASE("an answer that never ends does not fill the memory") {
  FakeEngine engine;
  engine.answer("GET /large", {testing::json_answer(200, std::string(Http::k_max_body + 1, 'x'))});
  const Response response = Http(engine.socket()).send({.target = "/large"});
  CHECK(response.outcome == Outcome::Lost);
  CHECK(response.failure == "the answer is larger than 16777216 bytes");
  CHECK(response.body.size() <= Http::k_max_body);
}

TEST_CASE("what a callback throws comes out of send") {
  FakeEngine engine;
  engine.answer("GET /x", {testing::json_answer(200, "{}")});
  const Http http(engine.socket());
  CHECK_THROWS_AS(http.send({.target = "/x", .on_body = [](std::string_view) { throw std::runtime_error("disk full"); }}),
                  std::runtime_error);
  engine.answer("GET /silent", {testing::silent_answer()});
  CHECK_THROWS_AS(http.send({.target = "/silent", .give_up = []() -> bool { throw std::runtime_error("poll"); }}),
                  std::runtime_error);
}

TEST_CASE("a proxy in the environment is not asked") {
  FakeEngine engine;
  ::setenv("http_proxy", "http://127.0.0.1:9", 1);
  ::setenv("ALL_PROXY", "http://127.0.0.1:9", 1);
  const Response response = Http(engine.socket()).send({.target = "/_ping"});
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
  CHECK(response.outcome == Outcome::Complete);
}

TEST_CASE("text in a URL is encoded byte by byte") {
  CHECK(percent_encode("golem/blender:latest") == "golem%2Fblender%3Alatest");
  CHECK(percent_encode("a-b._~9Z") == "a-b._~9Z");
  CHECK(percent_encode("{\"\xc3\xa9\"} \n%") == "%7B%22%C3%A9%22%7D%20%0A%25");
}

}  // namespace
}  // namespace gt::docker
