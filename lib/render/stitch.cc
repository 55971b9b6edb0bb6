#include "lib/render/stitch.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "lib/base/text.h"

namespace gt::render {
namespace {

Error invalid(const StripFile& strip, std::string message) {
  return Error(ErrorCode::ResultInvalid, std::move(message), {.file = strip.name});
}

// Runs `body`, naming the strip in what it throws.
template <typename Body>
void for_strip(const StripFile& strip, const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::ResultInvalid) throw;
    throw error.in_file(strip.name);
  }
}

void require_type(const PngInfo& info, const StripFile& strip, const PixelType& first) {
  if (info.type == first) return;
  throw invalid(strip, "the strip is " + to_string(info.type) + ", the first one is " + to_string(first));
}

void require_size(const PngInfo& info, const StripFile& strip, std::int64_t width) {
  if (info.width == width && info.height == strip.height) return;
  throw invalid(strip, "the picture has " + std::to_string(info.width) + " x " + std::to_string(info.height) +
                           " pixels, it must have " + std::to_string(width) + " x " + std::to_string(strip.height));
}

// Hands every row of the strip to `use`.
template <typename Use>
void read_rows(PngReader& reader, std::vector<std::uint8_t>& row, const Use& use) {
  row.resize(reader.info().row_bytes());
  for (std::int64_t y = 0; y < reader.info().height; ++y) {
    reader.read_row(row);
    use();
  }
  reader.finish();
}

void rewind(const StripFile& strip) {
  if (::lseek(strip.fd, 0, SEEK_SET) != 0) throw os_error(errno, "read", strip.name);
}

PngInfo read_header(const StripFile& strip, std::int64_t width) {
  PngInfo info;
  for_strip(strip, [&] { info = PngReader(strip.fd).info(); });
  require_size(info, strip, width);
  rewind(strip);
  return info;
}

// The whole picture's header, after all strips' headers have been checked against each other.
PngInfo joined_header(std::span<const StripFile> strips, std::int64_t width) {
  PngInfo whole = read_header(strips.front(), width);
  for (const StripFile& strip : strips.subspan(1)) {
    const PngInfo info = read_header(strip, width);
    require_type(info, strip, whole.type);
    if (info.appearance.gamma != whole.appearance.gamma) whole.appearance.gamma.reset();
    if (info.appearance.srgb_intent != whole.appearance.srgb_intent) whole.appearance.srgb_intent.reset();
    if (info.appearance.density != whole.appearance.density) whole.appearance.density.reset();
    whole.height += info.height;
  }
  return whole;
}

std::size_t read_some(const StripFile& file, std::span<char> buffer) {
  for (;;) {
    const ssize_t got = ::read(file.fd, buffer.data(), buffer.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) throw os_error(errno, "read", file.name);
  }
}

}  // namespace

PngInfo check_strip(const StripFile& strip, std::int64_t width) {
  PngInfo info;
  for_strip(strip, [&] {
    PngReader reader(strip.fd);
    info = reader.info();
    // Before the rows: a picture of another size may be huge.
    require_size(info, strip, width);
    std::vector<std::uint8_t> row;
    read_rows(reader, row, [] {});
  });
  return info;
}

void stitch(std::span<const StripFile> strips, std::int64_t width, OutputFile& out) {
  const PngInfo whole = joined_header(strips, width);
  PngWriter writer(out, whole);
  std::vector<std::uint8_t> row;
  for (const StripFile& strip : strips) {
    for_strip(strip, [&] {
      PngReader reader(strip.fd);
      // Again: rows of another size would be read beyond their end, should the file have changed since.
      require_size(reader.info(), strip, width);
      require_type(reader.info(), strip, whole.type);
      read_rows(reader, row, [&] { writer.write_row(row); });
    });
  }
  writer.finish();
}

void check_whole(const StripFile& file, const Format& format) {
  std::array<char, 16> start{};
  const std::size_t size = read_some(file, start);
  if (size == 0) throw invalid(file, "the file is empty");
  const std::string_view bytes(start.data(), size);
  if (bytes.substr(0, format.magic.size()) == format.magic) return;
  throw invalid(file, "the file does not begin as " + std::string(format.saved) + " files do: " + printable(bytes));
}

void copy_whole(const StripFile& file, OutputFile& out) {
  std::vector<char> buffer(std::size_t{1} << 20);
  while (const std::size_t size = read_some(file, buffer)) out.write({buffer.data(), size});
}

}  // namespace gt::render
