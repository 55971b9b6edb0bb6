// Recorded pickles on their way through Windows, and what an audit says of them.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "lib/pickle/audit.h"
#include "tests/conformance/cases.h"

namespace gt::conformance {
namespace {

// What open(path, "w") of Python 2 on Windows made of a pickle.
std::string in_text_mode(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

// Made by hand, without memo: each of their lines is a text or a persistent id, which may end with a carriage return.
const std::set<std::string> k_two_readings = {"m_persid", "m_uniesc", "m_unilatin"};
// A recording of what --repair is for.
const std::set<std::string> k_from_windows = {"m_crlf_simple"};

TEST_CASE("a pickle of protocol 0 that Windows text mode has changed is repaired to the same JSON") {
  const Manifest corpus(data_directory() / "corpus/MANIFEST.tsv");
  int repaired = 0;
  for (std::size_t row = 0; row < corpus.size(); ++row) {
    const std::string name = corpus.at(row, "name");
    const std::string bytes = read_bytes(data_directory() / ("corpus/" + name + ".gt"));
    // Text mode twice is undone twice.
    const Outcome plain = convert_bytes(k_from_windows.contains(name) ? Tool::Gt2JsonRepair : Tool::Gt2Json, bytes);
    if (!plain.accepted() || (corpus.at(row, "proto") != "0" && corpus.at(row, "proto") != "?")) continue;
    CAPTURE(name);
    const Outcome outcome = convert_bytes(Tool::Gt2JsonRepair, in_text_mode(bytes));
    if (k_two_readings.contains(name)) {
      CHECK(outcome.rejected());
      CHECK(outcome.messages.find("cannot be repaired with certainty") != std::string::npos);
    } else {
      CHECK_MESSAGE(outcome.bytes == plain.bytes, outcome.messages);
      ++repaired;
    }
  }
  CHECK(repaired > 250);
}

TEST_CASE("what needs no repair is the same with --repair") {
  const Manifest corpus(data_directory() / "corpus/MANIFEST.tsv");
  for (std::size_t row = 0; row < corpus.size(); ++row) {
    const std::string name = corpus.at(row, "name");
    const std::string bytes = read_bytes(data_directory() / ("corpus/" + name + ".gt"));
    const Outcome plain = convert_bytes(Tool::Gt2Json, bytes);
    if (!plain.accepted()) continue;
    CAPTURE(name);
    const Outcome outcome = convert_bytes(Tool::Gt2JsonRepair, bytes);
    CHECK_MESSAGE((outcome.bytes == plain.bytes) != k_from_windows.contains(name), outcome.messages);
  }
}

// A class that Golem never had, a persistent id, JSON, and keys of the memo with carriage returns.
const std::set<std::string> k_not_clean = {"m_noclass", "m_persid", "m_json", "m_crlf_simple"};

TEST_CASE("recorded tasks of Golem's own classes are clean, and no other case with foreign names is") {
  const Manifest corpus(data_directory() / "corpus/MANIFEST.tsv");
  int clean = 0;
  for (std::size_t row = 0; row < corpus.size(); ++row) {
    const std::string name = corpus.at(row, "name");
    const std::string needed = corpus.at(row, "globals_needed");
    const std::string bytes = read_bytes(data_directory() / ("corpus/" + name + ".gt"));
    if (!convert_bytes(Tool::Gt2Json, bytes).accepted()) continue;
    CAPTURE(name);
    const bool is_clean = pickle::audit(bytes).is_clean();
    if (needed == "golem" || needed == "none") CHECK(is_clean != k_not_clean.contains(name));
    if (needed.find("custom") != std::string::npos) CHECK_FALSE(is_clean);
    if (is_clean) ++clean;
  }
  CHECK(clean > 250);
}

}  // namespace
}  // namespace gt::conformance
