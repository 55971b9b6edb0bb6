// TGA pictures as Blender writes them: 8 bit gray, 24 bit RGB or 32 bit RGBA, raw or run-length packed, from either side up.
//
// Source of the format: Truevision TGA File Format Specification 2.0 (1991).
#pragma once

#include "lib/picture/rows.h"
#include "lib/picture/source.h"

namespace gt::picture {

// A header that a TGA picture may have, and a file that is long enough for it. Leaves the source anywhere.
bool looks_like_tga(Source& source);

class TgaReader : public RowReader {
 public:
  // Reads through the whole file once to know where each row begins: rows are packed, and the last one comes first.
  TgaReader(int fd, Size expected, Order order);

  void read_row(std::span<std::uint8_t> row) override;
  void finish() override {}  // a cut file is found by the constructor

 private:
  // Where a row begins: a packet, of which some pixels belong to the row before.
  struct Start {
    std::uint64_t packet = 0;
    std::uint32_t used = 0;
  };
  void find_rows();
  void find_raw_rows();
  void find_packed_rows();
  void read_packed(std::span<std::uint8_t> row, Start start);

  Source source_;
  std::size_t pixel_bytes_ = 0;
  bool is_bottom_up_ = true;
  Order order_;
  std::vector<Start> starts_;  // in the order of the file
  std::int64_t next_ = 0;
};

// Rows from the bottom.
class TgaWriter : public RowWriter {
 public:
  TgaWriter(OutputFile& out, const Header& header);

  void write_row(std::span<const std::uint8_t> row) override;
  void finish() override {}

 private:
  void pack(std::span<const std::uint8_t> row);

  OutputFile& out_;
  std::size_t pixel_bytes_;
  TgaStyle style_;
  std::vector<std::uint8_t> row_;  // as the file has it: BGRA
  std::string packed_;
};

}  // namespace gt::picture
