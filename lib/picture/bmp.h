// BMP pictures as Blender writes them: 24 bit, 32 bit, or 8 bit with a palette of grays; uncompressed, from either side up.
//
// Source of the format: BITMAPFILEHEADER, BITMAPINFOHEADER and RGBQUAD of the Windows API.
#pragma once

#include "lib/picture/rows.h"
#include "lib/picture/source.h"

namespace gt::picture {

class BmpReader : public RowReader {
 public:
  BmpReader(int fd, Size expected, Order order);

  void read_row(std::span<std::uint8_t> row) override;
  void finish() override {}  // a cut file is found by the constructor

 private:
  void check_palette(std::uint32_t colours, std::uint32_t data);

  Source source_;
  Order order_;
  bool is_bottom_up_ = true;
  std::size_t pixel_bytes_ = 0;
  std::uint64_t data_ = 0;
  std::uint64_t stride_ = 0;
  std::int64_t next_ = 0;
};

// Rows from the bottom.
class BmpWriter : public RowWriter {
 public:
  // Throws ResultInvalid for a picture of 4 GiB and more, which the format cannot hold.
  BmpWriter(OutputFile& out, const Header& header);

  void write_row(std::span<const std::uint8_t> row) override;
  void finish() override {}

 private:
  OutputFile& out_;
  std::size_t pixel_bytes_;
  std::vector<std::uint8_t> row_;  // as the file has it: BGR, padded
};

}  // namespace gt::picture
