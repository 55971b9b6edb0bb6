#include "bench/inputs.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>

#include "lib/pickle/reader.h"

namespace gt::bench {
namespace {

template <typename Number>
std::string little_endian(Number number) {
  std::string out;
  for (unsigned i = 0; i < sizeof number; ++i) out += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i) & 0xFF);
  return out;
}

// The opcodes that cPickle of Python 2 writes for what the inputs have.
class Pickler {
 public:
  explicit Pickler(Protocol protocol) : binary_(protocol == Protocol::Two) {
    if (binary_) out_ = "\x80\x02";
  }

  void integer(std::int64_t n) {
    if (!binary_) {
      out_ += fmt::format("I{}\n", n);
    } else if (n >= 0 && n < 0x100) {
      out_ += 'K' + little_endian(static_cast<std::uint8_t>(n));
    } else if (n >= 0 && n < 0x10000) {
      out_ += 'M' + little_endian(static_cast<std::uint16_t>(n));
    } else {
      out_ += 'J' + little_endian(static_cast<std::int32_t>(n));
    }
  }
  void real(double x) {
    out_ += binary_ ? 'G' + little_endian(__builtin_bswap64(std::bit_cast<std::uint64_t>(x))) : fmt::format("F{}\n", x);
  }
  void boolean(bool b) { out_ += binary_ ? (b ? "\x88" : "\x89") : b ? "I01\n" : "I00\n"; }
  void bytes(const std::string& s) {
    out_ += binary_ ? 'U' + little_endian(static_cast<std::uint8_t>(s.size())) + s : "S'" + s + "'\n";
    put();
  }
  void text(const std::string& s) {
    out_ += binary_ ? 'X' + little_endian(static_cast<std::uint32_t>(s.size())) + s : "V" + s + "\n";
    put();
  }
  // A string of the program's own: the same object each time.
  void name(const std::string& s) {
    const auto known = names_.find(s);
    if (known != names_.end()) return reference('h', 'j', "g", known->second);
    names_[s] = next_;
    bytes(s);
  }
  void begin(char protocol_0, char protocol_2) {
    out_ += binary_ ? std::string(1, protocol_2) : std::string("(") + protocol_0;
    put();
  }
  void begin_list() { begin('l', ']'); }
  void begin_dict() { begin('d', '}'); }
  // Protocol 2 puts many items behind one mark, protocol 0 each by itself.
  void begin_items() { out_ += binary_ ? "(" : ""; }
  void item(char protocol_0) { out_ += binary_ ? "" : std::string(1, protocol_0); }
  void end_items(char protocol_2) { out_ += binary_ ? std::string(1, protocol_2) : ""; }
  void begin_pair() { out_ += binary_ ? "" : "("; }
  void end_pair() {
    out_ += binary_ ? "\x86" : "t";
    put();
  }
  std::string finish() { return out_ + "."; }

 private:
  void put() { reference('q', 'r', "p", next_++); }
  void reference(char one_byte, char four_bytes, std::string_view line, std::uint32_t number) {
    if (!binary_) {
      out_ += fmt::format("{}{}\n", line, number);
    } else if (number < 0x100) {
      out_ += one_byte + little_endian(static_cast<std::uint8_t>(number));
    } else {
      out_ += four_bytes + little_endian(number);
    }
  }

  bool binary_;
  std::string out_;
  std::uint32_t next_ = 1;
  std::map<std::string, std::uint32_t> names_;
};

// Python writes up to a thousand items behind one mark.
template <typename Item>
std::string list_of(int count, Protocol protocol, const Item& item) {
  constexpr int k_batch = 1000;
  Pickler p(protocol);
  p.begin_list();
  for (int i = 0; i < count; ++i) {
    if (i % k_batch == 0) p.begin_items();
    item(p, i);
    p.item('a');
    if (i % k_batch == k_batch - 1 || i == count - 1) p.end_items('e');
  }
  return p.finish();
}

void record(Pickler& p, int i) {
  const auto member = [&p](const std::string& name, const auto& value) {
    p.name(name);
    value();
    p.item('s');
  };
  p.begin_dict();
  p.begin_items();
  member("id", [&] { p.integer(i); });
  member("name", [&] { p.text(fmt::format("subtask {} of the benchmark", i)); });
  member("path", [&] { p.bytes(fmt::format("/home/ania/renders/blocks-{:06}.png", i)); });
  member("ratio", [&] { p.real(i / 8.0); });
  member("done", [&] { p.boolean(i % 2 == 0); });
  member("frames", [&] {
    p.begin_list();
    p.begin_items();
    for (int k = 0; k < 4; ++k) {
      p.integer(i + k);
      p.item('a');
    }
    p.end_items('e');
  });
  member("size", [&] {
    p.begin_pair();
    p.integer(1920);
    p.integer(1080);
    p.end_pair();
  });
  member("options", [&] {
    p.begin_dict();
    p.begin_items();
    member("engine", [&] { p.name("CYCLES"); });
    member("samples", [&] { p.integer(i % 512); });
    member("price", [&] { p.real(i * 0.25); });
    p.end_items('u');
  });
  p.end_items('u');
}

// A pickle of protocol 0 as protocol 2 says it, without STOP.
std::string to_protocol_2(std::string_view pickle) {
  using pickle::Opcode;
  std::string out;
  pickle::Reader reader(pickle);
  while (reader.left() > 0) {
    const pickle::Instruction& now = reader.next();
    const std::string text(now.text);
    const auto number = [&] {
      int n = 0;
      std::from_chars(text.data(), text.data() + text.size(), n);
      return n;
    };
    switch (now.opcode) {
      case Opcode::STOP: return out;
      case Opcode::PUT: out += 'q' + little_endian(static_cast<std::uint8_t>(number())); break;
      case Opcode::GET: out += 'h' + little_endian(static_cast<std::uint8_t>(number())); break;
      case Opcode::INT:
        if (text.size() == 2 && text[0] == '0') {
          out += text == "01" ? '\x88' : '\x89';
        } else {
          out += 'J' + little_endian(number());
        }
        break;
      case Opcode::STRING:
        out += 'U' + little_endian(static_cast<std::uint8_t>(text.size() - 2)) + text.substr(1, text.size() - 2);
        break;
      case Opcode::UNICODE: out += 'X' + little_endian(static_cast<std::uint32_t>(text.size())) + text; break;
      default: out += pickle.substr(now.offset, reader.position() - now.offset);
    }
  }
  return out;
}

}  // namespace

std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string tasks(int count, Protocol protocol) {
  std::string task = read_whole(GT_SOURCE_DIR "/samples/blocks/blocks.gt");
  task.pop_back();  // STOP
  if (protocol == Protocol::Two) task = to_protocol_2(task);
  // Each copy sets the memo entries that it reads, so the copies do not disturb each other.
  std::string out = protocol == Protocol::Two ? "\x80\x02]" : "(l";
  for (int i = 0; i < count; ++i) out.append(task).append("a");
  return out + ".";
}

std::string integers(int count, Protocol protocol) {
  return list_of(count, protocol, [](Pickler& p, int i) { p.integer(i); });
}

std::string strings(int count, Protocol protocol) {
  return list_of(count, protocol, [](Pickler& p, int i) { p.bytes(fmt::format("/home/ania/blocks/{:08}.png", i)); });
}

std::string records(int count, Protocol protocol) { return list_of(count, protocol, record); }

}  // namespace gt::bench
