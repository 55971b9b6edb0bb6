// So that no container is left when a test is interrupted, crashes or is killed.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <utility>

#include "lib/docker/engine.h"

namespace gt::testing {

// The label by which a test's containers are known to be its own.
std::pair<const std::string, std::string> owner_label();

// Runs `tests` in a child process and passes its exit code on. Whatever becomes of it, its containers are removed; those
// of an earlier run that was killed together with its parent are removed first. `clean` is called with the number of the
// process at the end, for what else it may have left.
int run_and_reap(docker::Engine& engine, const std::function<int()>& tests, const std::function<void(pid_t)>& clean = {});

}  // namespace gt::testing
