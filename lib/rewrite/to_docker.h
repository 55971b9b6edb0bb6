// Makes a Docker task of a rendering task: the rules of blender2docker.
#pragma once

#include "lib/object/graph.h"
#include "lib/rewrite/changes.h"
#include "lib/task/definition.h"

namespace gt::rewrite {

// What the documentation of March 2016 promised. In this order:
// 1. A task that is one already (its environment has images, it has images, its script is a docker_*.py) stays as it is.
// 2. A task whose renderer options are not those of `renderer` (Blender or LuxRender) is refused: NotBlender.
// 3. The environment becomes the renderer's Docker environment, the image is added where it is missing (a tag that is there
//    stays), and the script <folder>/blendertask.py becomes <folder>/docker_blendertask.py, in resources, too. Classes that
//    are put in are those of the task's own era, or of March 2016 where that had no Docker.
Report to_docker(object::Graph& graph, task::Renderer renderer = task::Renderer::Blender);

// What blender2docker.py of 2016-03-25 did, quirks included (docs/formats.md d): only the exact class BlenderEnvironment is
// replaced, any renderer gets golem/blender, resources become a set, every occurrence of /gnr/task/scripts/blendertask.py
// is changed. Throws TaskWrongClass and TaskField where the script stopped.
Report to_docker_2016(object::Graph& graph);

}  // namespace gt::rewrite
