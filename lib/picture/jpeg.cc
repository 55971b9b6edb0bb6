#include "lib/picture/jpeg.h"

#include "lib/picture/jpeg_library.h"

namespace gt::picture {

JpegReader::JpegReader(int fd, Size expected) : decoder_(std::make_unique<JpegDecoder>(fd, expected)) {
  jpeg_decompress_struct& jpeg = decoder_->jpeg();
  const bool is_gray = jpeg.num_components == 1;
  header_ = {.size = expected, .layout = plain_layout(is_gray ? "Y" : "RGB", SampleType::Byte)};
  decoder_->run([&] {
    jpeg.out_color_space = is_gray ? JCS_GRAYSCALE : JCS_RGB;
    jpeg.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&jpeg);
  });
}

JpegReader::~JpegReader() = default;

void JpegReader::read_row(std::span<std::uint8_t> row) {
  require_row(row, header_);
  decoder_->run([&] {
    JSAMPROW place = row.data();
    jpeg_read_scanlines(&decoder_->jpeg(), &place, 1);
  });
}

void JpegReader::finish() {
  decoder_->run([&] { jpeg_finish_decompress(&decoder_->jpeg()); });
}

}  // namespace gt::picture
