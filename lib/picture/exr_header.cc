#include "lib/picture/exr_header.h"

#include <algorithm>
#include <array>
#include <bit>

#include "lib/base/text.h"

namespace gt::picture {
namespace {

using namespace std::string_literals;
using Attribute = ExrStyle::Attribute;

// Cryptomatte keeps the names of all objects in an attribute.
constexpr std::size_t k_most_header_bytes = std::size_t{4} << 20;
constexpr std::size_t k_most_channels = 1024;  // a view layer with all of Blender's passes has about 100
constexpr std::size_t k_most_attributes = 4096;
constexpr std::size_t k_longest_name = 255;
// Memory for a chunk, which OpenEXR decodes whole.
constexpr std::uint64_t k_most_chunk_bytes = std::uint64_t{1} << 30;

// Bits of the version field.
constexpr std::uint32_t k_version = 2;
constexpr std::uint32_t k_tiled = 0x200;
constexpr std::uint32_t k_long_names = 0x400;
constexpr std::uint32_t k_deep = 0x800;
constexpr std::uint32_t k_multipart = 0x1000;

Error invalid(std::string message) { return Error(ErrorCode::ResultInvalid, std::move(message)); }

const std::uint8_t* bytes_of(const std::string& text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

// Bytes of the header, of which there is a limit.
class HeaderBytes {
 public:
  explicit HeaderBytes(Source& source) : source_(source) {}

  std::string take(std::size_t count) {
    spend(count);
    std::string out(count, '\0');
    source_.read({reinterpret_cast<std::uint8_t*>(out.data()), count});
    return out;
  }
  std::uint32_t number() { return little32(bytes_of(take(4))); }
  // Up to a NUL, which is not part of it.
  std::string name() {
    std::string out;
    for (;;) {
      spend(1);
      const std::uint8_t byte = source_.read_byte();
      if (byte == 0) return out;
      if (out.size() == k_longest_name) throw invalid("the EXR has a name of more than 255 bytes: " + printable(out));
      out += static_cast<char>(byte);
    }
  }

 private:
  // Before any of it is allocated.
  void spend(std::size_t count) {
    if (count > source_.left()) throw invalid("the file is cut: it ends after " + std::to_string(source_.size()) + " bytes");
    if (count > left_) throw invalid("the EXR has a header of more than " + std::to_string(k_most_header_bytes) + " bytes");
    left_ -= count;
  }

  Source& source_;
  std::size_t left_ = k_most_header_bytes;
};

void require_one_flat_part(std::uint32_t version) {
  if ((version & 0xff) != k_version) throw invalid("the EXR has the version " + std::to_string(version & 0xff) + ", not 2");
  if ((version & k_multipart) != 0) throw invalid("the EXR has several parts; only files of one part are read");
  if ((version & k_deep) != 0) throw invalid("the EXR has deep pixels; only flat ones are read");
  if ((version & k_tiled) != 0) throw invalid("the EXR has tiles; only scan lines are read");
  if ((version & ~(0xffU | k_long_names)) != 0) throw invalid("the EXR has unknown flags in its version field");
}

std::vector<Attribute> read_attributes(HeaderBytes& bytes) {
  std::vector<Attribute> out;
  for (;;) {
    Attribute attribute;
    attribute.name = bytes.name();
    if (attribute.name.empty()) return out;
    if (out.size() == k_most_attributes)
      throw invalid("the EXR has more than " + std::to_string(k_most_attributes) + " attributes");
    attribute.type = bytes.name();
    attribute.value = bytes.take(bytes.number());
    out.push_back(std::move(attribute));
  }
}

// The value of an attribute that a file must have once.
const std::string& require(const ExrHeader& header, std::string_view name, std::string_view type, std::size_t size) {
  const auto count = std::count_if(header.attributes.begin(), header.attributes.end(),
                                   [&](const Attribute& attribute) { return attribute.name == name; });
  if (count != 1) throw invalid("the EXR has " + std::to_string(count) + " attributes " + std::string(name) + ", not 1");
  const Attribute& attribute = *header.find(name);
  if (attribute.type != type || (size != 0 && attribute.value.size() != size))
    throw invalid("the EXR has an attribute " + std::string(name) + " of type " + printable(attribute.type) + " and " +
                  std::to_string(attribute.value.size()) + " bytes");
  return attribute.value;
}

Channel read_channel(std::string_view& list) {
  constexpr std::size_t k_fixed = 16;  // type, linearity, 3 reserved, sampling in both directions
  const std::size_t end = list.find('\0');
  if (end == std::string_view::npos || end == 0 || end > k_longest_name || list.size() - end - 1 < k_fixed)
    throw invalid("the EXR has a list of channels that is cut");
  Channel channel{std::string(list.substr(0, end)), SampleType::Half};
  const std::string fixed(list.substr(end + 1, k_fixed));
  list.remove_prefix(end + 1 + k_fixed);
  constexpr SampleType k_types[] = {SampleType::Uint, SampleType::Half, SampleType::Float};
  const std::uint32_t type = little32(bytes_of(fixed));
  if (type > 2) throw invalid("the EXR has the channel " + printable(channel.name) + " of type " + std::to_string(type));
  channel.type = k_types[type];
  if (little32(bytes_of(fixed) + 8) != 1 || little32(bytes_of(fixed) + 12) != 1)
    throw invalid("the EXR has the channel " + printable(channel.name) +
                  " with fewer samples than pixels; Blender writes none such");
  return channel;
}

std::vector<Channel> read_channels(std::string_view list) {
  std::vector<Channel> out;
  while (list != "\0"s) {
    if (out.size() == k_most_channels) throw invalid("the EXR has more than " + std::to_string(k_most_channels) + " channels");
    Channel channel = read_channel(list);
    // Sorted, as the format wants them, none can be there twice.
    if (!out.empty() && out.back().name >= channel.name) throw invalid("the EXR has channels that are not sorted, or twice");
    out.push_back(std::move(channel));
  }
  if (out.empty()) throw invalid("the EXR has no channels");
  return out;
}

void set_window(ExrHeader& header) {
  const std::string& window = require(header, "dataWindow", "box2i", 16);
  std::array<std::int64_t, 4> sides{};
  for (std::size_t i = 0; i < sides.size(); ++i) sides[i] = static_cast<std::int32_t>(little32(bytes_of(window) + 4 * i));
  header.size = {sides[2] - sides[0] + 1, sides[3] - sides[1] + 1};
  header.first_row = static_cast<std::int32_t>(sides[1]);
}

void require_order(const ExrHeader& header) {
  const auto order = static_cast<unsigned char>(require(header, "lineOrder", "lineOrder", 1)[0]);
  if (order > 1) throw invalid("the EXR has the line order " + std::to_string(order) + ", which only tiles may have");
}

// OpenEXR would not write them into the joined picture.
void require_sane_view(const ExrHeader& header) {
  const auto number = [&](std::string_view name) {
    return std::bit_cast<float>(little32(bytes_of(require(header, name, "float", 4))));
  };
  const float aspect = number("pixelAspectRatio");
  if (!(aspect >= 1e-6F && aspect <= 1e6F)) throw invalid("the EXR has a pixel aspect ratio of " + std::to_string(aspect));
  const float width = number("screenWindowWidth");
  if (!(width >= 0)) throw invalid("the EXR has a screen window that is " + std::to_string(width) + " wide");
}

std::uint64_t chunk_bytes(const ExrHeader& header) {
  const std::uint64_t pixel = Layout{header.channels}.pixel_bytes();
  return pixel * static_cast<std::uint64_t>(header.size.width) * static_cast<std::uint64_t>(header.chunk_rows());
}

Error wrong_chunk(const ExrHeader& header, std::size_t chunk, const std::string& what) {
  const std::int64_t row = static_cast<std::int64_t>(chunk) * header.chunk_rows();
  return invalid("it is not a whole EXR picture: the rows from " + std::to_string(row) + " on " + what);
}

void check_chunk(const ExrHeader& header, Source& source, std::size_t chunk) {
  const std::uint64_t place = header.chunks[chunk];
  if (place == 0) throw wrong_chunk(header, chunk, "are missing");
  if (place < header.chunks_start || place > source.size() || source.size() - place < 8)
    throw wrong_chunk(header, chunk,
                      "are said to be at byte " + std::to_string(place) + " of " + std::to_string(source.size()));
  std::array<std::uint8_t, 8> start;
  source.seek(place);
  source.read(start);
  const std::int64_t row = static_cast<std::int32_t>(little32(&start[0]));
  const std::uint64_t bytes = little32(&start[4]);
  if (row != header.first_row + static_cast<std::int64_t>(chunk) * header.chunk_rows())
    throw wrong_chunk(header, chunk, "are others where the table says: those from " + std::to_string(row - header.first_row));
  // What does not become smaller is stored as it is.
  if (bytes == 0 || bytes > chunk_bytes(header)) throw wrong_chunk(header, chunk, "have " + std::to_string(bytes) + " bytes");
  if (bytes > source.left()) throw wrong_chunk(header, chunk, "are cut");
}

void read_chunks(ExrHeader& header, Source& source) {
  if (chunk_bytes(header) > k_most_chunk_bytes)
    throw invalid("the EXR has blocks of " + std::to_string(chunk_bytes(header)) + " bytes, more than the limit of " +
                  std::to_string(k_most_chunk_bytes));
  const std::int64_t count = (header.size.height + header.chunk_rows() - 1) / header.chunk_rows();
  std::array<std::uint8_t, 8> entry;
  for (std::int64_t i = 0; i < count; ++i) {
    source.read(entry);
    header.chunks.push_back(little64(entry.data()));
  }
  header.chunks_start = source.position();
  for (std::size_t i = 0; i < header.chunks.size(); ++i) check_chunk(header, source, i);
}

void put32(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 4; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

void put(std::string& out, std::string_view name, std::string_view type, std::string_view value) {
  out.append(name).append(1, '\0').append(type).append(1, '\0');
  put32(out, value.size());
  out.append(value);
}

std::string window_text(const ExrHeader& header) {
  std::string out;
  put32(out, 0);
  put32(out, static_cast<std::uint32_t>(header.first_row));
  put32(out, static_cast<std::uint64_t>(header.size.width - 1));
  put32(out, static_cast<std::uint32_t>(header.first_row + header.size.height - 1));
  return out;
}

struct KeptRow {
  std::string_view name;
  std::string_view type;
  std::size_t bytes;  // 0: any number
};
// BlenderMultiChannel makes a multilayer file one for Blender, though it has one layer only.
constexpr KeptRow k_kept[] = {{"chromaticities", "chromaticities", 32},
                              {"whiteLuminance", "float", 4},
                              {"adoptedNeutral", "v2f", 8},
                              {"pixelAspectRatio", "float", 4},
                              {"screenWindowCenter", "v2f", 8},
                              {"screenWindowWidth", "float", 4},
                              {"xDensity", "float", 4},
                              {"BlenderMultiChannel", "string", 0}};

bool is_kept(const Attribute& attribute) {
  if (attribute.name.rfind("cryptomatte/", 0) == 0) return attribute.type == "string";
  return std::any_of(std::begin(k_kept), std::end(k_kept), [&](const KeptRow& row) {
    return row.name == attribute.name && row.type == attribute.type && (row.bytes == 0 || row.bytes == attribute.value.size());
  });
}

}  // namespace

std::int64_t ExrHeader::chunk_rows() const {
  constexpr std::int64_t k_rows[] = {1, 1, 1, 16, 32, 16, 32, 32, 32, 256};
  return k_rows[static_cast<std::size_t>(compression)];
}

const Attribute* ExrHeader::find(std::string_view name) const {
  const auto place =
      std::find_if(attributes.begin(), attributes.end(), [&](const Attribute& attribute) { return attribute.name == name; });
  return place == attributes.end() ? nullptr : &*place;
}

ExrHeader read_exr_header(Source& source, Size expected) {
  source.seek(4);  // the magic has been looked at
  HeaderBytes bytes(source);
  require_one_flat_part(bytes.number());
  ExrHeader header;
  header.attributes = read_attributes(bytes);
  if (const Attribute* type = header.find("type"); type != nullptr && type->value != "scanlineimage")
    throw invalid("the EXR is of type " + printable(type->value) + "; only scan lines are read");
  set_window(header);
  require_size(header.size, expected);
  header.channels = read_channels(require(header, "channels", "chlist", 0));
  const auto compression = static_cast<unsigned char>(require(header, "compression", "compression", 1)[0]);
  if (compression > static_cast<unsigned char>(ExrCompression::Dwab))
    throw invalid("the EXR has the unknown compression " + std::to_string(compression));
  header.compression = static_cast<ExrCompression>(compression);
  require_order(header);
  require_sane_view(header);
  read_chunks(header, source);
  return header;
}

std::string plain_exr_start(const ExrHeader& header) {
  constexpr std::string_view k_one("\0\0\x80\x3f", 4);  // 1.0
  std::string out("\x76\x2f\x31\x01", 4);
  put32(out, k_version | k_long_names);
  put(out, "channels", "chlist", header.find("channels")->value);
  put(out, "compression", "compression", header.find("compression")->value);
  put(out, "dataWindow", "box2i", window_text(header));
  put(out, "displayWindow", "box2i", window_text(header));
  put(out, "lineOrder", "lineOrder", header.find("lineOrder")->value);
  put(out, "pixelAspectRatio", "float", k_one);
  put(out, "screenWindowCenter", "v2f", std::string(8, '\0'));
  put(out, "screenWindowWidth", "float", k_one);
  out += '\0';
  const std::uint64_t end = out.size() + 8 * header.chunks.size();
  for (const std::uint64_t chunk : header.chunks) {
    const std::uint64_t moved = chunk - header.chunks_start + end;
    put32(out, moved & 0xffffffff);
    put32(out, moved >> 32);
  }
  return out;
}

std::vector<Attribute> kept_attributes(const ExrHeader& header) {
  std::vector<Attribute> out;
  std::copy_if(header.attributes.begin(), header.attributes.end(), std::back_inserter(out), is_kept);
  return out;
}

}  // namespace gt::picture
