// Two engines speak one API: what Podman does otherwise than Docker is here, and nowhere else. Measured with Podman 4.3.1.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "lib/docker/http.h"

namespace gt::docker {

enum class Dialect : std::uint8_t { Docker, Podman };

// By the answer to /_ping: only Podman sends the header Libpod-Api-Version.
Dialect dialect_of(const Response& ping);

// "Not in this state": killing what does not run, removing what does. Docker: 409, Podman: 500 with words of its own.
bool is_wrong_state(Dialect dialect, const Response& response);
// No image can have this name. Docker: 400, Podman: 500 with words of its own.
bool is_impossible_name(Dialect dialect, const Response& response);

// What a container's state says of its memory. Podman never says OutOfMemory; its containers that the kernel ended for
// memory look like any that was killed: ask who did it, and Suspected is what remains.
enum class MemoryVerdict : std::uint8_t { NotTheCause, Suspected, OutOfMemory };
MemoryVerdict memory_verdict(Dialect dialect, const nlohmann::json& inspected);

// What /events is asked for to learn whether a client asked for the end of the container, and the answer's verdict. Docker
// is asked for nothing else; Podman 4.3.1 finds nothing with that filter, nor if the time asked for has already passed.
nlohmann::json kill_events_filter(Dialect dialect, const std::string& container);
std::chrono::nanoseconds kill_events_delay(Dialect dialect);
bool tells_of_kill(const std::string& events);

// What the machine of the engine sets bounds to; a Unix socket makes it this one.
struct PodmanHost {
  std::int64_t max_files = 0;      // hard RLIMIT_NOFILE
  std::int64_t max_processes = 0;  // hard RLIMIT_NPROC, at most kernel.pid_max
  bool has_init = false;           // catatonit, without which Podman refuses HostConfig.Init
};
PodmanHost podman_host();

// Rewrites a request to create a container, as Docker takes it, for Podman. Throws Usage for what Podman would leave out
// without a word (GPUs), or take for something else (a directory with certain characters in its name).
void adapt_to_podman(nlohmann::ordered_json& body, const PodmanHost& host);

}  // namespace gt::docker
