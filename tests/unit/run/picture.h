// Strips of a known picture, as a container would leave them.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/base/files.h"
#include "lib/docker/job.h"
#include "lib/picture/png.h"

namespace gt::run {

// Row `y` of the picture: every byte tells its place.
inline std::vector<std::uint8_t> picture_row(std::int64_t y, std::size_t bytes) {
  std::vector<std::uint8_t> row;
  for (std::size_t x = 0; x < bytes; ++x) row.push_back(static_cast<std::uint8_t>(static_cast<std::size_t>(y) * 31 + x * 7));
  return row;
}

// Writes strip0001.png as the parameters ask; `height` other than 0 is a wrong one.
inline void write_strip(const docker::JobSpec& spec, std::int64_t height = 0) {
  const auto first = spec.params["rows"][0].get<std::int64_t>();
  const auto end = spec.params["rows"][1].get<std::int64_t>();
  const picture::Size size{spec.params["resolution"][0].get<std::int64_t>(), height == 0 ? end - first : height};
  const picture::Header header{size, picture::plain_layout("RGBA", picture::SampleType::Byte)};
  OutputFile out(spec.output_dir / "strip0001.png");
  picture::PngWriter writer(out, header);
  for (std::int64_t y = 0; y < size.height; ++y) writer.write_row(picture_row(first + y, header.row_bytes()));
  writer.finish();
  out.publish();
}

}  // namespace gt::run
