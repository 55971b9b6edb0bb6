// A container engine for tests: an HTTP server on a Unix socket of its own that answers as it is told, down to the byte,
// and can fall silent, hang up or vanish in the middle of an answer.
//
//   FakeEngine engine;
//   engine.answer("POST /containers/create", {json_answer(409, R"({"message":"in use"})")});
//   docker::Engine client({.host = engine.host()});
//
// Not cpp-httplib: version 0.11 listens on no Unix socket and always ends its answers properly.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace gt::testing {

struct Answer {
  std::string bytes = {};              // the whole answer as sent, head and body
  std::chrono::milliseconds delay{0};  // before the first byte
  enum class Then : std::uint8_t { HangUp, StaySilent, Vanish } then = Then::HangUp;
};

Answer json_answer(int status, std::string_view body);
Answer text_answer(int status, std::string_view body);
Answer chunked_answer(const std::vector<std::string>& chunks);  // 200, complete
Answer cut_answer(Answer whole, std::size_t missing_bytes);     // hangs up before the last bytes
Answer silent_answer(Answer begin = {});                        // sends this, then nothing until the client goes
Answer vanishing_answer(Answer begin);                          // sends this, then the whole engine is gone
Answer hang_up();                                               // no byte at all

struct Call {
  std::string method;
  std::string target;  // without the version
  std::string version;
  std::string body;
};

class FakeEngine {
 public:
  FakeEngine();  // listens; answers /_ping and /info
  FakeEngine(const FakeEngine&) = delete;
  FakeEngine& operator=(const FakeEngine&) = delete;
  ~FakeEngine();

  std::string host() const { return "unix://" + socket_; }
  const std::string& socket() const { return socket_; }

  // To "METHOD /path", a prefix of request line without the version; the longest one counts. Each answer is given once,
  // the last one for ever.
  void answer(const std::string& request, std::vector<Answer> answers);
  std::vector<Call> calls() const;
  std::size_t count(std::string_view request) const;  // calls that begin so

  void vanish();  // closes the socket and every connection
  void listen();  // again, after vanish()

 private:
  void accept_loop(int listener);
  void serve(int client);
  Answer next_answer(const Call& call);
  void wait_for_client(int client) const;
  void close_all();

  std::string directory_;
  std::string socket_;
  mutable std::mutex mutex_;  // guards the next four
  std::map<std::string, std::deque<Answer>> answers_;
  std::vector<Call> calls_;
  std::list<int> clients_;
  int listener_ = -1;
  std::atomic<bool> stopping_ = false;
  std::thread acceptor_;
  std::list<std::thread> servers_;
};

}  // namespace gt::testing
