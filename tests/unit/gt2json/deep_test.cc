// Files of millions of levels: nothing recurses over them, whatever the limits are set to.
#include <doctest/doctest.h>

#include <sstream>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

#include "lib/object/compare.h"
#include "lib/pickle/decode.h"
#include "tests/support/full_run.h"
#include "tests/unit/base/support.h"
#include "tools/gt2json/command.h"

namespace gt::tools {
namespace {

using namespace std::literals;

std::size_t levels() { return testing::is_full_run() ? 10'000'000 : 50'000; }

// Counts lines and keeps nothing.
class LineCounter : public std::streambuf {
 public:
  std::size_t lines() const { return lines_; }

 private:
  int_type overflow(int_type c) override {
    lines_ += c == '\n' ? 1 : 0;
    return 0;
  }
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    for (const char c : std::string_view(text, static_cast<std::size_t>(size))) lines_ += c == '\n' ? 1 : 0;
    return size;
  }
  std::size_t lines_ = 0;
};

struct Outcome {
  int code;
  std::size_t lines;  // of standard output
  std::string messages;
};

Outcome run(std::vector<std::string> words) {
  std::vector<const char*> argv{"gt2json"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  LineCounter counter;
  std::ostream out(&counter);
  std::ostringstream err;
  const int code = gt2json_command(static_cast<int>(argv.size()), argv.data(), {out, err});
  return {code, counter.lines(), err.str()};
}

struct Shape {
  std::string_view name;
  std::string_view begin;  // of all
  std::string_view open;
  std::string_view close;
  std::size_t opcodes;  // of a level
};
const Shape k_shapes[] = {
    {"lists"sv, ""sv, "]"sv, "a"sv, 2},
    {"tuples"sv, ""sv, "("sv, "t"sv, 2},
    {"dicts"sv, ""sv, "}K\x01"sv, "s"sv, 3},
    {"lists with a shared one"sv,
     "]q\0"
     "0"sv,
     "]h\0"
     "a"sv,
     "a"sv, 4},
};

std::string pickle_of(const Shape& shape) {
  std::string out(shape.begin);
  for (std::size_t n = 0; n < levels(); ++n) out += shape.open;
  out += 'N';
  for (std::size_t n = 0; n < levels(); ++n) out += shape.close;
  return out + '.';
}

TEST_CASE("millions of levels are decoded, compared and destroyed") {
  for (const Shape& shape : k_shapes) {
    CAPTURE(shape.name);
    const std::string bytes = pickle_of(shape);
    const object::Graph one = pickle::decode(bytes).graph;
    const object::Graph other = pickle::decode(bytes).graph;
    CHECK(object::same_structure(one, one.root(), other, other.root()));
  }
}

TEST_CASE("millions of levels are shown and audited") {
  const testing::TempDirectory dir;
  for (const Shape& shape : k_shapes) {
    CAPTURE(shape.name);
    const std::string path = dir.put("task.gt", pickle_of(shape));
    const Outcome shown = run({"--dis", path});
    CHECK(shown.code == 0);
    CHECK(shown.lines >= levels() * shape.opcodes);
    CHECK(run({"--audit", path}).code == 0);
  }
}

TEST_CASE("JSON of millions of levels is refused by the limit on depth, and without that by the limit on bytes") {
  const testing::TempDirectory dir;
  const std::vector<std::vector<std::string>> profiles = {{}, {"--compat", "modern"}, {"--lossless"}};
  const auto refused = [&](const std::string& path, std::vector<std::string> words, std::string_view text) {
    words.insert(words.end(), {path, dir / "out.json"});
    const Outcome outcome = run(words);
    CHECK(outcome.code == 1);
    CHECK_MESSAGE(outcome.messages.find(text) != std::string::npos, outcome.messages);
    CHECK(outcome.messages.size() < 1000);
    CHECK(testing::contents(dir / "out.json") == "(no file)");
  };
  const auto check = [&](const std::string& path) {
    for (std::vector<std::string> words : profiles) {
      refused(path, words, "is nested deeper than 1000 levels");
      words.insert(words.end(), {"--max-depth", "100000000", "--max-nodes", "100000000", "--max-json-bytes", "1M"});
      refused(path, words, "the JSON would have more than 1048576 bytes");
    }
  };
  for (const Shape& shape : k_shapes) {
    CAPTURE(shape.name);
    check(dir.put("task.gt", pickle_of(shape)));
  }
  check(dir.put("in.json", std::string(levels(), '[') + std::string(levels(), ']')));
}

}  // namespace
}  // namespace gt::tools
