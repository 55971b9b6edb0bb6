// A scene for one run of luxconsole: its film gets the size, the limits and the outputs of the run, and nothing else changes.
//
// Golem's desktop program did this with regular expressions over lines: it took a comment for a parameter and a parameter on
// two lines for none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/error.h"
#include "lib/lux/settings.h"

namespace gt::lux {

struct Rewritten {
  std::string text;
  // A Note for each parameter that was changed ("integer haltspp" is [1], was [0]) or added; a Warning for what LuxRender may
  // read otherwise than we do. Each has its line and column in the scene as it was.
  std::vector<Finding> notes;
};

// Throws LuxSettings for bad settings; LuxSyntax (scene.h); LuxFilm where there is no film to rewrite: two of them, one of
// another kind than "fleximage", one behind WorldBegin, where LuxRender ignores it, or neither a Film nor a WorldBegin.
// A scene without a Film gets LuxRender's own default, a fleximage, before WorldBegin. Rewriting the result with the same
// settings gives the same text and no notes but warnings.
//
// Included files are not read. LuxRender takes the last Film that it meets: none may be in a file that is included
// (contents_of in references.h tells).
Rewritten rewrite(std::string_view text, const Settings& settings);

}  // namespace gt::lux
