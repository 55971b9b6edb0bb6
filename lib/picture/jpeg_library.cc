#include "lib/picture/jpeg_library.h"

#include <jerror.h>

#include "lib/base/text.h"

namespace gt::picture {
namespace {

// A progressive picture of a few bytes can have thousands of scans, each a pass over all blocks. Encoders use about ten.
constexpr int k_most_scans = 100;

Error invalid(std::string message) { return Error(ErrorCode::ResultInvalid, std::move(message)); }

[[noreturn]] void on_error(j_common_ptr jpeg) {
  JpegFault& fault = fault_of(jpeg);
  fault.manager.format_message(jpeg, fault.message.data());
  std::longjmp(fault.jump, 1);
}

void on_message(j_common_ptr jpeg, int level) {
  if (level < 0) on_error(jpeg);
}

void print_nothing(j_common_ptr) {}

void limit_scans(j_common_ptr jpeg) {
  JpegFault& fault = fault_of(jpeg);
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number <= k_most_scans) return;
  keep_exception(fault, [] { throw invalid("the JPEG has more than " + std::to_string(k_most_scans) + " scans"); });
  leave(fault);
}

void do_nothing(j_decompress_ptr) {}

}  // namespace

jpeg_error_mgr* JpegFault::prepare() {
  jpeg_std_error(&manager);
  manager.error_exit = on_error;
  manager.emit_message = on_message;
  manager.output_message = print_nothing;
  return &manager;
}

void leave(JpegFault& fault) { std::longjmp(fault.jump, 1); }

boolean JpegDecoder::fill(j_decompress_ptr jpeg) {
  auto& input = *reinterpret_cast<Input*>(jpeg->src);
  JpegFault& fault = fault_of(jpeg);
  std::size_t count = 0;
  keep_exception(fault, [&] {
    count = input.source->read_some(input.buffer);
    if (count == 0) throw invalid("the file is cut: it ends after " + std::to_string(input.source->size()) + " bytes");
  });
  if (fault.from_callback) leave(fault);
  input.manager.next_input_byte = input.buffer.data();
  input.manager.bytes_in_buffer = count;
  return TRUE;
}

void JpegDecoder::skip(j_decompress_ptr jpeg, long count) {
  auto& manager = *jpeg->src;
  while (count > 0) {
    if (manager.bytes_in_buffer == 0) fill(jpeg);
    const std::size_t step = std::min(manager.bytes_in_buffer, static_cast<std::size_t>(count));
    manager.next_input_byte += step;
    manager.bytes_in_buffer -= step;
    count -= static_cast<long>(step);
  }
}

JpegDecoder::JpegDecoder(int fd, Size expected) : source_(fd) {
  require_kind(source_, Kind::Jpeg);
  jpeg_.err = fault_.prepare();
  run([&] { jpeg_create_decompress(&jpeg_); });
  progress_.progress_monitor = limit_scans;
  jpeg_.progress = &progress_;
  input_.source = &source_;
  input_.manager = {.next_input_byte = nullptr,
                    .bytes_in_buffer = 0,
                    .init_source = do_nothing,
                    .fill_input_buffer = fill,
                    .skip_input_data = skip,
                    .resync_to_restart = jpeg_resync_to_restart,
                    .term_source = do_nothing};
  jpeg_.src = &input_.manager;
  try {
    run([&] { jpeg_read_header(&jpeg_, TRUE); });
    check_header(expected);
  } catch (...) {
    jpeg_destroy_decompress(&jpeg_);
    throw;
  }
}

JpegDecoder::~JpegDecoder() { jpeg_destroy_decompress(&jpeg_); }

void JpegDecoder::raise() {
  if (fault_.from_callback) std::rethrow_exception(fault_.from_callback);
  throw invalid("it is not a whole JPEG picture: " + printable(fault_.message.data(), 200));
}

// libjpeg has allocated nothing for the pixels yet.
void JpegDecoder::check_header(Size expected) {
  require_size({jpeg_.image_width, jpeg_.image_height}, expected);
  const bool is_gray = jpeg_.num_components == 1;
  const bool is_colour = jpeg_.num_components == 3 && jpeg_.jpeg_color_space == JCS_YCbCr;
  if (is_gray || is_colour) return;
  if (jpeg_.num_components != 3)
    throw invalid("the JPEG has " + std::to_string(jpeg_.num_components) + " channels; Blender writes 1 or 3");
  throw invalid("the JPEG has three channels that are not YCbCr; Blender writes none such");
}

}  // namespace gt::picture
