#include "tools/submit-task/isolation_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/error.h"
#include "lib/base/text.h"
#include "tools/common/size.h"

namespace gt::submit {
namespace {

constexpr const char* k_group = "Isolation (what containers may do and use)";

// Whole text or nothing.
template <typename Number>
std::optional<Number> to_number(std::string_view text) {
  Number number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

Error wrong(const char* option, const std::string& value, const char* form) {
  return Error(ErrorCode::Usage, std::string(option) + " " + printable(value) + " is not of the form " + form);
}

// NAME=SOFT[:HARD], -1 is no limit; HARD is SOFT where it is left out.
docker::Ulimit to_ulimit(const std::string& text) {
  const std::size_t equals = text.find('=');
  const Error error = wrong("--ulimit", text, "NAME=SOFT[:HARD]");
  if (equals == std::string::npos || equals == 0) throw error;
  const std::string_view values = std::string_view(text).substr(equals + 1);
  const std::size_t colon = values.find(':');
  const auto soft = to_number<std::int64_t>(values.substr(0, colon));
  const auto hard = colon == std::string_view::npos ? soft : to_number<std::int64_t>(values.substr(colon + 1));
  if (!soft || !hard || *soft < -1 || *hard < -1) throw error;
  return {.name = text.substr(0, equals), .soft = *soft, .hard = *hard};
}

}  // namespace

struct IsolationOptions::Raw {
  docker::Isolation isolation;
  std::string memory;
  std::string tmp_size;
  std::string log_limit;
  double cpus = 0;
  std::string user;
  std::vector<std::string> ulimits;
};

IsolationOptions::IsolationOptions(CLI::App& app) : app_(app), raw_(std::make_unique<Raw>()) {
  docker::Isolation& isolation = raw_->isolation;
  const auto add = [&](const char* name, auto& value, const char* help, const char* type) {
    return app.add_option(name, value, help)->type_name(type)->group(k_group);
  };
  const auto add_off = [&](const char* name, bool& value, const char* help) {
    app.add_flag_callback(
           name, [&value] { value = false; }, help)
        ->group(k_group);
  };
  add("--network", isolation.network, "Network of the containers (default: none)", "NAME");
  add("--gpus", isolation.gpus, "GPUs: all, a number, or device=ID,ID (default: none)", "WHICH");
  add("--runtime", isolation.runtime, "Runtime of the engine, such as nvidia (default: the engine's)", "NAME");
  add("--user", raw_->user, "Run as this user and group (default: you)", "UID:GID");
  add("--memory", raw_->memory, "Memory of each, 0: no limit (default: by task and machine)", "SIZE");
  add("--cpus", raw_->cpus, "Processor time of each in cores, 0: no limit (default: one for each thread)", "N")
      ->check(CLI::NonNegativeNumber);
  add("--pids-limit", isolation.pids, "Processes and threads of each, 0: no limit (default: 512)", "N")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{4194304}));
  add("--tmp-size", raw_->tmp_size, "Size of /tmp, which counts as memory (default: 256M)", "SIZE");
  add("--log-limit", raw_->log_limit, "Keep so much of each output stream, and its end (default: 1G)", "SIZE");
  add("--ulimit", raw_->ulimits, "A limit as ulimit has it; repeatable (default: core=0, nofile=4096)", "NAME=SOFT[:HARD]")
      ->allow_extra_args(false);
  add_off("--writable-root", isolation.read_only_root, "Let scripts write to the container's own files");
  add_off("--keep-capabilities", isolation.drop_capabilities, "Leave the engine's default capabilities");
  add_off("--allow-new-privileges", isolation.no_new_privileges, "Let setuid programs gain privileges");
  add_off("--no-init", isolation.init, "Run Python as the first process, without an init");
}

IsolationOptions::~IsolationOptions() = default;

docker::Isolation IsolationOptions::isolation(const run::Owner& owner) const {
  docker::Isolation out = raw_->isolation;
  out.uid = owner.uid;
  out.gid = owner.gid;
  if (app_.count("--user") > 0) {
    const std::size_t colon = raw_->user.find(':');
    const auto uid = to_number<std::uint32_t>(std::string_view(raw_->user).substr(0, colon));
    const auto gid =
        colon == std::string::npos ? uid : to_number<std::uint32_t>(std::string_view(raw_->user).substr(colon + 1));
    if (!uid || !gid) throw wrong("--user", raw_->user, "UID:GID, two numbers");
    out.uid = *uid;
    out.gid = *gid;
  }
  if (app_.count("--memory") > 0) out.memory_bytes = tools::to_size("--memory", raw_->memory);
  if (app_.count("--tmp-size") > 0) out.tmp_bytes = tools::to_size("--tmp-size", raw_->tmp_size);
  if (app_.count("--log-limit") > 0) out.log_bytes = tools::to_size("--log-limit", raw_->log_limit);
  if (app_.count("--cpus") > 0) out.cpus = raw_->cpus;
  if (!out.gpus.empty()) docker::gpu_request(out.gpus);  // before anything starts
  if (out.log_bytes == 0) throw Error(ErrorCode::Usage, "--log-limit 0 would keep nothing", {}, "give a size, such as 64M");
  for (const std::string& text : raw_->ulimits) {
    const docker::Ulimit limit = to_ulimit(text);
    std::erase_if(out.ulimits, [&](const docker::Ulimit& other) { return other.name == limit.name; });
    out.ulimits.push_back(limit);
  }
  return out;
}

}  // namespace gt::submit
