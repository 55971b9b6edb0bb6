#include "lib/picture/layout.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "lib/base/text.h"

namespace gt::picture {
namespace {

// Rows are hashed as they are in memory, so that a hash would change with the byte order.
static_assert(std::endian::native == std::endian::little, "samples are taken to be little-endian");

struct TypeRow {
  std::size_t bytes;
  std::string_view name;
};
constexpr TypeRow k_types[] = {{1, "8 bit"}, {2, "16 bit"}, {2, "half"}, {4, "float"}, {4, "32 bit integer"}};

const TypeRow& row_of(SampleType type) { return k_types[static_cast<std::size_t>(type)]; }

struct NamedSet {
  std::string_view names;
  std::string_view text;
};
constexpr NamedSet k_sets[] = {{"Y", "gray"}, {"YA", "gray with alpha"}, {"RGB", "RGB"}, {"RGBA", "RGBA"}};

std::optional<std::size_t> find_channel(const Layout& layout, std::string_view name) {
  for (std::size_t i = 0; i < layout.channels.size(); ++i) {
    if (layout.channels[i].name == name) return i;
  }
  return std::nullopt;
}

bool is_one_type(const Layout& layout) {
  return std::all_of(layout.channels.begin(), layout.channels.end(),
                     [&](const Channel& c) { return c.type == layout.channels.front().type; });
}

// Whatever the order: EXR sorts its channels by name.
bool has_exactly(const Layout& layout, std::string_view names) {
  return layout.channels.size() == names.size() && std::all_of(names.begin(), names.end(), [&](char name) {
           return find_channel(layout, std::string_view(&name, 1)).has_value();
         });
}

std::string with_type(const Channel& channel) { return printable(channel.name) + " " + std::string(row_of(channel.type).name); }

std::optional<std::array<std::size_t, 3>> colours_of(const Layout& layout, const std::string& prefix) {
  const auto red = find_channel(layout, prefix + "R");
  const auto green = find_channel(layout, prefix + "G");
  const auto blue = find_channel(layout, prefix + "B");
  if (red && green && blue) return std::array{*red, *green, *blue};
  if (const auto gray = find_channel(layout, prefix + "Y")) return std::array{*gray, *gray, *gray};
  return std::nullopt;
}

template <typename Number>
Number load(const std::uint8_t* sample) {
  Number number;
  std::memcpy(&number, sample, sizeof number);
  return number;
}

}  // namespace

std::size_t bytes_of(SampleType type) { return row_of(type).bytes; }

std::size_t Layout::pixel_bytes() const {
  std::size_t bytes = 0;
  for (const Channel& channel : channels) bytes += bytes_of(channel.type);
  return bytes;
}

std::vector<std::size_t> Layout::offsets() const {
  std::vector<std::size_t> out;
  std::size_t offset = 0;
  for (const Channel& channel : channels) {
    out.push_back(offset);
    offset += bytes_of(channel.type);
  }
  return out;
}

Layout plain_layout(std::string_view names, SampleType type) {
  Layout layout;
  for (const char name : names) layout.channels.push_back({std::string(1, name), type});
  return layout;
}

std::string to_string(const Layout& layout) {
  if (layout.channels.empty()) return "no channels";
  if (is_one_type(layout)) {
    for (const NamedSet& set : k_sets) {
      if (has_exactly(layout, set.names))
        return std::string(set.text) + ", " + std::string(row_of(layout.channels.front().type).name);
    }
  }
  constexpr std::size_t k_longest = 400;
  std::string out = std::to_string(layout.channels.size()) + " channels: ";
  for (std::size_t i = 0; i < layout.channels.size(); ++i) {
    if (out.size() > k_longest) return out + ", ...";
    out += (i == 0 ? "" : ", ") + with_type(layout.channels[i]);
  }
  return out;
}

std::string difference(const Layout& first, const Layout& other) {
  if (first == other) return {};
  const std::string a = to_string(first);
  const std::string b = to_string(other);
  if (a != b && (a.size() < 40 || b.size() < 40)) return "the strip is " + b + ", the first one is " + a;
  for (const Channel& channel : other.channels) {
    const auto same = find_channel(first, channel.name);
    if (!same) return "the strip has the channel " + printable(channel.name) + ", the first one has not";
    if (first.channels[*same].type != channel.type)
      return "the strip has " + with_type(channel) + ", the first one has " + with_type(first.channels[*same]);
  }
  for (const Channel& channel : first.channels) {
    if (!find_channel(other, channel.name))
      return "the strip does not have the channel " + printable(channel.name) + ", the first one has";
  }
  return "the strip has its channels in another order than the first one";
}

std::optional<std::array<std::size_t, 3>> seen_channels(const Layout& layout) {
  if (const auto plain = colours_of(layout, "")) return plain;
  constexpr std::string_view k_pass = ".Combined.";
  for (const Channel& channel : layout.channels) {
    const std::size_t place = channel.name.find(k_pass);
    if (place == std::string::npos) continue;
    if (const auto combined = colours_of(layout, channel.name.substr(0, place + k_pass.size()))) return combined;
  }
  return std::nullopt;
}

float half_to_float(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1f;
  const std::uint32_t fraction = bits & 0x3ff;
  if (exponent == 0) {
    const float small = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -small : small;
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

double value_of(const std::uint8_t* sample, SampleType type) {
  switch (type) {
    case SampleType::Byte: return *sample;
    case SampleType::Word: return load<std::uint16_t>(sample);
    case SampleType::Half: return half_to_float(load<std::uint16_t>(sample));
    case SampleType::Float: return load<float>(sample);
    case SampleType::Uint: return load<std::uint32_t>(sample);
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace gt::picture
