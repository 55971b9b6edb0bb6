// Rewrites a task of any year into one of March 2016: modules, classes and fields as Golem had them on 2016-03-25.
#pragma once

#include "lib/object/graph.h"
#include "lib/rewrite/changes.h"

namespace gt::rewrite {

// The root becomes the task definition, if it is something that holds one: a (Task, TaskState) dump or a task state. What is
// lost on the way, and what March 2016 has no place for, is a finding with its path. Throws TaskWrongClass where there is no
// task definition.
Report upgrade(object::Graph& graph);

// If Python forgot the renderer's options because a key was set again, makes them that key's value again. Returns whether it
// did; the findings say so.
bool restore_lost_options(object::Graph& graph, object::Value task, std::vector<Finding>& findings);

}  // namespace gt::rewrite
