// What plans of different renderers have in common; for plan.cc and other_plans.cc only.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "lib/render/plan.h"

namespace gt::render {

enum class Work : std::uint8_t { Blender, LuxRender, Python };

// Throws NotBlender for a task that none of them can do.
Work work_of(const task::Definition& definition);

Plan plan_films(const task::Definition& definition, const PlanOptions& options);    // LuxRender
Plan plan_program(const task::Definition& definition, const PlanOptions& options);  // Python

// What stands behind `place`, a path in the task or an option, cannot be rendered.
Error refused(std::string message, const std::string& place, std::string hint = {});

// Throws PlanInvalid for a picture of no pixels, or of more than Blender renders.
std::array<std::int64_t, 2> plan_resolution(const task::Definition& definition);

// The task's number of subtasks; `otherwise` where the old program took that: outside of its range, or left to it. Then
// `notes` gets one that ends in `text`: "6 strips ...".
std::int64_t plan_total(const task::Definition& definition, std::int64_t otherwise, const std::string& text,
                        std::vector<Finding>& notes);

}  // namespace gt::render
