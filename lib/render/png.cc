#include "lib/render/png.h"

#include <png.h>
#include <unistd.h>

#include <cerrno>
#include <csetjmp>
#include <exception>
#include <iterator>
#include <string_view>

#include "lib/base/text.h"

namespace gt::render {
namespace {

struct TypeRow {
  Channels channels;
  int color_type;
  std::size_t count;
  std::string_view name;
};

constexpr TypeRow k_types[] = {{Channels::Gray, PNG_COLOR_TYPE_GRAY, 1, "gray"},
                               {Channels::GrayAlpha, PNG_COLOR_TYPE_GRAY_ALPHA, 2, "gray with alpha"},
                               {Channels::Rgb, PNG_COLOR_TYPE_RGB, 3, "RGB"},
                               {Channels::Rgba, PNG_COLOR_TYPE_RGB_ALPHA, 4, "RGBA"}};

const TypeRow& row_of(Channels channels) { return k_types[static_cast<std::size_t>(channels)]; }

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
  const int fd = *static_cast<int*>(png_get_io_ptr(png));
  while (size > 0) {
    const ssize_t got = ::read(fd, data, size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) png_error(png, "it cannot be read");
    if (got == 0) png_error(png, "the file is cut");
    data += got;
    size -= static_cast<std::size_t>(got);
  }
}

void write_bytes(png_structp png, png_bytep data, std::size_t size) {
  auto* fault = static_cast<Fault*>(png_get_error_ptr(png));
  try {
    static_cast<OutputFile*>(png_get_io_ptr(png))->write({reinterpret_cast<const char*>(data), size});
  } catch (...) {
    fault->from_callback = std::current_exception();
  }
  if (fault->from_callback) png_error(png, "the output cannot be written");
}

void flush_nothing(png_structp) {}

PixelType pixel_type(png_structp png, png_infop info) {
  const int color_type = png_get_color_type(png, info);
  const int bits = png_get_bit_depth(png, info);
  if (color_type == PNG_COLOR_TYPE_PALETTE) throw invalid("the PNG has a palette; Blender writes none");
  if (bits != 8 && bits != 16) throw invalid("the PNG has " + std::to_string(bits) + " bits per channel, not 8 or 16");
  if (png_get_interlace_type(png, info) != PNG_INTERLACE_NONE)
    throw invalid("the PNG is interlaced; Blender writes none that is");
  if (png_get_valid(png, info, PNG_INFO_tRNS) != 0) throw invalid("the PNG has a transparent colour; Blender writes none");
  for (const TypeRow& row : k_types) {
    if (row.color_type == color_type) return {row.channels, bits};
  }
  throw invalid("the PNG has the unknown colour type " + std::to_string(color_type));
}

Appearance read_appearance(png_structp png, png_infop info) {
  Appearance out;
  png_fixed_point gamma = 0;
  int intent = 0;
  Appearance::Density density;
  if (png_get_gAMA_fixed(png, info, &gamma) != 0) out.gamma = gamma;
  if (png_get_sRGB(png, info, &intent) != 0) out.srgb_intent = intent;
  if (png_get_pHYs(png, info, &density.x, &density.y, &density.unit) != 0) out.density = density;
  return out;
}

void set_appearance(png_structp png, png_infop info, const Appearance& appearance) {
  if (appearance.gamma) png_set_gAMA_fixed(png, info, *appearance.gamma);
  if (appearance.srgb_intent) png_set_sRGB(png, info, *appearance.srgb_intent);
  if (appearance.density) png_set_pHYs(png, info, appearance.density->x, appearance.density->y, appearance.density->unit);
}

}  // namespace

std::size_t PixelType::bytes_per_pixel() const { return row_of(channels).count * static_cast<std::size_t>(bits / 8); }

std::string to_string(const PixelType& type) {
  return std::string(row_of(type.channels).name) + ", " + std::to_string(type.bits) + " bit";
}

struct PngReader::State {
  png_structp png = nullptr;
  png_infop info = nullptr;
  int fd = -1;
  Fault fault;
  ~State() { png_destroy_read_struct(&png, &info, nullptr); }

  template <typename Call>
  void run(const Call& call) {
    if (!guarded(png, call)) throw invalid("it is not a whole PNG picture: " + printable(fault.message));
  }
};

PngReader::PngReader(int fd, std::int64_t max_side) : state_(std::make_unique<State>()) {
  state_->fd = fd;
  state_->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &state_->fault, on_error, on_warning);
  if (state_->png != nullptr) state_->info = png_create_info_struct(state_->png);
  if (state_->info == nullptr) throw std::bad_alloc();
  read_info(max_side);
}

PngReader::~PngReader() = default;

void PngReader::read_info(std::int64_t max_side) {
  State& s = *state_;
  s.run([&] {
    png_set_read_fn(s.png, &s.fd, read_bytes);
    png_set_user_limits(s.png, static_cast<png_uint_32>(max_side), static_cast<png_uint_32>(max_side));
    png_set_keep_unknown_chunks(s.png, PNG_HANDLE_CHUNK_NEVER, reinterpret_cast<png_const_bytep>(k_skipped_chunks),
                                static_cast<int>(sizeof(k_skipped_chunks) / 5));
    // A wrong checksum of any chunk is an error: libpng's default only warns for ancillary ones.
    png_set_crc_action(s.png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_read_info(s.png, s.info);
  });
  info_.width = png_get_image_width(s.png, s.info);
  info_.height = png_get_image_height(s.png, s.info);
  info_.type = pixel_type(s.png, s.info);
  info_.appearance = read_appearance(s.png, s.info);
}

void PngReader::read_row(std::span<std::uint8_t> row) {
  if (row.size() != info_.row_bytes())
    throw Error(ErrorCode::Bug, "PngReader: a row of " + std::to_string(row.size()) + " bytes");
  state_->run([&] { png_read_row(state_->png, row.data(), nullptr); });
}

void PngReader::finish() {
  state_->run([&] { png_read_end(state_->png, nullptr); });
}

struct PngWriter::State {
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

PngWriter::PngWriter(OutputFile& out, const PngInfo& info) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &s.fault, on_error, on_warning);
  if (s.png != nullptr) s.info = png_create_info_struct(s.png);
  if (s.info == nullptr) throw std::bad_alloc();
  s.run([&] {
    png_set_write_fn(s.png, &out, write_bytes, flush_nothing);
    png_set_IHDR(s.png, s.info, static_cast<png_uint_32>(info.width), static_cast<png_uint_32>(info.height), info.type.bits,
                 row_of(info.type.channels).color_type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    set_appearance(s.png, s.info, info.appearance);
    png_write_info(s.png, s.info);
  });
}

PngWriter::~PngWriter() = default;

void PngWriter::write_row(std::span<const std::uint8_t> row) {
  state_->run([&] { png_write_row(state_->png, row.data()); });
}

void PngWriter::finish() {
  state_->run([&] { png_write_end(state_->png, nullptr); });
}

}  // namespace gt::render
