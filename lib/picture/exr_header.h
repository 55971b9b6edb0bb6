// The header of an OpenEXR file, read strictly before OpenEXR sees the file: the library trusts sizes of attributes, and
// repairs files that are cut.
//
// Source of the format: https://openexr.com/en/latest/OpenEXRFileLayout.html
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/picture/rows.h"
#include "lib/picture/source.h"

namespace gt::picture {

// Compressions as the file numbers them.
enum class ExrCompression : std::uint8_t { None, Rle, Zips, Zip, Piz, Pxr24, B44, B44a, Dwaa, Dwab };

struct ExrHeader {
  Size size;
  std::int32_t first_row = 0;  // of the data window, which may lie anywhere
  std::vector<Channel> channels;
  ExrCompression compression = ExrCompression::Zip;
  std::vector<ExrStyle::Attribute> attributes;
  std::vector<std::uint64_t> chunks;  // where each block of rows begins in the file
  std::uint64_t chunks_start = 0;     // where the table of chunks ends

  // Rows in a chunk.
  std::int64_t chunk_rows() const;
  const ExrStyle::Attribute* find(std::string_view name) const;
};

// Reads the header and checks it against the expected size, and then that every chunk is where the table says, whole within
// the file and of the rows that it should be. A file of several parts, of tiles or deep pixels is refused by name.
ExrHeader read_exr_header(Source& source, Size expected);

// A header with what OpenEXR needs to decode the pixels and nothing else, of a data window whose left side is at 0, and the
// table of chunks, all moved by what this is shorter than the file's own.
std::string plain_exr_start(const ExrHeader& header);

// Those attributes that say how to show or to understand the picture. Not those of one render: date, time, file, camera.
std::vector<ExrStyle::Attribute> kept_attributes(const ExrHeader& header);

}  // namespace gt::picture
