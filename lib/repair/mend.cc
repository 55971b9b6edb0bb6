#include "lib/repair/mend.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lib/base/text.h"
#include "lib/repair/survey.h"
#include "lib/repair/unwrap.h"

namespace gt::repair {
namespace {

using pickle::Opcode;

constexpr char k_end_of_file = '\x1a';

Error ambiguous(std::string message, std::uint64_t offset, std::string hint) {
  return Error(ErrorCode::RepairAmbiguous, "cannot be repaired with certainty: " + std::move(message), {.offset = offset},
               std::move(hint));
}

struct LineEnds {
  std::uint64_t all = 0;
  std::uint64_t windows = 0;  // those of \r\n
  std::uint64_t first_windows = 0;
  std::uint64_t first_other = 0;
};

LineEnds count_line_ends(std::string_view text) {
  LineEnds out;
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    const bool is_windows = at > 0 && text[at - 1] == '\r';
    if (is_windows && out.windows++ == 0) out.first_windows = at - 1;
    if (!is_windows && out.all - (out.windows - (is_windows ? 1 : 0)) == 0) out.first_other = at;
    ++out.all;
  }
  return out;
}

std::string without_windows_line_ends(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') out += text[i];
  return out;
}

// After these the pickler would have gone on, had there been more to write: what ends here may have lost more than a STOP.
constexpr Opcode k_finished[] = {Opcode::BUILD,  Opcode::TUPLE,  Opcode::TUPLE1,  Opcode::TUPLE2,
                                 Opcode::TUPLE3, Opcode::STRING, Opcode::UNICODE, Opcode::FROZENSET};

class Mender {
 public:
  explicit Mender(std::string_view pickle) : given_(pickle), now_(pickle) {}

  void check_encoding() const {
    const auto first = std::find_if(now_.begin(), now_.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    if (first == now_.end() || !is_utf8(now_, Surrogates::Reject)) return;
    throw ambiguous("what wrote the byte order mark may have made UTF-8 of the bytes outside ASCII, or left them as they were",
                    static_cast<std::uint64_t>(first - now_.begin()), "look for a copy that no editor has saved");
  }

  // Some files went through it more than once.
  void undo_text_mode() {
    constexpr int k_most_times = 4;
    for (int times = 0; undo_text_mode_once(); ++times)
      if (times == k_most_times)
        throw ambiguous("it went through Windows text mode more than 4 times, or other carriage returns were added", 0,
                        "look for another copy");
  }

  void cut_tail() {
    const Survey seen = survey(now_);
    const std::string_view tail = now_.substr(seen.end);
    if (seen.is_whole()) {
      if (!tail.empty() && !survey(tail).is_whole()) cut(seen.end, "behind the end of the pickle");
    } else if (!tail.empty() && tail[0] == k_end_of_file) {
      constexpr std::string_view k_padding("\x1a\0\r\n", 4);
      const std::size_t other = tail.find_first_not_of(k_padding);
      if (other != std::string_view::npos)
        throw ambiguous("what follows an end-of-file mark of Windows text mode (0x1a) may or may not belong to it",
                        offset_given(seen.end), "look for another copy");
      cut(seen.end, "of an end-of-file mark of Windows text mode (0x1a)");
    }
  }

  void add_stop() {
    const Survey seen = survey(now_);
    const bool ends_here = seen.error && seen.error->code() == ErrorCode::PickleTruncated && seen.end == now_.size();
    if (!ends_here || seen.outline.stack().size() != 1 || !seen.outline.marks().empty()) return;
    if (std::find(std::begin(k_finished), std::end(k_finished), seen.last) == std::end(k_finished))
      throw ambiguous("it ends without STOP where more of its last value may have followed", offset_given(now_.size()),
                      "--partial takes what is there");
    tell("the STOP at the end was missing; everything before it is whole", offset_given(now_.size()));
    take(std::string(now_) + '.');
  }

  Mended finish() && { return {std::move(own_), std::move(repairs_)}; }

 private:
  // False if there was nothing to undo.
  bool undo_text_mode_once() {
    const LineEnds ends = count_line_ends(now_);
    if (ends.windows == 0) return false;
    const Survey as_is = survey(now_);
    if (ends.windows < ends.all) {
      if (!as_is.has_windows_lines) return false;  // part of a binary string
      throw ambiguous(fmt::format("{} of its {} line ends are those of Windows, so that no single program wrote it",
                                  ends.windows, ends.all),
                      offset_given(ends.first_other), "look for another copy");
    }
    std::string unix_ends = without_windows_line_ends(now_);
    if (!as_is.has_windows_lines) {
      const bool becomes_whole = survey(unix_ends).is_whole();
      if (as_is.is_whole() && becomes_whole)
        throw ambiguous("each of its lines is a text that may end with a carriage return or with a line end of Windows",
                        offset_given(ends.first_windows), "it can be read as it is without --repair");
      if (as_is.is_whole() || !becomes_whole) return false;
    }
    tell(fmt::format("{} line end{} of Windows (\\r\\n) became \\n", ends.all, ends.all == 1 ? "" : "s"),
         offset_given(ends.first_windows));
    take(std::move(unix_ends));
    ++times_undone_;
    return true;
  }

  void take(std::string bytes) {
    own_ = std::move(bytes);
    now_ = own_;
  }
  void cut(std::uint64_t at, const std::string& what) {
    const std::string_view tail = now_.substr(at);
    const bool is_one = tail.size() == 1;
    tell(fmt::format("{} byte{} {} {} left out: {}", tail.size(), is_one ? "" : "s", what, is_one ? "was" : "were",
                     printable(tail, 40)),
         offset_given(at));
    take(std::string(now_.substr(0, at)));
  }
  // Each \n before it had a \r more for each time that text mode was undone.
  std::uint64_t offset_given(std::uint64_t at) const {
    if (times_undone_ == 0) return at;
    const auto lines = std::count(now_.begin(), now_.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    return at + times_undone_ * static_cast<std::uint64_t>(lines);
  }
  void tell(std::string message, std::uint64_t offset) { repairs_.push_back(repaired(std::move(message), offset)); }

  std::string_view given_;
  std::string own_;
  std::string_view now_;  // given_ or own_
  std::uint64_t times_undone_ = 0;
  std::vector<Finding> repairs_;
};

}  // namespace

Mended mend(std::string_view pickle, ByteOrderMark mark) {
  Mender mender(pickle);
  if (mark == ByteOrderMark::Removed) mender.check_encoding();
  mender.undo_text_mode();
  mender.cut_tail();
  mender.add_stop();
  return std::move(mender).finish();
}

}  // namespace gt::repair
