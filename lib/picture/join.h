// The picture made of strips.
#pragma once

#include <span>

#include "lib/picture/preview.h"

namespace gt::picture {

// Joins strips from the top into one picture of the same kind: exactly their decoded pixels, and the same bytes each time. All
// must be `width` wide and have the same channels; of what they say about showing the picture that is kept in which all agree,
// and no text, date or profile. Nothing is lost: JPEG is joined without encoding it anew (jpeg.h), EXR that was packed with
// loss is packed without. One row or block of rows is in memory, of JPEG one strip. Throws ResultInvalid naming the strip,
// and what `out` throws; publishes nothing. `small`, of writing_order(kind), is given the rows as they pass, unless there is
// nothing in them to show.
void join(std::span<const StripFile> strips, Kind kind, std::int64_t width, OutputFile& out, Shrinker* small = nullptr);

}  // namespace gt::picture
