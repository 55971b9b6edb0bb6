// What the scripts of 2016 wrote, and what gt-tools writes, for every recorded case (README.md).
#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/conformance/cases.h"

namespace gt::conformance {
namespace {

namespace fs = std::filesystem;

struct Case {
  std::string input;  // relative to the data directory
  fs::path json;      // what pickle2json.py wrote; empty: not run on this input, or it failed
  fs::path docker;    // what blender2docker.py wrote; empty: it failed
  bool for_pickle2json = false;
  bool required = false;  // all its classes are Golem's or Python's own
  Outcome as_json;
  Outcome as_docker;
  Outcome as_docker_2016;
};

bool is_within_tables(const std::string& globals_needed) {
  std::string list = globals_needed + ",";
  for (std::size_t comma = list.find(','); comma != std::string::npos; comma = list.find(',')) {
    const std::string word = list.substr(0, comma);
    if (word != "none" && word != "builtin" && word != "golem") return false;
    list.erase(0, comma + 1);
  }
  return true;
}

Case from_corpus(const Manifest& manifest, std::size_t row) {
  const std::string name = "corpus/" + manifest.at(row, "name");
  Case one;
  one.input = name + ".gt";
  one.for_pickle2json = true;
  if (manifest.at(row, "pickle2json") == "ok") one.json = data_directory() / (name + ".json");
  if (manifest.at(row, "blender2docker") == "ok") one.docker = data_directory() / (name + ".docker.json");
  one.required = !one.json.empty() && is_within_tables(manifest.at(row, "globals_needed"));
  return one;
}

Case from_corpus_json(const Manifest& manifest, std::size_t row) {
  Case one;
  one.input = "corpus-json/" + manifest.at(row, "input");
  if (manifest.at(row, "blender2docker") == "ok") one.docker = data_directory() / (one.input + ".docker.json");
  return one;
}

std::vector<Case> run_all() {
  std::vector<Case> cases;
  const Manifest corpus(data_directory() / "corpus/MANIFEST.tsv");
  for (std::size_t row = 0; row < corpus.size(); ++row) cases.push_back(from_corpus(corpus, row));
  const Manifest json(data_directory() / "corpus-json/MANIFEST.tsv");
  for (std::size_t row = 0; row < json.size(); ++row) cases.push_back(from_corpus_json(json, row));
  for (Case& one : cases) {
    const fs::path input = data_directory() / one.input;
    one.as_json = convert(Tool::Gt2Json, input);
    one.as_docker = convert(Tool::Blender2Docker, input);
    one.as_docker_2016 = convert(Tool::Blender2Docker2016, input);
  }
  return cases;
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all = run_all();
  return all;
}

// Empty if the outcome is exactly the recorded bytes, else what it is.
std::string difference(const Outcome& outcome, const fs::path& recorded) {
  if (!outcome.accepted()) return "exit code " + std::to_string(outcome.exit_code) + ", " + outcome.messages;
  const std::string expected = read_bytes(recorded);
  return *outcome.bytes == expected ? "" : first_difference(expected, *outcome.bytes);
}

std::string stem(const Case& one) { return fs::path(one.input).stem().string(); }

TEST_CASE("the recorded files are complete") {
  std::size_t inputs = 0, json = 0, required = 0, docker = 0, docker_of_json = 0;
  for (const Case& one : cases()) {
    CHECK_MESSAGE(fs::exists(data_directory() / one.input), one.input);
    inputs += one.for_pickle2json ? 1 : 0;
    json += one.json.empty() ? 0 : 1;
    required += one.required ? 1 : 0;
    if (!one.docker.empty()) ++(one.for_pickle2json ? docker : docker_of_json);
  }
  CHECK(inputs == 503);  // 515 with the files of history
  CHECK(cases().size() - inputs == 189);
  CHECK(json == 431);      // 434 with them
  CHECK(required == 332);  // 335 with them
  CHECK(docker == 159);    // 162 with them
  CHECK(docker_of_json == 150);
}

TEST_CASE("gt2json writes what pickle2json.py wrote, all that the tables can know") {
  for (const Case& one : cases()) {
    if (!one.required) continue;
    const std::string what = difference(one.as_json, one.json);
    CHECK_MESSAGE(what.empty(), one.input, ": ", what);
  }
}

TEST_CASE("gt2json writes what pickle2json.py wrote of foreign classes, except for known_gaps.tsv") {
  std::map<std::string, std::string> gaps;
  for (const Case& one : cases()) {
    if (one.required || one.json.empty()) continue;
    const std::string what = difference(one.as_json, one.json);
    if (!what.empty()) gaps[stem(one)] = what;
  }
  Exceptions(data_directory() / "known_gaps.tsv").check(gaps);
}

TEST_CASE("blender2docker --compat 2016 writes every byte that blender2docker.py wrote") {
  for (const Case& one : cases()) {
    if (one.docker.empty()) continue;
    const std::string what = difference(one.as_docker_2016, one.docker);
    CHECK_MESSAGE(what.empty(), one.input, ": ", what);
  }
}

TEST_CASE("what the scripts rejected is rejected, except for accepted_although.tsv") {
  std::map<std::string, std::string> accepted;
  const auto look = [&](Tool tool, const Case& one, const Outcome& outcome) {
    if (outcome.accepted()) {
      accepted[to_string(tool) + "\t" + one.input] = "it is converted";
    } else {
      CHECK_MESSAGE(outcome.rejected(), to_string(tool), " ", one.input, ": exit code ", outcome.exit_code,
                    outcome.bytes ? ", with an output file: " : ": ", outcome.messages);
      CHECK_MESSAGE(!outcome.messages.empty(), to_string(tool), " ", one.input, " is rejected without a word");
    }
  };
  for (const Case& one : cases()) {
    if (one.for_pickle2json && one.json.empty()) look(Tool::Gt2Json, one, one.as_json);
    if (!one.docker.empty()) continue;
    look(Tool::Blender2Docker, one, one.as_docker);
    look(Tool::Blender2Docker2016, one, one.as_docker_2016);
  }
  Exceptions(data_directory() / "accepted_although.tsv").check(accepted);
}

TEST_CASE("blender2docker by default writes the same, except for default_differs.tsv") {
  std::map<std::string, std::string> differs;
  for (const Case& one : cases()) {
    if (one.docker.empty()) continue;
    const std::string what = difference(one.as_docker, one.docker);
    if (!what.empty()) differs[one.input] = what;
  }
  Exceptions(data_directory() / "default_differs.tsv").check(differs);
}

TEST_CASE("blender2docker by default makes the same of a .gt and of its JSON") {
  std::map<std::string, const Case*> by_name;
  for (const Case& one : cases())
    if (one.for_pickle2json) by_name["rt_" + stem(one)] = &one;
  int compared = 0;
  for (const Case& one : cases()) {
    const auto pickle = by_name.find(stem(one));
    if (one.for_pickle2json || pickle == by_name.end()) continue;
    CHECK_MESSAGE(one.as_docker.bytes == pickle->second->as_docker.bytes, one.input);
    ++compared;
  }
  CHECK(compared == 133);
}

TEST_CASE("gt2json writes every recorded JSON again as it is") {
  int compared = 0;
  const auto look = [&](const fs::path& recorded) {
    const std::string bytes = recorded.empty() ? "" : read_bytes(recorded);
    if (!bytes.starts_with('{') && !bytes.starts_with('[')) return;
    const std::string what = difference(convert(Tool::Gt2Json, recorded), recorded);
    CHECK_MESSAGE(what.empty(), recorded.string(), ": ", what);
    ++compared;
  };
  for (const Case& one : cases()) {
    look(one.json);
    look(one.docker);
  }
  CHECK(compared == 718);
}

TEST_CASE("a task that is cut at any byte is rejected") {
  for (const char* name :
       {"corpus/bl_default.gt", "corpus/sch_G1_bl_c1.gt", "corpus/sch_G1_bl_c2.gt", "corpus/bl_default.json"}) {
    const std::string whole = read_bytes(data_directory() / name);
    REQUIRE_MESSAGE(convert_bytes(Tool::Gt2Json, whole).accepted(), name);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Outcome outcome = convert_bytes(Tool::Gt2Json, std::string_view(whole).substr(0, size));
      CHECK_MESSAGE(outcome.rejected(), name, ", ", size, " bytes: ", outcome.messages);
    }
  }
}

}  // namespace
}  // namespace gt::conformance
