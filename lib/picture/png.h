// PNG pictures by libpng: 8 and 16 bit, gray, gray with alpha, RGB, RGBA.
//
// Text, time, profiles and unknown chunks are skipped without being decoded.
#pragma once

#include <functional>
#include <string_view>

#include "lib/picture/rows.h"

namespace gt::picture {

class PngReader : public RowReader {
 public:
  // Throws ResultInvalid unless the file is a picture of the expected size; nothing is allocated for another one.
  PngReader(int fd, Size expected);
  // Of any size that is written here, for pictures of our own.
  explicit PngReader(int fd);
  ~PngReader() override;

  void read_row(std::span<std::uint8_t> row) override;
  void finish() override;

 private:
  struct State;
  void read_header();

  std::unique_ptr<State> state_;
};

class PngWriter : public RowWriter {
 public:
  using Put = std::function<void(std::string_view bytes)>;
  PngWriter(Put put, const Header& header);
  ~PngWriter() override;

  void write_row(std::span<const std::uint8_t> row) override;
  void finish() override;

 private:
  struct State;

  std::unique_ptr<State> state_;
};

}  // namespace gt::picture
