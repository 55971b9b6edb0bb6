#include "lib/repair/gunzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>

#include "lib/base/error.h"
#include "lib/base/text.h"

namespace gt::repair {
namespace {

constexpr std::string_view k_magic = "\x1f\x8b";

class Inflater {
 public:
  Inflater() {
    constexpr int k_gzip_only = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, k_gzip_only) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  // Appends the next piece to `out`; false at the end of a member.
  bool step(std::string_view& input, std::string& out) {
    const std::size_t given = std::min<std::size_t>(input.size(), k_piece);
    // zlib does not write through next_in, whatever its type says.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(given);
    stream_.next_out = reinterpret_cast<Bytef*>(piece_.data());
    stream_.avail_out = static_cast<uInt>(piece_.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    out.append(piece_.data(), piece_.size() - stream_.avail_out);
    input.remove_prefix(given - stream_.avail_in);
    if (code == Z_STREAM_END) return false;
    if (code == Z_BUF_ERROR) throw damaged("it ends in the middle: the file was cut", out.size());
    if (code != Z_OK) throw damaged(stream_.msg != nullptr ? stream_.msg : "unknown form", out.size());
    return true;
  }
  void begin_member() { inflateReset(&stream_); }

 private:
  static Error damaged(std::string_view why, std::size_t after) {
    return Error(ErrorCode::InputCompressed,
                 "the gzip data cannot be decompressed beyond " + std::to_string(after) + " bytes: " + printable(why));
  }

  static constexpr std::size_t k_piece = std::size_t{64} << 10;
  z_stream stream_ = {};
  std::array<char, k_piece> piece_;
};

}  // namespace

Gunzipped gunzip(std::string_view compressed, std::uint64_t max_bytes) {
  Gunzipped out;
  Inflater inflater;
  std::string_view left = compressed;
  // As gzip does: members follow each other, and what is no member after one is not read.
  while (left.starts_with(k_magic)) {
    inflater.begin_member();
    while (inflater.step(left, out.bytes)) {
      if (out.bytes.size() > max_bytes)
        throw Error(ErrorCode::LimitSize,
                    "the gzip data becomes more than the limit of " + std::to_string(max_bytes) + " bytes");
    }
  }
  out.read = compressed.size() - left.size();
  return out;
}

}  // namespace gt::repair
