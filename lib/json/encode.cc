#include "lib/json/encode.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <unordered_map>

#include "lib/base/text.h"
#include "lib/json/members.h"
#include "lib/json/quoted_printable.h"
#include "lib/json/text_writer.h"
#include "lib/object/python2.h"

namespace gt::json {
namespace {

using object::Graph;
using object::Kind;
using object::Value;

// jsonpickle numbers objects while it walks attributes sorted by name, but Python 2 writes them in the order of its hash
// table. So the graph is walked twice: the first walk leaves a tape with one cell for each container that will be written,
// in the order of the numbers; the second walk writes, and finds the cell of any child by skipping over its elder siblings.
struct Cell {
  std::uint32_t end = 0;        // the cell behind everything inside this one
  std::uint32_t reference = 0;  // k_in_full, or the number of a {"py/id":n}
};
constexpr std::uint32_t k_in_full = std::numeric_limits<std::uint32_t>::max();

// Set elements in the order of Python 2, found once per set.
class SetOrders {
 public:
  explicit SetOrders(const Graph& graph) : graph_(graph) {}
  std::span<const Value> of(Value set) {
    const auto [known, inserted] = orders_.try_emplace(Graph::handle(set));
    if (inserted) known->second = object::python2_walk(graph_, set);
    return known->second;
  }

 private:
  const Graph& graph_;
  std::unordered_map<std::uint64_t, std::vector<Value>> orders_;
};

// What the JSON does not tell.
struct Lost {
  std::uint64_t bytes = 0;       // of Python 3, written as text
  std::uint64_t references = 0;  // to objects outside the file
};

std::string counted(std::uint64_t count, std::string_view one, std::string_view more) {
  return fmt::format("{} {}", count, count == 1 ? one : more);
}

void tell(const Lost& lost, std::vector<Finding>& findings) {
  if (lost.bytes > 0)
    findings.push_back({Finding::Severity::Warning,
                        fmt::format("{} written as text: Python 2 knew no difference",
                                    counted(lost.bytes, "bytes object of Python 3 was", "bytes objects of Python 3 were")),
                        {}});
  if (lost.references > 0)
    findings.push_back({Finding::Severity::Warning,
                        fmt::format("{} written as py/persistent, which jsonpickle does not know",
                                    counted(lost.references, "reference to an object outside the file was",
                                            "references to objects outside the file were")),
                        {}});
}

struct Context {
  explicit Context(const Graph& g) : graph(g), members(g), sets(g) {}
  bool has_cell(Value v) const {
    return object::is_container(v.kind()) || v.is(Kind::ByteArray) || is_builtin_function(graph, v);
  }
  std::span<const Value> items(Value v) { return v.is(Kind::Set) || v.is(Kind::FrozenSet) ? sets.of(v) : graph.items(v); }
  const Graph& graph;
  MemberTable members;
  SetOrders sets;
  std::vector<Cell> tape;
  Lost lost;
};

bool is_object(Value v) { return object::is_object(v.kind()); }

// jsonpickle says __builtin__ for the modules exceptions and builtins. Python 3's range is Python 2's xrange, and what Python 2
// called range is a function.
std::string class_text(const Graph& graph, Value class_global) {
  const object::GlobalName& name = graph.global(class_global);
  if (name.module == "builtins" && name.name == "range") return "__builtin__.xrange";
  const bool builtin = name.module == "exceptions" || name.module == "builtins";
  return builtin ? "__builtin__." + name.name : name.qualified();
}

// How many brackets a container adds around its parts.
std::uint64_t levels(Value v) {
  if (v.is(Kind::Tuple) || v.is(Kind::Set)) return 2;
  return v.is(Kind::FrozenSet) ? 5 : 1;
}

// --- first walk

class Numbering {
 public:
  Numbering(Context& context, const EncodeLimits& limits) : c_(context), limits_(limits) {}

  void run(Value root) {
    if (!c_.has_cell(root)) return;
    enter(root);
    while (!stack_.empty()) step();
  }

 private:
  struct Frame {
    Value container;
    std::uint32_t cell;
    std::uint32_t next;
    const Members* members;        // of objects
    std::span<const Value> items;  // of sequences
  };

  // True for what jsonpickle numbers; dicts, tuples and sets are written again each time.
  bool is_tracked(Value v) const {
    return v.is(Kind::List) || v.is(Kind::Instance) || v.is(Kind::FrozenSet) || v.is(Kind::ByteArray) || v.is(Kind::Global);
  }

  void enter(Value v) {
    if (c_.tape.size() == limits_.containers)
      throw Error(
          ErrorCode::LimitNodes,
          fmt::format("the JSON would have more than {} lists and objects: the file refers to the same parts over and over",
                      limits_.containers));
    const auto cell = static_cast<std::uint32_t>(c_.tape.size());
    c_.tape.push_back({cell + 1, k_in_full});
    if (is_tracked(v)) {
      const auto [known, inserted] = numbers_.try_emplace(v.bits(), count_);
      if (!inserted) {
        c_.tape[cell].reference = known->second;
        return;
      }
      count_ += v.is(Kind::FrozenSet) ? 2 : 1;  // and the list of its elements
    }
    if (v.is(Kind::Global)) return;
    if (v.is(Kind::ByteArray)) return count_values(c_.graph.string_of(v).size());
    depth_ += levels(v);
    if (depth_ > limits_.depth)
      throw Error(ErrorCode::LimitDepth,
                  fmt::format("the data is nested deeper than {} levels, or a dict contains itself", limits_.depth));
    Frame frame{v, cell, 0, nullptr, {}};
    if (is_object(v)) {
      frame.members = &c_.members.of(v);
    } else {
      frame.items = c_.items(v);
    }
    stack_.push_back(frame);
  }

  // Each value will be two bytes at least, a comma and a digit: what cannot fit is not walked to its end.
  void count_values(std::uint64_t count) {
    values_ += count;
    if (values_ > limits_.output_bytes / 2) throw output_limit_error(limits_.output_bytes);
  }

  void step() {
    Frame& frame = stack_.back();
    const std::size_t count = frame.members != nullptr ? frame.members->visited.size() : frame.items.size();
    while (frame.next < count) {
      count_values(1);
      const std::uint32_t i = frame.next++;
      const Value child =
          frame.members != nullptr ? value_of(c_.graph, frame.container, frame.members->visited[i]) : frame.items[i];
      if (c_.has_cell(child)) return enter(child);
    }
    c_.tape[frame.cell].end = static_cast<std::uint32_t>(c_.tape.size());
    depth_ -= levels(frame.container);
    stack_.pop_back();
  }

  Context& c_;
  const EncodeLimits& limits_;
  std::vector<Frame> stack_;
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
  std::uint32_t count_ = 0;
  std::uint64_t values_ = 0;
  std::uint64_t depth_ = 0;
};

// --- second walk

class Writing {
 public:
  Writing(Context& context, TextWriter& out) : c_(context), out_(out) {}

  void run(Value root) {
    write(root, 0);
    while (!stack_.empty()) step();
  }

 private:
  struct Frame {
    Value container;
    std::uint32_t next = 0;
    std::uint32_t cell = 0;            // sequences: of the next child
    std::uint32_t first_position = 0;  // objects: where the cells of the visited members begin in positions_
    const Members* members = nullptr;
    std::span<const Value> items;
  };

  void write(Value v, std::uint32_t cell) {
    switch (v.kind()) {
      case Kind::None: return out_.scalar("null");
      case Kind::Bool: return out_.scalar(v.as_bool() ? "true" : "false");
      case Kind::Int: return out_.scalar(fmt::format_int(c_.graph.int_of(v)).c_str());
      case Kind::Long: return out_.scalar(c_.graph.long_of(v).to_decimal());
      case Kind::Float: return out_.scalar(float_text(c_.graph.float_of(v)));
      case Kind::Text: return out_.string(c_.graph.string_of(v));
      case Kind::Bytes: return write_bytes(c_.graph.string_of(v));
      case Kind::Binary: return write_binary(c_.graph.string_of(v));
      case Kind::ByteArray: return write_byte_array(v, cell);
      case Kind::Global: return write_global(v, cell);
      case Kind::Absent: throw Error(ErrorCode::Bug, "the graph has a hole");
      default: return open(v, cell);
    }
  }

  void write_bytes(std::string_view bytes) {
    if (is_utf8(bytes, Surrogates::Accept)) return out_.string(bytes);
    write_tag("py/bytes", encode_quoted_printable(bytes));
  }

  // Python 2, which has one type for both, read Python 3's bytes as a str.
  void write_binary(std::string_view bytes) {
    if (is_utf8(bytes, Surrogates::Accept)) ++c_.lost.bytes;
    write_bytes(bytes);
  }

  void write_byte_array(Value v, std::uint32_t cell) {
    if (c_.tape[cell].reference != k_in_full) return write_reference(c_.tape[cell].reference);
    out_.open('{');
    key("py/object");
    out_.string("__builtin__.bytearray");
    key("py/seq");
    out_.open('[');
    for (const char byte : c_.graph.string_of(v)) {
      out_.item();
      out_.scalar(std::to_string(static_cast<unsigned char>(byte)));
    }
    out_.close(']');
    out_.close('}');
  }

  void write_tag(std::string_view tag, std::string_view text) {
    out_.open('{');
    key(tag);
    out_.string(text);
    out_.close('}');
  }

  void key(std::string_view name) {
    scratch_.clear();
    append_string(scratch_, name);
    scratch_ += ':';
    out_.key(scratch_);
  }

  void write_reference(std::uint32_t number) {
    out_.open('{');
    key("py/id");
    out_.scalar(std::to_string(number));
    out_.close('}');
  }

  void write_global(Value v, std::uint32_t cell) {
    if (is_builtin_function(c_.graph, v)) {
      if (c_.tape[cell].reference != k_in_full) return write_reference(c_.tape[cell].reference);
      return write_tag("py/object", "__builtin__.builtin_function_or_method");
    }
    const object::GlobalName& name = c_.graph.global(v);
    if (name.function) return write_tag("py/function", name.qualified());
    write_tag("py/type", class_text(c_.graph, v));
  }

  void open(Value v, std::uint32_t cell) {
    if (c_.tape[cell].reference != k_in_full) return write_reference(c_.tape[cell].reference);
    Frame frame;
    frame.container = v;
    if (is_object(v)) {
      frame.members = &c_.members.of(v);
      find_cells(frame, cell + 1);
      out_.open('{');
    } else {
      frame.items = c_.items(v);
      frame.cell = cell + 1;
      open_sequence(v);
    }
    stack_.push_back(frame);
  }

  void open_sequence(Value v) {
    if (v.is(Kind::PersistentId)) {
      ++c_.lost.references;
      out_.open('{');
      return key("py/persistent");
    }
    if (v.is(Kind::FrozenSet)) {
      out_.open('{');
      key("py/object");
      out_.string("__builtin__.frozenset");
      key("py/reduce");
      out_.open('[');
      out_.item();
      write_tag("py/type", "__builtin__.frozenset");
      out_.item();
    }
    if (v.is(Kind::Tuple) || v.is(Kind::Set) || v.is(Kind::FrozenSet)) {
      out_.open('{');
      key(v.is(Kind::Set) ? "py/set" : "py/tuple");
    }
    out_.open('[');
    if (v.is(Kind::FrozenSet)) {
      out_.item();
      out_.open('[');
    }
  }

  void close_sequence(Value v) {
    if (v.is(Kind::PersistentId)) return out_.close('}');
    out_.close(']');
    if (v.is(Kind::FrozenSet)) out_.close(']');
    if (v.is(Kind::Tuple) || v.is(Kind::Set) || v.is(Kind::FrozenSet)) out_.close('}');
    if (!v.is(Kind::FrozenSet)) return;
    for (int i = 0; i < 3; ++i) {
      out_.item();
      out_.scalar("null");
    }
    out_.close(']');
    out_.close('}');
  }

  // The cells of an object's children lie behind its own in the order in which they were visited.
  void find_cells(Frame& frame, std::uint32_t cell) {
    frame.first_position = static_cast<std::uint32_t>(positions_.size());
    for (const Member& member : frame.members->visited) {
      positions_.push_back(cell);
      if (c_.has_cell(value_of(c_.graph, frame.container, member))) cell = c_.tape[cell].end;
    }
  }

  void step() {
    Frame& frame = stack_.back();
    if (frame.members != nullptr) return step_object(frame);
    if (frame.next == frame.items.size()) {
      const Value done = frame.container;
      stack_.pop_back();
      return close_sequence(done);
    }
    const Value child = frame.items[frame.next++];
    const std::uint32_t cell = frame.cell;
    if (c_.has_cell(child)) frame.cell = c_.tape[cell].end;
    if (!frame.container.is(Kind::PersistentId)) out_.item();
    write(child, cell);
  }

  void step_object(Frame& frame) {
    const Members& members = *frame.members;
    if (frame.next == members.written.size()) {
      positions_.resize(frame.first_position);
      stack_.pop_back();
      return out_.close('}');
    }
    const std::uint32_t index = members.written[frame.next++];
    const Member& member = members.visited[index];
    out_.key(member.key);
    if (member.source == Member::Source::ClassName)
      return out_.string(class_text(c_.graph, c_.graph.class_of(frame.container)));
    write(value_of(c_.graph, frame.container, member), positions_[frame.first_position + index]);
  }

  Context& c_;
  TextWriter& out_;
  std::vector<Frame> stack_;
  std::vector<std::uint32_t> positions_;
  std::string scratch_;
};

}  // namespace

EncodeLimits EncodeLimits::for_input(std::uint64_t bytes) {
  EncodeLimits limits;
  limits.output_bytes = std::max(limits.output_bytes, 64 * bytes);
  limits.containers += 8 * bytes;
  limits.containers = std::min<std::uint64_t>(limits.containers, k_in_full - 1);
  return limits;
}

std::vector<Finding> encode_2016(const Graph& graph, Sink& sink, const EncodeLimits& limits) {
  Context context(graph);
  Numbering(context, limits).run(graph.root());
  TextWriter out(sink, limits.output_bytes);
  Writing(context, out).run(graph.root());
  out.finish();
  std::vector<Finding> findings = context.members.take_findings();
  tell(context.lost, findings);
  return findings;
}

}  // namespace gt::json
