#include "lib/batch/manifest.h"

#include <doctest/doctest.h>

namespace gt::batch {
namespace {

Record record(const std::string& name, std::string_view output, std::string_view source = "source") {
  return {name, hash_of(output), hash_of(source)};
}

TEST_CASE("what is written is read again, whatever is in a name") {
  for (const std::string name : {"a.json", " a b ", "line\nfeed", "\\x0a", "\xff\xfe", "\x7f\t"}) {
    CAPTURE(name);
    const std::string line = to_line(record(name, "output"));
    CHECK(line.find('\n') == line.size() - 1);
    const Manifest manifest(line);
    REQUIRE(manifest.find(name) != nullptr);
    CHECK(manifest.find(name)->output == hash_of("output"));
    CHECK(manifest.find(name)->source == hash_of("source"));
    CHECK(manifest.entries().size() == 1);
  }
}

TEST_CASE("a name that leads elsewhere is no name, however its line came there") {
  for (const char* name : {"../a.json", "/etc/passwd", "x/a.json"})
    CHECK(Manifest(to_line(record(name, "output"))).entries().empty());
}

TEST_CASE("a line that was cut anywhere is not there, and what comes behind it is") {
  const std::string first = to_line(record("a.json", "1"));
  const std::string second = to_line(record("b.json", "2"));
  for (std::size_t length = 0; length < second.size(); ++length) {
    CAPTURE(length);
    const std::string cut = second.substr(0, length);
    CHECK(Manifest(first + cut).find("b.json") == nullptr);
    // The next run begins with a line feed.
    const Manifest after(first + cut + "\n" + to_line(record("c.json", "3")));
    CHECK(after.find("a.json") != nullptr);
    CHECK(after.find("c.json") != nullptr);
    CHECK((after.find("b.json") == nullptr) == (length + 1 < second.size()));
  }
}

TEST_CASE("a line with one changed byte is not there") {
  const std::string line = to_line(record("a.json", "1"));
  for (std::size_t at = 0; at + 1 < line.size(); ++at) {
    std::string changed = line;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CAPTURE(at);
    CHECK(Manifest(changed).entries().empty());
  }
}

TEST_CASE("the last line counts, and the one before: the program may have been stopped between line and file") {
  const auto ours = [](const Manifest& manifest, std::string_view there) {
    return manifest.find("a")->is_ours(hash_of(there));
  };
  Manifest manifest;
  manifest.add(record("a", "1"));
  CHECK(ours(manifest, "1"));
  CHECK_FALSE(ours(manifest, "2"));
  manifest.add(record("a", "2"));
  manifest.add(record("a", "2"));  // the run that went on said it again
  CHECK(ours(manifest, "1"));
  CHECK(ours(manifest, "2"));
  manifest.add(record("a", "3"));
  CHECK_FALSE(ours(manifest, "1"));
}

}  // namespace
}  // namespace gt::batch
