// Cycles' settings of a scene: properties that its add-on keeps with the scene and the view layers.
#pragma once

#include <optional>

#include "lib/blend/contents.h"

namespace gt::blend {

// `scene` is a Scene struct. `version` is 304 for 3.4, `subversion` as in Summary.
CyclesSettings read_cycles(const Record& scene, int version, std::optional<int> subversion);

}  // namespace gt::blend
