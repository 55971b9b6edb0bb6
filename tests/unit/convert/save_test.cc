#include "lib/convert/save.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "lib/convert/load.h"
#include "tests/unit/base/support.h"

namespace gt::convert {
namespace {

using testing::code_of;
using testing::contents;
using testing::error_of;
using testing::TempDirectory;
using testing::text_of;
using Names = std::vector<std::string>;

TEST_CASE("a loaded task is saved as JSON without a newline at the end") {
  const TempDirectory dir;
  const Loaded loaded = load(dir.put("x.gt", "(dS'a'\n(lp0\nI1\nas."));
  CHECK(save_json(loaded.graph, loaded.input, dir / "x.json").empty());
  CHECK(contents(dir / "x.json") == "{\n  \"a\":[\n    1\n  ]\n}");
  CHECK(dir.names() == Names{"x.gt", "x.json"});
  CHECK(contents(dir / "x.gt") == "(dS'a'\n(lp0\nI1\nas.");
}

TEST_CASE("an output that is the input is refused under every name, and stays as it is") {
  const TempDirectory dir;
  const std::string bytes = "(dS'a'\nI1\ns.";
  const std::string path = dir.put("x.gt", bytes);
  std::filesystem::create_hard_link(path, dir / "hard.json");
  std::filesystem::create_symlink("x.gt", dir / "soft.json");
  const Names before = dir.names();
  for (const std::string& input : {path, dir / "hard.json", dir / "soft.json"}) {
    for (const std::string& output : {path, dir / "hard.json", dir / "soft.json",
                                      dir.path() + "/../" + std::filesystem::path(dir.path()).filename().string() + "/x.gt"}) {
      CAPTURE(output);
      const Loaded loaded = load(input);
      const auto error = error_of([&] { save_json(loaded.graph, loaded.input, output); });
      CHECK(code_of(error) == "file.output-is-input");
      CHECK(text_of(error) == output + ": is the input file, which is never changed; name another file to write");
      CHECK(static_cast<int>(error->exit_code()) == 2);
      CHECK(contents(path) == bytes);
    }
  }
  CHECK(dir.names() == before);
}

TEST_CASE("a graph that cannot be written leaves an existing output untouched") {
  const TempDirectory dir;
  const std::string output = dir.put("x.json", "precious");
  struct Row {
    std::string pickle;
    std::string code;
    std::string message;
  };
  std::string doubled = ")";
  for (int n = 0; n < 40; ++n) doubled += "2\x86";
  const Row rows[] = {
      {"}q\1S'me'\nh\1s.", "limit.depth",
       "the data is nested deeper than 1000 levels, or a dict contains itself; gt2json --max-depth allows more"},
      {"}S'\\xff'\nNs.", "graph.key",
       "the key '\\xff' is a byte string with bytes outside ASCII, for which the JSON of 2016 has no form"},
      {doubled + ".", "limit.nodes",
       "the JSON would have more than 1000656 lists and objects: the file refers to the same parts over and over; gt2json "
       "--max-nodes allows more"},
  };
  for (const Row& row : rows) {
    const std::string input = dir.put("x.gt", row.pickle);
    const Loaded loaded = load(input);
    const auto error = error_of([&] { save_json(loaded.graph, loaded.input, output); });
    CHECK(code_of(error) == row.code);
    CHECK(text_of(error) == input + ": " + row.message);  // the content is wrong, not the output
    CHECK(contents(output) == "precious");
    CHECK(dir.names() == Names{"x.gt", "x.json"});
  }
}

TEST_CASE("errors of the output name the output") {
  const TempDirectory dir;
  const Loaded loaded = load(dir.put("x.gt", "N."));
  struct Row {
    std::string output;
    std::string code;
  };
  const Row rows[] = {{dir / "no/x.json", "file.unwritable"}, {dir.path(), "file.is-directory"}, {"/dev/full", "system.error"}};
  for (const Row& row : rows) {
    const auto error = error_of([&] { save_json(loaded.graph, loaded.input, row.output); });
    CHECK(code_of(error) == row.code);
    CHECK(text_of(error).starts_with(row.output + ": "));
  }
}

TEST_CASE("an existing output is replaced, or refused when that is asked for") {
  const TempDirectory dir;
  const Loaded loaded = load(dir.put("x.gt", "N."));
  const std::string output = dir.put("x.json", "old");
  const auto refused = error_of(
      [&] { save_json(loaded.graph, loaded.input, output, {.clobber = Clobber::Refuse, .durability = Durability::Sync}); });
  CHECK(code_of(refused) == "file.exists");
  CHECK(contents(output) == "old");
  save_json(loaded.graph, loaded.input, output, {.clobber = Clobber::Replace, .durability = Durability::NoSync});
  CHECK(contents(output) == "null");
}

TEST_CASE("what the format cannot say comes back as warnings with the name of the input") {
  const TempDirectory dir;
  const std::string input = dir.put("x.gt", "(dS'py/id'\nI1\ns.");
  const Loaded loaded = load(input);
  const auto findings = save_json(loaded.graph, loaded.input, dir / "x.json");
  REQUIRE(findings.size() == 1);
  CHECK(to_string(findings[0]) ==
        "warning: " + input + ": the key 'py/id' is reserved by jsonpickle: it was left out, as in 2016");
  CHECK(contents(dir / "x.json") == "{}");
}

}  // namespace
}  // namespace gt::convert
