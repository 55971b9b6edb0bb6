#include "lib/repair/unwrap.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <string>
#include <vector>

#include "tests/unit/base/support.h"

namespace gt::repair {
namespace {

using namespace std::literals;
using testing::code_of;
using testing::error_of;
using testing::text_of;

std::string gzip(std::string bytes) {
  z_stream stream = {};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

using Texts = std::vector<std::string>;
Texts told(const Unwrapped& unwrapped) {
  Texts out;
  for (const Finding& finding : unwrapped.repairs) out.push_back(to_string(finding));
  return out;
}

TEST_CASE("what is not wrapped stays as it is") {
  for (const std::string_view file : {"N."sv, ""sv, "{}"sv, "\x1f"sv, "\xef\xbb"sv}) {
    CHECK(unwrap(file).bytes.empty());
    CHECK(unwrap(file).repairs.empty());
  }
}

TEST_CASE("gzip, also of several members, and a byte order mark come off, each with a word") {
  const std::string one = gzip("N.");
  CHECK(unwrap(one).bytes == "N.");
  CHECK(told(unwrap(one)) ==
        Texts{"warning: byte 0: repaired: gzip: " + std::to_string(one.size()) + " bytes were decompressed to 2"});
  CHECK(unwrap(gzip("(l") + gzip("a.")).bytes == "(la.");
  const std::string large(300'000, 'x');
  CHECK(unwrap(gzip(large)).bytes == large);

  const Unwrapped rest = unwrap(one + "rest");
  CHECK(rest.bytes == "N.");
  CHECK(told(rest).back() ==
        "warning: byte " + std::to_string(one.size()) + ": repaired: 4 bytes behind the gzip data were left out");

  const Unwrapped marked = unwrap("\xef\xbb\xbfN.");
  CHECK(marked.bytes == "N.");
  CHECK(marked.had_byte_order_mark);
  CHECK(told(marked) == Texts{"warning: byte 0: repaired: a UTF-8 byte order mark was left out"});
  CHECK(unwrap(gzip("\xef\xbb\xbfN.")).bytes == "N.");
}

TEST_CASE("gzip data that is damaged, cut, or a bomb is refused") {
  const std::string good = gzip("(lp0\nS'a'\np1\na.");
  for (std::size_t length = 2; length < good.size(); ++length) {
    CAPTURE(length);
    CHECK(code_of(error_of([&] { unwrap(good.substr(0, length)); })) == "input.compressed");
  }
  std::string changed = good;
  changed[good.size() - 6] = static_cast<char>(changed[good.size() - 6] ^ 1);  // of the checksum
  CHECK(text_of(error_of([&] { unwrap(changed); })) ==
        "the gzip data cannot be decompressed beyond 15 bytes: incorrect data check");
  const std::string bomb = gzip(std::string(std::size_t{70} << 20, '\0'));
  CHECK(text_of(error_of([&] { unwrap(bomb); })) == "the gzip data becomes more than the limit of 67108864 bytes");
}

}  // namespace
}  // namespace gt::repair
