// JPEG files by libjpeg's own simple means.
#pragma once

#include <cstdio>
// After it: it uses its types without including it.
#include <jpeglib.h>

#include <string>

#include "tests/unit/picture/support.h"

namespace gt::testing {

struct JpegOptions {
  int quality = 90;
  int h_sampling = 2;  // of the brightness; the colours have 1
  int v_sampling = 2;
  enum class Scans { One, Many, Progressive } scans = Scans::One;  // many: one for each of three channels
  J_COLOR_SPACE space = JCS_UNKNOWN;                               // unknown: gray or YCbCr
};

// Of a gray or RGB picture; a fault of libjpeg ends the test program.
inline void write_jpeg(const Picture& picture, const std::string& path, const JpegOptions& options = {}) {
  jpeg_compress_struct jpeg;
  jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  FILE* file = std::fopen(path.c_str(), "wb");
  jpeg_stdio_dest(&jpeg, file);
  jpeg.image_width = static_cast<JDIMENSION>(picture.header.size.width);
  jpeg.image_height = static_cast<JDIMENSION>(picture.header.size.height);
  jpeg.input_components = static_cast<int>(picture.header.layout.channels.size());
  constexpr J_COLOR_SPACE k_spaces[] = {JCS_UNKNOWN, JCS_GRAYSCALE, JCS_UNKNOWN, JCS_RGB, JCS_CMYK};
  jpeg.in_color_space = k_spaces[jpeg.input_components];
  jpeg_set_defaults(&jpeg);
  if (options.space != JCS_UNKNOWN) jpeg_set_colorspace(&jpeg, options.space);
  jpeg_set_quality(&jpeg, options.quality, TRUE);
  if (jpeg.num_components == 3 && options.space == JCS_UNKNOWN) {
    jpeg.comp_info[0].h_samp_factor = options.h_sampling;
    jpeg.comp_info[0].v_samp_factor = options.v_sampling;
  }
  if (options.scans == JpegOptions::Scans::Progressive) jpeg_simple_progression(&jpeg);
  const jpeg_scan_info one_each[] = {{1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
  if (options.scans == JpegOptions::Scans::Many) {
    jpeg.scan_info = one_each;
    jpeg.num_scans = 3;
  }
  jpeg_start_compress(&jpeg, TRUE);
  for (std::int64_t y = 0; y < picture.header.size.height; ++y) {
    JSAMPROW row = const_cast<JSAMPROW>(picture.row(y).data());
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  std::fclose(file);
  jpeg_destroy_compress(&jpeg);
}

// Brightness and colours that change slowly, as JPEG has them.
inline Picture smooth(Size size, Layout layout) {
  Picture picture{{size, std::move(layout)}, {}};
  for (std::int64_t y = 0; y < size.height; ++y) {
    for (std::int64_t x = 0; x < size.width; ++x) {
      for (std::size_t channel = 0; channel < picture.header.layout.channels.size(); ++channel) {
        const auto c = static_cast<std::int64_t>(channel);
        picture.pixels.push_back(static_cast<std::uint8_t>((x * (5 + c) + y * (3 + 2 * c) + x * y / 7) / 2));
      }
    }
  }
  return picture;
}

}  // namespace gt::testing
