// Pictures of all kinds as rows of decoded pixels, exactly as they are: no gamma, no change of depth or channels.
//
// The files come out of a container, so they may be anything. A reader checks kind and size before it allocates what they
// ask for, holds a row or a block of rows and no more, and turns every fault into ResultInvalid, or the narrower
// ResultWrongFormat and ResultWrongSize. It refuses what Blender never writes (palettes, interlacing, tiles): joining such rows
// could change their meaning.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "lib/base/files.h"
#include "lib/picture/kind.h"
#include "lib/picture/layout.h"

namespace gt::picture {

struct Size {
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool operator==(const Size&) const = default;
};
std::string to_string(const Size& size);  // "800 x 600"

// What a file says about showing or storing its pixels, kept where all strips agree.
struct PngStyle {
  struct Density {
    std::uint32_t x = 0;
    std::uint32_t y = 0;
    int unit = 0;
    bool operator==(const Density&) const = default;
  };
  std::optional<std::int32_t> gamma = {};  // gAMA, in 1/100000
  std::optional<int> srgb_intent = {};     // sRGB
  std::optional<Density> density = {};     // pHYs
  void keep_common(const PngStyle& other);
};
struct TgaStyle {
  enum class Packing : std::uint8_t { Raw, Runs };
  Packing packing = Packing::Runs;
  void keep_common(const TgaStyle& other);
};
struct BmpStyle {
  std::uint32_t x_density = 0;  // pixels per metre
  std::uint32_t y_density = 0;
  void keep_common(const BmpStyle& other);
};
struct ExrStyle {
  struct Attribute {
    std::string name;
    std::string type;
    std::string value;  // as in the file
    bool operator==(const Attribute&) const = default;
  };
  int compression = 0;                // as in the file
  std::vector<Attribute> attributes;  // those that describe the picture (exr_header.cc has a list)
  void keep_common(const ExrStyle& other);
};

struct Header {
  Size size;
  Layout layout;
  std::variant<std::monostate, PngStyle, TgaStyle, BmpStyle, ExrStyle> style = {};

  std::size_t row_bytes() const { return static_cast<std::size_t>(size.width) * layout.pixel_bytes(); }
};

// TGA and BMP pictures begin with their last row, and are written so.
enum class Order : std::uint8_t { TopDown, BottomUp };

class RowReader {
 public:
  virtual ~RowReader() = default;
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  const Header& header() const { return header_; }
  // The next row; it has header().row_bytes() bytes.
  virtual void read_row(std::span<std::uint8_t> row) = 0;
  // After the last row, to the end of the picture: a file that was cut behind its last row is found here.
  virtual void finish() = 0;

 protected:
  RowReader() = default;
  Header header_;
};

class RowWriter {
 public:
  virtual ~RowWriter() = default;
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;

  virtual void write_row(std::span<const std::uint8_t> row) = 0;
  virtual void finish() = 0;  // after the last row; does not publish the file

 protected:
  RowWriter() = default;
};

// Opens a picture that must be of this kind and size. Only TGA and BMP can be read from the bottom.
std::unique_ptr<RowReader> open_rows(int fd, Kind kind, Size expected, Order order = Order::TopDown);
// A writer of every kind but JPEG. The same rows give the same bytes: no time, no text.
std::unique_ptr<RowWriter> open_writer(OutputFile& out, Kind kind, const Header& header);
Order writing_order(Kind kind);
// Throws ResultInvalid for a size that is not written in this kind.
void require_writable(Kind kind, Size size);

// For readers. Throws ResultWrongSize if a header claims another size than the expected one, Bug if `row` is none of the
// picture.
void require_size(Size found, Size expected);
void require_row(std::span<const std::uint8_t> row, const Header& header);

// One strip's file: `fd` is open for reading and stays the caller's, `name` is for messages.
struct StripFile {
  int fd = -1;
  std::string name = {};
  std::int64_t height = 0;  // rows that it must have
};

// What `body` returns; names the file in what it throws.
template <typename Body>
auto in_file(const std::string& name, const Body& body) {
  try {
    return body();
  } catch (const Error& error) {
    throw error.in_file(name);
  }
}

}  // namespace gt::picture
