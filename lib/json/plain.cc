#include "lib/json/plain.h"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <unordered_set>
#include <vector>

#include "lib/base/limit_errors.h"
#include "lib/base/text.h"
#include "lib/json/expansion.h"
#include "lib/json/text_writer.h"

namespace gt::json {
namespace {

using object::Entry;
using object::Graph;
using object::Kind;
using object::Value;

// Why a kind has no plain form; empty for those that have one.
struct Reason {
  Kind kind;
  std::string_view what;
};
constexpr Reason k_reasons[] = {{Kind::Binary, "bytes"},
                                {Kind::ByteArray, "a bytearray"},
                                {Kind::Global, "a class or function"},
                                {Kind::Tuple, "a tuple"},
                                {Kind::Set, "a set"},
                                {Kind::FrozenSet, "a frozenset"},
                                {Kind::RawList, "a part of a call"},
                                {Kind::PersistentId, "a reference to an object outside the file"}};

class Plain {
 public:
  Plain(const Graph& graph, Sink& sink, const EncodeLimits& limits, NonFinite non_finite)
      : graph_(graph), limits_(limits), non_finite_(non_finite), out_(sink, limits.output_bytes) {}

  void run() {
    write(graph_.root());
    while (!stack_.empty()) step();
    out_.finish();
  }

 private:
  struct Frame {
    Value container;
    std::size_t next = 0;
  };

  void step() {
    Frame& frame = stack_.back();
    const bool list = frame.container.is(Kind::List);
    const std::size_t size = list ? graph_.items(frame.container).size() : graph_.entries(frame.container).size();
    if (frame.next == size) {
      out_.close(list ? ']' : '}');
      open_.erase(frame.container.bits());
      return stack_.pop_back();
    }
    const std::size_t i = frame.next++;
    if (list) {
      out_.item();
      return write(graph_.items(frame.container)[i]);
    }
    const Entry& entry = graph_.entries(frame.container)[i];
    write_key(entry.key);
    write(entry.value);
  }

  void write(Value v) {
    switch (v.kind()) {
      case Kind::None: return out_.scalar("null");
      case Kind::Bool: return out_.scalar(v.as_bool() ? "true" : "false");
      case Kind::Int: return out_.integer(graph_.int_of(v));
      case Kind::Long: return out_.scalar(graph_.long_of(v).to_decimal());
      case Kind::Float: return write_float(graph_.float_of(v));
      case Kind::Text:
        if (has_surrogate_pair(graph_.string_of(v))) throw no_form("two surrogates, which JSON makes one character of");
        return out_.string(graph_.string_of(v));
      case Kind::Bytes:
        if (!is_utf8(graph_.string_of(v), Surrogates::Reject)) throw no_form("a byte string that is no text");
        return out_.string(graph_.string_of(v));
      case Kind::List:
      case Kind::Dict: return open(v);
      default: throw no_form(what_is(v));
    }
  }

  std::string what_is(Value v) const {
    for (const Reason& reason : k_reasons)
      if (reason.kind == v.kind()) return std::string(reason.what);
    return "an instance of " + printable(graph_.class_name(v));
  }

  void write_float(double number) {
    if (!std::isfinite(number) && non_finite_ == NonFinite::Refuse) throw no_form("the number " + float_text(number));
    out_.real(number);
  }

  void write_key(Value key) {
    const bool text = key.is(Kind::Text) || (key.is(Kind::Bytes) && is_utf8(graph_.string_of(key), Surrogates::Accept));
    if (!text) throw no_form("a key that is no text");
    key_.clear();
    append_string(key_, graph_.string_of(key));
    key_ += ':';
    out_.key(key_);
  }

  void open(Value v) {
    if (!open_.insert(v.bits()).second) throw no_form("a list or dict that contains itself");
    if (stack_.size() == limits_.depth) throw depth_limit_error(limits_.depth);
    out_.open(v.is(Kind::List) ? '[' : '{');
    stack_.push_back({v, 0});
  }

  // a.b[3], or the beginning of a very long one.
  std::string path() const {
    constexpr std::size_t k_longest = 300;
    std::string out;
    for (const Frame& frame : stack_) {
      if (out.size() > k_longest) return out + "...";
      if (frame.container.is(Kind::List)) {
        out += fmt::format("[{}]", frame.next - 1);
        continue;
      }
      const Value key = graph_.entries(frame.container)[frame.next - 1].key;
      const bool text = object::is_string(key.kind());
      out += (out.empty() ? "" : ".") + (text ? printable(graph_.string_of(key)) : std::string("?"));
    }
    return out;
  }

  Error no_form(const std::string& what) const {
    return Error(ErrorCode::GraphNoForm, "plain JSON cannot say " + what, {.path = path()},
                 "--lossless and --compat modern have a form for it");
  }

  const Graph& graph_;
  const EncodeLimits& limits_;
  NonFinite non_finite_;
  TextWriter out_;
  std::vector<Frame> stack_;
  std::unordered_set<std::uint64_t> open_;  // lists and dicts that are being written
  std::string key_;
};

}  // namespace

void encode_plain(const Graph& graph, Sink& sink, const EncodeLimits& limits, NonFinite non_finite) {
  require_fits(graph, limits, [](Value) { return false; });
  Plain(graph, sink, limits, non_finite).run();
}

}  // namespace gt::json
