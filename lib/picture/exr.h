// OpenEXR pictures by the OpenEXR library: one part of scan lines, any channels, any compression.
//
// The channels of a pixel are in the order of the file, which is that of their names.
#pragma once

#include "lib/picture/rows.h"

namespace gt::picture {

inline constexpr int k_exr_zip = 3;  // ExrCompression::Zip, ExrStyle's default where strips differ

class ExrReader : public RowReader {
 public:
  ExrReader(int fd, Size expected);
  ~ExrReader() override;

  void read_row(std::span<std::uint8_t> row) override;
  void finish() override {}  // a cut file is found by the constructor, a chunk that is wrong by read_row

 private:
  struct State;

  std::unique_ptr<State> state_;
};

// Without loss: with ZIP where the strips' own compression loses something.
class ExrWriter : public RowWriter {
 public:
  ExrWriter(OutputFile& out, const Header& header);
  ~ExrWriter() override;

  void write_row(std::span<const std::uint8_t> row) override;
  void finish() override;

 private:
  struct State;

  std::unique_ptr<State> state_;
};

}  // namespace gt::picture
