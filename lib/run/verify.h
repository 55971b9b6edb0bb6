// Rendering again: a box of a result, in a process of its own, must come out the same.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/run/executor.h"
#include "lib/run/group_runner.h"
#include "lib/run/run_plan.h"

namespace gt::run {

// Which boxes the task's verification_options ask for: of every subtask, of the first, or of some. The same `seed` gives the
// same boxes. A box is no larger than its subtask; as in the old program its height is even, and 8 pixels at least where there
// are so many.
std::vector<Verification> choose_verifications(const task::Verification& wanted, const render::Plan& plan, std::uint64_t seed);

// The box that a result is verified by though the task asks for none, since a picture of nothing but black is more often a
// failure than a night: all of it.
Verification whole_of(const RunPlan& plan, std::int64_t subtask);

// Verifies task.boxes in one container. A result that is equal is marked in its record;
// one that differs is taken out of it, and its subtask has failed. What the container itself meets with is no fault of the
// results: a failure of engine or scene is told for the first of them.
GroupEnd run_verifications(const GroupParts& parts, const GroupTask& task);

}  // namespace gt::run
