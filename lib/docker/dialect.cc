#include "lib/docker/dialect.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <limits>
#include <string_view>

#include "lib/base/error.h"

namespace gt::docker {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

bool is_error_with(const Response& response, std::initializer_list<std::string_view> words) {
  return response.status == 500 && std::any_of(words.begin(), words.end(), [&](std::string_view word) {
           return response.body.find(word) != std::string::npos;
         });
}

// null if there is no such thing, or another where it should be.
json member(const json& object, const char* outer, const char* inner) {
  if (!object.is_object() || !object.contains(outer) || !object[outer].is_object()) return {};
  return object[outer].value(inner, json());
}

std::int64_t hard_limit(int resource) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0 || limit.rlim_max == RLIM_INFINITY)
    return std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(limit.rlim_max);
}

// Podman lowers its own limit to this, and a container's cannot be higher.
std::int64_t pid_max() {
  std::int64_t most = 0;
  return std::ifstream("/proc/sys/kernel/pid_max") >> most ? most : std::numeric_limits<std::int64_t>::max();
}

// Podman asks for 1,048,576 of what the request leaves out, which the machine may not allow: the container does not start.
void name_ulimit(ordered_json& ulimits, const char* name, std::int64_t most) {
  const auto it =
      std::find_if(ulimits.begin(), ulimits.end(), [&](const ordered_json& limit) { return limit["Name"] == name; });
  if (it == ulimits.end()) {
    const std::int64_t value = std::min<std::int64_t>(most, 1'048'576);
    ulimits.push_back({{"Name", name}, {"Soft", value}, {"Hard", value}});
    return;
  }
  for (const char* which : {"Soft", "Hard"}) (*it)[which] = std::min((*it)[which].get<std::int64_t>(), most);
}

// Podman makes one line of comma-separated values of each mount: a name with a comma would be read as more options.
bool is_safe_as_mount(std::string_view source) { return source.find_first_of(",\"\r\n") == std::string_view::npos; }

// SOURCE:TARGET:OPTIONS, which has no way to write a colon.
std::string to_bind(const ordered_json& mount) {
  const std::string& source = mount["Source"].get_ref<const std::string&>();
  if (source.find(':') != std::string::npos)
    throw Error(ErrorCode::Usage, "Podman mounts no directory with both a colon and one of , \" or a line's end in its name",
                {.file = source}, "name another directory");
  return source + ":" + mount["Target"].get<std::string>() + (mount["ReadOnly"].get<bool>() ? ":ro,rprivate" : ":rw,rprivate");
}

}  // namespace

Dialect dialect_of(const Response& ping) { return ping.libpod_version.empty() ? Dialect::Docker : Dialect::Podman; }

bool is_wrong_state(Dialect dialect, const Response& response) {
  if (dialect == Dialect::Docker) return response.status == 409;
  return response.status == 409 || is_error_with(response, {"can only kill running containers", "container state improper"});
}

bool is_impossible_name(Dialect dialect, const Response& response) {
  return response.status == 400 || (dialect == Dialect::Podman && is_error_with(response, {"normalizing image"}));
}

MemoryVerdict memory_verdict(Dialect dialect, const json& inspected) {
  if (member(inspected, "State", "OOMKilled") == true) return MemoryVerdict::OutOfMemory;
  if (dialect == Dialect::Docker) return MemoryVerdict::NotTheCause;
  const json limit = member(inspected, "HostConfig", "Memory");
  const bool is_limited = limit.is_number_unsigned() && limit != 0;
  const bool was_killed = member(inspected, "State", "ExitCode") == 128 + SIGKILL;
  return is_limited && was_killed ? MemoryVerdict::Suspected : MemoryVerdict::NotTheCause;
}

json kill_events_filter(Dialect dialect, const std::string& container) {
  json filter = {{"container", {container}}};
  if (dialect == Dialect::Docker) filter["event"] = {"kill"};
  return filter;
}

std::chrono::nanoseconds kill_events_delay(Dialect dialect) {
  return std::chrono::milliseconds(dialect == Dialect::Docker ? 0 : 300);
}

bool tells_of_kill(const std::string& events) {
  return events.find(R"("Action":"kill")") != std::string::npos || events.find(R"("Action":"stop")") != std::string::npos;
}

PodmanHost podman_host() {
  return {.max_files = hard_limit(RLIMIT_NOFILE),
          .max_processes = std::min(hard_limit(RLIMIT_NPROC), pid_max()),
          .has_init = ::access("/usr/libexec/podman/catatonit", X_OK) == 0 || ::access("/usr/bin/catatonit", X_OK) == 0};
}

void adapt_to_podman(ordered_json& body, const PodmanHost& host) {
  ordered_json& config = body["HostConfig"];
  if (config.contains("DeviceRequests"))
    throw Error(ErrorCode::Usage, "GPUs cannot be asked of Podman, whose Docker API leaves the request out without a word", {},
                "use Docker for them");
  name_ulimit(config["Ulimits"], "nofile", host.max_files);
  name_ulimit(config["Ulimits"], "nproc", host.max_processes);
  ordered_json mounts = ordered_json::array();
  ordered_json binds = ordered_json::array();
  for (const ordered_json& mount : config["Mounts"]) {
    if (is_safe_as_mount(mount["Source"].get_ref<const std::string&>())) {
      mounts.push_back(mount);
    } else {
      binds.push_back(to_bind(mount));
    }
  }
  config["Mounts"] = std::move(mounts);
  if (!binds.empty()) config["Binds"] = std::move(binds);
}

}  // namespace gt::docker
