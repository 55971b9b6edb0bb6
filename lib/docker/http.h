// HTTP over a Unix socket, with deadlines. Knows nothing of containers.
//
// A request never throws for what the other side does: the Outcome says how far it came, so that each caller can decide
// what a lost connection means to it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace gt::docker {

struct Request {
  std::string method = "GET";
  std::string target = {};               // path and query, already encoded
  std::string body = {};                 // JSON; empty is none
  std::chrono::milliseconds total{0};    // for the whole exchange; 0 is no limit
  std::chrono::milliseconds silence{0};  // between two pieces of the answer; 0 is no limit
  // Called once the head of a 200 is there, before any of its body.
  std::function<void()> on_head = {};
  // Gets the body of a 200 piece by piece; empty collects it in Response::body, as the bodies of all other answers are.
  std::function<void(std::string_view)> on_body = {};
  std::function<bool()> give_up = {};  // polled ten times a second
};

enum class Outcome : std::uint8_t {
  Complete,      // status and the whole body are there
  NotConnected,  // nobody listens on the socket, or it may not be used: nothing was sent
  Lost,          // cut off in the middle, or not HTTP
  TimedOut,
  GivenUp,  // by Request::give_up
};

struct Response {
  Outcome outcome = Outcome::Lost;
  int status = 0;
  std::string body = {};
  std::string api_version = {};     // header Api-Version
  std::string libpod_version = {};  // header Libpod-Api-Version, which only Podman sends
  std::string failure = {};         // why it is not Complete
  int os_error = 0;                 // errno of a failed connect
};

class Http {
 public:
  explicit Http(std::string socket) : socket_(std::move(socket)) {}
  const std::string& socket() const { return socket_; }

  // Thread-safe: each call has its own connection. Rethrows what the request's functions throw.
  Response send(const Request& request) const;

  // Answers that are collected in memory end here.
  static constexpr std::size_t k_max_body = std::size_t{16} << 20;

 private:
  std::string socket_;
};

// Everything but letters, digits and -._~ as %XX.
std::string percent_encode(std::string_view text);

}  // namespace gt::docker
