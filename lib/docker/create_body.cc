#include "lib/docker/create_body.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>

#include "lib/base/text.h"

namespace gt::docker {
namespace {

using nlohmann::ordered_json;
namespace fs = std::filesystem;

enum class Access : std::uint8_t { ReadOnly, ReadWrite };

// True if `path` is `directory` or below it; both canonical.
bool is_in(const fs::path& path, const fs::path& directory) {
  return std::mismatch(directory.begin(), directory.end(), path.begin(), path.end()).first == directory.end();
}

[[noreturn]] void refuse(const fs::path& source, const std::string& why) {
  throw Error(ErrorCode::Usage, why, {.file = source.native()}, "name another directory");
}

// The directory itself, without links on the way to it: the engine would follow them at another time than this check.
fs::path checked_source(const fs::path& source, const char* target, Access access, const std::string& socket) {
  const std::string action = std::string("mount this directory as ") + target;
  std::error_code failure;
  const fs::path absolute = fs::canonical(source, failure);
  if (failure) throw os_error(failure.value(), action, source.native());
  if (!fs::is_directory(absolute)) throw os_error(ENOTDIR, std::string("mount this as ") + target, source.native());
  if (!is_utf8(absolute.native(), Surrogates::Reject))
    throw os_error(EILSEQ, action + ", its name is not UTF-8", source.native());
  // Somebody else may have put it there, to have the container write elsewhere.
  if (access == Access::ReadWrite && fs::is_symlink(source))
    refuse(source, std::string("is a symbolic link, which is not mounted as ") + target);
  if (is_in(fs::weakly_canonical(socket, failure), absolute))
    refuse(source, "holds the engine's socket, through which a container could command the engine");
  return absolute;
}

// Mounts instead of Binds: the engine refuses a missing source instead of creating it, and a colon in it means nothing.
ordered_json mount(const fs::path& source, const char* target, Access access, const std::string& socket) {
  return {{"Type", "bind"},
          {"Source", checked_source(source, target, access, socket).native()},
          {"Target", target},
          {"ReadOnly", access == Access::ReadOnly}};
}

void add_limits(ordered_json& out, const Isolation& isolation, const EngineInfo& engine) {
  const std::uint64_t memory = isolation.memory_bytes.value_or(engine.memory_bytes);
  if (memory != 0) {
    out["Memory"] = memory;
    out["MemorySwap"] = memory;  // of both together: no swap
  }
  // The engine refuses more than there is, and as much as there is is no limit.
  const double cpus = isolation.cpus.value_or(0);
  if (cpus > 0 && cpus < static_cast<double>(engine.cpus))
    out["NanoCpus"] = static_cast<std::int64_t>(std::llround(cpus * 1e9));
  if (isolation.pids != 0) out["PidsLimit"] = isolation.pids;
  out["Ulimits"] = ordered_json::array();
  for (const Ulimit& limit : isolation.ulimits)
    out["Ulimits"].push_back({{"Name", limit.name}, {"Soft", limit.soft}, {"Hard", limit.hard}});
  out["LogConfig"] = {{"Type", "json-file"},
                      {"Config", {{"max-size", std::to_string(isolation.log_bytes)}, {"max-file", "1"}}}};
}

void add_devices(ordered_json& out, const Isolation& isolation) {
  if (!isolation.runtime.empty()) out["Runtime"] = isolation.runtime;
  if (isolation.gpus.empty()) return;
  const GpuRequest gpus = gpu_request(isolation.gpus);
  ordered_json request = {{"Driver", ""}, {"Capabilities", {{"gpu"}}}};
  if (gpus.ids.empty()) {
    request["Count"] = gpus.count;
  } else {
    request["DeviceIDs"] = gpus.ids;
  }
  out["DeviceRequests"] = {request};
}

ordered_json host_config(const JobSpec& spec, const EngineInfo& engine, const std::string& socket) {
  const Isolation& isolation = spec.isolation;
  ordered_json out;
  out["Mounts"] = {mount(spec.work_dir, "/golem/work", Access::ReadWrite, socket),
                   mount(spec.resources_dir, "/golem/resources", Access::ReadOnly, socket),
                   mount(spec.output_dir, "/golem/output", Access::ReadWrite, socket)};
  out["NetworkMode"] = isolation.network;
  out["ReadonlyRootfs"] = isolation.read_only_root;
  if (isolation.drop_capabilities) out["CapDrop"] = {"ALL"};
  if (isolation.no_new_privileges) out["SecurityOpt"] = {"no-new-privileges"};
  out["Tmpfs"] = {{"/tmp", "rw,nosuid,nodev,size=" + std::to_string(isolation.tmp_bytes)}};
  // Without an init process Python is PID 1 and ignores SIGTERM.
  if (isolation.init && engine.has_init) out["Init"] = true;
  add_limits(out, isolation, engine);
  add_devices(out, isolation);
  return out;
}

}  // namespace

GpuRequest gpu_request(std::string_view gpus) {
  constexpr std::string_view k_device = "device=";
  const Error wrong(ErrorCode::Usage, "'" + printable(gpus) + "' names no GPUs", {},
                    "give all, a number, or device=ID,ID (IDs as nvidia-smi -L lists them)");
  if (gpus == "all") return {.count = -1};
  GpuRequest out;
  if (gpus.starts_with(k_device)) {
    for (std::string_view rest = gpus.substr(k_device.size());;) {
      const std::size_t comma = rest.find(',');
      const std::string_view id = rest.substr(0, comma);
      if (id.empty() || !is_utf8(id, Surrogates::Reject)) throw wrong;
      out.ids.emplace_back(id);
      if (comma == std::string_view::npos) return out;
      rest.remove_prefix(comma + 1);
    }
  }
  const char* const end = gpus.data() + gpus.size();
  const auto parsed = std::from_chars(gpus.data(), end, out.count);
  if (parsed.ec != std::errc() || parsed.ptr != end || out.count < 1) throw wrong;
  return out;
}

ordered_json create_body(const JobSpec& spec, const EngineInfo& engine, const std::string& socket) {
  ordered_json out;
  out["Image"] = spec.image.name();
  out["Entrypoint"] = {"/usr/bin/python"};
  out["Cmd"] = {"/golem/work/job.py"};
  out["WorkingDir"] = "/golem/work";
  const bool is_caller = spec.isolation.uid == ::geteuid() && spec.isolation.gid == ::getegid();
  out["User"] =
      engine.is_rootless && is_caller ? "0:0" : std::to_string(spec.isolation.uid) + ":" + std::to_string(spec.isolation.gid);
  out["Env"] = {"HOME=/tmp", "PYTHONDONTWRITEBYTECODE=1"};
  out["Labels"] = ordered_json::object();
  for (const auto& [key, value] : spec.labels) out["Labels"][key] = value;
  out["Labels"][k_project_label] = k_project;
  out["HostConfig"] = host_config(spec, engine, socket);
  return out;
}

}  // namespace gt::docker
