#include "lib/picture/tga.h"

#include <algorithm>
#include <cstring>

#include "lib/picture/swizzle.h"

namespace gt::picture {
namespace {

constexpr std::size_t k_header_bytes = 18;
constexpr std::uint32_t k_packet_pixels = 128;
constexpr std::uint8_t k_run = 0x80;  // of a packet's first byte: one pixel that repeats

// Image types.
constexpr int k_colours = 2;
constexpr int k_gray = 3;
constexpr int k_packed = 8;  // added to the others

struct TgaHeader {
  int id_bytes = 0;
  int map_type = 0;
  int type = 0;
  Size size;
  int bits = 0;
  int descriptor = 0;

  bool is_packed() const { return (type & k_packed) != 0; }
  std::size_t pixel_bytes() const { return static_cast<std::size_t>(bits / 8); }
  std::uint64_t data() const { return k_header_bytes + static_cast<std::uint64_t>(id_bytes); }
};

Error invalid(std::string message) { return Error(ErrorCode::ResultInvalid, std::move(message)); }

TgaHeader read_header(Source& source) {
  std::array<std::uint8_t, k_header_bytes> bytes;
  source.seek(0);
  source.read(bytes);
  return {.id_bytes = bytes[0],
          .map_type = bytes[1],
          .type = bytes[2],
          .size = {little16(&bytes[12]), little16(&bytes[14])},
          .bits = bytes[16],
          .descriptor = bytes[17]};
}

// Why the header is not one that is read here; empty if it is.
std::string objection(const TgaHeader& h) {
  if (h.map_type != 0) return "the TGA has a palette; Blender writes none";
  const int type = h.type & ~k_packed;
  if (type != k_colours && type != k_gray) return "the TGA has the image type " + std::to_string(h.type);
  const bool is_known = type == k_gray ? h.bits == 8 : h.bits == 24 || h.bits == 32;
  if (!is_known) return "the TGA has " + std::to_string(h.bits) + " bits per pixel; Blender writes 8, 24 or 32";
  const int alpha = h.descriptor & 0x0f;
  if (alpha != (h.bits == 32 ? 8 : 0))
    return "the TGA has " + std::to_string(alpha) + " bits of alpha in " + std::to_string(h.bits);
  if ((h.descriptor & 0xd0) != 0)
    return "the TGA has its pixels from right to left, or interleaved; Blender writes none that has";
  return {};
}

Layout layout_of(const TgaHeader& header) {
  constexpr std::string_view k_channels[] = {"Y", "", "RGB", "RGBA"};
  return plain_layout(k_channels[header.pixel_bytes() - 1], SampleType::Byte);
}

}  // namespace

bool looks_like_tga(Source& source) {
  if (source.size() < k_header_bytes) return false;
  const TgaHeader header = read_header(source);
  if (!objection(header).empty() || header.size.width == 0 || header.size.height == 0) return false;
  const auto pixels = static_cast<std::uint64_t>(header.size.width * header.size.height);
  const std::uint64_t least =
      header.is_packed() ? pixels / k_packet_pixels * (header.pixel_bytes() + 1) : pixels * header.pixel_bytes();
  return source.size() >= header.data() + least;
}

TgaReader::TgaReader(int fd, Size expected, Order order) : source_(fd), order_(order) {
  require_kind(source_, Kind::Tga);
  const TgaHeader header = read_header(source_);
  if (const std::string why = objection(header); !why.empty()) throw invalid(why);
  require_size(header.size, expected);
  header_ = {.size = header.size,
             .layout = layout_of(header),
             .style = TgaStyle{header.is_packed() ? TgaStyle::Packing::Runs : TgaStyle::Packing::Raw}};
  pixel_bytes_ = header.pixel_bytes();
  is_bottom_up_ = (header.descriptor & 0x20) == 0;
  source_.seek(header.data());
  find_rows();
}

void TgaReader::find_rows() {
  starts_.reserve(static_cast<std::size_t>(header_.size.height));
  if (std::get<TgaStyle>(header_.style).packing == TgaStyle::Packing::Raw) {
    find_raw_rows();
  } else {
    find_packed_rows();
  }
}

void TgaReader::find_raw_rows() {
  for (std::int64_t y = 0; y < header_.size.height; ++y) {
    starts_.push_back({source_.position(), 0});
    source_.seek(source_.position() + header_.row_bytes());
  }
}

// A packet may go on into the next row: TGA 1 allows it, though Blender ends packets with their row.
void TgaReader::find_packed_rows() {
  const std::int64_t width = header_.size.width;
  std::int64_t left = 0;  // pixels of the row until the packet at hand
  for (std::int64_t rows = 0; rows < header_.size.height || left > 0;) {
    const std::uint64_t packet = source_.position();
    const std::uint8_t first = source_.read_byte();
    const std::uint32_t pixels = (first & ~k_run & 0xffU) + 1;
    source_.seek(source_.position() + ((first & k_run) != 0 ? 1 : pixels) * pixel_bytes_);
    for (std::uint32_t used = 0; used < pixels;) {
      if (left == 0) {
        if (rows++ == header_.size.height) throw invalid("the last packet of the TGA is longer than its last row");
        starts_.push_back({packet, used});
        left = width;
      }
      const auto taken = static_cast<std::uint32_t>(std::min<std::int64_t>(left, pixels - used));
      used += taken;
      left -= taken;
    }
  }
}

void TgaReader::read_row(std::span<std::uint8_t> row) {
  require_row(row, header_);
  const bool is_same_order = is_bottom_up_ == (order_ == Order::BottomUp);
  const std::int64_t in_file = is_same_order ? next_ : header_.size.height - 1 - next_;
  ++next_;
  const Start start = starts_.at(static_cast<std::size_t>(in_file));
  source_.seek(start.packet);
  if (std::get<TgaStyle>(header_.style).packing == TgaStyle::Packing::Raw) {
    source_.read(row);
  } else {
    read_packed(row, start);
  }
  swap_red_and_blue(row, pixel_bytes_);
}

// The packets were within the file when their rows were found; should it have changed since, they end where the row does.
void TgaReader::read_packed(std::span<std::uint8_t> row, Start start) {
  std::uint32_t used = start.used;
  while (!row.empty()) {
    const std::uint8_t first = source_.read_byte();
    const std::uint32_t pixels = (first & ~k_run & 0xffU) + 1;
    if (used >= pixels) throw invalid("the file changed while it was read");
    const std::size_t bytes = std::min<std::size_t>(row.size(), (pixels - used) * pixel_bytes_);
    if ((first & k_run) != 0) {
      source_.read(row.first(pixel_bytes_));
      for (std::size_t i = pixel_bytes_; i < bytes; ++i) row[i] = row[i - pixel_bytes_];
    } else {
      source_.seek(source_.position() + used * pixel_bytes_);
      source_.read(row.first(bytes));
    }
    row = row.subspan(bytes);
    used = 0;
  }
}

TgaWriter::TgaWriter(OutputFile& out, const Header& header)
    : out_(out), pixel_bytes_(header.layout.pixel_bytes()), style_(std::get<TgaStyle>(header.style)) {
  const int type = (pixel_bytes_ == 1 ? k_gray : k_colours) + (style_.packing == TgaStyle::Packing::Runs ? k_packed : 0);
  std::string bytes(k_header_bytes, '\0');
  const auto put = [&](std::size_t place, std::int64_t value) { bytes[place] = static_cast<char>(value & 0xff); };
  put(2, type);
  put(12, header.size.width);
  put(13, header.size.width >> 8);
  put(14, header.size.height);
  put(15, header.size.height >> 8);
  put(16, static_cast<std::int64_t>(pixel_bytes_ * 8));
  put(17, pixel_bytes_ == 4 ? 8 : 0);
  out_.write(bytes);
}

void TgaWriter::write_row(std::span<const std::uint8_t> row) {
  row_.assign(row.begin(), row.end());
  swap_red_and_blue(row_, pixel_bytes_);
  if (style_.packing == TgaStyle::Packing::Raw) {
    out_.write({reinterpret_cast<const char*>(row_.data()), row_.size()});
  } else {
    pack(row_);
  }
}

// Packets end with their row, as TGA 2 wants it.
void TgaWriter::pack(std::span<const std::uint8_t> row) {
  const std::size_t count = row.size() / pixel_bytes_;
  const auto same = [&](std::size_t a, std::size_t b) {
    return std::memcmp(&row[a * pixel_bytes_], &row[b * pixel_bytes_], pixel_bytes_) == 0;
  };
  packed_.clear();
  for (std::size_t i = 0; i < count;) {
    const std::size_t most = std::min<std::size_t>(count - i, k_packet_pixels);
    std::size_t pixels = 1;
    while (pixels < most && same(i, i + pixels)) ++pixels;
    const bool is_run = pixels > 1;
    if (!is_run) {
      // Until two pixels are equal: those begin a run.
      while (pixels < most && (i + pixels + 1 == count || !same(i + pixels, i + pixels + 1))) ++pixels;
    }
    packed_ += static_cast<char>((is_run ? k_run : 0) + pixels - 1);
    packed_.append(reinterpret_cast<const char*>(&row[i * pixel_bytes_]), (is_run ? 1 : pixels) * pixel_bytes_);
    i += pixels;
  }
  out_.write(packed_);
}

}  // namespace gt::picture
