#include "lib/docker/reap.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <string_view>

#include "lib/base/text.h"
#include "lib/docker/engine.h"
#include "lib/docker/job.h"

namespace gt::docker {
namespace {

constexpr const char* k_pid = "io.gt-tools.owner-pid";
constexpr const char* k_start = "io.gt-tools.owner-start";
constexpr const char* k_uid = "io.gt-tools.owner-uid";
constexpr const char* k_machine = "io.gt-tools.owner-machine";
constexpr const char* k_boot = "io.gt-tools.owner-boot";
constexpr const char* k_namespace = "io.gt-tools.owner-pid-namespace";

constexpr std::uint64_t k_unknown = 0;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string line;
  std::getline(file, line, '\0');  // a process may have a newline in its name
  line.erase(line.find_last_not_of('\n') + 1);
  return line;
}

std::string label_of(const std::map<std::string, std::string>& labels, const char* name) {
  const auto found = labels.find(name);
  return found == labels.end() ? std::string() : found->second;
}

// 0 for anything that is no number: no process that can be asked for has it.
template <typename Number>
Number to_number(std::string_view text) {
  Number number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? number : Number{0};
}

}  // namespace

Process this_process() {
  Process out{.pid = ::getpid(), .start = start_of_process(::getpid()).value_or(0), .uid = ::geteuid()};
  out.machine = read_file("/etc/machine-id");
  out.boot = read_file("/proc/sys/kernel/random/boot_id");
  struct stat info {};
  if (::stat("/proc/self/ns/pid", &info) == 0) out.pid_namespace = std::to_string(info.st_ino);
  return out;
}

std::map<std::string, std::string> owner_labels(const Process& owner) {
  return {{k_pid, std::to_string(owner.pid)},
          {k_start, std::to_string(owner.start)},
          {k_uid, std::to_string(owner.uid)},
          {k_machine, owner.machine},
          {k_boot, owner.boot},
          {k_namespace, owner.pid_namespace}};
}

std::optional<std::uint64_t> start_of_process(pid_t pid) {
  const std::string text = read_file("/proc/" + std::to_string(pid) + "/stat");
  // The name, field 2, is in parentheses and may hold anything. Behind it are the state and, as the 20th, field 22.
  const std::size_t name_end = text.rfind(") ");
  if (name_end == std::string::npos) return ::kill(pid, 0) != 0 && errno == ESRCH ? std::nullopt : std::optional(k_unknown);
  std::string_view rest = std::string_view(text).substr(name_end + 2);
  const bool is_dead = rest.starts_with('Z') || rest.starts_with('X');  // and not yet waited for by its parent
  if (is_dead) return std::nullopt;
  for (int field = 3; field < 22 && !rest.empty(); ++field) rest.remove_prefix(std::min(rest.find(' ') + 1, rest.size()));
  return to_number<std::uint64_t>(rest.substr(0, rest.find(' ')));
}

Owner owner_of(const std::map<std::string, std::string>& labels, const Process& me, const StartOf& start_of) {
  const auto is_mine = [&](const char* label, const std::string& value) {
    return !value.empty() && label_of(labels, label) == value;
  };
  if (!is_mine(k_project_label, k_project) || !is_mine(k_uid, std::to_string(me.uid))) return Owner::SomebodyElse;
  const bool is_known = !label_of(labels, k_boot).empty() && !me.boot.empty();
  // Nothing survives a reboot but the containers themselves.
  if (is_known && is_mine(k_machine, me.machine) && !is_mine(k_boot, me.boot)) return Owner::Dead;
  if (!is_mine(k_boot, me.boot) || !is_mine(k_namespace, me.pid_namespace)) return Owner::SomebodyElse;
  const auto pid = to_number<pid_t>(label_of(labels, k_pid));
  const auto start = to_number<std::uint64_t>(label_of(labels, k_start));
  if (pid <= 0 || start == 0) return Owner::SomebodyElse;
  const std::optional<std::uint64_t> living = start_of(pid);
  return living && (*living == start || *living == k_unknown) ? Owner::Alive : Owner::Dead;
}

Reaped reap(Engine& engine) {
  const Process me = this_process();
  Reaped out;
  for (const ContainerInfo& container : engine.list_containers({{k_project_label, k_project}})) {
    if (owner_of(container.labels, me, start_of_process) != Owner::Dead) continue;
    try {
      engine.remove_container(container.id);
      out.removed.push_back(container.name);
    } catch (const Error& error) {
      out.findings.push_back({.message = "container " + printable(container.name, 300) +
                                         " of a run that was killed could not be removed: " + error.what()});
    }
  }
  return out;
}

}  // namespace gt::docker
