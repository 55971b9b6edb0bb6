// What REDUCE, INST, OBJ and NEWOBJ make: inert nodes, from one table of known callables. Nothing is called or imported.
#pragma once

#include <string_view>
#include <vector>

#include "lib/object/graph.h"
#include "lib/pickle/reader.h"

namespace gt::pickle {

class Calls {
 public:
  explicit Calls(object::Graph& graph) : graph_(graph) {}

  // callable(*arguments): throws PickleUnknownCall for a callable that is not in the table, naming it.
  object::Value reduce(const Instruction& at, object::Value callable, object::Value arguments);
  // INST and OBJ: an instance of a class, without arguments.
  object::Value instantiate(const Instruction& at, object::Value class_value, std::span<const object::Value> arguments);
  // NEWOBJ: class.__new__(*arguments); no constructor runs.
  object::Value new_object(const Instruction& at, object::Value class_value, object::Value arguments);

  // At STOP, when the file's era is known: instances whose constructor would have run get what it sets.
  void finish();

 private:
  using Arguments = std::span<const object::Value>;
  struct Call {
    const Instruction& at;
    object::Value callable;
    Arguments arguments;
  };
  using Handler = object::Value (Calls::*)(const Call&);
  struct Row {
    std::string_view name;
    Handler handler;
  };
  static const Row k_rows[];

  object::Value reconstruct(const Call& call);
  object::Value make_set(const Call& call);
  object::Value make_frozen_set(const Call& call);
  object::Value make_docker_environment(const Call& call);
  object::Value make_image(const Call& call);
  object::Value make_default_dict(const Call& call);
  object::Value make_byte_array(const Call& call);
  object::Value keep_as_handler(const Call& call);
  object::Value keep_as_reduce(const Call& call);
  object::Value keep_datetime(const Call& call);
  object::Value keep_new_arguments(const Call& call);

  object::Value set_of(const Call& call, object::Kind kind);
  object::Value constructed(object::Value class_value);
  void require_class(const Instruction& at, object::Value class_value) const;

  object::Graph& graph_;
  std::vector<object::Value> constructed_;  // wait for finish()
};

}  // namespace gt::pickle
