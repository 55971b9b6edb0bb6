#include "lib/convert/load.h"

#include <doctest/doctest.h>

#include <string>

#include "lib/base/text.h"
#include "tests/unit/base/support.h"

namespace gt::convert {
namespace {

using namespace std::literals;
using testing::code_of;
using testing::error_of;
using testing::TempDirectory;
using testing::text_of;

TEST_CASE("pickles and JSON are told apart by their first byte that is no blank") {
  struct Row {
    std::string_view bytes;
    Form form;
  };
  const Row rows[] = {
      {"{}", Form::JsonPickle},
      {"[]", Form::JsonPickle},
      {"\"x\"", Form::JsonPickle},
      {" \t\r\n{}", Form::JsonPickle},
      {"\n\n  [1", Form::JsonPickle},
      {"(dp0\n.", Form::Pickle},
      {"ccopy_reg\n", Form::Pickle},
      {"\x80\x02N.", Form::Pickle},
      {"}.", Form::Pickle},
      {"].", Form::Pickle},
      {"N.", Form::Pickle},
      {"I5\n.", Form::Pickle},
      {"just text", Form::Pickle},
      {"\0"sv, Form::Pickle},
      {"BLEND", Form::Pickle},
      {"PK", Form::Pickle},
      {"#", Form::Pickle},
  };
  for (const Row& row : rows) {
    CAPTURE(printable(row.bytes));
    CHECK(recognise(row.bytes) == row.form);
  }
}

TEST_CASE("well-known formats are refused by name") {
  struct Row {
    std::string_view bytes;
    std::string_view code;
    std::string_view text;
  };
  const Row rows[] = {
      {"", "input.empty", "the file is empty"},
      {" ", "input.not-a-task", "is no saved task: it is blank"},
      {"\r\n\t \n", "input.not-a-task", "is no saved task: it is blank"},
      {"\x89PNG\r\n\x1a\n", "input.not-a-task", "is no saved task: it is a PNG picture"},
      {"\xff\xd8\xff\xe0", "input.not-a-task", "is no saved task: it is a JPEG picture"},
      {"v/1\x01\x02", "input.not-a-task", "is no saved task: it is an OpenEXR picture"},
      {"PK\x03\x04\x14", "input.not-a-task", "is no saved task: it is a zip archive; unpack it first"},
      {"\x1f\x8b\x08", "input.not-a-task",
       "is no saved task: it is compressed by gzip; unpack it first (gzip -d), or let gt2json --repair do it"},
      {"\x28\xb5\x2f\xfd\x04", "input.not-a-task",
       "is no saved task: it is compressed by zstd (a .blend file of Blender 3 or later is)"},
      {"BLENDER-v279", "input.not-a-task", "is no saved task: it is a Blender scene; name the saved task, not its scene"},
      {"%PDF-1.4", "input.not-a-task", "is no saved task: it is a PDF document"},
      {"\x7f"
       "ELF\x02",
       "input.not-a-task", "is no saved task: it is a program"},
      {"#!/bin/sh", "input.not-a-task", "is no saved task: it is a script"},
      {"<?xml version", "input.not-a-task", "is no saved task: it is an XML document"},
      {"\xef\xbb\xbf{}", "input.not-a-task",
       "is no saved task: it is a text with a byte order mark; save it without the mark, or let gt2json --repair do it"},
  };
  for (const Row& row : rows) {
    CAPTURE(printable(row.bytes));
    const auto error = error_of([&] { recognise(row.bytes); });
    CHECK(code_of(error) == row.code);
    CHECK(text_of(error) == row.text);
    CHECK(static_cast<int>(error->exit_code()) == 1);
  }
}

TEST_CASE("a file is loaded by its content, whatever its name says") {
  const TempDirectory dir;
  const Loaded pickle = load(dir.put("task.json", "(dS'a'\nI1\ns."));
  CHECK(pickle.form == Form::Pickle);
  CHECK(pickle.graph.int_of(pickle.graph.find(pickle.graph.root(), "a")) == 1);
  const Loaded json = load(dir.put("task.gt", " {\"a\":2}"));
  CHECK(json.form == Form::JsonPickle);
  CHECK(json.graph.int_of(json.graph.find(json.graph.root(), "a")) == 2);
}

TEST_CASE("a loaded file can be moved with its graph") {
  const TempDirectory dir;
  Loaded first = load(dir.put("x.gt", "S'some text'\n."));
  const Loaded second = std::move(first);
  CHECK(second.graph.string_of(second.graph.root()) == "some text");
}

TEST_CASE("errors and findings name the file") {
  const TempDirectory dir;
  struct Row {
    std::string_view bytes;
    std::string_view message;
  };
  const Row rows[] = {
      {"", ": the file is empty"},
      {"GIF89a",
       ": byte 0: opcode BINFLOAT needs 8 bytes, but the file ends after 5: it was cut, or the length lies; is this a saved "
       "task at all? "
       "It does not begin like one"},
      {"some text",
       ": byte 0: opcode SETITEM needs a dict, a key and a value on the stack; is this a saved task at all? "
       "It does not begin like one"},
      {"cos\nsystem\n)R.",
       ": byte 12, line 3: opcode REDUCE calls os.system, which is not a type that a task file may name; nothing was run"},
      {"{\"a\":", ": byte 5: the JSON ends in the middle: the file was cut"},
      {"[{\"py/id\":4}]", ": py/id 4 points to nothing: 1 object came before it"},
      {"PK\x03\x04", ": is no saved task: it is a zip archive; unpack it first"},
  };
  for (const Row& row : rows) {
    const std::string path = dir.put("x.gt", row.bytes);
    CHECK(text_of(error_of([&] { load(path); })) == path + std::string(row.message));
  }
  CHECK(text_of(error_of([&] { load(dir / "no.gt"); })) == dir / "no.gt" + ": no such file");
  const std::string path = dir.put("x.gt", "N.trailing");
  const Loaded loaded = load(path);
  REQUIRE(loaded.findings.size() == 1);
  CHECK(to_string(loaded.findings[0]) == "note: " + path + ": byte 2: 8 bytes after the end of the pickle were ignored");
}

TEST_CASE("errors of a large file say what may help without trying it") {
  const TempDirectory dir;
  const std::string items(100'000, 'N');
  struct Row {
    std::string bytes;
    std::string_view hint;
  };
  const Row rows[] = {
      {"(" + items, "gt2json --repair or --partial may help: they take what is whole"},
      {"(lp0\r\n" + items, "gt2json --repair may help: it undoes line ends of Windows"},
      {"(" + items + "]]s.", ""},
      {std::string(100'000, 's'), "is this a saved task at all? It does not begin like one"},
  };
  for (const Row& row : rows) {
    const std::string path = dir.put("x.gt", row.bytes);
    CHECK(error_of([&] { load(path); })->hint() == row.hint);
  }
}

TEST_CASE("JSON is restored whole, or as in 2016 when that is asked for") {
  const TempDirectory dir;
  const std::string path = dir.put("x.json", R"({"py/object":"later.Class"})");
  const Loaded whole = load(path);
  CHECK(whole.graph.class_name(whole.graph.root()) == "later.Class");
  const Loaded old = load(path, {.restore = json::Restore::As2016});
  CHECK(old.graph.root().is(object::Kind::Dict));
}

}  // namespace
}  // namespace gt::convert
