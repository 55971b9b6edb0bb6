#include "lib/json/decode.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/unit/base/support.h"
#include "tests/unit/pickle/support.h"

namespace gt::json {
namespace {

using namespace std::literals;
using testing::code_of;
using testing::error_of;
using testing::json_of;
using testing::text_of;

struct Row {
  std::string_view text;
  std::string_view whole;    // written again after Restore::Whole
  std::string_view as_2016;  // after Restore::As2016
};

std::string again(std::string_view text, Restore mode) { return json_of(decode(text, mode)); }

TEST_CASE("what jsonpickle wrote is restored and written again") {
  const Row rows[] = {
      {R"("x")", R"("x")", R"("x")"},
      {R"({"a":[1,{"b":null}]})", R"({"a":[1,{"b":null}]})", R"({"a":[1,{"b":null}]})"},
      {R"({"py/tuple":[1,[]]})", R"({"py/tuple":[1,[]]})", R"({"py/tuple":[1,[]]})"},
      {R"({"py/bytes":"za=BF"})", R"({"py/bytes":"za=BF"})", R"({"py/bytes":"za=BF"})"},
      {R"({"py/type":"gnr.gnrtaskstate.GNROptions"})", R"({"py/type":"gnr.gnrtaskstate.GNROptions"})",
       R"({"py/type":"gnr.gnrtaskstate.GNROptions"})"},
      {R"({"py/function":"os.getcwd"})", R"({"py/function":"os.getcwd"})", R"({"py/function":"os.getcwd"})"},
      {R"([[],{"py/id":1}])", R"([[],{"py/id":1}])", R"([[],{"py/id":1}])"},
      {R"([{"py/id":0}])", R"([{"py/id":0}])", R"([{"py/id":0}])"},
      // Walked in the order of the names, whatever the order in the document.
      {R"({"b":{"py/id":0},"a":[]})", R"({"a":[],"b":{"py/id":0}})", R"({"a":[],"b":{"py/id":0}})"},
      {R"({"py/object":"gnr.task.luxrendertask.LuxRenderOptions","halttime":5})",
       R"({"py/object":"gnr.task.luxrendertask.LuxRenderOptions","halttime":5})",
       R"({"py/object":"gnr.task.luxrendertask.LuxRenderOptions","halttime":5})"},
      // A set: as it was walked, or as the set of 2016 would walk it again.
      {R"({"py/set":[10,9,8]})", R"({"py/set":[10,9,8]})", R"({"py/set":[8,9,10]})"},
      {R"({"py/set":[1,1.0,true,2]})", R"({"py/set":[1,2]})", R"({"py/set":[1,2]})"},
      // Unknown classes.
      {R"({"py/object":"golem.new.Thing","a":[{"py/id":0}]})", R"({"py/object":"golem.new.Thing","a":[{"py/id":0}]})",
       R"({"a":[{}]})"},
      {R"({"py/type":"golem.new.Thing"})", R"({"py/type":"golem.new.Thing"})", "{}"},
      {R"({"py/function":"golem.new.f"})", R"({"py/function":"golem.new.f"})", "null"},
      // Classic classes: in 2016 decode ran their constructors.
      {R"({"py/object":"gnr.gnrtaskstate.GNROptions"})", R"({"py/object":"gnr.gnrtaskstate.GNROptions"})",
       R"({"py/object":"gnr.gnrtaskstate.GNROptions","name":""})"},
      {R"({"py/object":"gnr.renderingtaskstate.AdvanceRenderingVerificationOptions","type":"forAll"})",
       R"({"py/object":"gnr.renderingtaskstate.AdvanceRenderingVerificationOptions","type":"forAll"})",
       R"({"py/object":"gnr.renderingtaskstate.AdvanceRenderingVerificationOptions","box_size":{"py/tuple":[5,5]},)"
       R"("type":"forAll","probability":0.01})"},
      // Tags beside other members: the first tag of jsonpickle's order wins.
      {R"({"py/tuple":[1],"py/set":[2],"a":3})", R"({"py/tuple":[1]})", R"({"py/tuple":[1]})"},
      {R"({"py/id":0,"py/bytes":"x"})", R"("x")", R"("x")"},
      {R"({"py/unknown":1})", R"({"py/unknown":1})", R"({"py/unknown":1})"},
      // Reserved members of a plain dict are gone when it is written.
      {R"({"py/seq":[1],"a":2})", R"({"a":2})", R"({"a":2})"},
      {R"({"py/repr":"sys/sys"})", R"({"py/repr":"sys/sys"})", R"({"py/repr":"sys/sys"})"},
      {R"({"py/iterator":[1,[2]]})", R"({"py/iterator":[1,[2]]})",
       R"({"py/object":"__builtin__.listiterator","py/iterator":[1,[2]]})"},
      // py/ref of older versions of jsonpickle: a path.
      {R"({"a":[1],"b":{"py/ref":"/a"}})", R"({"a":[1],"b":{"py/id":0}})", R"({"a":[1],"b":{"py/id":0}})"},
      {R"({"a":{"py/object":"golem.docker.image.DockerImage"},"b":{"c":{"py/ref":"/a"}}})",
       R"({"a":{"py/object":"golem.docker.image.DockerImage"},"b":{"c":{"py/id":0}}})",
       R"({"a":{"py/object":"golem.docker.image.DockerImage"},"b":{"c":{"py/id":0}}})"},
      {R"([1,{"py/ref":"/nowhere"}])", "[1,null]", "[1,null]"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    std::string whole;
    std::string as_2016;
    const auto error = error_of([&] {
      whole = again(row.text, Restore::Whole);
      as_2016 = again(row.text, Restore::As2016);
    });
    CHECK(text_of(error) == "no error");
    CHECK(whole == row.whole);
    CHECK(as_2016 == row.as_2016);
  }
}

// Known bug: the classes of December 2016 are in the table of classes, so As2016 takes them for classes of March.
TEST_CASE("in March 2016 nobody knew the classes of December") {
  CHECK(again(R"({"py/object":"apps.core.task.gnrtaskstate.GNRTaskDefinition","a":1})", Restore::As2016) == R"({"a":1})");
}

TEST_CASE("a frozenset is numbered before its elements by the writer, after them by the reader of 2016") {
  constexpr std::string_view k_frozen =
      R"({"py/object":"__builtin__.frozenset","py/reduce":[{"py/type":"__builtin__.frozenset"},{"py/tuple":[[1]]},null,null,null]})";
  const std::string text = "[" + std::string(k_frozen) + ",[2],{\"py/id\":1}]";
  CHECK(again(text, Restore::Whole) == text);
  // 2016: id 1 is the list of the elements, a list like any other.
  CHECK(again(text, Restore::As2016) == "[" + std::string(k_frozen) + ",[2],[1]]");
}

TEST_CASE("a reference to nothing is refused") {
  struct ErrorRow {
    std::string_view text;
    std::string_view whole;  // message, empty if it is accepted
    std::string_view as_2016;
  };
  const ErrorRow rows[] = {
      {R"({"py/id":0})", "py/id 0 points to nothing: 0 objects came before it",
       "py/id 0 points to nothing: 0 objects came before it"},
      {R"([{"py/id":1}])", "py/id 1 points to nothing: 1 object came before it",
       "py/id 1 points to nothing: 1 object came before it"},
      {R"([{"py/id":-1}])", "py/id -1 points to nothing: 1 object came before it", ""},  // Python's negative index
      {R"([{"py/id":-2}])", "py/id -2 points to nothing: 1 object came before it",
       "py/id -2 points to nothing: 1 object came before it"},
      {R"([{"py/id":9223372036854775807}])", "py/id 9223372036854775807 points to nothing: 1 object came before it",
       "py/id 9223372036854775807 points to nothing: 1 object came before it"},
      {R"([{"py/id":"0"}])", "py/id is not a number", "py/id is not a number"},
      {R"([{"py/id":99999999999999999999}])", "py/id is not a number", "py/id is not a number"},
      {R"([{"py/id":0.0}])", "py/id is not a number", "py/id is not a number"},
      {R"({"a":{"b":[{"py/id":7}]}})", "a.b: py/id 7 points to nothing: 1 object came before it",
       "a.b: py/id 7 points to nothing: 1 object came before it"},
  };
  for (const ErrorRow& row : rows) {
    CAPTURE(row.text);
    const auto whole = error_of([&] { decode(row.text, Restore::Whole); });
    CHECK(code_of(whole) == "json.reference");
    CHECK(text_of(whole) == row.whole);
    const auto old = error_of([&] { decode(row.text, Restore::As2016); });
    CHECK(code_of(old) == (row.as_2016.empty() ? "no error" : "json.reference"));
    if (!row.as_2016.empty()) CHECK(text_of(old) == row.as_2016);
  }
}

TEST_CASE("tags with values that they cannot have are refused with the place") {
  struct ErrorRow {
    std::string_view text;
    std::string_view code;
    std::string_view message;
  };
  const ErrorRow rows[] = {
      {R"({"py/tuple":5})", "json.tag", "py/tuple is not a list"},
      {R"({"py/set":{"a":1}})", "json.tag", "py/set is not a list"},
      {R"({"py/bytes":[1]})", "json.tag", "py/bytes is not a text"},
      {R"({"py/object":null})", "json.tag", "py/object is not a text"},
      {R"({"py/type":5})", "json.tag", "py/type is not a text"},
      {R"({"py/function":{}})", "json.tag", "py/function is not a text"},
      {R"({"a":{"py/ref":5}})", "json.tag", "a: py/ref is not a text"},
      {R"({"a\u001b":{"py/tuple":5}})", "json.tag", "a\\x1b: py/tuple is not a list"},
      {R"({"py/set":[[1]]})", "graph.unhashable", "a list is used as a dict key or set element, which Python cannot hash"},
  };
  for (const ErrorRow& row : rows) {
    CAPTURE(row.text);
    for (const Restore mode : {Restore::Whole, Restore::As2016}) {
      const auto error = error_of([&] { decode(row.text, mode); });
      CHECK(code_of(error) == row.code);
      CHECK(text_of(error) == row.message);
    }
  }
}

// Known bug: a py/repr that is a container keeps a handle of the graph of the JSON, which is gone when it is written.
// Skipped, because it is undefined behaviour.
TEST_CASE("a py/repr that is no text is refused") {
  for (const std::string_view text : {R"({"py/repr":[1]})", R"({"a":{"py/repr":{"b":1}}})"}) {
    for (const Restore mode : {Restore::Whole, Restore::As2016}) {
      const auto error = error_of([&] { decode(text, mode); });
      CHECK(code_of(error) == "json.tag");
    }
  }
}

TEST_CASE("bad JSON keeps its offset") {
  const auto error = error_of([] { decode("{\"a\":1,}", Restore::Whole); });
  CHECK(code_of(error) == "json.syntax");
  CHECK(text_of(error) == "byte 7: expected the name of a member in double quotes");
}

}  // namespace
}  // namespace gt::json
