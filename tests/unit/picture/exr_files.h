// EXR files by OpenEXR's own simple means.
#pragma once

#include <ImfChannelList.h>
#include <ImfFrameBuffer.h>
#include <ImfHeader.h>
#include <ImfOutputFile.h>

#include <string>

#include "tests/unit/picture/support.h"

namespace gt::testing {

// Rows from `first_row` on of a data window whose left side is at `left`. `change` may add to the header.
struct ExrOptions {
  Imf::Compression compression = Imf::ZIP_COMPRESSION;
  int left = 0;
  int first_row = 0;
  Imf::LineOrder order = Imf::INCREASING_Y;
  std::function<void(Imf::Header&)> change = {};
};

inline void write_exr(const Picture& picture, const std::string& path, const ExrOptions& options = {}) {
  const auto width = static_cast<int>(picture.header.size.width);
  const auto height = static_cast<int>(picture.header.size.height);
  const Imath::Box2i window({options.left, options.first_row}, {options.left + width - 1, options.first_row + height - 1});
  Imf::Header header(window, window);
  header.compression() = options.compression;
  header.lineOrder() = options.order;
  Imf::FrameBuffer buffer;
  const std::size_t pixel = picture.header.layout.pixel_bytes();
  const std::vector<std::size_t> offsets = picture.header.layout.offsets();
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const picture::Channel& channel = picture.header.layout.channels[i];
    const Imf::PixelType type = channel.type == SampleType::Half    ? Imf::HALF
                                : channel.type == SampleType::Float ? Imf::FLOAT
                                                                    : Imf::UINT;
    header.channels().insert(channel.name, Imf::Channel(type));
    buffer.insert(channel.name,
                  Imf::Slice::Make(type, picture.pixels.data() + offsets[i], window, pixel, picture.header.row_bytes()));
  }
  if (options.change) options.change(header);
  Imf::OutputFile file(path.c_str(), header, 0);
  file.setFrameBuffer(buffer);
  if (options.order == Imf::INCREASING_Y) {
    file.writePixels(height);
  } else {
    for (int i = 0; i < height; ++i) file.writePixels(1);
  }
}

inline Layout multilayer() {
  return {{{"ViewLayer.Combined.A", SampleType::Half},
           {"ViewLayer.Combined.B", SampleType::Half},
           {"ViewLayer.Combined.G", SampleType::Half},
           {"ViewLayer.Combined.R", SampleType::Half},
           {"ViewLayer.Depth.Z", SampleType::Float},
           {"ViewLayer.IndexOB.X", SampleType::Uint}}};
}

}  // namespace gt::testing
