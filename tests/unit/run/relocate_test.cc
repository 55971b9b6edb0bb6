#include "lib/run/relocate.h"

#include <doctest/doctest.h>

#include <vector>

#include "lib/base/error.h"

using gt::run::PathMap;

namespace {

PathMap map_of(const std::vector<std::string>& rules) {
  PathMap map;
  for (const std::string& rule : rules) map.add(rule);
  return map;
}

std::string usage_text(const std::vector<std::string>& rules) {
  try {
    map_of(rules);
  } catch (const gt::Error& error) {
    CHECK(error.exit_code() == gt::ExitCode::Usage);
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("saved paths are mapped by the longest whole prefix") {
  struct Row {
    std::vector<std::string> rules;
    std::string saved;
    std::string here;
  };
  const Row rows[] = {
      {{}, "/home/ania/a.blend", "/home/ania/a.blend"},
      {{"/home/ania=/mnt"}, "/home/ania/a.blend", "/mnt/a.blend"},
      {{"/home/an=/mnt"}, "/home/ania/a.blend", "/home/ania/a.blend"},
      {{"/home/ania/=/mnt"}, "/home/ania/a.blend", "/mnt/a.blend"},
      {{"/home/ania/=/mnt/"}, "/home/ania/a.blend", "/mnt/a.blend"},
      {{"/home/ania=/mnt/"}, "/home/ania/a.blend", "/mnt/a.blend"},
      {{"/home/ania/a.blend=/b.blend"}, "/home/ania/a.blend", "/b.blend"},
      {{"/home=/x", "/home/ania=/y"}, "/home/ania/a.blend", "/y/a.blend"},
      {{"/home/ania=/y", "/home=/x"}, "/home/ania/a.blend", "/y/a.blend"},
      {{"/home=/"}, "/home/a.blend", "/a.blend"},
      {{"/=/mnt"}, "/home/a.blend", "/mnt/home/a.blend"},
      {{"$GOLEM_DIR=/opt/golem"}, "$GOLEM_DIR/save/a.blend", "/opt/golem/save/a.blend"},
      {{"$GOLEM_DIR=/opt/golem"}, "$GOLEM_DIR\\save\\a.blend", "/opt/golem/save/a.blend"},
      {{"C:\\Users\\x=/mnt"}, "C:\\Users\\x\\scenes\\a.blend", "/mnt/scenes/a.blend"},
      {{"C:\\Users\\x=/mnt"}, "C:\\Users\\xy\\a.blend", "C:\\Users\\xy\\a.blend"},
      {{"C:\\Users\\x\\=/mnt"}, "C:\\Users\\x\\a.blend", "/mnt/a.blend"},
      {{"C:=/mnt"}, "C:/Users\\x\\a.blend", "/mnt/Users/x/a.blend"},
      {{"/home=/mnt"}, "/home/odd\\name.blend", "/mnt/odd\\name.blend"},
      {{"a.blend=/b.blend"}, "a.blend", "/b.blend"},
      {{"scenes=/b"}, "scenes/a.blend", "/b/a.blend"},
      {{"/home=rel"}, "/home/a", "rel/a"},
      {{"/h=/a=b"}, "/h/x", "/a=b/x"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.saved);
    CHECK(map_of(row.rules).apply(row.saved).path == row.here);
  }
  CHECK(map_of({"/h=/x"}).apply("/h/a").rule == "/h=/x");
  CHECK(map_of({"/h=/x"}).apply("/other").rule.empty());
}

TEST_CASE("a rule that says nothing is a usage error") {
  const std::string hint = "; give it as OLD=NEW, such as --map /home/ania=/mnt/ania";
  CHECK(usage_text({"/home"}) == "--map /home: there is no '='" + hint);
  CHECK(usage_text({"=/x"}) == "--map =/x: nothing stands before the '='" + hint);
  CHECK(usage_text({"/x="}) == "--map /x=: nothing stands behind the '='" + hint);
  CHECK(usage_text({"/x=/a", "/x=/b"}) == "--map /x=/b: the same prefix is mapped to /a already" + hint);
}

TEST_CASE("scripts that Golem brought are known by name, wherever they lay") {
  for (const char* path : {"blendertask.py", "/golem/docker_blendertask.py", "C:\\g\\luxtask.py",
                           "$GOLEM_DIR/x/docker_luxtask.py", "C:\\g/x\\blendertask.py"}) {
    CHECK(gt::run::is_builtin_script(path));
  }
  for (const char* path : {"", "my_blendertask.py", "blendertask.pyc", "blendertask.py/x", "BlenderTask.py"}) {
    CHECK_FALSE(gt::run::is_builtin_script(path));
  }
}

TEST_CASE("the parent and the last part of a path are found on either kind of machine") {
  using gt::run::last_component;
  using gt::run::parent;
  CHECK(parent("/a/b") == "/a");
  CHECK(parent("/a") == "/");
  CHECK(parent("a").empty());
  CHECK(parent("C:\\a\\b") == "C:\\a");
  CHECK(last_component("C:\\a/b\\c") == "c");
  CHECK(last_component("a/") == "");
}

TEST_CASE("words are quoted for the shell only when they must be") {
  CHECK(gt::run::shell_word("/a/b=DIR") == "/a/b=DIR");
  CHECK(gt::run::shell_word("/a b=DIR") == "'/a b=DIR'");
  CHECK(gt::run::shell_word("$G=DIR") == "'$G=DIR'");
  CHECK(gt::run::shell_word("C:\\a=DIR") == "'C:\\a=DIR'");
  CHECK(gt::run::shell_word("it's") == "'it'\\''s'");
  CHECK(gt::run::shell_word("") == "''");
}
