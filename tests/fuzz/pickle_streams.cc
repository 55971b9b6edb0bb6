#include "tests/fuzz/pickle_streams.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <limits>
#include <string_view>

#include "lib/pickle/reader.h"

namespace gt::fuzz {
namespace {

// What is known of a value on the stack: enough to give it only to opcodes that take it.
enum class Type : std::uint8_t { Mark, Plain, Array, Complex, Tuple, List, Dict, Set };

struct Item {
  Type type = Type::Plain;
  bool hashable = true;
};

class Maker {
 public:
  Maker(std::mt19937_64& random, const StreamOptions& options) : random_(random), options_(options) {}

  std::string run() {
    for (int i = 0; i < options_.steps; ++i) step();
    finish();
    return head() + body_ + ".";
  }

 private:
  std::size_t pick(std::size_t below) { return static_cast<std::size_t>(random_() % below); }
  bool one_in(std::size_t n) { return pick(n) == 0; }
  bool has(int protocol) const { return options_.protocol >= protocol; }

  void op(char opcode) { body_ += opcode; }
  void number(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) body_ += static_cast<char>(value >> (8 * i));
  }
  void line(const std::string& text) { body_ += text + "\n"; }
  void counted(char opcode, int bytes, std::string_view text) {
    op(opcode);
    number(text.size(), bytes);
    body_ += text;
  }
  void push(Type type, bool hashable) { stack_.push_back({type, hashable}); }

  std::string head() {
    if (!has(2)) return {};
    std::string out = {'\x80', static_cast<char>(options_.protocol)};
    if (!has(4) || one_in(2)) return out;
    out += '\x95';
    const std::uint64_t size = body_.size() + 1;
    for (int i = 0; i < 8; ++i) out += static_cast<char>(size >> (8 * i));
    return out;
  }

  std::int64_t integer() {
    constexpr std::int64_t k_edges[] = {0,
                                        1,
                                        -1,
                                        127,
                                        128,
                                        255,
                                        256,
                                        65535,
                                        65536,
                                        2147483647,
                                        -2147483648LL,
                                        2147483648LL,
                                        std::numeric_limits<std::int64_t>::max(),
                                        std::numeric_limits<std::int64_t>::min()};
    if (one_in(2)) return k_edges[pick(std::size(k_edges))];
    return static_cast<std::int64_t>(random_()) >> pick(64);
  }
  std::string digits() {
    std::string out = one_in(2) ? "-" : "";
    out += static_cast<char>('1' + pick(9));
    for (std::size_t i = pick(40); i > 0; --i) out += static_cast<char>('0' + pick(10));
    return out;
  }
  double real() {
    constexpr double k_edges[] = {0.0, -0.0, 1.0, 0.1, 1e300, 5e-324, 1.7976931348623157e308, INFINITY, -INFINITY, 3.0};
    if (one_in(2)) return k_edges[pick(std::size(k_edges))];
    return std::bit_cast<double>(random_());
  }
  std::string bytes(std::size_t most = 12) {
    std::string out;
    for (std::size_t i = pick(most); i > 0; --i) out += static_cast<char>(one_in(3) ? random_() : 'a' + pick(26));
    return out;
  }
  std::string text() {
    constexpr std::string_view k_parts[] = {
        "a",  "b",  "key", "\xc3\xa9", "\xe2\x82\xac",           "\xf0\x9f\x98\x80", "\xed\xa0\x80",
        "\n", "\\", "'",   "\x01",     std::string_view("\0", 1)};
    std::string out;
    for (std::size_t i = pick(4); i > 0; --i) out += k_parts[pick(std::size(k_parts))];
    return out;
  }
  // As repr() of Python 2 writes a str.
  std::string repr() {
    std::string out = "'";
    for (const char c : bytes()) {
      char escaped[8];
      const auto code = static_cast<unsigned char>(c);
      if (c == '\'' || c == '\\') {
        out += '\\';
        out += c;
      } else if (code < 32 || code > 126) {
        std::snprintf(escaped, sizeof escaped, "\\x%02x", code);
        out += escaped;
      } else {
        out += c;
      }
    }
    return out + "'";
  }
  std::string raw_unicode() {
    constexpr std::string_view k_parts[] = {"a",       "key",     "\\u20ac", "\\U0001f600", "\xe9",
                                            "\\u005c", "\\u000a", " ",       "\\ud800",     "\\x"};
    std::string out;
    for (std::size_t i = pick(4); i > 0; --i) out += k_parts[pick(std::size(k_parts))];
    return out;
  }

  void scalar() {
    using Make = void (Maker::*)();
    struct Row {
      int protocol;
      Make make;
    };
    static constexpr Row k_rows[] = {
        {0, &Maker::none},    {0, &Maker::int_text},   {0, &Maker::long_text}, {0, &Maker::float_text}, {0, &Maker::string},
        {0, &Maker::unicode}, {1, &Maker::binint},     {1, &Maker::binfloat},  {1, &Maker::binstring},  {1, &Maker::binunicode},
        {2, &Maker::boolean}, {2, &Maker::long_bytes}, {3, &Maker::binbytes},  {4, &Maker::wide},       {5, &Maker::byte_array},
    };
    const Row* row = nullptr;
    do row = &k_rows[pick(std::size(k_rows))];
    while (row->protocol > options_.protocol);
    (this->*row->make)();
  }
  void none() { op('N'), push(Type::Plain, true); }
  void boolean() { op(one_in(2) ? '\x88' : '\x89'), push(Type::Plain, true); }
  void int_text() {
    op('I');
    line(one_in(4) ? (one_in(2) ? "00" : "01") : one_in(3) ? digits() : std::to_string(integer()));
    push(Type::Plain, true);
  }
  void long_text() { op('L'), line(digits() + (one_in(8) ? "" : "L")), push(Type::Plain, true); }
  void float_text() {
    char out[64];
    std::snprintf(out, sizeof out, "%.17g", real());
    op('F'), line(out), push(Type::Plain, true);
  }
  void string() { op('S'), line(repr()), push(Type::Plain, true); }
  void unicode() { op('V'), line(raw_unicode()), push(Type::Plain, true); }
  void binint() {
    switch (pick(3)) {
      case 0: op('J'), number(random_(), 4); break;
      case 1: op('K'), number(random_(), 1); break;
      default: op('M'), number(random_(), 2);
    }
    push(Type::Plain, true);
  }
  void binfloat() {
    op('G');
    const auto bits = std::bit_cast<std::uint64_t>(real());
    for (int i = 7; i >= 0; --i) body_ += static_cast<char>(bits >> (8 * i));
    push(Type::Plain, true);
  }
  void binstring() {
    if (one_in(2)) {
      counted('U', 1, bytes());
    } else {
      counted('T', 4, bytes());
    }
    push(Type::Plain, true);
  }
  void binunicode() { counted('X', 4, text()), push(Type::Plain, true); }
  void long_bytes() {
    if (one_in(2)) {
      counted('\x8a', 1, bytes(20));
    } else {
      counted('\x8b', 4, bytes(20));
    }
    push(Type::Plain, true);
  }
  void binbytes() {
    if (one_in(2)) {
      counted('C', 1, bytes());
    } else {
      counted('B', 4, bytes());
    }
    push(Type::Plain, true);
  }
  void wide() {
    switch (pick(3)) {
      case 0: counted('\x8c', 1, text()); break;
      case 1: counted('\x8d', 8, text()); break;
      default: counted('\x8e', 8, bytes());
    }
    push(Type::Plain, true);
  }
  void byte_array() { counted('\x96', 8, bytes()), push(Type::Array, false); }

  // What picklers call to make values that have no opcode in the protocol.
  void call() {
    switch (pick(5)) {
      case 0: return set_of("set", Type::Set);
      case 1: return set_of("frozenset", Type::Plain);
      case 2: builtin("bytearray"), latin1_arguments("latin-1"), push(Type::Array, false); break;
      case 3: global("_codecs", "encode"), latin1_arguments("latin1"), push(Type::Plain, true); break;
      default:
        builtin("complex"), op('(');
        float_text(), float_text(), drop(2);
        op('t'), op('R'), push(Type::Complex, false);
    }
  }
  void global(const std::string& module, const std::string& name) { op('c'), line(module), line(name); }
  void builtin(const std::string& name) { global(has(3) ? "builtins" : "__builtin__", name); }
  void latin1_arguments(const std::string& encoding) {
    constexpr std::string_view k_parts[] = {"a", "key", "\xe9", "\\u000a", "\\u005c", "\\u0000"};
    std::string text;
    for (std::size_t i = pick(4); i > 0; --i) text += k_parts[pick(std::size(k_parts))];
    op('('), op('V'), line(text), op('V'), line(encoding), op('t'), op('R');
  }
  void set_of(const std::string& name, Type type) {
    builtin(name);
    body_ += "((l";
    for (std::size_t i = pick(4); i > 0; --i) {
      one_in(3) ? unicode() : one_in(2) ? float_text() : int_text();
      op('a'), drop(1);
    }
    op('t'), op('R'), push(type, type == Type::Plain);
  }

  void empty_container() {
    const std::size_t kind = pick(has(4) ? 4 : 3);
    if (!has(1)) return mark();
    op(std::string_view("])}\x8f")[kind]);
    constexpr std::array k_types = {Type::List, Type::Tuple, Type::Dict, Type::Set};
    push(k_types[kind], kind == 1);
  }
  void mark() { op('('), push(Type::Mark, false); }

  std::size_t above_mark() const {
    std::size_t count = 0;
    while (count < stack_.size() && stack_[stack_.size() - 1 - count].type != Type::Mark) ++count;
    return count;
  }
  bool has_mark() const { return above_mark() < stack_.size(); }
  bool are_hashable(std::size_t count) const {
    return std::all_of(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end(),
                       [](const Item& i) { return i.hashable; });
  }
  // Of count items key, value, key, value.
  bool are_entries(std::size_t count) const {
    if (count % 2 != 0) return false;
    for (std::size_t i = stack_.size() - count; i < stack_.size(); i += 2)
      if (!stack_[i].hashable) return false;
    return true;
  }
  void drop(std::size_t count) { stack_.resize(stack_.size() - count); }
  Type below_mark() const {
    const std::size_t count = above_mark() + 1;
    return count < stack_.size() ? stack_[stack_.size() - 1 - count].type : Type::Mark;
  }

  void close() {
    if (!has_mark()) return;
    const std::size_t count = above_mark();
    const Type below = below_mark();
    const bool hashable = are_hashable(count);
    switch (pick(8)) {
      case 0:
        if (has(1) && below == Type::List) return op('e'), drop(count + 1);
        break;
      case 1:
        if (has(1) && below == Type::Dict && are_entries(count)) return op('u'), drop(count + 1);
        break;
      case 2:
        if (has(4) && below == Type::Set && hashable) return op('\x90'), drop(count + 1);
        break;
      case 3:
        if (has(4) && hashable) return op('\x91'), drop(count + 1), push(Type::Plain, true);
        break;
      case 4:
        if (are_entries(count)) return op('d'), drop(count + 1), push(Type::Dict, false);
        break;
      case 5:
        if (has(1) && one_in(4)) return op('1'), drop(count + 1);
        break;
      case 6: return op('l'), drop(count + 1), push(Type::List, false);
      default: break;
    }
    op('t'), drop(count + 1), push(Type::Tuple, hashable);
  }

  void combine() {
    const std::size_t count = above_mark();
    if (count >= 2 && stack_[stack_.size() - 2].type == Type::List && one_in(2)) return op('a'), drop(1);
    if (count >= 3 && stack_[stack_.size() - 3].type == Type::Dict && stack_[stack_.size() - 2].hashable)
      return op('s'), drop(2);
    const std::size_t size = 1 + pick(3);
    if (!has(2) || count < size) return scalar();
    const bool hashable = are_hashable(size);
    op(static_cast<char>(0x84 + size)), drop(size), push(Type::Tuple, hashable);
  }

  void memo() {
    const bool has_top = !stack_.empty() && stack_.back().type != Type::Mark;
    if (!memo_.empty() && one_in(2)) {
      const auto& [index, item] = memo_[pick(memo_.size())];
      if (has(1) && index < 256 && one_in(2)) {
        op('h'), number(index, 1);
      } else if (has(1) && (!options_.mixes_memo || one_in(2))) {
        op('j'), number(index, 4);
      } else {
        op('g'), line(std::to_string(index));
      }
      stack_.push_back(item);
    } else if (has_top && has(4) && one_in(2)) {
      op('\x94'), remember(memo_.size());
    } else if (has_top) {
      const std::size_t index = one_in(8) ? pick(300) : memo_.size();
      if (has(1) && index < 256 && one_in(2)) {
        op('q'), number(index, 1);
      } else if (has(1) && (!options_.mixes_memo || one_in(2))) {
        op('r'), number(index, 4);
      } else {
        op('p'), line(std::to_string(index));
      }
      remember(index);
    }
  }
  void remember(std::size_t index) {
    const auto known = std::find_if(memo_.begin(), memo_.end(), [&](const auto& entry) { return entry.first == index; });
    if (known != memo_.end()) {
      known->second = stack_.back();
    } else {
      memo_.emplace_back(index, stack_.back());
    }
  }

  void step() {
    const bool has_top = !stack_.empty() && stack_.back().type != Type::Mark;
    switch (pick(14)) {
      case 0: return mark();
      case 1:
      case 2: return close();
      case 3:
      case 4:
      case 5: return combine();
      case 6:
      case 7: return memo();
      case 8: return empty_container();
      case 9:
        if (has_top && one_in(3)) return op('2'), stack_.push_back(stack_.back());
        return scalar();
      case 10:
        if (has_top && one_in(4)) return op('0'), drop(1);
        if (one_in(3)) return call();
        return scalar();
      default: return scalar();
    }
  }

  // One value remains.
  void finish() {
    while (has_mark()) {
      const std::size_t count = above_mark();
      const bool hashable = are_hashable(count);
      op('t'), drop(count + 1), push(Type::Tuple, hashable);
    }
    if (stack_.empty()) none();
  }

  std::mt19937_64& random_;
  const StreamOptions& options_;
  std::string body_;
  std::vector<Item> stack_;
  std::vector<std::pair<std::size_t, Item>> memo_;
};

}  // namespace

void damage(std::string& stream, std::mt19937_64& random) {
  for (std::size_t times = 1 + random() % 3; times > 0 && !stream.empty(); --times) {
    const auto at = static_cast<std::size_t>(random() % stream.size());
    switch (random() % 4) {
      case 0: stream[at] = static_cast<char>(random()); break;
      case 1: stream.erase(at, 1); break;
      case 2: stream.insert(at, 1, static_cast<char>(random())); break;
      default: stream.resize(at); break;
    }
  }
}

namespace {

// The instructions of a stream as texts; the last is what is no instruction.
std::vector<std::string> split(const std::string& stream) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  try {
    pickle::Reader reader(stream);
    while (begin < stream.size()) {
      reader.next();
      const auto end = static_cast<std::size_t>(reader.position());
      out.push_back(stream.substr(begin, end - begin));
      begin = end;
    }
  } catch (const Error&) {
    // The rest is no instruction.
  }
  out.push_back(stream.substr(begin));
  return out;
}

}  // namespace

void change_opcodes(std::string& stream, std::mt19937_64& random) {
  std::vector<std::string> parts = split(stream);
  const auto somewhere = [&] { return parts.begin() + static_cast<std::ptrdiff_t>(random() % parts.size()); };
  for (std::size_t times = 1 + random() % 3; times > 0; --times) {
    const auto at = somewhere();
    switch (random() % 4) {
      case 0: at->clear(); break;
      case 1: *at += *somewhere(); break;
      case 2: std::swap(*at, *somewhere()); break;
      default: {
        const std::vector<std::string> others = split(make_stream(random, {.steps = 8}));
        *at += others[random() % others.size()];
      }
    }
  }
  stream.clear();
  for (const std::string& part : parts) stream += part;
}

std::string make_stream(std::mt19937_64& random, const StreamOptions& options) {
  std::string out = Maker(random, options).run();
  if (random() % 100 < options.damage) damage(out, random);
  return out;
}

}  // namespace gt::fuzz
