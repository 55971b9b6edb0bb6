// The audit of one pickle: audit.h says what it is about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lib/pickle/audit.h"
#include "lib/pickle/outline.h"
#include "lib/pickle/reader.h"

namespace gt::pickle {

// Where a pickle stands that lies in a string.
struct Nesting {
  unsigned level = 0;                        // 0: in the file itself
  std::optional<std::uint64_t> string = {};  // the offset in the file of the string at level 1
};

// Follows a pickle from `start` of `bytes` to its STOP, and adds to an audit.
class Auditor {
 public:
  Auditor(std::string_view bytes, std::uint64_t start, Nesting nesting, Audit& audit)
      : bytes_(bytes), start_(start), nesting_(nesting), audit_(audit), reader_(bytes, start), frame_end_(start) {}

  // nullopt, or why the pickle cannot be read to its STOP.
  std::optional<Error> run();
  std::uint64_t end() const { return reader_.position(); }
  // A list, dict, set, tuple or instance is in more than one place.
  bool shares_containers() const { return shares_containers_; }

 private:
  using Handler = void (Auditor::*)(const Instruction&);
  struct Handlers;
  static Handler handler_of(Opcode opcode);

  // What audited.def names. They look before the opcode has its effect, also where it then has none: the stack may be short.
  void on_proto(const Instruction& at);
  void on_frame(const Instruction& at);
  void on_global(const Instruction& at);
  void on_stack_global(const Instruction& at);
  void on_extension(const Instruction& at);
  void on_inst(const Instruction& at);
  void on_obj(const Instruction& at);
  void on_newobj(const Instruction& at);
  void on_newobj_ex(const Instruction& at);
  void on_reduce(const Instruction& at);
  void on_build(const Instruction& at);
  void on_persistent_id(const Instruction& at);
  void on_buffer(const Instruction& at);
  void on_append(const Instruction& at);
  void on_items(const Instruction& at);
  void on_setitem(const Instruction& at);
  void on_setitems(const Instruction& at);
  void on_dict(const Instruction& at);
  void on_tuple(const Instruction& at);
  void on_put(const Instruction& at);
  void on_put_line(const Instruction& at);
  void on_get(const Instruction& at);
  void on_get_line(const Instruction& at);
  void on_dup(const Instruction& at);
  void on_pop(const Instruction& at);
  void on_stop(const Instruction& at);
  void on_string(const Instruction& at);

  struct Name {
    std::string text;
    NameFacts facts;
  };
  void name(const Instruction& at, const std::string& module, const std::string& name, NameFacts facts);
  void remark(const Instruction& at, Sign sign, std::string message);
  // INST, OBJ and NEWOBJ make a bare instance of a class where they can; a call with arguments runs its constructor.
  enum class How : std::uint8_t { Bare, Call };
  void apply_class(const Instruction& at, std::optional<Item> callable, How how);
  void check_call(const Instruction& at, const Name& name);
  void check_target(const Instruction& at, std::optional<Item> target);
  void check_key(Item key, Item target);
  void note_shared(std::optional<Item> item);
  void check_spelling(const Instruction& at);
  void check_frame(const Instruction& at);
  void check_protocol(const Instruction& at);
  void look_into(const Instruction& at, std::string_view text);
  void follow_nested(const Instruction& at, std::string_view pickle);

  std::optional<Item> top(std::size_t depth = 0) const;
  std::optional<Item> below_mark() const;
  std::optional<std::string> name_of(Item string) const;
  static std::string text_of(const Instruction& at);

  std::string_view bytes_;
  std::uint64_t start_;
  Nesting nesting_;
  Audit& audit_;
  Reader reader_;
  Outline outline_;

  // Tags of the outline's items: of names and instances, the index of the name; of everything else the offset of its opcode.
  std::vector<Name> names_;
  std::unordered_map<std::string, std::uint64_t> name_indices_;
  std::optional<std::uint64_t> new_tag_;             // for what the opcode at hand pushes
  std::unordered_set<std::uint64_t> special_dicts_;  // with keys like __setstate__, or that are not known
  std::uint64_t last_tuple_ = 0;
  std::optional<Item> last_of_tuple_;
  std::uint64_t frame_end_;
  std::int64_t protocol_ = -1;
  bool told_understated_ = false;
  bool shares_containers_ = false;
};

}  // namespace gt::pickle
