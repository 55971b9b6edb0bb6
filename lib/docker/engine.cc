#include "lib/docker/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "lib/base/text.h"

namespace gt::docker {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::string_view k_default_socket = "/var/run/docker.sock";
constexpr std::size_t k_max_socket_path = 107;  // sockaddr_un
constexpr std::string_view k_start_hint =
    "start one with systemctl start docker (Debian package docker.io), or name another socket with DOCKER_HOST=unix:///PATH";

// The newest API that this client knows; older engines are spoken to in theirs, down to the first with wait conditions.
struct ApiVersion {
  int major = 0;
  int minor = 0;
  auto operator<=>(const ApiVersion&) const = default;
};
constexpr ApiVersion k_newest{1, 44};
constexpr ApiVersion k_oldest{1, 30};

// A wait is renewed so often: an engine that hangs is noticed, and one that forgot the wait is asked again.
constexpr milliseconds k_wait_renewal{10'000};

constexpr milliseconds k_first_pause{50};
constexpr milliseconds k_longest_pause{1000};

std::string socket_path(std::string_view host) {
  if (host.empty()) return std::string(k_default_socket);
  const std::string shown = printable(host, 200);
  if (host.starts_with("unix://")) host.remove_prefix(7);
  if (host.empty() || host.find("://") != std::string_view::npos)
    throw Error(ErrorCode::Usage, "the engine's address " + shown + " is no Unix socket", {}, "give unix:///PATH");
  if (host.size() > k_max_socket_path)
    throw Error(ErrorCode::Usage, "the socket path " + shown + " is longer than the " + std::to_string(k_max_socket_path) +
                                      " bytes that the system allows");
  return std::string(host);
}

std::optional<ApiVersion> parse_version(std::string_view text) {
  ApiVersion version;
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.major);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') return {};
  const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
  if (minor.ec != std::errc() || minor.ptr != end) return {};
  return version;
}

Error unreachable(const Response& response, const std::string& socket, std::string_view action) {
  const std::string engine = "the container engine at " + printable(socket, 200);
  if (response.outcome != Outcome::NotConnected)
    return Error(ErrorCode::EngineUnreachable,
                 engine + " did not answer the request to " + std::string(action) + ": " + printable(response.failure, 200));
  const std::string why = response.os_error != 0 ? std::strerror(response.os_error) : printable(response.failure, 200);
  const bool is_permission = response.os_error == EACCES || response.os_error == EPERM;
  return Error(ErrorCode::EngineUnreachable, "no " + engine.substr(4) + ": " + why, {},
               is_permission ? "run as root or as a member of the socket's group (docker)" : std::string(k_start_hint));
}

// The engine's own words: {"message": ...}, or plain text from before it knows which version it speaks.
std::string engine_message(const std::string& body) {
  const json parsed = json::parse(body, nullptr, false);
  if (parsed.is_object() && parsed.contains("message") && parsed["message"].is_string())
    return printable(parsed["message"].get_ref<const std::string&>(), 2000);
  std::string_view text = body;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return text.empty() ? "no reason given" : printable(text, 2000);
}

Error refused(const Response& response, std::string_view action) {
  return Error(ErrorCode::EngineRefused, "the engine refused to " + std::string(action) + ": " + engine_message(response.body) +
                                             " (HTTP " + std::to_string(response.status) + ")");
}

// Reads an answer with `read`, which may use the throwing accessors of json.
template <typename Read>
auto from_answer(const Response& response, std::string_view action, Read read) {
  try {
    return read(json::parse(response.body));
  } catch (const json::exception&) {
    throw Error(ErrorCode::EngineRefused, "the engine's answer to the request to " + std::string(action) +
                                              " is not understood: " + printable(response.body, 200));
  }
}

template <typename Value>
Value value_or(const json& object, const char* key, Value otherwise) {
  const auto it = object.find(key);
  return it == object.end() || it->is_null() ? otherwise : it->get<Value>();
}

// The engine lists "/name", and "/other/alias" for links of other containers.
std::string first_name(const json& container) {
  const auto names = value_or<std::vector<std::string>>(container, "Names", {});
  return names.empty() ? std::string() : names.front().substr(names.front().starts_with('/') ? 1 : 0);
}

std::string container_path(const std::string& id, std::string_view rest) {
  return "/containers/" + percent_encode(id) + std::string(rest);
}

// What may stand in an image's name. Anything else cannot be an image, and must not become another request.
bool is_image_name(std::string_view name) {
  constexpr std::string_view k_allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/:@";
  return name.find_first_not_of(k_allowed) == std::string_view::npos && name.find("..") == std::string_view::npos &&
         name.find("//") == std::string_view::npos && name.front() != '/' && name.size() <= 512;
}

bool is_id_of(std::string_view wanted, std::string_view id) {
  constexpr std::string_view k_algorithm = "sha256:";
  if (wanted.starts_with(k_algorithm)) wanted.remove_prefix(k_algorithm.size());
  if (id.starts_with(k_algorithm)) id.remove_prefix(k_algorithm.size());
  return id.starts_with(wanted);
}

}  // namespace

Engine::Engine(EngineOptions options) : options_(std::move(options)), http_(socket_path(options_.host)) {}

void Engine::ping() {
  constexpr std::string_view k_action = "tell its version";
  Request request;
  request.target = "/_ping";
  request.total = options_.timeout;
  const Response response = http_.send(request);
  if (response.outcome != Outcome::Complete) throw unreachable(response, socket(), k_action);
  if (response.status != 200) throw refused(response, k_action);
  const std::optional<ApiVersion> offered = parse_version(response.api_version);
  if (!offered || *offered < k_oldest)
    throw Error(ErrorCode::EngineRefused, "the engine at " + printable(socket(), 200) + " speaks API version '" +
                                              printable(response.api_version) + "', 1.30 or newer is needed");
  const ApiVersion version = std::min(*offered, k_newest);
  const std::lock_guard lock(mutex_);
  version_prefix_ = "/v" + std::to_string(version.major) + "." + std::to_string(version.minor);
  dialect_ = dialect_of(response);
}

std::string Engine::versioned(std::string_view path) {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (!version_prefix_.empty()) return version_prefix_ + std::string(path);
    }
    ping();
  }
}

Dialect Engine::dialect() {
  versioned({});  // asks an engine that was never asked
  const std::lock_guard lock(mutex_);
  return dialect_;
}

Response Engine::call(Request request, std::string_view action) {
  request.target = versioned(request.target);
  if (request.total.count() == 0 && request.silence.count() == 0) request.total = options_.timeout;
  Response response = http_.send(request);
  if (response.outcome != Outcome::Complete) throw unreachable(response, socket(), action);
  return response;
}

EngineInfo Engine::info() {
  {
    const std::lock_guard lock(mutex_);
    if (info_) return *info_;
  }
  constexpr std::string_view k_action = "describe itself";
  const Response response = call({.target = "/info"}, k_action);
  if (response.status != 200) throw refused(response, k_action);
  const Dialect dialect = this->dialect();
  const EngineInfo info = from_answer(response, k_action, [dialect](const json& answer) {
    const std::string commit = answer.value("/InitCommit/ID"_json_pointer, std::string());
    EngineInfo out;
    out.memory_bytes = value_or<std::uint64_t>(answer, "MemTotal", 0);
    out.cpus = value_or<std::int64_t>(answer, "NCPU", 0);
    out.dialect = dialect;
    // "N/A" is how Docker says that it did not find the program; Podman does not tell.
    out.has_init = dialect == Dialect::Podman ? podman_host().has_init
                                              : !value_or<std::string>(answer, "InitBinary", "").empty() && commit != "N/A";
    out.version = value_or<std::string>(answer, "ServerVersion", "");
    for (const std::string& option : value_or<std::vector<std::string>>(answer, "SecurityOptions", {}))
      out.is_rootless = out.is_rootless || option == "name=rootless";
    return out;
  });
  const std::lock_guard lock(mutex_);
  info_ = info;
  return info;
}

std::optional<ImageInfo> Engine::find_image(const task::Image& image) {
  if (image.repository.empty() || !is_image_name(image.name())) return {};
  const std::string action = "look for the image " + image.name();
  const Response response = call({.target = "/images/" + percent_encode(image.name()) + "/json"}, action);
  if (response.status == 404 || is_impossible_name(dialect(), response)) return {};
  if (response.status != 200) throw refused(response, action);
  ImageInfo info = from_answer(response, action, [](const json& answer) {
    return ImageInfo{.id = answer.at("Id").get<std::string>(),
                     .tags = value_or<std::vector<std::string>>(answer, "RepoTags", {})};
  });
  if (!is_id_of(image.id, info.id)) return {};
  return info;
}

std::vector<ContainerInfo> Engine::list_containers(const Labels& labels) {
  constexpr std::string_view k_action = "list containers";
  json wanted = json::array();
  for (const auto& [key, value] : labels) wanted.push_back(key + "=" + value);
  const std::string filters = json{{"label", wanted}}.dump(-1, ' ', false, json::error_handler_t::replace);
  const Response response = call({.target = "/containers/json?all=1&filters=" + percent_encode(filters)}, k_action);
  if (response.status != 200) throw refused(response, k_action);
  return from_answer(response, k_action, [](const json& answer) {
    std::vector<ContainerInfo> out;
    for (const json& container : answer)
      out.push_back({.id = container.at("Id").get<std::string>(),
                     .name = first_name(container),
                     .state = value_or<std::string>(container, "State", ""),
                     .labels = value_or<Labels>(container, "Labels", {})});
    return out;
  });
}

bool Engine::has_answered() {
  const std::lock_guard lock(mutex_);
  return !version_prefix_.empty();
}

bool Engine::await_answer(const std::function<bool()>& give_up) {
  const Clock::time_point limit = Clock::now() + options_.patience;
  for (milliseconds pause = k_first_pause;; pause = std::min(pause * 2, k_longest_pause)) {
    Request request{.target = "/_ping", .give_up = give_up};
    request.total = std::min(options_.timeout, std::max(k_longest_pause, options_.patience));
    const Response response = http_.send(request);
    if (response.outcome == Outcome::Complete && response.status == 200) return true;
    if (Clock::now() + pause > limit || (give_up && give_up())) return false;
    std::this_thread::sleep_for(pause);
  }
}

void Engine::remove_container(const std::string& id) {
  const std::string action = "remove container " + id.substr(0, 12);
  Request request{.method = "DELETE", .target = container_path(id, "?force=1&v=1")};
  request.target = versioned(request.target);
  request.total = options_.timeout;
  // 409 while another removal is under way, 500 while a file system is busy, and a restart are over in a moment. An engine
  // that has not answered in time has had its time.
  for (milliseconds pause{50};; pause *= 2) {
    const Response response = http_.send(request);
    const bool is_complete = response.outcome == Outcome::Complete;
    if (is_complete && (response.status == 204 || response.status == 404 || response.status == 200)) return;
    if (pause > milliseconds(1000) || response.outcome == Outcome::TimedOut)
      throw is_complete ? refused(response, action) : unreachable(response, socket(), action);
    std::this_thread::sleep_for(pause);
  }
}

Created Engine::create_container(const std::string& body, const std::string& name) {
  constexpr std::string_view k_action = "create a container";
  const Response response =
      call({.method = "POST", .target = "/containers/create?name=" + percent_encode(name), .body = body}, k_action);
  if (response.status == 404)
    throw Error(ErrorCode::ImageMissing, engine_message(response.body), {},
                "build or pull it first; docker images lists what is there");
  if (response.status != 201) throw refused(response, k_action);
  return from_answer(response, k_action, [](const json& answer) {
    return Created{.id = answer.at("Id").get<std::string>(),
                   .warnings = value_or<std::vector<std::string>>(answer, "Warnings", {})};
  });
}

void Engine::start_container(const std::string& id) {
  const std::string action = "start container " + id.substr(0, 12);
  const Response response = call({.method = "POST", .target = container_path(id, "/start")}, action);
  if (response.status != 204 && response.status != 304) throw refused(response, action);
}

Engine::Signalled Engine::kill_container(const std::string& id, std::string_view signal) {
  const std::string action = "signal container " + id.substr(0, 12);
  const std::string target = container_path(id, "/kill?signal=" + percent_encode(signal));
  const Response response = call({.method = "POST", .target = target}, action);
  if (response.status == 204) return Signalled::Delivered;
  if (is_wrong_state(dialect(), response)) return Signalled::NotRunning;
  throw refused(response, action);
}

Inspection Engine::inspect_container(const std::string& id, milliseconds timeout) {
  Inspection out;
  Request request;
  request.target = versioned(container_path(id, "/json"));
  request.total = timeout;
  const Response response = http_.send(request);
  if (response.outcome != Outcome::Complete) {
    out.failure = unreachable(response, socket(), "inspect container " + id.substr(0, 12)).message();
    return out;
  }
  if (response.status == 404) {
    out.found = Inspection::Found::Gone;
    return out;
  }
  const json answer = json::parse(response.body, nullptr, false);
  const json* state = answer.is_object() && answer.contains("State") ? &answer["State"] : nullptr;
  if (response.status != 200 || state == nullptr || !state->is_object() || !state->contains("Status") ||
      !state->at("Status").is_string()) {
    out.failure = refused(response, "inspect container " + id.substr(0, 12)).message();
    return out;
  }
  out.status = state->at("Status");
  out.memory = memory_verdict(dialect(), answer);
  if (state->contains("ExitCode") && state->at("ExitCode").is_number_integer()) out.exit_code = state->at("ExitCode");
  out.found = Inspection::Found::Yes;
  return out;
}

bool Engine::wait_container(const std::string& id, const std::function<bool()>& give_up) {
  Request request{.method = "POST", .target = versioned(container_path(id, "/wait")), .give_up = give_up};
  request.total = k_wait_renewal;
  const Response response = http_.send(request);
  return response.outcome != Outcome::NotConnected && response.outcome != Outcome::Lost;
}

void Engine::attach_container(const std::string& id, const std::function<void()>& on_attached,
                              const std::function<void(std::string_view)>& on_bytes, const std::function<bool()>& give_up) {
  bool is_attached = false;
  Request request{.method = "POST", .target = versioned(container_path(id, "/attach?stream=1&stdout=1&stderr=1"))};
  request.on_head = [&] {
    is_attached = true;
    on_attached();
  };
  request.on_body = on_bytes;
  // The stream may be silent for ever, its head may not.
  const Clock::time_point limit = Clock::now() + options_.timeout;
  request.give_up = [&] { return give_up() || (!is_attached && Clock::now() > limit); };
  Response response = http_.send(request);
  if (is_attached) return;
  if (response.outcome == Outcome::GivenUp) response.failure = "no answer in time";
  const std::string action = "give the output of container " + id.substr(0, 12);
  throw response.outcome == Outcome::Complete ? refused(response, action) : unreachable(response, socket(), action);
}

bool Engine::read_logs(const std::string& id, Logs what, const std::function<void(std::string_view)>& on_bytes,
                       const std::function<bool()>& give_up) {
  const std::string_view follow = what == Logs::Follow ? "&follow=1" : "";
  Request request{.target = versioned(container_path(id, "/logs?stdout=1&stderr=1" + std::string(follow)))};
  request.on_body = on_bytes;
  request.give_up = give_up;
  if (what == Logs::SoFar) request.silence = options_.timeout;
  const Response response = http_.send(request);
  const std::string action = "give the log of container " + id.substr(0, 12);
  // Who follows a log has to look after the container anyway.
  if (response.outcome == Outcome::NotConnected && what == Logs::SoFar) throw unreachable(response, socket(), action);
  if (response.outcome != Outcome::Complete) return false;
  if (response.status != 200) throw refused(response, action);
  return true;
}

std::uint64_t Engine::memory_peak(const std::string& id) {
  Request request{.target = versioned(container_path(id, "/stats?stream=false&one-shot=true"))};
  request.total = options_.timeout;
  const Response response = http_.send(request);
  if (response.outcome != Outcome::Complete || response.status != 200) return 0;
  const json answer = json::parse(response.body, nullptr, false);
  if (!answer.is_object()) return 0;
  std::uint64_t most = 0;
  for (const char* name : {"/memory_stats/max_usage", "/memory_stats/usage"}) {
    const json::json_pointer pointer(name);
    if (answer.contains(pointer) && answer[pointer].is_number_unsigned())
      most = std::max(most, answer[pointer].get<std::uint64_t>());
  }
  return most;
}

bool Engine::was_killed_by_client(const std::string& id) {
  // Until now, to the nanosecond: until later, or without an end, the engine would go on telling.
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch() + kill_events_delay(dialect());
  const std::int64_t until = std::chrono::nanoseconds(since_epoch).count();
  constexpr std::int64_t k_second = 1'000'000'000;
  Request request{.target = versioned(fmt::format("/events?since=0&until={}.{:09}&filters={}", until / k_second,
                                                  until % k_second, percent_encode(kill_events_filter(dialect(), id).dump())))};
  request.total = options_.timeout;
  const Response response = http_.send(request);
  return response.outcome == Outcome::Complete && response.status == 200 && tells_of_kill(response.body);
}

}  // namespace gt::docker
