// What a picture says of itself: the note that Blender writes where the format has a place for it.
#pragma once

#include <string>

#include "lib/picture/kind.h"

namespace gt::picture {

// The text "Note": of PNG a tEXt chunk before the pixels, of EXR an attribute, of JPEG a comment "Blender:Note:TEXT". Empty if
// there is none, and for TGA and BMP, which have no place for one. Never throws for what the file holds: examine() judges it.
std::string note_of(int fd, Kind kind);

}  // namespace gt::picture
