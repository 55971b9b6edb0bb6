// What REDUCE, INST, OBJ and NEWOBJ make: inert nodes, from one table of known callables. Nothing is called or imported.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "lib/object/classes.h"
#include "lib/object/graph.h"
#include "lib/pickle/budget.h"
#include "lib/pickle/limits.h"
#include "lib/pickle/reader.h"

namespace gt::pickle {

class Calls {
 public:
  // True for a callable that reduce() accepts, and for what NEWOBJ and OBJ do.
  static bool may_call(const object::GlobalName& callable);
  static bool may_be_class(const object::GlobalName& name);
  // True for a class that makes something else than an instance, which then has attributes: a set, bytes, a date.
  static bool makes_values(const object::GlobalName& name);

  // Errors are those of the opcode that `reader` took last.
  Calls(object::Graph& graph, const Reader& reader, CopyBudget& copies, UnknownCalls unknown_calls)
      : graph_(graph), reader_(reader), copies_(copies), unknown_calls_(unknown_calls) {}
  UnknownCalls unknown_calls() const { return unknown_calls_; }

  // callable(*arguments): throws PickleUnknownCall for a callable that is not in the table, naming it.
  object::Value reduce(object::Value callable, object::Value arguments);
  // INST and OBJ: an instance of a class, without arguments.
  object::Value instantiate(object::Value class_value, std::span<const object::Value> arguments);
  // NEWOBJ and NEWOBJ_EX: class.__new__(*arguments, **keywords); no constructor runs. `keywords` may be Absent.
  object::Value new_object(object::Value class_value, object::Value arguments, object::Value keywords = {});

  // What Python adds to an object after it was made: items of a list or dict, the state. False if the object, an instance, has
  // no place of its own for it, so that it becomes an item, entry or attribute like any other.
  bool append(object::Value instance, object::Value item);
  bool set_item(object::Value instance, object::Value key, object::Value value);
  bool set_state(object::Value instance, object::Value state);

  // A set of what can be hashed. An element may be in it twice until finish(), as is in every set that is noted.
  object::Value make_set_of(object::Kind kind, std::span<const object::Value> elements);
  void note_filled(object::Value set) { filled_sets_.push_back(set); }

  // At STOP, when the file's era is known: instances whose constructor would have run get what it sets. Sets keep the first of
  // equal elements.
  void finish();

 private:
  using Arguments = std::span<const object::Value>;
  struct Call {
    object::Value callable;
    Arguments arguments;
  };
  using Handler = object::Value (Calls::*)(const Call&);
  static Handler find_handler(std::string_view name);  // nullptr for what globals.def does not have

#define GT_HANDLER(name) object::Value name(const Call& call);
#include "lib/pickle/globals.def"
#undef GT_HANDLER

  // What is known of a class or function, found out once for each.
  struct Known {
    bool asked = false;
    Handler handler = nullptr;
    std::optional<object::ClassStyle> style;
    bool sets_attributes = false;  // its constructor may
    bool is_class = false;         // may be instantiated: no function, as far as one can tell
  };
  static Known look_up(const object::GlobalName& name);
  const Known& known(object::Value global);
  object::Value set_of(const Call& call, object::Kind kind);
  object::Value constructed(object::Value class_value);
  object::Value keep(object::Value callable, object::Value arguments, object::Value state);
  object::Value keep_in_handler(object::Value callable, Arguments arguments);
  object::Value handler_parts(object::Value instance) const;
  object::Value handler_argument(object::Value instance, std::string_view class_name) const;
  void add_reduced(object::Value parts, std::size_t index, object::Value item);
  std::string_view name_of(object::Value class_value);
  void require_class(object::Value class_value);
  Error unknown_call(std::string_view name) const;
  Error wrong_type(std::string message) const { return reader_.error(ErrorCode::PickleWrongType, std::move(message)); }

  object::Graph& graph_;
  const Reader& reader_;
  CopyBudget& copies_;
  UnknownCalls unknown_calls_;
  std::vector<Known> known_;                // by the number of the global
  std::vector<object::Value> constructed_;  // wait for finish()
  std::vector<object::Value> filled_sets_;  // the same
};

}  // namespace gt::pickle
