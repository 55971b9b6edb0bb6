// What a job's container may do, as the engine is told.
#pragma once

#include <nlohmann/json.hpp>

#include "lib/docker/job.h"

namespace gt::docker {

enum class InitProcess : std::uint8_t { Available, Missing };

// The body of POST /containers/create. Throws FileNotFound or System for directories that cannot be mounted.
nlohmann::ordered_json create_body(const JobSpec& spec, InitProcess init);

}  // namespace gt::docker
