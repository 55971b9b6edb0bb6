// What one source is, and what would be written of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/batch/names.h"
#include "lib/batch/row.h"
#include "lib/json/key_orders.h"
#include "lib/task/path_map.h"

namespace gt::batch {

enum class Target : std::uint8_t { Docker, Json, Both, Pickle };
// As2016: Docker tasks exactly as blender2docker.py made them. Modern: JSON for jsonpickle 3, which is for Target::Json alone.
enum class Compat : std::uint8_t { None, As2016, Modern };
enum class Repair : std::uint8_t { No, Yes };   // as gt2json --repair
enum class Upgrade : std::uint8_t { No, Yes };  // as gt2json --upgrade; not with Compat::As2016

// How tasks are converted: what the options of the single tools say.
struct Rules {
  Target target = Target::Docker;
  Compat compat = Compat::None;
  Repair repair = Repair::No;
  Upgrade upgrade = Upgrade::No;
  // Where files of tasks are now, to say which are missing. Does not change what is written, as in submit-task.
  task::PathMap paths = {};
};

struct Document {
  Form form = Form::Docker;
  std::string text;
};

// A Row's parts that come from the content alone, and the documents.
struct Conversion {
  // Migrated: `documents` are to be written; AlreadyMigrated, NotATask, Invalid and Bad: there are none.
  Result result = Result::Migrated;
  std::optional<Era> era;
  std::optional<task::Renderer> renderer;
  std::string reason;
  std::vector<Document> documents;
  std::vector<rewrite::Change> changes;
  std::vector<Finding> findings;
  std::optional<Failure> failure;
};

// Whether a file that begins like this can be a task, so that the rest of a large one need not be read.
bool may_be_task(std::string_view name, std::string_view beginning);

// `bytes` of a file called `name`; `orders` make many of them faster. Nothing is thrown but bad_alloc.
Conversion convert_source(std::string_view name, std::string_view bytes, const Rules& rules, json::KeyOrders* orders = nullptr);

}  // namespace gt::batch
