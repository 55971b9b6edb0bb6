#include "lib/batch/names.h"

#include <doctest/doctest.h>

namespace gt::batch {
namespace {

TEST_CASE("the suffix of a task is cut in any case, every other is kept") {
  struct Row {
    const char* source;
    const char* docker;
    const char* json;
  };
  for (const Row& row : {Row{"b.gt", "docker-b.json", "b.json"}, Row{"b.GT", "docker-b.json", "b.json"},
                         Row{"b.Json", "docker-b.json", "b.json"}, Row{"x.bak", "docker-x.bak.json", "x.bak.json"},
                         Row{"b.gt.gt", "docker-b.gt.json", "b.gt.json"}, Row{"b", "docker-b.json", "b.json"},
                         Row{"\xff\n.gt", "docker-\xff\n.json", "\xff\n.json"}, Row{".gt", "docker-.json", ".json"}}) {
    CAPTURE(row.source);
    CHECK(output_name(row.source, Form::Docker) == row.docker);
    CHECK(output_name(row.source, Form::Json) == row.json);
    const std::string stem = std::string(row.json).substr(0, std::string(row.json).size() - 5);
    CHECK(output_name(row.source, Form::Pickle) == stem + ".gt");
  }
}

TEST_CASE("a pattern without a slash is for names, one with a slash for whole paths") {
  CHECK(Globs({"*.gt"}).match("a/b/c.gt"));
  CHECK_FALSE(Globs({"*.gt"}).match("a/b.gt/c"));
  CHECK(Globs({"a/*.gt"}).match("a/b/c.gt"));
  CHECK_FALSE(Globs({"b/*.gt"}).match("a/b/c.gt"));
  CHECK(Globs({"no", "c.*"}).match("c.gt"));
  CHECK_FALSE(Globs().match("c.gt"));
}

}  // namespace
}  // namespace gt::batch
