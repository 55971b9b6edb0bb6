// Whether a strip is what was asked for, and what its pixels are like.
#pragma once

#include "lib/picture/rows.h"

namespace gt::picture {

struct Examination {
  std::string description;  // "RGBA, 16 bit"
  std::uint64_t hash = 0;   // of the decoded samples: the same pixels have the same one in every run
  bool is_flat = false;     // all pixels are equal
  bool is_black = false;    // all samples of what is seen are 0, whatever the alpha
};

// Decodes the whole file: of this kind, `width` x strip.height pixels, neither cut nor corrupt, without NaN (infinities are
// legal). Throws ResultWrongFormat, ResultWrongSize, ResultNotANumber or, for any other fault, ResultInvalid, naming the file.
Examination examine(const StripFile& strip, Kind kind, std::int64_t width);

}  // namespace gt::picture
