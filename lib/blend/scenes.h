// What a scene file says of each of its scenes.
#pragma once

#include <optional>
#include <vector>

#include "lib/blend/contents.h"

namespace gt::blend {

// The scenes of the file itself, not those that it links, in its order. What cannot be told is said in `notes`.
std::vector<Scene> read_scenes(const Contents& contents, std::optional<int> subversion, std::vector<Finding>& notes);

// Whether strips of the sequencer, if there are any, are rendered.
bool uses_sequencer(const Record& scene);

// "Scene" of the data-block name "SCScene".
std::string data_block_name(const Record& id_block);

}  // namespace gt::blend
