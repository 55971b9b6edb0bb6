// A small picture of what has been rendered so far.
#pragma once

#include <span>

#include "lib/picture/rows.h"

namespace gt::picture {

struct PreviewStrip {
  StripFile file;
  Kind kind = Kind::Png;
  std::int64_t first_row = 0;  // of the whole picture
};

// Writes an RGB PNG of 8 bits with at most `max_side` pixels in a direction, each the average of those that it stands for. Rows
// that no strip has are gray. Of EXR the channels are shown that seen_channels (layout.h) finds, from linear light to sRGB
// and cut at black and white, before the average; alpha is ignored. `strips` are in the order of their rows and do not overlap.
// Throws ResultInvalid naming the strip, and what `out` throws; publishes nothing.
void write_preview(std::span<const PreviewStrip> strips, Size whole, std::int64_t max_side, OutputFile& out);

}  // namespace gt::picture
