// The files that a scene needs beside itself. LuxRender goes on without a texture or a mesh that it cannot find, and exits with
// 0: whoever wants the right picture must look before.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/error.h"
#include "lib/lux/rewrite.h"
#include "lib/lux/tokens.h"

namespace gt::lux {

enum class ReferenceKind : std::uint8_t {
  Include,       // a part of the scene, to be looked through as well
  File,          // a texture, a mesh, a map of light
  FileOrPreset,  // a file if there is one of that name; else LuxRender looks in its own tables
};

struct Reference {
  ReferenceKind kind = ReferenceKind::File;
  std::string name;       // as LuxRender reads it: escapes resolved
  std::string statement;  // "Texture", "Include"
  std::string parameter;  // "filename"; empty for Include
  Position at;            // of the name
};
std::string_view to_string(ReferenceKind kind);

struct Contents {
  std::vector<Reference> references;  // in the order of the text
  std::vector<Position> films;        // Film statements; those of an included file would undo what rewrite() does
};

// Throws what parse_scene throws, and LimitNodes for more than `max_references`. An empty name is no reference, nor is one
// whose file is embedded in the scene ("filename_data" beside "filename": LuxRender unpacks it where it stands).
Contents contents_of(std::string_view text, std::size_t max_references = 1'000'000);

enum class PathForm : std::uint8_t {
  Relative,  // to the directory of the main scene, where LuxRender goes: also in a file that is included from elsewhere
  Absolute,
  Windows,  // "C:\a", "\\server\a", "maps\a.png": LuxRender on Linux finds none of them; relocate() helps
};
PathForm form_of(std::string_view name);

// Where a reference leads: a relative one below `scene_directory`, an absolute one as it is. '/' stands between components,
// also where the scene has backslashes; drives and servers of Windows stay ("C:/a", "//server/a"). Pure: no file is looked for,
// and ".." is left in.
struct Resolved {
  PathForm form = PathForm::Relative;
  std::string path;
  std::string leaf;  // the last component: absolute names that are not there are looked for beside the scene, as LuxRender does
};
Resolved resolve(std::string_view name, std::string_view scene_directory);

// The text with other names for some references: a reference that is called as a key gets the value's name. Nothing else
// changes. For main scenes and included files alike. Throws LuxSettings for a name that the language cannot write.
Rewritten relocate(std::string_view text, const std::map<std::string, std::string, std::less<>>& names);

}  // namespace gt::lux
