// Strips of a known picture, as a container would leave them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lib/base/files.h"
#include "lib/docker/job.h"
#include "lib/picture/rows.h"

namespace gt::run {

// Row `y` of the picture: every byte tells its place.
inline std::vector<std::uint8_t> picture_row(std::int64_t y, std::size_t bytes) {
  std::vector<std::uint8_t> row;
  for (std::size_t x = 0; x < bytes; ++x) row.push_back(static_cast<std::uint8_t>(static_cast<std::size_t>(y) * 31 + x * 7));
  return row;
}

// Writes the result of params["subtasks"][index] as a container does. `height` other than 0 is a wrong one.
inline void write_piece(const docker::JobSpec& spec, std::size_t index, std::int64_t height = 0) {
  const auto& piece = spec.params["subtasks"][index];
  const auto first = piece["rows"][0].get<std::int64_t>();
  const auto end = piece["rows"][1].get<std::int64_t>();
  const auto left = piece["columns"][0].get<std::size_t>();
  const auto right = piece["columns"][1].get<std::size_t>();
  const picture::Header header{.size = {static_cast<std::int64_t>(right - left), height == 0 ? end - first : height},
                               .layout = picture::plain_layout("RGBA", picture::SampleType::Byte)};
  OutputFile out((spec.output_dir / piece["name"].get<std::string>()).string());
  const auto writer = picture::open_writer(out, picture::Kind::Png, header);
  const std::size_t pixel = header.layout.pixel_bytes();
  for (std::int64_t y = 0; y < header.size.height; ++y) {
    // Each frame is another picture.
    const std::vector<std::uint8_t> row =
        picture_row(first + y + 100 * (piece["frame"].get<std::int64_t>() - 1), right * pixel);
    writer->write_row(std::span(row).subspan(left * pixel));
  }
  writer->finish();
  out.publish();
}

inline std::size_t count_of(const docker::JobSpec& spec) { return spec.params["subtasks"].size(); }

inline void write_all(const docker::JobSpec& spec) {
  for (std::size_t i = 0; i < count_of(spec); ++i) write_piece(spec, i);
}

}  // namespace gt::run
