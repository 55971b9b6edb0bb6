// What a decoded pixel is made of.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gt::picture {

enum class SampleType : std::uint8_t { Byte, Word, Half, Float, Uint };  // 8, 16, 16, 32, 32 bits
std::size_t bytes_of(SampleType type);

struct Channel {
  std::string name;  // R, G, B, A; Y of a gray picture; as the file says in EXR: ViewLayer.Combined.R
  SampleType type = SampleType::Byte;
  bool operator==(const Channel&) const = default;
};

// Channels in the order in which a decoded pixel holds their samples, one behind the other in the machine's byte order.
struct Layout {
  std::vector<Channel> channels;

  std::size_t pixel_bytes() const;
  std::vector<std::size_t> offsets() const;  // of the channels in a pixel
  bool operator==(const Layout&) const = default;
};

// A channel for each letter of `names`.
Layout plain_layout(std::string_view names, SampleType type);

// "RGBA, 16 bit"; "9 channels: A half, ..., ViewLayer.Depth.Z float".
std::string to_string(const Layout& layout);
// In what `other` differs from the layout of the first strip, for a message; empty if in nothing.
std::string difference(const Layout& first, const Layout& other);

// The channels that are seen as red, green and blue; one and the same three times in a gray picture. In EXR those without a
// layer, or else of the first layer that has them as its Combined pass. Absent if there are none.
std::optional<std::array<std::size_t, 3>> seen_channels(const Layout& layout);

// The sample's value as the file counts: 0 to 255 of a byte.
double value_of(const std::uint8_t* sample, SampleType type);
float half_to_float(std::uint16_t bits);

}  // namespace gt::picture
