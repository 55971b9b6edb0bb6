#include "lib/picture/bmp.h"

#include <algorithm>
#include <array>
#include <limits>

#include "lib/picture/swizzle.h"

namespace gt::picture {
namespace {

constexpr std::uint32_t k_file_header = 14;
constexpr std::uint32_t k_info_header = 40;
constexpr std::uint32_t k_headers = k_file_header + k_info_header;
constexpr std::uint32_t k_grays = 256;

Error invalid(std::string message) { return Error(ErrorCode::ResultInvalid, std::move(message)); }

struct BmpHeader {
  std::uint32_t data = 0;  // where the rows begin
  std::uint32_t info_bytes = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;  // negative: from the top
  int planes = 0;
  int bits = 0;
  std::uint32_t compression = 0;
  BmpStyle style;
  std::uint32_t colours = 0;
};

std::int32_t signed32(const std::uint8_t* bytes) { return static_cast<std::int32_t>(little32(bytes)); }

BmpHeader read_header(Source& source) {
  std::array<std::uint8_t, k_headers> bytes;
  source.read(bytes);
  return {.data = little32(&bytes[10]),
          .info_bytes = little32(&bytes[14]),
          .width = signed32(&bytes[18]),
          .height = signed32(&bytes[22]),
          .planes = little16(&bytes[26]),
          .bits = little16(&bytes[28]),
          .compression = little32(&bytes[30]),
          .style = {.x_density = little32(&bytes[38]), .y_density = little32(&bytes[42])},
          .colours = little32(&bytes[46])};
}

void require_plain(const BmpHeader& h) {
  if (h.info_bytes != k_info_header)
    throw invalid("the BMP has an information header of " + std::to_string(h.info_bytes) + " bytes; Blender writes 40");
  if (h.planes != 1) throw invalid("the BMP has " + std::to_string(h.planes) + " planes, not 1");
  if (h.compression != 0)
    throw invalid("the BMP has the compression " + std::to_string(h.compression) + "; Blender writes none");
  if (h.bits != 8 && h.bits != 24 && h.bits != 32)
    throw invalid("the BMP has " + std::to_string(h.bits) + " bits per pixel; Blender writes 8, 24 or 32");
}

std::uint64_t stride_of(std::uint64_t row_bytes) { return (row_bytes + 3) / 4 * 4; }

Layout layout_of(std::size_t pixel_bytes) {
  constexpr std::string_view k_channels[] = {"Y", "", "RGB", "RGBA"};
  return plain_layout(k_channels[pixel_bytes - 1], SampleType::Byte);
}

void put32(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 4; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

void put16(std::string& out, std::size_t value) {
  out += static_cast<char>(value & 0xff);
  out += static_cast<char>(value >> 8 & 0xff);
}

}  // namespace

BmpReader::BmpReader(int fd, Size expected, Order order) : source_(fd), order_(order) {
  require_kind(source_, Kind::Bmp);
  const BmpHeader header = read_header(source_);
  require_plain(header);
  is_bottom_up_ = header.height >= 0;
  const Size size{header.width, is_bottom_up_ ? header.height : -header.height};
  require_size(size, expected);
  pixel_bytes_ = static_cast<std::size_t>(header.bits / 8);
  header_ = {.size = size, .layout = layout_of(pixel_bytes_), .style = header.style};
  if (pixel_bytes_ == 1) check_palette(header.colours, header.data);
  if (header.data < k_headers) throw invalid("the BMP has its rows at byte " + std::to_string(header.data) + ", in its header");
  data_ = header.data;
  stride_ = stride_of(header_.row_bytes());
  source_.seek(data_);
  // Both factors are below 2^20: the sizes have been checked.
  source_.seek(data_ + stride_ * static_cast<std::uint64_t>(size.height));
}

// Entry i is the gray i: then an index is a value. Blender 3.4 leaves out the last entry and lets the rows begin there.
void BmpReader::check_palette(std::uint32_t colours, std::uint32_t data) {
  if (colours != 0 && colours != k_grays) throw invalid("the BMP has " + std::to_string(colours) + " colours, not 256 grays");
  const std::uint32_t entries = std::min(k_grays, (std::max(data, k_headers) - k_headers) / 4);
  if (entries < k_grays - 1) throw invalid("the BMP has its rows at byte " + std::to_string(data) + ", in its palette");
  std::array<std::uint8_t, 4 * k_grays> palette;
  source_.seek(k_headers);
  source_.read(std::span(palette).first(4 * entries));
  for (std::size_t i = 0; i < entries; ++i) {
    const auto* entry = &palette[4 * i];
    if (entry[0] != i || entry[1] != i || entry[2] != i) throw invalid("the BMP has a palette other than grays from 0 to 255");
  }
}

void BmpReader::read_row(std::span<std::uint8_t> row) {
  require_row(row, header_);
  const bool is_same_order = is_bottom_up_ == (order_ == Order::BottomUp);
  const std::int64_t in_file = is_same_order ? next_ : header_.size.height - 1 - next_;
  ++next_;
  source_.seek(data_ + stride_ * static_cast<std::uint64_t>(in_file));
  source_.read(row);
  swap_red_and_blue(row, pixel_bytes_);
}

BmpWriter::BmpWriter(OutputFile& out, const Header& header) : out_(out), pixel_bytes_(header.layout.pixel_bytes()) {
  const BmpStyle style = std::get<BmpStyle>(header.style);
  const std::uint64_t stride = stride_of(header.row_bytes());
  const std::uint64_t rows = stride * static_cast<std::uint64_t>(header.size.height);
  const std::uint32_t colours = pixel_bytes_ == 1 ? k_grays : 0;
  const std::uint64_t data = k_headers + 4 * colours;
  if (data + rows > std::numeric_limits<std::uint32_t>::max())
    throw invalid("a BMP picture of " + to_string(header.size) + " pixels would be longer than 4 GiB, which BMP cannot hold");
  row_.resize(stride);
  std::string bytes = "BM";
  for (const std::uint64_t value : {data + rows, std::uint64_t{0}, data, std::uint64_t{k_info_header}}) put32(bytes, value);
  put32(bytes, static_cast<std::uint64_t>(header.size.width));
  put32(bytes, static_cast<std::uint64_t>(header.size.height));
  put16(bytes, 1);
  put16(bytes, pixel_bytes_ * 8);
  for (const std::uint64_t value : {std::uint64_t{0}, rows, std::uint64_t{style.x_density}, std::uint64_t{style.y_density}})
    put32(bytes, value);
  put32(bytes, 0);  // colours: all of the palette
  put32(bytes, 0);
  for (std::uint32_t gray = 0; gray < colours; ++gray) put32(bytes, gray * 0x010101);
  out_.write(bytes);
}

void BmpWriter::write_row(std::span<const std::uint8_t> row) {
  std::copy(row.begin(), row.end(), row_.begin());
  swap_red_and_blue({row_.data(), row.size()}, pixel_bytes_);
  out_.write({reinterpret_cast<const char*>(row_.data()), row_.size()});
}

}  // namespace gt::picture
