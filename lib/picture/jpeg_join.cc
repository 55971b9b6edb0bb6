#include <algorithm>
#include <cstring>

#include "lib/picture/jpeg.h"
#include "lib/picture/jpeg_library.h"

namespace gt::picture {
namespace {

Error invalid(const StripFile& strip, std::string message) {
  return Error(ErrorCode::ResultInvalid, std::move(message), {.file = strip.name});
}

// How a picture was encoded: strips that differ in it have no common coefficients.
struct Encoding {
  struct Component {
    int id = 0;
    int h_sampling = 0;
    int v_sampling = 0;
    std::array<UINT16, DCTSIZE2> quantization{};
    bool operator==(const Component&) const = default;
  };
  std::vector<Component> components;
};

std::string difference(const Encoding& first, const Encoding& other) {
  if (first.components.size() != other.components.size())
    return "the strip has " + std::to_string(other.components.size()) + " channels, the first one has " +
           std::to_string(first.components.size());
  for (std::size_t i = 0; i < first.components.size(); ++i) {
    const Encoding::Component& a = first.components[i];
    const Encoding::Component& b = other.components[i];
    if (a.quantization != b.quantization) return "the strip has another JPEG quality than the first one";
    if (a != b) return "the strip has its colours sampled another way than the first one";
  }
  return {};
}

// One strip decoded to coefficients.
class Blocks {
 public:
  Blocks(const StripFile& strip, std::int64_t width) : decoder_(strip.fd, {width, strip.height}) {
    decoder_.run([&] { arrays_ = jpeg_read_coefficients(&decoder_.jpeg()); });
  }

  jpeg_decompress_struct& jpeg() { return decoder_.jpeg(); }
  std::int64_t rows_of_blocks() const { return DCTSIZE * decoder_.jpeg().max_v_samp_factor; }  // in pixels

  Encoding encoding() const {
    Encoding out;
    for (int i = 0; i < decoder_.jpeg().num_components; ++i) {
      const jpeg_component_info& info = decoder_.jpeg().comp_info[i];
      Encoding::Component component{info.component_id, info.h_samp_factor, info.v_samp_factor, {}};
      if (info.quant_table != nullptr)
        std::copy_n(std::begin(info.quant_table->quantval), DCTSIZE2, component.quantization.begin());
      out.components.push_back(component);
    }
    return out;
  }

  JBLOCKARRAY rows(int component, JDIMENSION first, JDIMENSION count) {
    JBLOCKARRAY out = nullptr;
    decoder_.run([&] {
      jpeg_decompress_struct& j = decoder_.jpeg();
      out = j.mem->access_virt_barray(reinterpret_cast<j_common_ptr>(&j), arrays_[component], first, count, FALSE);
    });
    return out;
  }

 private:
  mutable JpegDecoder decoder_;
  jvirt_barray_ptr* arrays_ = nullptr;
};

// All strips as one picture's coefficients, of which those of one strip are in memory.
class Feed {
 public:
  Feed(std::span<const StripFile> strips, std::int64_t width) : strips_(strips), width_(width) {
    open(0, 0);
    encoding_ = blocks_->encoding();
    for (const StripFile& strip : strips) height_ += strip.height;
    require_writable(Kind::Jpeg, {width, height_});
    for (const StripFile& strip : strips.first(strips.size() - 1)) require_whole_blocks(strip);
  }

  Blocks& first() { return *blocks_; }
  std::int64_t height() const { return height_; }
  const StripFile& current() const { return strips_[current_]; }

  // Rows of blocks of the whole picture; libjpeg asks for them from the top.
  JBLOCKARRAY rows(int component, JDIMENSION first, JDIMENSION count) {
    const auto factor = static_cast<JDIMENSION>(encoding_.components[static_cast<std::size_t>(component)].v_sampling);
    const std::int64_t row = static_cast<std::int64_t>(first / factor) * blocks_->rows_of_blocks();
    while (row >= start_ + current().height) open(current_ + 1, start_ + current().height);
    const std::int64_t above = start_ / blocks_->rows_of_blocks() * factor;
    return in_file(current().name, [&] { return blocks_->rows(component, first - static_cast<JDIMENSION>(above), count); });
  }

 private:
  void open(std::size_t index, std::int64_t start) {
    const StripFile& strip = strips_[index];
    blocks_.reset();
    in_file(strip.name, [&] { blocks_.emplace(strip, width_); });
    current_ = index;
    start_ = start;
    if (index == 0) return;
    if (const std::string what = difference(encoding_, blocks_->encoding()); !what.empty()) throw invalid(strip, what);
  }

  void require_whole_blocks(const StripFile& strip) {
    const std::int64_t rows = blocks_->rows_of_blocks();
    if (strip.height % rows == 0) return;
    throw invalid(strip, "the strip has " + std::to_string(strip.height) + " rows, not a multiple of the " +
                             std::to_string(rows) + " that a JPEG block has here; strips of JPEG are joined block by block");
  }

  std::span<const StripFile> strips_;
  std::int64_t width_;
  std::int64_t height_ = 0;
  Encoding encoding_;
  std::optional<Blocks> blocks_;  // of the strip current_
  std::size_t current_ = 0;
  std::int64_t start_ = 0;  // its first row in the picture
};

class JpegEncoder {
 public:
  JpegEncoder(Feed& feed, OutputFile& out) : feed_(feed) {
    jpeg_.err = fault_.prepare();
    run([&] { jpeg_create_compress(&jpeg_); });
    jpeg_.client_data = this;
    output_.out = &out;
    output_.manager = {
        .next_output_byte = nullptr,
        .free_in_buffer = 0,
        .init_destination = [](j_compress_ptr jpeg) { start_buffer(jpeg); },
        .empty_output_buffer = [](j_compress_ptr jpeg) -> boolean {
          write_out(jpeg, sizeof(Output::buffer));
          start_buffer(jpeg);
          return TRUE;
        },
        .term_destination = [](j_compress_ptr jpeg) { write_out(jpeg, sizeof(Output::buffer) - jpeg->dest->free_in_buffer); }};
    jpeg_.dest = &output_.manager;
  }
  ~JpegEncoder() { jpeg_destroy_compress(&jpeg_); }
  JpegEncoder(const JpegEncoder&) = delete;
  JpegEncoder& operator=(const JpegEncoder&) = delete;

  void write() {
    run([&] {
      jpeg_copy_critical_parameters(&feed_.first().jpeg(), &jpeg_);
      jpeg_.image_height = static_cast<JDIMENSION>(feed_.height());
      // libjpeg's only way to the coefficients: so it gets them when it asks, and need not have all of them in memory.
      jpeg_.mem->access_virt_barray = [](j_common_ptr jpeg, jvirt_barray_ptr array, JDIMENSION first, JDIMENSION count,
                                         boolean) {
        return static_cast<JpegEncoder*>(jpeg->client_data)->rows(array, first, count);
      };
      jpeg_write_coefficients(&jpeg_, arrays_.data());
      jpeg_finish_compress(&jpeg_);
    });
  }

 private:
  struct Output {
    jpeg_destination_mgr manager;  // first: libjpeg hands out a pointer to it
    OutputFile* out;
    std::array<JOCTET, 16384> buffer;
  };

  template <typename Call>
  void run(const Call& call) {
    if (guarded(fault_, call)) return;
    if (fault_.from_callback) std::rethrow_exception(fault_.from_callback);
    // Coefficients that a decoder takes and an encoder does not.
    throw invalid(feed_.current(), std::string("the JPEG cannot be joined: ") + fault_.message.data());
  }

  JBLOCKARRAY rows(jvirt_barray_ptr array, JDIMENSION first, JDIMENSION count) {
    const auto component = std::find(arrays_.begin(), arrays_.end(), array) - arrays_.begin();
    JBLOCKARRAY out = nullptr;
    keep_exception(fault_, [&] { out = feed_.rows(static_cast<int>(component), first, count); });
    if (out == nullptr) leave(fault_);
    return out;
  }

  static void start_buffer(j_compress_ptr jpeg) {
    auto& output = *reinterpret_cast<Output*>(jpeg->dest);
    output.manager.next_output_byte = output.buffer.data();
    output.manager.free_in_buffer = output.buffer.size();
  }

  static void write_out(j_compress_ptr jpeg, std::size_t count) {
    auto& output = *reinterpret_cast<Output*>(jpeg->dest);
    JpegFault& fault = fault_of(jpeg);
    keep_exception(fault, [&] { output.out->write({reinterpret_cast<const char*>(output.buffer.data()), count}); });
    if (fault.from_callback) leave(fault);
  }

  Feed& feed_;
  JpegFault fault_;
  Output output_;
  // Names of the components' arrays: libjpeg only hands them to access_virt_barray.
  std::array<char, 3> tokens_{};
  std::array<jvirt_barray_ptr, 3> arrays_ = {reinterpret_cast<jvirt_barray_ptr>(&tokens_[0]),
                                             reinterpret_cast<jvirt_barray_ptr>(&tokens_[1]),
                                             reinterpret_cast<jvirt_barray_ptr>(&tokens_[2])};
  jpeg_compress_struct jpeg_;
};

}  // namespace

void join_jpeg(std::span<const StripFile> strips, std::int64_t width, OutputFile& out) {
  Feed feed(strips, width);
  JpegEncoder(feed, out).write();
}

}  // namespace gt::picture
