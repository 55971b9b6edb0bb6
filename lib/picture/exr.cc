#include "lib/picture/exr.h"

#include <ImfAttribute.h>
#include <ImfChannelList.h>
#include <ImfFrameBuffer.h>
#include <ImfHeader.h>
#include <ImfIO.h>
#include <ImfInputFile.h>
#include <ImfOutputFile.h>

#include <cstring>
#include <exception>
#include <new>

#include "lib/base/text.h"
#include "lib/picture/exr_header.h"

namespace gt::picture {
namespace {

Error invalid(std::string message) { return Error(ErrorCode::ResultInvalid, std::move(message)); }

// Bytes for OpenEXR: first `start`, then those of the file from `source_start` on.
class InputStream : public Imf::IStream {
 public:
  InputStream(std::string start, Source* source, std::uint64_t source_start)
      : IStream(""), start_(std::move(start)), source_(source), source_start_(source_start) {}

  bool read(char bytes[], int count) override {
    if (count < 0) throw invalid("OpenEXR wants a negative number of bytes");
    auto wanted = static_cast<std::size_t>(count);
    if (position_ < start_.size()) {
      const std::size_t there = std::min<std::size_t>(wanted, start_.size() - position_);
      std::memcpy(bytes, start_.data() + position_, there);
      position_ += there;
      bytes += there;
      wanted -= there;
    }
    if (wanted == 0) return true;
    if (source_ == nullptr) throw invalid("an attribute of the EXR is cut");
    source_->seek(source_start_ + (position_ - start_.size()));
    source_->read({reinterpret_cast<std::uint8_t*>(bytes), wanted});
    position_ += wanted;
    return source_->left() > 0;
  }
  std::uint64_t tellg() override { return position_; }
  void seekg(std::uint64_t position) override { position_ = position; }

 private:
  std::string start_;
  Source* source_;
  std::uint64_t source_start_;
  std::uint64_t position_ = 0;
};

// OpenEXR goes back to fill in the table of chunks, and does so in a destructor, which loses exceptions.
class OutputStream : public Imf::OStream {
 public:
  explicit OutputStream(OutputFile& out) : OStream(""), out_(out) {}

  void write(const char bytes[], int count) override {
    const std::string_view text(bytes, static_cast<std::size_t>(count));
    try {
      if (position_ == size_) {
        out_.write(text);
        size_ += text.size();
      } else {
        out_.write_at(position_, text);
      }
      position_ += text.size();
    } catch (...) {
      failure_ = std::current_exception();
      throw;
    }
  }
  std::uint64_t tellp() override { return position_; }
  void seekp(std::uint64_t position) override { position_ = position; }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  OutputFile& out_;
  std::uint64_t position_ = 0;
  std::uint64_t size_ = 0;
  std::exception_ptr failure_;
};

// What OpenEXR finds wrong with a file becomes our error.
template <typename Body>
void run(const Body& body) {
  try {
    body();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    throw invalid("it is not a whole EXR picture: " + printable(error.what(), 300));
  }
}

Imf::PixelType imf_type(SampleType type) {
  switch (type) {
    case SampleType::Half: return Imf::HALF;
    case SampleType::Float: return Imf::FLOAT;
    case SampleType::Uint: return Imf::UINT;
    default: throw Error(ErrorCode::Bug, "no EXR picture has integers of 8 or 16 bits");
  }
}

// Pixels of one row that is the same memory for all rows. The data window begins at x = 0.
Imf::FrameBuffer one_row(std::vector<std::uint8_t>& row, const Layout& layout) {
  Imf::FrameBuffer out;
  const std::vector<std::size_t> offsets = layout.offsets();
  for (std::size_t i = 0; i < layout.channels.size(); ++i) {
    const Channel& channel = layout.channels[i];
    char* place = reinterpret_cast<char*>(row.data() + offsets[i]);
    out.insert(channel.name, Imf::Slice(imf_type(channel.type), place, layout.pixel_bytes(), 0));
  }
  return out;
}

bool is_lossless(int compression) { return compression <= static_cast<int>(ExrCompression::Piz); }

void insert(Imf::Header& header, const ExrStyle::Attribute& attribute) {
  const std::unique_ptr<Imf::Attribute> value(Imf::Attribute::newAttribute(attribute.type.c_str()));
  InputStream bytes(attribute.value, nullptr, 0);
  value->readValueFrom(bytes, static_cast<int>(attribute.value.size()), 2);
  header.insert(attribute.name, *value);
}

Imf::Header imf_header(const Header& picture) {
  const ExrStyle& style = std::get<ExrStyle>(picture.style);
  Imf::Header out(static_cast<int>(picture.size.width), static_cast<int>(picture.size.height));
  out.compression() = static_cast<Imf::Compression>(is_lossless(style.compression) ? style.compression : k_exr_zip);
  for (const Channel& channel : picture.layout.channels)
    out.channels().insert(channel.name, Imf::Channel(imf_type(channel.type)));
  for (const ExrStyle::Attribute& attribute : style.attributes) insert(out, attribute);
  return out;
}

}  // namespace

struct ExrReader::State {
  explicit State(int fd) : source(fd) {}

  Source source;
  int next_row = 0;
  std::vector<std::uint8_t> row;
  std::unique_ptr<InputStream> stream;
  std::unique_ptr<Imf::InputFile> file;  // reads from the stream
};

ExrReader::ExrReader(int fd, Size expected) : state_(std::make_unique<State>(fd)) {
  State& s = *state_;
  require_kind(s.source, Kind::Exr);
  const ExrHeader exr = read_exr_header(s.source, expected);
  header_ = {.size = exr.size,
             .layout = {exr.channels},
             .style = ExrStyle{.compression = static_cast<int>(exr.compression), .attributes = kept_attributes(exr)}};
  s.next_row = exr.first_row;
  s.row.resize(header_.row_bytes());
  s.stream = std::make_unique<InputStream>(plain_exr_start(exr), &s.source, exr.chunks_start);
  run([&] {
    s.file = std::make_unique<Imf::InputFile>(*s.stream, 0);
    s.file->setFrameBuffer(one_row(s.row, header_.layout));
  });
}

ExrReader::~ExrReader() = default;

// OpenEXR keeps the block of rows that it decoded last, so that each is decoded once.
void ExrReader::read_row(std::span<std::uint8_t> row) {
  require_row(row, header_);
  State& s = *state_;
  run([&] { s.file->readPixels(s.next_row); });
  ++s.next_row;
  std::memcpy(row.data(), s.row.data(), row.size());
}

struct ExrWriter::State {
  explicit State(OutputFile& out) : stream(out) {}

  OutputStream stream;
  std::vector<std::uint8_t> row;
  std::unique_ptr<Imf::OutputFile> file;  // writes to the stream, also when it goes
};

ExrWriter::ExrWriter(OutputFile& out, const Header& header) : state_(std::make_unique<State>(out)) {
  State& s = *state_;
  out.write_at(0, {});  // a pipe is refused now, not at the end
  s.row.resize(header.row_bytes());
  run([&] {
    s.file = std::make_unique<Imf::OutputFile>(s.stream, imf_header(header), 0);
    s.file->setFrameBuffer(one_row(s.row, header.layout));
  });
}

ExrWriter::~ExrWriter() = default;

void ExrWriter::write_row(std::span<const std::uint8_t> row) {
  State& s = *state_;
  std::memcpy(s.row.data(), row.data(), row.size());
  run([&] { s.file->writePixels(1); });
}

void ExrWriter::finish() {
  state_->file.reset();
  state_->stream.rethrow();
}

}  // namespace gt::picture
