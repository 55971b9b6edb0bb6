#include "lib/docker/params.h"

#include <sys/wait.h>

#include <cmath>
#include <limits>

#include "tests/unit/docker/support.h"

namespace gt::docker {
namespace {

using nlohmann::ordered_json;
using testing::error_of;
using testing::TemporaryDirectory;

std::string literal(const ordered_json& value) {
  std::string out;
  append_literal(out, value);
  return out;
}

TEST_CASE("each JSON value becomes the literal that both Pythons read as that value") {
  struct Row {
    ordered_json value;
    std::string expected;
  };
  const Row rows[] = {
      {nullptr, "None"},
      {true, "True"},
      {false, "False"},
      {0, "0"},
      {-7, "-7"},
      {std::numeric_limits<std::int64_t>::min(), "-9223372036854775808"},
      {std::numeric_limits<std::uint64_t>::max(), "18446744073709551615"},
      {1.0, "1.0"},
      {-0.0, "-0.0"},
      {0.1, "0.1"},
      {1e300, "1e+300"},
      {5e-324, "5e-324"},
      {1e16, "1e+16"},
      {123456789012.0, "123456789012.0"},
      {std::numeric_limits<double>::infinity(), "1e999"},
      {-std::numeric_limits<double>::infinity(), "-1e999"},
      {std::nan(""), "(1e999 - 1e999)"},
      {"", "u''"},
      {"plain", "u'plain'"},
      {"it's \"quoted\"", "u'it\\'s \"quoted\"'"},
      {"C:\\new\\u0041", "u'C:\\\\new\\\\u0041'"},
      {"a\nb\tc\r", "u'a\\nb\\u0009c\\u000d'"},
      {std::string("\0\x7f", 2), "u'\\u0000\\u007f'"},
      {"\xc3\xa9", "u'\\u00e9'"},
      {"\xe2\x82\xac", "u'\\u20ac'"},
      {"\xf0\x9f\x98\x80", "u'\\U0001f600'"},
      {"\xed\xa0\x80", "u'\\ud800'"},
      {ordered_json::binary({0, 255, 39}), "b'\\x00\\xff\\x27'"},
      {ordered_json::array(), "[]"},
      {ordered_json::object(), "{}"},
      {ordered_json::parse(R"([1, [2.5, "x"], {}])"), "[1, [2.5, u'x'], {}]"},
      {ordered_json::parse(R"({"z": 1, "a'": [null]})"), "{u'z': 1, u'a\\'': [None]}"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expected);
    CHECK(literal(row.value) == row.expected);
  }
}

TEST_CASE("parameters are lines in the order given") {
  CHECK(to_params_py(ordered_json::parse(R"({"start_task": 1, "_path2": "/golem", "frames": [1, 2]})")) ==
        "start_task = 1\n_path2 = u'/golem'\nframes = [1, 2]\n");
  CHECK(to_params_py(ordered_json()) == "");
  CHECK(to_params_py(ordered_json::object()) == "");
}

TEST_CASE("a name that is no identifier in both Pythons is refused") {
  for (const std::string name : {"", "1a", "a b", "a-b", "a.b", "a=1;b", "a\nb", "a ", "\xc3\xa9", "print", "exec", "class",
                                 "None", "True", "nonlocal", "async", "lambda", "import os"}) {
    CAPTURE(name);
    ordered_json params;
    params[name] = 1;
    CHECK(error_of([&] { to_params_py(params); }).starts_with("job.parameter-name: "));
  }
  for (const char* name : {"a", "_", "A9_", "match", "Print", "float", "none"}) CHECK(is_parameter_name(name));
  CHECK(error_of([] {
          to_params_py({{"a\nimport os", 1}});
        }) ==
        "job.parameter-name: 'a\\x0aimport os' cannot be the name of a parameter; use a Python identifier that is no keyword");
}

TEST_CASE("what no literal can say is refused") {
  CHECK(error_of([] { to_params_py(ordered_json::array({1})); }) == "plan.invalid: the parameters are no JSON object");
  CHECK(error_of([] { to_params_py({{"a", "\xff"}}); }) == "plan.invalid: the parameter text \\xff is not UTF-8");
  ordered_json deep = 1;
  for (int i = 0; i < 51; ++i) deep = ordered_json::array({deep});
  CHECK(error_of([&] { to_params_py({{"a", deep}}); }) == "plan.invalid: a parameter is nested deeper than 50 levels");
  CHECK(error_of([&] { to_params_py({{"a", deep[0]}}); }) == "nothing");
}

// Exit code of `python` for `arguments` in `directory`, nullopt if there is no such Python.
std::optional<int> run_python(const std::string& python, const std::filesystem::path& directory, const std::string& arguments) {
  if (std::system((python + " -c pass >/dev/null 2>&1").c_str()) != 0) return {};
  return WEXITSTATUS(std::system(("cd '" + directory.string() + "' && " + python + " " + arguments).c_str()));
}

constexpr const char* k_check = R"py(
import io, json, sys
sys.dont_write_bytecode = True
import params
with io.open('expected.json', encoding='utf-8') as f:
    expected = json.load(f)
for name, value in expected.items():
    got = getattr(params, name)
    assert repr(got) == repr(value), (name, got, value)
assert params.inf == 1e400 and params.minus == -1e400 and params.nan != params.nan
assert params.float == 2.5
assert params.data == b'\x00\xff', repr(params.data)
)py";

TEST_CASE("Python itself reads the parameters back as they were") {
  const char* const python2 = std::getenv("GT_TOOLS_PYTHON2");
  ordered_json params = ordered_json::parse(R"({
    "text": "Zażółć 'gęślą' \"jaźń\" \\ \u0000\n\u001f\u007f\u0085\u2028 😀", "empty": "", "windows": "C:\\users\\N{x}\\u0041",
    "big": 18446744073709551615, "small": -9223372036854775808, "half": 0.1, "whole": 3.0, "tiny": 5e-324, "zero": -0.0,
    "yes": true, "no": false, "none": null, "float": 2.5,
    "nested": [[], {}, [{"é": [1, [2, [3.5, "ü"]]]}], "#{}", "%s"]})");
  const TemporaryDirectory directory;
  testing::write_text(directory.path() / "expected.json", params.dump());
  testing::write_text(directory.path() / "check.py", k_check);
  params["inf"] = std::numeric_limits<double>::infinity();
  params["minus"] = -std::numeric_limits<double>::infinity();
  params["nan"] = std::nan("");
  params["data"] = ordered_json::binary({0, 255});
  ordered_json deep = 1;
  for (int i = 0; i < 50; ++i) deep = ordered_json::array({deep});
  params["deep"] = deep;
  testing::write_text(directory.path() / "params.py", to_params_py(params));
  int interpreters = 0;
  for (const std::string& python : {std::string("python3"), std::string(python2 == nullptr ? "python2.7" : python2)}) {
    CAPTURE(python);
    const std::optional<int> exit_code = run_python(python, directory.path(), "check.py");
    if (!exit_code) {
      MESSAGE("skipped: no ", python);
      continue;
    }
    ++interpreters;
    CHECK(*exit_code == 0);
  }
  MESSAGE("read by ", interpreters, " interpreters");
}

}  // namespace
}  // namespace gt::docker
