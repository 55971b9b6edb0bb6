// Checks of rendered strips, and the picture made of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "lib/base/files.h"
#include "lib/render/format.h"
#include "lib/render/png.h"

namespace gt::render {

// One strip's file: `fd` is open for reading at its start and stays the caller's, `name` is for messages.
struct StripFile {
  int fd = -1;
  std::string name;
  std::int64_t height = 0;  // rows that it must have
};

// Decodes the whole strip: a PNG of exactly `width` x strip.height pixels, not cut. Throws ResultInvalid.
PngInfo check_strip(const StripFile& strip, std::int64_t width);

// Joins strips from the top into one PNG, row by row: no more than one row is in memory. All must be `width` wide and have
// the same channels and depth; of the chunks that say how to show the picture those are kept in which all agree. Throws
// ResultInvalid, and what `out` throws; publishes nothing.
void stitch(std::span<const StripFile> strips, std::int64_t width, OutputFile& out);

// A whole picture in a format that is not decoded here: the file is not empty and begins as such files do.
void check_whole(const StripFile& file, const Format& format);
// Copies that picture byte for byte.
void copy_whole(const StripFile& file, OutputFile& out);

}  // namespace gt::render
