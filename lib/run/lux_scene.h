// A LuxRender scene made ready for its containers, and what can be known to be wrong with it.
#pragma once

#include <vector>

#include "lib/base/error.h"
#include "lib/run/relocate.h"
#include "lib/run/run_plan.h"
#include "lib/run/task_files.h"

namespace gt::run {

// Where a LuxRender container has what its script makes, and which script parameter says so.
inline constexpr const char* k_lux_output = "film";

struct LuxScene {
  LuxScenes texts;
  // Errors: a scene that is included and missing, or has a film of its own, which would undo what was rewritten. Warnings: a
  // file that is named and not among the task's, without which LuxRender goes on, and exits with 0.
  std::vector<Finding> findings;
};

// Rewrites the scene of `files` for films, and for their picture, as the task says. Names of another machine become those of
// the files as the containers see them, where `map` or the place beside the scene leads to one of them. Included scenes stay
// as they are. Throws LuxSyntax, LuxFilm and LuxSettings (lib/lux), and what Input::read throws.
LuxScene make_lux_scene(const task::Definition& definition, const render::Plan& plan, const TaskFiles& files,
                        const PathMap& map);

}  // namespace gt::run
