// What a container may do and use. The defaults are the tight ones; each can be changed on its own.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gt::docker {

// As setrlimit(2) has them: "nofile", "core", ...
struct Ulimit {
  std::string name;
  std::int64_t soft = 0;
  std::int64_t hard = 0;
};

struct Isolation {
  // Who runs the script: the caller, so that outputs are the caller's.
  std::uint32_t uid = ::geteuid();
  std::uint32_t gid = ::getegid();

  std::string network = "none";   // or "bridge", "host", the name of a network
  bool drop_capabilities = true;  // all of them
  bool no_new_privileges = true;  // setuid programs give nothing
  bool read_only_root = true;     // with a /tmp in memory
  bool init = true;               // a first process that passes signals on and reaps, where the engine has one

  // Absent: all that the engine's machine has. 0: no limit.
  std::optional<std::uint64_t> memory_bytes = {};      // hard, swap included
  std::optional<double> cpus = {};                     // cores' worth of time, such as 1.5
  std::int64_t pids = 512;                             // processes and threads; 0 is no limit
  std::uint64_t tmp_bytes = std::uint64_t{256} << 20;  // of /tmp, which counts as memory
  // Of what the script prints: so much is kept of each stream, and the engine keeps no more on its disk.
  std::uint64_t log_bytes = std::uint64_t{1} << 30;
  std::vector<Ulimit> ulimits = {{"core", 0, 0}, {"nofile", 4096, 4096}};

  std::string gpus = {};     // "all", a number, or "device=ID,ID" (gpu_request); empty is none
  std::string runtime = {};  // of the engine, such as "nvidia"; empty is its default
};

// What `gpus` means to the engine: a count (-1 is all) or the ids. Throws Usage for anything else.
struct GpuRequest {
  std::int64_t count = 0;
  std::vector<std::string> ids = {};
};
GpuRequest gpu_request(std::string_view gpus);

}  // namespace gt::docker
