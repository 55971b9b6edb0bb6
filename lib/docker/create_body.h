// What a job's container may do, as the engine is told.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "lib/docker/engine.h"
#include "lib/docker/job.h"

namespace gt::docker {

// The body of POST /containers/create. Throws FileNotFound or System for directories that cannot be mounted, and Usage for
// those that must not be: a link in the place of a directory that the container may write to, and whatever holds the
// engine's own socket, through which a container could command the engine.
nlohmann::ordered_json create_body(const JobSpec& spec, const EngineInfo& engine, const std::string& socket);

}  // namespace gt::docker
