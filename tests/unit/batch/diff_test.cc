#include "lib/batch/diff.h"

#include <doctest/doctest.h>

namespace gt::batch {
namespace {

TEST_CASE("differences are told by field, however the text is laid out") {
  struct Row {
    const char* before;
    const char* after;
    std::vector<std::string> changes;
  };
  const Row rows[] = {
      {R"({"a": 1})", R"({"a": 2})", {"a: 1 -> 2"}},
      {R"({"a": {"b": [1, 2, 3]}})", R"({"a":{"b":[1,5,3]}})", {"a.b[1]: 2 -> 5"}},
      {R"({"a": 1, "c": null})", R"({"a": 1, "b": "x"})", {"b: nothing -> \"x\"", "c: null -> nothing"}},
      {R"({"a": [1]})", R"({"a": [1, 2]})", {"a: a list of 1 -> a list of 2"}},
      {R"({"a": 1.5})", R"({"a": {}})", {"a: 1.5 -> an object of 0"}},
      {"no json", R"({"a": {}})", {": no JSON -> a task"}},
      {R"({"a":1})", R"({ "a": 1 })", {": the same task in another form -> as the tools write it"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.before);
    std::vector<std::string> got;
    for (const rewrite::Change& change : field_changes(row.before, row.after))
      got.push_back(change.path + ": " + change.before + " -> " + change.after);
    CHECK(got == row.changes);
  }
}

TEST_CASE("endless differences are cut") {
  std::string before = "[0";
  std::string after = "[1";
  for (int i = 0; i < 5000; ++i) before += ",0", after += ",1";
  const auto changes = field_changes(before + "]", after + "]");
  CHECK(changes.size() == 101);
  CHECK(changes.back().why == "there are more changes");
}

}  // namespace
}  // namespace gt::batch
