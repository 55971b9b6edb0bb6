// Streams made at random, read by CPython and by us: the same are accepted, and the values are the same.
//
//   fuzz_differential PYTHON [STREAMS [SEED]]
//
// 20,000 streams, and with GT_TOOLS_FULL=1 a million, unless told.
// Exit code 0: no difference but those of docs/differences.md; 1: others, each shown; 77: there is no such Python.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "embedded/differential.h"
#include "lib/pickle/decode.h"
#include "lib/pickle/reader.h"
#include "tests/fuzz/pickle_streams.h"
#include "tests/fuzz/words.h"

namespace {

std::string read_by_us(const std::string& stream, bool is_python2) {
  try {
    const gt::pickle::Decoded decoded = gt::pickle::decode(stream);
    return gt::fuzz::words_of(decoded.graph, is_python2 ? gt::fuzz::WordsOf::Python2 : gt::fuzz::WordsOf::Python3);
  } catch (const gt::Error& error) {
    std::string out = "E ";
    return out.append(gt::to_string(error.code())).append(" ").append(error.where().opcode);
  }
}

bool is_of(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

bool is_plain_integer(std::string_view text) {
  if (text.ends_with('L')) text.remove_suffix(1);
  if (text.starts_with('-')) text.remove_prefix(1);
  return is_of(text, "0123456789") && (text.size() == 1 || text[0] != '0');
}

int protocol_of(gt::pickle::Opcode opcode) {
  switch (opcode) {
#define GT_OPCODE(name, byte, argument, protocol) \
  case gt::pickle::Opcode::name:                  \
    return protocol;
#include "lib/pickle/opcodes.def"
#undef GT_OPCODE
  }
  return 0;
}

// Of an instruction by itself.
std::string reason_of(const gt::pickle::Instruction& now, bool is_python2) {
  using gt::pickle::Opcode;
  const bool says_later = now.opcode == Opcode::PROTO && now.number > 2;
  if (is_python2 && (says_later || protocol_of(now.opcode) > 2)) return "opcodes of later protocols";
  switch (now.opcode) {
    case Opcode::INT:
      if (now.text != "00" && now.text != "01" && (!is_plain_integer(now.text) || now.text.ends_with('L')))
        return "numbers that no Python wrote";
      break;
    case Opcode::LONG:
      if (!is_plain_integer(now.text)) return "numbers that no Python wrote";
      break;
    case Opcode::FLOAT:
      if (!is_of(now.text, "-+.0123456789einfa")) return "numbers that no Python wrote";
      if (std::isinf(std::strtod(std::string(now.text).c_str(), nullptr)) && !now.text.ends_with("inf"))
        return "floats beyond the largest";
      break;
    case Opcode::PUT:
    case Opcode::GET:
      if (!is_plain_integer(now.text) || now.text.starts_with('-') || now.text.ends_with('L'))
        return "memo names that are no numbers";
      break;
    case Opcode::STRING:
      if (now.text.size() < 2 || now.text.back() != now.text.front()) return "bytes behind the quote of a string";
      break;
    default: break;
  }
  return {};
}

bool is_string(gt::pickle::Opcode opcode) {
  using gt::pickle::Opcode;
  return opcode == Opcode::STRING || opcode == Opcode::BINSTRING || opcode == Opcode::SHORT_BINSTRING;
}

// Why a difference is none of ours: the headings of docs/differences.md. Empty: it is a find.
std::string reason_of(const std::string& stream, const std::string& ours, const std::string& theirs, bool is_python2) {
  bool has_string = false;
  bool has_complex = false;
  bool has_encode = false;
  std::uint64_t frame_end = 0;
  try {
    gt::pickle::Reader reader(stream);
    for (;;) {
      const gt::pickle::Instruction& now = reader.next();
      if (now.offset < frame_end && reader.position() > frame_end) return "an opcode across the end of its frame";
      if (now.opcode == gt::pickle::Opcode::FRAME) frame_end = reader.position() + static_cast<std::uint64_t>(now.number);
      if (std::string reason = reason_of(now, is_python2); !reason.empty()) return reason;
      has_string = has_string || is_string(now.opcode);
      const bool is_global = now.opcode == gt::pickle::Opcode::GLOBAL;
      has_complex = has_complex || (is_global && now.second == "complex");
      has_encode = has_encode || (is_global && now.second == "encode");
      if (now.opcode == gt::pickle::Opcode::STOP) break;
    }
  } catch (const gt::Error&) {
    // Up to there.
  }
  if (is_python2 && ours.starts_with("E pickle.stack-underflow")) return "values from below a mark";
  if (ours == "E pickle.wrong-type REDUCE") return "calls with arguments that no pickler writes";
  const bool has_no_items = theirs == "E TypeError" || theirs == "E AttributeError";
  if (has_complex && !ours.starts_with("E ") && has_no_items) return "items for a value that has none";
  const bool both_accept = !ours.starts_with("E ") && !theirs.starts_with("E ");
  if (both_accept && is_python2 && has_encode) return "str and bytes as keys of one dict";
  return both_accept && !is_python2 && has_string ? "str and unicode as keys of one dict" : "";
}

// What make_stream() calls, and differential.py knows.
bool is_known(const gt::pickle::Instruction& global) {
  constexpr std::string_view k_types[] = {"set", "frozenset", "bytearray", "complex"};
  if (global.text == "_codecs") return global.second == "encode";
  const bool is_builtin = global.text == "builtins" || global.text == "__builtin__";
  return is_builtin && std::find(std::begin(k_types), std::end(k_types), global.second) != std::end(k_types);
}

// Damaged streams may name other classes, and memo entries for which CPython wants a table of gigabytes.
bool is_comparable(const std::string& stream) {
  using gt::pickle::Opcode;
  constexpr std::int64_t k_most_index = 1'000'000;
  constexpr Opcode k_names[] = {Opcode::INST,           Opcode::STACK_GLOBAL, Opcode::PERSID, Opcode::BINPERSID,
                                Opcode::EXT1,           Opcode::EXT2,         Opcode::EXT4,   Opcode::BUILD,
                                Opcode::NEWOBJ,         Opcode::NEWOBJ_EX,    Opcode::OBJ,    Opcode::NEXT_BUFFER,
                                Opcode::READONLY_BUFFER};
  try {
    gt::pickle::Reader reader(stream);
    for (;;) {
      const gt::pickle::Instruction& now = reader.next();
      if (now.opcode == Opcode::GLOBAL && !is_known(now)) return false;
      if (std::find(std::begin(k_names), std::end(k_names), now.opcode) != std::end(k_names)) return false;
      if (now.opcode == Opcode::LONG_BINPUT && now.number > k_most_index) return false;
      if (now.opcode == Opcode::PUT && now.text.size() > 6) return false;
      if (now.opcode == Opcode::STOP) return true;
    }
  } catch (const gt::Error&) {
    return true;  // up to there it was
  }
}

// A Python that answers each stream with a line.
class Python {
 public:
  explicit Python(const char* program) {
    int to[2];
    int from[2];
    if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) std::exit(1);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(to[0], STDIN_FILENO);
      ::dup2(from[1], STDOUT_FILENO);
      ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);  // what it says of its own mistakes
      ::execlp(program, program, "-W", "ignore", "-c", std::string(gt::embedded::k_differential_py).c_str(), nullptr);
      ::_exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    in_ = ::fdopen(to[1], "wb");
    out_ = ::fdopen(from[0], "rb");
    major_ = answer();
  }
  ~Python() {
    std::fclose(in_);
    std::fclose(out_);
    int status = 0;
    ::waitpid(pid_, &status, 0);
  }
  Python(const Python&) = delete;
  Python& operator=(const Python&) = delete;

  bool is_there() const { return !major_.empty(); }
  bool is_python2() const { return major_ == "2"; }
  std::vector<std::string> read(const std::vector<std::string>& streams) {
    for (const std::string& stream : streams) {
      const std::string size = std::to_string(stream.size()) + "\n";
      std::fwrite(size.data(), 1, size.size(), in_);
      std::fwrite(stream.data(), 1, stream.size(), in_);
    }
    std::fflush(in_);
    std::vector<std::string> out;
    for (std::size_t i = 0; i < streams.size(); ++i) out.push_back(answer());
    return out;
  }

 private:
  std::string answer() {
    std::string out;
    for (int c = std::fgetc(out_); c != EOF && c != '\n'; c = std::fgetc(out_)) out += static_cast<char>(c);
    return out;
  }

  pid_t pid_ = -1;
  std::FILE* in_ = nullptr;
  std::FILE* out_ = nullptr;
  std::string major_;
};

struct Count {
  std::uint64_t streams = 0;
  std::uint64_t accepted = 0;  // by both
  std::uint64_t refused = 0;   // by both
  std::uint64_t skipped = 0;
  std::uint64_t differ = 0;
  std::map<std::string, std::uint64_t> explained;
};

void compare(const std::string& stream, const std::string& ours, const std::string& theirs, bool is_python2, Count& count) {
  const bool we_refuse = ours.starts_with("E ");
  const bool they_refuse = theirs.starts_with("E ");
  if (we_refuse && they_refuse) {
    ++count.refused;
  } else if (ours == theirs) {
    ++count.accepted;
  } else if (const std::string reason = reason_of(stream, ours, theirs, is_python2); !reason.empty()) {
    ++count.explained[reason];
  } else if (++count.differ <= 20) {
    std::printf("differs: %s\n  gt-tools: %s\n  CPython:  %s\n", gt::fuzz::printable_ascii(stream).c_str(), ours.c_str(),
                theirs.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::uint64_t usual = std::getenv("GT_TOOLS_FULL") == nullptr ? 20'000 : 1'000'000;
  const std::uint64_t wanted = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : usual;
  const std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
  Python python(argv[1]);
  if (!python.is_there()) {
    std::printf("skipped: there is no %s\n", argv[1]);
    return 77;
  }
  std::mt19937_64 random(seed);
  Count count;
  while (count.streams < wanted) {
    std::vector<std::string> streams;
    for (int i = 0; i < 500 && count.streams < wanted; ++i, ++count.streams) {
      gt::fuzz::StreamOptions options{.protocol = static_cast<int>(random() % (python.is_python2() ? 3 : 6)),
                                      .steps = 5 + static_cast<int>(random() % 80),
                                      .damage = 25,
                                      .mixes_memo = !python.is_python2()};
      std::string stream = gt::fuzz::make_stream(random, options);
      if (is_comparable(stream)) {
        streams.push_back(std::move(stream));
      } else {
        ++count.skipped;
      }
    }
    const std::vector<std::string> theirs = python.read(streams);
    for (std::size_t i = 0; i < streams.size(); ++i)
      compare(streams[i], read_by_us(streams[i], python.is_python2()), theirs[i], python.is_python2(), count);
  }
  std::printf("%s, seed %" PRIu64 ": %" PRIu64 " streams, %" PRIu64 " read by both with the same value, %" PRIu64
              " refused by both, %" PRIu64 " left out (they name other classes), %" PRIu64 " differ\n",
              argv[1], seed, count.streams, count.accepted, count.refused, count.skipped, count.differ);
  for (const auto& [reason, times] : count.explained) std::printf("  %s: %" PRIu64 "\n", reason.c_str(), times);
  return count.differ == 0 ? 0 : 1;
}
