#include "lib/docker/create_body.h"

#include <cerrno>

#include "lib/base/text.h"

namespace gt::docker {
namespace {

using nlohmann::ordered_json;
namespace fs = std::filesystem;

enum class Access : std::uint8_t { ReadOnly, ReadWrite };

// Mounts instead of Binds: the engine refuses a missing source instead of creating it, and a colon in it means nothing.
ordered_json mount(const fs::path& source, const char* target, Access access) {
  std::error_code failure;
  const fs::path absolute = fs::canonical(source, failure);
  if (failure) throw os_error(failure.value(), std::string("mount this directory as ") + target, source.native());
  if (!fs::is_directory(absolute)) throw os_error(ENOTDIR, std::string("mount this as ") + target, source.native());
  if (!is_utf8(absolute.native(), Surrogates::Reject))
    throw os_error(EILSEQ, std::string("mount this directory as ") + target + ", its name is not UTF-8", source.native());
  return {{"Type", "bind"}, {"Source", absolute.native()}, {"Target", target}, {"ReadOnly", access == Access::ReadOnly}};
}

ordered_json host_config(const JobSpec& spec, InitProcess init) {
  const Isolation& isolation = spec.isolation;
  ordered_json out;
  out["Mounts"] = {mount(spec.work_dir, "/golem/work", Access::ReadWrite),
                   mount(spec.resources_dir, "/golem/resources", Access::ReadOnly),
                   mount(spec.output_dir, "/golem/output", Access::ReadWrite)};
  out["NetworkMode"] = "none";
  if (isolation.memory_bytes != 0) {  // the engine takes 0 for no limit, but only if both are left out on some hosts
    out["Memory"] = isolation.memory_bytes;
    out["MemorySwap"] = isolation.memory_bytes;
  }
  out["PidsLimit"] = isolation.pids;
  out["ReadonlyRootfs"] = true;
  out["CapDrop"] = {"ALL"};
  out["SecurityOpt"] = {"no-new-privileges"};
  out["Tmpfs"] = {{"/tmp", "rw,nosuid,nodev,size=" + std::to_string(isolation.tmp_bytes)}};
  // Without an init process Python is PID 1 and ignores SIGTERM.
  if (init == InitProcess::Available) out["Init"] = true;
  out["LogConfig"] = {{"Type", "json-file"},
                      {"Config", {{"max-size", std::to_string(isolation.log_bytes)}, {"max-file", "1"}}}};
  return out;
}

}  // namespace

ordered_json create_body(const JobSpec& spec, InitProcess init) {
  ordered_json out;
  out["Image"] = spec.image.name();
  out["Entrypoint"] = {"/usr/bin/python"};
  out["Cmd"] = {"/golem/work/job.py"};
  out["WorkingDir"] = "/golem/work";
  out["User"] = std::to_string(spec.isolation.uid) + ":" + std::to_string(spec.isolation.gid);
  out["Env"] = {"HOME=/tmp", "PYTHONDONTWRITEBYTECODE=1"};
  out["Labels"] = ordered_json::object();
  for (const auto& [key, value] : spec.labels) out["Labels"][key] = value;
  out["Labels"][k_project_label] = k_project;
  out["HostConfig"] = host_config(spec, init);
  return out;
}

}  // namespace gt::docker
