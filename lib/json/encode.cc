#include "lib/json/encode.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <unordered_map>

#include "lib/base/limit_errors.h"
#include "lib/base/text.h"
#include "lib/json/expansion.h"
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
// table. So a graph in which something is in two places is walked twice: the first walk leaves a tape with one cell for each
// container that will be written, in the order of the numbers; the second walk writes, and finds the cell of any child by
// skipping over its elder siblings. Where nothing is in two places, no number is ever written, and the second walk does alone.
struct Cell {
  std::uint32_t end = 0;        // the cell behind everything inside this one
  std::uint32_t reference = 0;  // k_in_full, or the number of a {"py/id":n}
};
constexpr std::uint32_t k_in_full = std::numeric_limits<std::uint32_t>::max();

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
  Context(const Graph& g, const EncodeLimits& l, KeyOrders* orders) : graph(g), limits(l), members(g, orders) {
    limits.containers = std::min<std::uint64_t>(limits.containers, k_in_full - 1);  // cells have numbers of 32 bits
  }
  bool has_cell(Value v) const { return object::has_identity(v.kind()) || is_builtin_function(graph, v); }
  const Graph& graph;
  EncodeLimits limits;
  MemberTable members;
  std::vector<Cell> tape;  // empty: nothing is in two places
  Lost lost;
};

bool is_object(Value v) { return object::is_object(v.kind()); }

// jsonpickle says __builtin__ for the modules exceptions and builtins. Python 3's range is Python 2's xrange, and what Python 2
// called range is a function.
void append_class(std::string& out, const Graph& graph, Value class_global) {
  const object::GlobalName name = graph.global(class_global);
  const bool range = name.module == "builtins" && name.name == "range";
  if (name.module == "exceptions" || name.module == "builtins") {
    out.append("__builtin__.").append(range ? "xrange" : name.name);
  } else {
    out.append(name.qualified);
  }
}

// How many brackets a container adds around its parts.
std::uint64_t levels(Value v) {
  if (v.is(Kind::Tuple) || v.is(Kind::Set)) return 2;
  return v.is(Kind::FrozenSet) ? 5 : 1;
}

// Lists, and what jsonpickle numbers like them: in full the first time, a short reference after that.
bool is_written_once(Value v) { return v.is(Kind::List) || v.is(Kind::Instance) || v.is(Kind::FrozenSet); }

// A container on the way down to where a walk is. What it has is found once, when it is entered.
struct Frame {
  Frame(Context& c, Value v) : container(v) {
    if (is_object(v)) {
      members = c.members.find(v);
      if (members == nullptr) {
        own_members = c.members.make(v);
        members = own_members.get();
      }
      entries = c.graph.entries(v);
    } else if (v.is(Kind::Set) || v.is(Kind::FrozenSet)) {
      own_items = object::python2_walk(c.graph, v);
      items = own_items;
    } else {
      items = c.graph.items(v);
    }
  }
  Value value(const Graph& graph, const Member& member) const {
    return member.source == Member::Source::Entry ? entries[member.entry].value : value_of(graph, container, member);
  }

  Value container;
  std::uint32_t next = 0;
  std::uint32_t cell = 0;            // numbering: its own; writing: of the next item
  std::uint32_t first_position = 0;  // writing objects: where the cells of the visited members begin in positions_
  Members* members = nullptr;        // of objects
  std::span<const object::Entry> entries;
  std::span<const Value> items;  // of all others
  std::shared_ptr<Members> own_members;
  std::vector<Value> own_items;
};

// The way down, and how deep in brackets it is.
class Way {
 public:
  explicit Way(Context& context) : c_(context) { frames_.reserve(k_usual_depth); }
  bool empty() const { return frames_.empty(); }
  Frame& last() { return frames_.back(); }

  Frame& enter(Value v) {
    depth_ += levels(v);
    if (depth_ > c_.limits.depth) throw depth_limit_error(c_.limits.depth, "a dict contains itself");
    // Each level indents its lines by two more. Told here, as walking to the bottom of it may take more than there is.
    if (depth_ * depth_ > c_.limits.output_bytes) throw output_limit_error(c_.limits.output_bytes);
    return frames_.emplace_back(c_, v);
  }
  void leave() {
    depth_ -= levels(frames_.back().container);
    frames_.pop_back();
  }

 private:
  static constexpr std::size_t k_usual_depth = 8;  // of a task
  Context& c_;
  std::vector<Frame> frames_;
  std::uint64_t depth_ = 0;
};

// --- first walk

class Numbering {
 public:
  explicit Numbering(Context& context) : c_(context), way_(context), numbers_(context.graph.container_count(), k_in_full) {}

  void run(Value root) {
    if (!c_.has_cell(root)) return;
    enter(root);
    while (!way_.empty()) step();
  }

 private:
  // True for what jsonpickle numbers; dicts, tuples and sets are written again each time.
  static bool is_tracked(Value v) {
    return v.is(Kind::List) || v.is(Kind::Instance) || v.is(Kind::FrozenSet) || v.is(Kind::ByteArray) || v.is(Kind::Global);
  }

  void enter(Value v) {
    if (c_.tape.size() == c_.limits.containers) throw containers_limit_error(c_.limits.containers);
    const auto cell = static_cast<std::uint32_t>(c_.tape.size());
    c_.tape.push_back({cell + 1, k_in_full});
    if (is_tracked(v) && !is_first(v, c_.tape.back())) return;
    if (v.is(Kind::Global)) return;
    if (v.is(Kind::ByteArray)) return count_values(c_.graph.string_of(v).size());
    way_.enter(v).cell = cell;
  }

  // Numbers it, or notes the number that it has.
  bool is_first(Value v, Cell& cell) {
    std::uint32_t& number = number_of(v);
    if (number != k_in_full) {
      cell.reference = number;
      return false;
    }
    number = count_;
    count_ += v.is(Kind::FrozenSet) ? 2 : 1;  // and the list of its elements
    return true;
  }

  std::uint32_t& number_of(Value v) {
    if (object::is_container(v.kind())) return numbers_[c_.graph.container_number(v)];
    return other_numbers_.try_emplace(v.bits(), k_in_full).first->second;
  }

  // Each value will be two bytes at least, a comma and a digit: what cannot fit is not walked to its end.
  void count_values(std::uint64_t count) {
    values_ += count;
    if (values_ > c_.limits.output_bytes / 2) throw output_limit_error(c_.limits.output_bytes);
  }

  void step() {
    Frame& frame = way_.last();
    const std::size_t count = frame.members != nullptr ? frame.members->visited.size() : frame.items.size();
    while (frame.next < count) {
      count_values(1);
      const std::uint32_t i = frame.next++;
      const Value child = frame.members != nullptr ? frame.value(c_.graph, frame.members->visited[i]) : frame.items[i];
      if (c_.has_cell(child)) return enter(child);
    }
    c_.tape[frame.cell].end = static_cast<std::uint32_t>(c_.tape.size());
    way_.leave();
  }

  Context& c_;
  Way way_;
  std::vector<std::uint32_t> numbers_;  // of containers; k_in_full: not met yet
  std::unordered_map<std::uint64_t, std::uint32_t> other_numbers_;
  std::uint32_t count_ = 0;
  std::uint64_t values_ = 0;
};

// --- second walk

class Writing {
 public:
  Writing(Context& context, TextWriter& out) : c_(context), out_(out), way_(context) {}

  void run(Value root) {
    write(root, 0);
    while (!way_.empty()) step();
  }
  std::vector<Finding> take_findings() { return std::move(findings_); }

 private:
  // True if it was a container, which is now entered.
  bool write(Value v, std::uint32_t cell) {
    switch (v.kind()) {
      case Kind::None: out_.scalar("null"); break;
      case Kind::Bool: out_.scalar(v.as_bool() ? "true" : "false"); break;
      case Kind::Int: out_.integer(c_.graph.int_of(v)); break;
      case Kind::Long: out_.scalar(c_.graph.long_of(v).to_decimal()); break;
      case Kind::Float: out_.real(c_.graph.float_of(v)); break;
      case Kind::Text: out_.string(c_.graph.string_of(v)); break;
      case Kind::Bytes: write_bytes(c_.graph.string_of(v)); break;
      case Kind::Binary: write_binary(c_.graph.string_of(v)); break;
      case Kind::ByteArray: write_byte_array(v, cell); break;
      case Kind::Global: write_global(v, cell); break;
      case Kind::Absent: throw Error(ErrorCode::Bug, "the graph has a hole");
      default: return open(v, cell);
    }
    return false;
  }

  void write_bytes(std::string_view bytes) {
    if (is_plain(bytes)) return out_.plain_string(bytes);
    if (is_utf8(bytes, Surrogates::Accept)) return out_.string(bytes);
    write_tag("py/bytes", encode_quoted_printable(bytes));
  }

  // Python 2, which has one type for both, read Python 3's bytes as a str.
  void write_binary(std::string_view bytes) {
    if (is_utf8(bytes, Surrogates::Accept)) ++c_.lost.bytes;
    write_bytes(bytes);
  }

  void write_byte_array(Value v, std::uint32_t cell) {
    if (write_reference(cell)) return;
    out_.open('{');
    key("py/object");
    out_.string("__builtin__.bytearray");
    key("py/seq");
    out_.open('[');
    for (const char byte : c_.graph.string_of(v)) {
      out_.item();
      out_.integer(static_cast<unsigned char>(byte));
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

  // True if it is written somewhere else in full.
  bool write_reference(std::uint32_t cell) {
    if (c_.tape.empty() || c_.tape[cell].reference == k_in_full) return false;
    out_.open('{');
    key("py/id");
    out_.integer(c_.tape[cell].reference);
    out_.close('}');
    return true;
  }

  void write_global(Value v, std::uint32_t cell) {
    if (is_builtin_function(c_.graph, v)) {
      if (!write_reference(cell)) write_tag("py/object", "__builtin__.builtin_function_or_method");
      return;
    }
    const object::GlobalName name = c_.graph.global(v);
    if (name.function) return write_tag("py/function", name.qualified);
    out_.open('{');
    key("py/type");
    write_class(v);
    out_.close('}');
  }

  void write_class(Value class_global) {
    scratch_.clear();
    append_class(scratch_, c_.graph, class_global);
    out_.string(scratch_);
  }

  bool open(Value v, std::uint32_t cell) {
    if (write_reference(cell)) return false;
    Frame& frame = way_.enter(v);
    if (frame.members != nullptr) {
      tell(*frame.members);
      find_cells(frame, cell + 1);
      out_.open('{');
    } else {
      frame.cell = cell + 1;
      open_sequence(v);
    }
    return true;
  }

  // Once for each shape, and not without end.
  void tell(Members& members) {
    constexpr std::size_t k_most_told = 100;
    for (Finding& finding : members.findings)
      if (findings_.size() < k_most_told) findings_.push_back(std::move(finding));
    members.findings.clear();
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
    if (c_.tape.empty()) return;
    frame.first_position = static_cast<std::uint32_t>(positions_.size());
    for (const Member& member : frame.members->visited) {
      positions_.push_back(cell);
      if (c_.has_cell(frame.value(c_.graph, member))) cell = c_.tape[cell].end;
    }
  }

  void step() {
    Frame& frame = way_.last();
    return frame.members != nullptr ? step_object(frame) : step_sequence(frame);
  }

  void step_sequence(Frame& frame) {
    const bool is_list = !frame.container.is(Kind::PersistentId);
    while (frame.next < frame.items.size()) {
      const Value child = frame.items[frame.next++];
      const std::uint32_t cell = frame.cell;
      if (!c_.tape.empty() && c_.has_cell(child)) frame.cell = c_.tape[cell].end;
      if (is_list) out_.item();
      if (write(child, cell)) return;
    }
    const Value done = frame.container;
    way_.leave();
    close_sequence(done);
  }

  void step_object(Frame& frame) {
    const Members& members = *frame.members;
    while (frame.next < members.written.size()) {
      const std::uint32_t index = members.written[frame.next++];
      const Member& member = members.visited[index];
      out_.key(member.key);
      if (member.source == Member::Source::ClassName) {
        write_class(c_.graph.class_of(frame.container));
      } else if (write(frame.value(c_.graph, member), c_.tape.empty() ? 0 : positions_[frame.first_position + index])) {
        return;
      }
    }
    if (!c_.tape.empty()) positions_.resize(frame.first_position);
    way_.leave();
    out_.close('}');
  }

  Context& c_;
  TextWriter& out_;
  Way way_;
  std::vector<std::uint32_t> positions_;
  std::vector<Finding> findings_;
  std::string scratch_;
};

}  // namespace

EncodeLimits EncodeLimits::for_input(std::uint64_t bytes) {
  EncodeLimits limits;
  limits.output_bytes = std::max(limits.output_bytes, 64 * bytes);
  limits.containers += 8 * bytes;
  return limits;
}

std::vector<Finding> encode_2016(const Graph& graph, Sink& sink, const EncodeLimits& limits, KeyOrders* orders) {
  Context context(graph, limits, orders);
  // Functions are numbered, too, and readers do not count their places.
  const bool numbered = !graph.is_tree() || context.members.has_builtin_functions();
  require_fits(graph, limits, is_written_once);
  if (numbered) Numbering(context).run(graph.root());
  TextWriter out(sink, limits.output_bytes);
  Writing writing(context, out);
  writing.run(graph.root());
  out.finish();
  std::vector<Finding> findings = writing.take_findings();
  tell(context.lost, findings);
  return findings;
}

}  // namespace gt::json
