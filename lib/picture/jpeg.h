// JPEG pictures by libjpeg: baseline and progressive, gray or YCbCr, decoded to gray or RGB.
#pragma once

#include "lib/picture/rows.h"

namespace gt::picture {

class JpegReader : public RowReader {
 public:
  // A progressive picture is decoded to its coefficients here, which takes up to 6 bytes for each of the expected pixels.
  JpegReader(int fd, Size expected);
  ~JpegReader() override;

  void read_row(std::span<std::uint8_t> row) override;
  void finish() override;

 private:
  std::unique_ptr<class JpegDecoder> decoder_;
};

// Joins strips without decoding them further than to the coefficients of their blocks, so that nothing is lost: the picture
// decodes to exactly what the whole frame would give, had it been encoded at once. Every strip but the last must end with a
// row of blocks, and all must have been encoded alike; throws ResultInvalid otherwise. Holds the coefficients of one strip,
// not of the picture.
void join_jpeg(std::span<const StripFile> strips, std::int64_t width, OutputFile& out);

}  // namespace gt::picture
