#include "lib/picture/join.h"

#include <algorithm>

#include "lib/picture/jpeg.h"

namespace gt::picture {
namespace {

Error invalid(const StripFile& strip, std::string message) {
  return Error(ErrorCode::ResultInvalid, std::move(message), {.file = strip.name});
}

Header read_header(const StripFile& strip, Kind kind, std::int64_t width) {
  return in_file(strip.name, [&] { return open_rows(strip.fd, kind, {width, strip.height})->header(); });
}

void require_layout(const StripFile& strip, const Layout& first, const Layout& other) {
  if (const std::string what = difference(first, other); !what.empty()) throw invalid(strip, what);
}

template <typename Style>
void keep_common(Style& mine, const Style& other) {
  mine.keep_common(other);
}
void keep_common(std::monostate&, const std::monostate&) {}

// The whole picture's header, after all strips' headers have been checked against each other.
Header joined_header(std::span<const StripFile> strips, Kind kind, std::int64_t width) {
  Header whole = read_header(strips.front(), kind, width);
  for (const StripFile& strip : strips.subspan(1)) {
    const Header header = read_header(strip, kind, width);
    require_layout(strip, whole.layout, header.layout);
    std::visit([&](auto& style) { keep_common(style, std::get<std::decay_t<decltype(style)>>(header.style)); }, whole.style);
    whole.size.height += header.size.height;
  }
  return whole;
}

void append(const StripFile& strip, Kind kind, const Header& whole, RowWriter& writer, Shrinker* small) {
  const auto reader = open_rows(strip.fd, kind, {whole.size.width, strip.height}, writing_order(kind));
  // Again: rows of another size would be read beyond their end, should the file have changed since.
  require_layout(strip, whole.layout, reader->header().layout);
  std::vector<std::uint8_t> row(whole.row_bytes());
  for (std::int64_t y = 0; y < strip.height; ++y) {
    reader->read_row(row);
    writer.write_row(row);
    if (small != nullptr) small->add(row);
  }
  reader->finish();
}

}  // namespace

void join(std::span<const StripFile> strips, Kind kind, std::int64_t width, OutputFile& out, Shrinker* small) {
  if (strips.empty()) throw Error(ErrorCode::Bug, "a picture of no strips");
  if (kind == Kind::Jpeg) {
    join_jpeg(strips, width, out);
    if (small == nullptr) return;
    for (const StripFile& strip : strips) add_rows(strip, kind, width, *small);
    return;
  }
  const Header whole = joined_header(strips, kind, width);
  if (!seen_channels(whole.layout)) small = nullptr;
  if (small != nullptr) small->show(whole.layout);
  const auto writer = open_writer(out, kind, whole);
  std::vector<const StripFile*> order;
  for (const StripFile& strip : strips) order.push_back(&strip);
  if (writing_order(kind) == Order::BottomUp) std::reverse(order.begin(), order.end());
  for (const StripFile* strip : order) in_file(strip->name, [&] { append(*strip, kind, whole, *writer, small); });
  writer->finish();
}

}  // namespace gt::picture
