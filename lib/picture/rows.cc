#include "lib/picture/rows.h"

#include <algorithm>

#include "lib/picture/bmp.h"
#include "lib/picture/exr.h"
#include "lib/picture/jpeg.h"
#include "lib/picture/png.h"
#include "lib/picture/tga.h"

namespace gt::picture {
namespace {

template <typename Value>
void keep_if_same(std::optional<Value>& mine, const std::optional<Value>& other) {
  if (mine != other) mine.reset();
}

}  // namespace

void PngStyle::keep_common(const PngStyle& other) {
  keep_if_same(gamma, other.gamma);
  keep_if_same(srgb_intent, other.srgb_intent);
  keep_if_same(density, other.density);
}

void TgaStyle::keep_common(const TgaStyle& other) {
  if (packing != other.packing) packing = Packing::Runs;
}

void BmpStyle::keep_common(const BmpStyle& other) {
  if (x_density != other.x_density || y_density != other.y_density) x_density = y_density = 0;
}

void ExrStyle::keep_common(const ExrStyle& other) {
  if (compression != other.compression) compression = k_exr_zip;
  const auto is_missing = [&](const Attribute& mine) {
    return std::find(other.attributes.begin(), other.attributes.end(), mine) == other.attributes.end();
  };
  attributes.erase(std::remove_if(attributes.begin(), attributes.end(), is_missing), attributes.end());
}

std::string to_string(const Size& size) { return std::to_string(size.width) + " x " + std::to_string(size.height); }

void require_size(Size found, Size expected) {
  if (found == expected) return;
  throw Error(ErrorCode::ResultWrongSize,
              "the picture has " + to_string(found) + " pixels, it must have " + to_string(expected));
}

void require_row(std::span<const std::uint8_t> row, const Header& header) {
  if (row.size() == header.row_bytes()) return;
  throw Error(ErrorCode::Bug, "a row of " + std::to_string(row.size()) + " bytes, not " + std::to_string(header.row_bytes()));
}

Order writing_order(Kind kind) { return kind == Kind::Tga || kind == Kind::Bmp ? Order::BottomUp : Order::TopDown; }

std::unique_ptr<RowReader> open_rows(int fd, Kind kind, Size expected, Order order) {
  if (order == Order::BottomUp && writing_order(kind) != Order::BottomUp)
    throw Error(ErrorCode::Bug, std::string(to_string(kind)) + " cannot be read from the bottom");
  switch (kind) {
    case Kind::Png: return std::make_unique<PngReader>(fd, expected);
    case Kind::Tga: return std::make_unique<TgaReader>(fd, expected, order);
    case Kind::Bmp: return std::make_unique<BmpReader>(fd, expected, order);
    case Kind::Jpeg: return std::make_unique<JpegReader>(fd, expected);
    case Kind::Exr: return std::make_unique<ExrReader>(fd, expected);
  }
  throw Error(ErrorCode::Bug, "a picture of no kind");
}

void require_writable(Kind kind, Size size) {
  const std::int64_t side = max_side(kind);
  if (size.width <= side && size.height <= side) return;
  throw Error(ErrorCode::ResultInvalid, "the whole picture has " + to_string(size) + " pixels; " +
                                            std::string(to_string(kind)) + " pictures are written up to " +
                                            std::to_string(side) + " in each direction");
}

std::unique_ptr<RowWriter> open_writer(OutputFile& out, Kind kind, const Header& header) {
  require_writable(kind, header.size);
  switch (kind) {
    case Kind::Png: return std::make_unique<PngWriter>([&out](std::string_view bytes) { out.write(bytes); }, header);
    case Kind::Tga: return std::make_unique<TgaWriter>(out, header);
    case Kind::Bmp: return std::make_unique<BmpWriter>(out, header);
    case Kind::Exr: return std::make_unique<ExrWriter>(out, header);
    case Kind::Jpeg: break;  // its strips are joined without decoding them to rows
  }
  throw Error(ErrorCode::Bug, "a picture of a kind that is not written");
}

}  // namespace gt::picture
