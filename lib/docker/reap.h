// Containers whose owner was killed: which they are, and their removal.
//
// A job's container carries its owner: the process, told from a later one of the same number by its start time, and where
// that number means something: the machine, its boot and the PID namespace. Whoever cannot be told to be dead is alive, and a
// container of which not everything is known is somebody else's.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/error.h"

namespace gt::docker {

class Engine;

struct Process {
  pid_t pid = 0;
  std::uint64_t start = 0;         // clock ticks after the boot, field 22 of /proc/PID/stat
  uid_t uid = 0;                   // effective
  std::string machine = {};        // /etc/machine-id, often empty within containers
  std::string boot = {};           // /proc/sys/kernel/random/boot_id
  std::string pid_namespace = {};  // inode of /proc/self/ns/pid
};

Process this_process();

std::map<std::string, std::string> owner_labels(const Process& owner);

enum class Owner : std::uint8_t { Alive, Dead, SomebodyElse };
// The start time of a process that lives, nullopt if there is none; 0 if there is one of which nothing more can be known.
using StartOf = std::function<std::optional<std::uint64_t>(pid_t)>;
std::optional<std::uint64_t> start_of_process(pid_t pid);
// Who owns a container with these labels, as `me` sees it.
Owner owner_of(const std::map<std::string, std::string>& labels, const Process& me, const StartOf& start_of);

struct Reaped {
  std::vector<std::string> removed = {};  // names of containers
  std::vector<Finding> findings = {};     // one for each that could not be removed
};
// Kills and removes the containers of this user's dead processes, and no others. Throws what listing containers throws.
Reaped reap(Engine& engine);

}  // namespace gt::docker
