// What the containers of a LuxRender task are told, and given.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "lib/run/run_directory.h"
#include "lib/run/run_plan.h"

namespace gt::run {

// Name of a result in /golem/output: "film.flm", "film.png".
std::string lux_result_name(const RunPlan& plan, const render::Subtask& subtask);

// Parameters of docker_luxtask.py.
nlohmann::ordered_json lux_params(const RunPlan& plan, const render::Subtask& subtask);

// Copies the films that `subtask` is made of into the container's working directory, where its parameters say they are. Throws
// RunState if one is not there yet.
void give_films(const RunPlan& plan, const render::Subtask& subtask, const RunDirectory& directory,
                const ContainerPaths& paths);

}  // namespace gt::run
