#include "lib/picture/png.h"

#include <png.h>

#include <csetjmp>
#include <exception>
#include <iterator>
#include <string_view>

#include "lib/base/text.h"
#include "lib/picture/source.h"

namespace gt::picture {
namespace {

struct TypeRow {
  std::string_view channels;
  int color_type;
};

constexpr TypeRow k_types[] = {{"Y", PNG_COLOR_TYPE_GRAY},
                               {"YA", PNG_COLOR_TYPE_GRAY_ALPHA},
                               {"RGB", PNG_COLOR_TYPE_RGB},
                               {"RGBA", PNG_COLOR_TYPE_RGB_ALPHA}};

// Chunks that libpng would otherwise decompress or parse for nothing.
constexpr char k_skipped_chunks[] = "iCCP\0iTXt\0tEXt\0zTXt\0tIME\0eXIf\0sPLT\0hIST\0sCAL\0pCAL\0oFFs\0bKGD";

// libpng reports errors by a function that must not return. A C++ exception may not pass through its C frames, so it jumps
// back to guarded(), which is the only setjmp: `call` and what is between it and libpng own nothing that a jump would leak.
struct Fault {
  std::string message;
  std::exception_ptr from_callback;
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto* fault = static_cast<Fault*>(png_get_error_ptr(png));
  if (fault->message.empty()) fault->message = message;
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

template <typename Call>
bool guarded(png_structp png, const Call& call) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  call();
  return true;
}

Error invalid(std::string message) { return Error(ErrorCode::ResultInvalid, std::move(message)); }

void read_bytes(png_structp png, png_bytep data, std::size_t size) {
  auto* fault = static_cast<Fault*>(png_get_error_ptr(png));
  try {
    static_cast<Source*>(png_get_io_ptr(png))->read({data, size});
  } catch (...) {
    fault->from_callback = std::current_exception();
  }
  if (fault->from_callback) png_error(png, "the file cannot be read");
}

void write_bytes(png_structp png, png_bytep data, std::size_t size) {
  auto* fault = static_cast<Fault*>(png_get_error_ptr(png));
  try {
    (*static_cast<PngWriter::Put*>(png_get_io_ptr(png)))({reinterpret_cast<const char*>(data), size});
  } catch (...) {
    fault->from_callback = std::current_exception();
  }
  if (fault->from_callback) png_error(png, "the output cannot be written");
}

void flush_nothing(png_structp) {}

Layout layout_of(png_structp png, png_infop info) {
  const int color_type = png_get_color_type(png, info);
  const int bits = png_get_bit_depth(png, info);
  if (color_type == PNG_COLOR_TYPE_PALETTE) throw invalid("the PNG has a palette; Blender writes none");
  if (bits != 8 && bits != 16) throw invalid("the PNG has " + std::to_string(bits) + " bits per channel, not 8 or 16");
  if (png_get_interlace_type(png, info) != PNG_INTERLACE_NONE)
    throw invalid("the PNG is interlaced; Blender writes none that is");
  if (png_get_valid(png, info, PNG_INFO_tRNS) != 0) throw invalid("the PNG has a transparent colour; Blender writes none");
  for (const TypeRow& row : k_types) {
    if (row.color_type == color_type) return plain_layout(row.channels, bits == 8 ? SampleType::Byte : SampleType::Word);
  }
  throw invalid("the PNG has the unknown colour type " + std::to_string(color_type));
}

int color_type_of(const Layout& layout) {
  for (const TypeRow& row : k_types) {
    if (layout == plain_layout(row.channels, layout.channels.front().type)) return row.color_type;
  }
  throw Error(ErrorCode::Bug, "no PNG picture has the channels " + to_string(layout));
}

PngStyle read_style(png_structp png, png_infop info) {
  PngStyle out;
  png_fixed_point gamma = 0;
  int intent = 0;
  PngStyle::Density density;
  if (png_get_gAMA_fixed(png, info, &gamma) != 0) out.gamma = gamma;
  if (png_get_sRGB(png, info, &intent) != 0) out.srgb_intent = intent;
  if (png_get_pHYs(png, info, &density.x, &density.y, &density.unit) != 0) out.density = density;
  return out;
}

void set_style(png_structp png, png_infop info, const PngStyle& style) {
  if (style.gamma) png_set_gAMA_fixed(png, info, *style.gamma);
  if (style.srgb_intent) png_set_sRGB(png, info, *style.srgb_intent);
  if (style.density) png_set_pHYs(png, info, style.density->x, style.density->y, style.density->unit);
}

}  // namespace

struct PngReader::State {
  explicit State(int fd) : source(fd) {}
  ~State() { png_destroy_read_struct(&png, &info, nullptr); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  template <typename Call>
  void run(const Call& call) {
    if (guarded(png, call)) return;
    if (fault.from_callback) std::rethrow_exception(fault.from_callback);
    throw invalid("it is not a whole PNG picture: " + printable(fault.message));
  }

  Source source;
  png_structp png = nullptr;
  png_infop info = nullptr;
  Fault fault;
};

PngReader::PngReader(int fd) : state_(std::make_unique<State>(fd)) {
  State& s = *state_;
  require_kind(s.source, Kind::Png);
  s.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &s.fault, on_error, on_warning);
  if (s.png != nullptr) s.info = png_create_info_struct(s.png);
  if (s.info == nullptr) throw std::bad_alloc();
  read_header();
}

PngReader::PngReader(int fd, Size expected) : PngReader(fd) { require_size(header_.size, expected); }

PngReader::~PngReader() = default;

// libpng allocates nothing for the rows before the first one is read.
void PngReader::read_header() {
  State& s = *state_;
  s.run([&] {
    png_set_read_fn(s.png, &s.source, read_bytes);
    // A size that is wrong is refused by require_size, which says both; libpng's limit of a million would say less.
    png_set_user_limits(s.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_keep_unknown_chunks(s.png, PNG_HANDLE_CHUNK_NEVER, reinterpret_cast<png_const_bytep>(k_skipped_chunks),
                                static_cast<int>(sizeof(k_skipped_chunks) / 5));
    // A wrong checksum of any chunk is an error: libpng's default only warns for ancillary ones.
    png_set_crc_action(s.png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_read_info(s.png, s.info);
  });
  header_.size = {png_get_image_width(s.png, s.info), png_get_image_height(s.png, s.info)};
  header_.layout = layout_of(s.png, s.info);
  header_.style = read_style(s.png, s.info);
  if (png_get_bit_depth(s.png, s.info) == 16) png_set_swap(s.png);
}

void PngReader::read_row(std::span<std::uint8_t> row) {
  require_row(row, header_);
  state_->run([&] { png_read_row(state_->png, row.data(), nullptr); });
}

void PngReader::finish() {
  state_->run([&] { png_read_end(state_->png, nullptr); });
}

// Of zlib, whose default takes five times as long for a file that is a tenth smaller: time that rendering lacks. Trying each
// filter for each row would take as long again as all the rest, and rendered pictures come out no smaller.
constexpr int k_compression = 2;
constexpr int k_filter = PNG_FILTER_SUB;

struct PngWriter::State {
  Put put;
  png_structp png = nullptr;
  png_infop info = nullptr;
  Fault fault;
  ~State() { png_destroy_write_struct(&png, &info); }

  template <typename Call>
  void run(const Call& call) {
    if (guarded(png, call)) return;
    if (fault.from_callback) std::rethrow_exception(fault.from_callback);
    throw Error(ErrorCode::Bug, "cannot write a PNG picture: " + fault.message);
  }
};

PngWriter::PngWriter(Put put, const Header& header) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.put = std::move(put);
  const int color_type = color_type_of(header.layout);
  const int bits = header.layout.channels.front().type == SampleType::Word ? 16 : 8;
  const PngStyle* style = std::get_if<PngStyle>(&header.style);
  s.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &s.fault, on_error, on_warning);
  if (s.png != nullptr) s.info = png_create_info_struct(s.png);
  if (s.info == nullptr) throw std::bad_alloc();
  s.run([&] {
    png_set_write_fn(s.png, &s.put, write_bytes, flush_nothing);
    png_set_user_limits(s.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(s.png, s.info, static_cast<png_uint_32>(header.size.width), static_cast<png_uint_32>(header.size.height), bits,
                 color_type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(s.png, k_compression);
    png_set_filter(s.png, PNG_FILTER_TYPE_BASE, k_filter);
    if (style != nullptr) set_style(s.png, s.info, *style);
    png_write_info(s.png, s.info);
    if (bits == 16) png_set_swap(s.png);
  });
}

PngWriter::~PngWriter() = default;

void PngWriter::write_row(std::span<const std::uint8_t> row) {
  state_->run([&] { png_write_row(state_->png, row.data()); });
}

void PngWriter::finish() {
  state_->run([&] { png_write_end(state_->png, nullptr); });
}

}  // namespace gt::picture
