// Real files of Golem's history. They stay outside the project: GT_TOOLS_HISTORIC names their folder.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>

#include "tests/conformance/cases.h"

namespace gt::conformance {
namespace {

namespace fs = std::filesystem;

fs::path historic() { return std::getenv("GT_TOOLS_HISTORIC"); }

// Notes an outcome that is neither the recorded bytes nor, where nothing is recorded, a rejection.
class Looker {
 public:
  void look(Tool tool, const std::string& input, const fs::path& recorded) {
    const Outcome outcome = convert(tool, historic() / input);
    const std::string key = to_string(tool) + "\t" + input;
    if (!fs::exists(recorded)) {
      if (outcome.accepted()) found_[key] = "it is converted, and nothing is recorded";
      if (!outcome.accepted()) CHECK_MESSAGE(outcome.rejected(), key, ": ", outcome.messages);
      return;
    }
    ++recorded_;
    const std::string expected = read_bytes(recorded);
    if (!outcome.accepted()) {
      found_[key] = outcome.messages;
    } else if (*outcome.bytes != expected) {
      found_[key] = first_difference(expected, *outcome.bytes);
    }
  }
  int recorded() const { return recorded_; }
  void check() const { Exceptions(data_directory() / "historic_differs.tsv").check(found_); }

 private:
  std::map<std::string, std::string> found_;
  int recorded_ = 0;
};

// What two states of 2016 wrote is the better witness: .own.json is what the file's own time would have written.
fs::path recorded_json(const std::string& stem) {
  const fs::path of_2016 = historic() / "templates" / (stem + ".B.json");
  return fs::exists(of_2016) ? of_2016 : historic() / "templates" / (stem + ".own.json");
}

TEST_CASE("historic files become what was recorded, except for historic_differs.tsv") {
  Looker looker;
  int templates = 0;
  for (const auto& entry : fs::directory_iterator(historic() / "templates")) {
    if (entry.path().extension() != ".gt") continue;
    const std::string stem = entry.path().stem().string();
    looker.look(Tool::Gt2Json, "templates/" + stem + ".gt", recorded_json(stem));
    looker.look(Tool::Blender2Docker2016, "templates/" + stem + ".gt", historic() / "templates" / (stem + ".B.docker.json"));
    ++templates;
  }
  CHECK(templates == 12);
  CHECK(looker.recorded() == 11 + 3);

  const Manifest fixtures(historic() / "fixtures/MANIFEST.tsv");
  for (std::size_t row = 0; row < fixtures.size(); ++row) {
    const std::string input = "fixtures/" + fixtures.at(row, "input");
    const fs::path recorded = historic() / (input + ".docker.json");
    CHECK_MESSAGE(fs::exists(recorded) == (fixtures.at(row, "blender2docker") == "ok"), input);
    looker.look(Tool::Blender2Docker2016, input, recorded);
  }
  CHECK(fixtures.size() == 58);
  CHECK(looker.recorded() == 11 + 3 + 37);
  looker.check();
}

TEST_CASE("gt2json reads every task that later versions saved as JSON") {
  const Manifest fixtures(historic() / "fixtures/MANIFEST.tsv");
  for (std::size_t row = 0; row < fixtures.size(); ++row) {
    const std::string& input = fixtures.at(row, "input");
    const Outcome outcome = convert(Tool::Gt2Json, historic() / "fixtures" / input);
    CHECK_MESSAGE(outcome.accepted(), input, ": ", outcome.messages);
  }
}

}  // namespace
}  // namespace gt::conformance

int main(int argc, char** argv) {
  if (std::getenv("GT_TOOLS_HISTORIC") == nullptr) {
    std::cout << "skipped: GT_TOOLS_HISTORIC does not name the folder of historic files\n";
    return 77;
  }
  return doctest::Context(argc, argv).run();
}
