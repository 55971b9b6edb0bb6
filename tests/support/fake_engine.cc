#include "tests/support/fake_engine.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace gt::testing {
namespace {

std::string head(int status, std::string_view type) {
  std::string out = "HTTP/1.1 " + std::to_string(status) + " Answer\r\nApi-Version: 1.41\r\nConnection: close\r\n";
  if (!type.empty()) out += "Content-Type: " + std::string(type) + "\r\n";
  return out;
}

Answer with_length(int status, std::string_view type, std::string_view body) {
  std::string bytes = head(status, type);
  // 204 and 304 have no body and must not announce one.
  if (status != 204 && status != 304) bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return {.bytes = bytes + "\r\n" + std::string(body)};
}

std::string hex(std::size_t value) {
  char text[32];
  std::snprintf(text, sizeof text, "%zx", value);
  return text;
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// Head and body of one request; empty if the client hung up.
std::string read_request(int fd) {
  std::string text;
  char chunk[65536];
  for (;;) {
    const std::size_t head_end = text.find("\r\n\r\n");
    if (head_end != std::string::npos) {
      const std::size_t field = text.find("Content-Length: ");
      const std::size_t length = field < head_end ? std::stoul(text.substr(field + 16)) : 0;
      if (text.size() >= head_end + 4 + length) return text;
    }
    const ssize_t received = ::recv(fd, chunk, sizeof chunk, 0);
    if (received <= 0) return {};
    text.append(chunk, static_cast<std::size_t>(received));
  }
}

Call parse_request(const std::string& text) {
  Call call;
  const std::size_t first = text.find(' ');
  const std::size_t second = text.find(' ', first + 1);
  call.method = text.substr(0, first);
  call.target = text.substr(first + 1, second - first - 1);
  if (call.target.starts_with("/v1.")) {
    const std::size_t slash = call.target.find('/', 1);
    call.version = call.target.substr(1, slash - 1);
    call.target.erase(0, slash);
  }
  call.body = text.substr(text.find("\r\n\r\n") + 4);
  return call;
}

}  // namespace

Answer json_answer(int status, std::string_view body) { return with_length(status, "application/json", body); }
Answer text_answer(int status, std::string_view body) { return with_length(status, "text/plain; charset=utf-8", body); }

Answer chunked_answer(const std::vector<std::string>& chunks) {
  std::string bytes = head(200, "") + "Transfer-Encoding: chunked\r\n\r\n";
  for (const std::string& chunk : chunks) bytes += hex(chunk.size()) + "\r\n" + chunk + "\r\n";
  return {.bytes = bytes + "0\r\n\r\n"};
}

Answer cut_answer(Answer whole, std::size_t missing_bytes) {
  whole.bytes.resize(whole.bytes.size() - missing_bytes);
  return whole;
}

Answer silent_answer(Answer begin) {
  begin.then = Answer::Then::StaySilent;
  return begin;
}

Answer vanishing_answer(Answer begin) {
  begin.then = Answer::Then::Vanish;
  return begin;
}

Answer hang_up() { return {}; }

FakeEngine::FakeEngine() {
  std::string pattern = (std::filesystem::temp_directory_path() / "gt-fake-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  directory_ = pattern;
  socket_ = directory_ + "/engine.sock";
  answer("GET /_ping", {text_answer(200, "OK")});
  answer("GET /info",
         {json_answer(200, R"({"MemTotal":8589934592,"NCPU":4,"InitBinary":"docker-init","ServerVersion":"fake"})")});
  listen();
}

FakeEngine::~FakeEngine() {
  close_all();
  acceptor_.join();
  for (std::thread& server : servers_) server.join();
  std::filesystem::remove_all(directory_);
}

void FakeEngine::listen() {
  if (acceptor_.joinable()) acceptor_.join();
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_.copy(address.sun_path, sizeof address.sun_path - 1);
  ::unlink(socket_.c_str());
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 16) != 0)
    throw std::runtime_error("cannot listen on " + socket_);
  stopping_ = false;
  {
    const std::lock_guard lock(mutex_);
    listener_ = listener;
  }
  acceptor_ = std::thread([this, listener] { accept_loop(listener); });
}

void FakeEngine::vanish() { close_all(); }

void FakeEngine::close_all() {
  stopping_ = true;
  const std::lock_guard lock(mutex_);
  if (listener_ >= 0) ::shutdown(listener_, SHUT_RDWR);
  listener_ = -1;
  for (const int client : clients_) ::shutdown(client, SHUT_RDWR);
}

void FakeEngine::accept_loop(int listener) {
  for (;;) {
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) break;
    const std::lock_guard lock(mutex_);
    clients_.push_back(client);
    servers_.emplace_back([this, client] { serve(client); });
  }
  ::close(listener);
}

void FakeEngine::serve(int client) {
  const std::string text = read_request(client);
  if (!text.empty()) {
    const Answer answer = next_answer(parse_request(text));
    if (answer.delay.count() > 0) std::this_thread::sleep_for(answer.delay);
    send_all(client, answer.bytes);
    if (answer.then == Answer::Then::StaySilent) wait_for_client(client);
    if (answer.then == Answer::Then::Vanish) close_all();
  }
  {
    const std::lock_guard lock(mutex_);
    clients_.remove(client);
  }
  ::close(client);
}

void FakeEngine::wait_for_client(int client) const {
  pollfd poll{.fd = client, .events = POLLIN | POLLRDHUP, .revents = 0};
  while (!stopping_ && ::poll(&poll, 1, 20) == 0) {
  }
}

Answer FakeEngine::next_answer(const Call& call) {
  const std::lock_guard lock(mutex_);
  calls_.push_back(call);
  const std::string line = call.method + " " + call.target;
  std::deque<Answer>* best = nullptr;
  std::size_t best_length = 0;
  for (auto& [prefix, answers] : answers_) {
    if (!line.starts_with(prefix) || prefix.size() < best_length) continue;
    best = &answers;
    best_length = prefix.size();
  }
  if (best == nullptr) return json_answer(404, R"({"message":"page not found"})");
  const Answer answer = best->front();
  if (best->size() > 1) best->pop_front();
  return answer;
}

void FakeEngine::answer(const std::string& request, std::vector<Answer> answers) {
  const std::lock_guard lock(mutex_);
  answers_[request] = {answers.begin(), answers.end()};
}

std::vector<Call> FakeEngine::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::size_t FakeEngine::count(std::string_view request) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(calls_.begin(), calls_.end(), [request](const Call& call) {
    return (call.method + " " + call.target).starts_with(request);
  }));
}

}  // namespace gt::testing
