#include "lib/docker/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <mutex>

namespace gt::docker {
namespace {

using Clock = std::chrono::steady_clock;

// One deleter per kind: CURL and CURLM are both void.
struct EasyDelete {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiDelete {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct ListDelete {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct Exchange {
  const Request& request;
  CURL* easy = nullptr;
  Response response;
  Clock::time_point last_byte = Clock::now();
  std::exception_ptr thrown;
  bool too_large = false;
};

// Calls `work` and keeps what it throws: no exception may pass through libcurl's C frames. False if it threw.
template <typename Work>
bool guarded(Exchange& exchange, Work work) {
  try {
    work();
    return true;
  } catch (...) {
    exchange.thrown = std::current_exception();
    return false;
  }
}

bool is_ok(const Exchange& exchange) {
  long status = 0;
  curl_easy_getinfo(exchange.easy, CURLINFO_RESPONSE_CODE, &status);
  return status == 200;
}

// Returns `size` to go on, anything else ends the transfer.
std::size_t on_write(char* data, std::size_t, std::size_t size, void* context) {
  Exchange& exchange = *static_cast<Exchange*>(context);
  exchange.last_byte = Clock::now();
  if (exchange.request.on_body && is_ok(exchange))
    return guarded(exchange, [&] { exchange.request.on_body({data, size}); }) ? size : 0;
  exchange.too_large = exchange.response.body.size() + size > Http::k_max_body;
  if (exchange.too_large) return 0;
  return guarded(exchange, [&] { exchange.response.body.append(data, size); }) ? size : 0;
}

bool is_same_header(std::string_view line, std::string_view lower_name) {
  return line.size() > lower_name.size() && line[lower_name.size()] == ':' &&
         std::equal(lower_name.begin(), lower_name.end(), line.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
}

// Keeps the value of the header of that name, if `line` is it and it is as short as versions are.
void keep_version(std::string_view line, std::string_view lower_name, std::string& value) {
  if (!is_same_header(line, lower_name)) return;
  line.remove_prefix(lower_name.size() + 1);
  const std::size_t first = line.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return;
  line = line.substr(first, line.find_last_not_of(" \t\r\n") - first + 1);
  if (line.size() <= 16) value = line;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* context) {
  Exchange& exchange = *static_cast<Exchange*>(context);
  exchange.last_byte = Clock::now();
  const std::string_view line(data, size);
  keep_version(line, "api-version", exchange.response.api_version);
  keep_version(line, "libpod-api-version", exchange.response.libpod_version);
  const bool is_end = line == "\r\n" || line == "\n";
  if (!is_end || !exchange.request.on_head || !is_ok(exchange)) return size;
  return guarded(exchange, exchange.request.on_head) ? size : 0;
}

// The whole state of libcurl that is shared by the process.
void initialise_once() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_NOTHING); });  // no TLS: saves a millisecond
}

void configure(CURL* easy, Exchange& exchange, const std::string& socket, const std::string& url, curl_slist* headers) {
  const Request& request = exchange.request;
  curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // http_proxy in the environment is not meant for a socket
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
  if (request.method == "POST") {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  } else if (request.method != "GET") {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

// Runs the transfer in steps of at most 100 ms; true if libcurl came to an end with `code`.
bool run(CURLM* multi, Exchange& exchange, CURLcode& code) {
  const Request& request = exchange.request;
  const Clock::time_point begin = Clock::now();
  for (;;) {
    int running = 0;
    const CURLMcode performed = curl_multi_perform(multi, &running);
    int queued = 0;
    if (const CURLMsg* message = curl_multi_info_read(multi, &queued)) {
      code = message->data.result;
      return true;
    }
    const Clock::time_point now = Clock::now();
    auto step = std::chrono::milliseconds(100);
    if (request.give_up && request.give_up()) {
      exchange.response.outcome = Outcome::GivenUp;
      return false;
    }
    const auto is_over = [&](Clock::time_point since, std::chrono::milliseconds limit) {
      if (limit.count() == 0) return false;
      step = std::min(step, std::chrono::ceil<std::chrono::milliseconds>(since + limit - now));
      return now >= since + limit;
    };
    if (is_over(begin, request.total) || is_over(exchange.last_byte, request.silence)) {
      exchange.response.outcome = Outcome::TimedOut;
      exchange.response.failure = "no answer in time";
      return false;
    }
    const CURLMcode polled = curl_multi_poll(multi, nullptr, 0, static_cast<int>(step.count()), nullptr);
    if (performed != CURLM_OK || polled != CURLM_OK) {
      code = CURLE_FAILED_INIT;
      return true;
    }
  }
}

void conclude(CURL* easy, Exchange& exchange, CURLcode code, const char* detail) {
  Response& response = exchange.response;
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  response.status = static_cast<int>(status);
  if (code == CURLE_OK) {
    response.outcome = Outcome::Complete;
    return;
  }
  response.outcome = Outcome::Lost;
  response.failure = detail[0] != '\0' ? detail : curl_easy_strerror(code);
  if (exchange.too_large) response.failure = "the answer is larger than " + std::to_string(Http::k_max_body) + " bytes";
  if (code == CURLE_COULDNT_CONNECT) {
    long os_error = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
    response.outcome = Outcome::NotConnected;
    response.os_error = static_cast<int>(os_error);
  }
}

}  // namespace

Response Http::send(const Request& request) const {
  initialise_once();
  const std::unique_ptr<CURLM, MultiDelete> multi(curl_multi_init());
  const std::unique_ptr<CURL, EasyDelete> easy(curl_easy_init());
  Exchange exchange{.request = request, .easy = easy.get(), .response = {}, .last_byte = Clock::now(), .thrown = {}};
  if (!multi || !easy) {
    exchange.response.failure = "libcurl has no memory";
    return exchange.response;
  }
  // Without "Expect:" libcurl would ask before it sends a large body.
  std::unique_ptr<curl_slist, ListDelete> headers(curl_slist_append(nullptr, "Expect:"));
  // Without a type libcurl would call an empty body a form.
  curl_slist_append(headers.get(), request.body.empty() ? "Content-Type:" : "Content-Type: application/json");
  const std::string url = "http://docker" + request.target;
  char detail[CURL_ERROR_SIZE] = "";
  configure(easy.get(), exchange, socket_, url, headers.get());
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, detail);
  curl_multi_add_handle(multi.get(), easy.get());
  CURLcode code = CURLE_OK;
  std::exception_ptr thrown;
  try {
    if (run(multi.get(), exchange, code)) conclude(easy.get(), exchange, code, detail);
  } catch (...) {
    thrown = std::current_exception();
  }
  curl_multi_remove_handle(multi.get(), easy.get());
  if (exchange.thrown) thrown = exchange.thrown;
  if (thrown) std::rethrow_exception(thrown);
  return exchange.response;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view k_plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view k_hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (k_plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += k_hex[byte >> 4];
      out += k_hex[byte & 15];
    }
  }
  return out;
}

}  // namespace gt::docker
