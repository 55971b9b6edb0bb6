// The pickles of CPython's own tests (pickletester.tsv, made by record_pickletester.py) against what CPython made of them.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/json/profile.h"
#include "lib/object/compare.h"
#include "lib/pickle/decode.h"
#include "lib/pickle/encode.h"
#include "tests/conformance/cases.h"
#include "tests/fuzz/words.h"

namespace gt::conformance {
namespace {

constexpr std::string_view k_refused = "E ";

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
    } else {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16));
      i += 3;
    }
  }
  return out;
}

// What Pythons made of one pickle: several versions the same.
struct Answer {
  std::string_view versions;
  std::string_view words;

  bool is_of_python2() const { return versions.starts_with("2.7"); }
  bool is_of_python3() const { return versions.find("3.") != std::string_view::npos; }
};

struct Recorded {
  std::string name;
  std::string pickle;
  std::vector<Answer> answers;
};

Recorded recorded(const Row& row) {
  Recorded out{row.at(0), unescaped(row.at(1)), {}};
  for (std::size_t i = 2; i < row.size(); ++i) {
    const std::string_view told = row[i];
    const std::size_t equals = told.find('=');
    out.answers.push_back({told.substr(0, equals), told.substr(equals + 1)});
  }
  return out;
}

std::string words(const std::string& pickle, fuzz::WordsOf python, pickle::UnknownCalls unknown_calls) {
  try {
    return fuzz::words_of(pickle::decode(pickle, {}, unknown_calls).graph, python);
  } catch (const Error& error) {
    return std::string(k_refused) + std::string(to_string(error.code()));
  }
}

// Empty, or how we and CPython differ. A Python that refuses what a later one reads does not count.
std::string difference(const Recorded& recorded) {
  using fuzz::WordsOf;
  const auto ours = [&](WordsOf python) { return words(recorded.pickle, python, pickle::UnknownCalls::Keep); };
  const auto refuses = [](const Answer& answer) { return answer.words.starts_with(k_refused); };
  if (std::all_of(recorded.answers.begin(), recorded.answers.end(), refuses)) {
    const std::string got = ours(WordsOf::Python3);
    return got.starts_with(k_refused) ? "" : "CPython refuses what is " + got;
  }
  for (const Answer& answer : recorded.answers) {
    if (refuses(answer)) continue;
    for (const WordsOf python : {WordsOf::Python2, WordsOf::Python3}) {
      const bool counts = python == WordsOf::Python2 ? answer.is_of_python2() : answer.is_of_python3();
      const std::string got = counts ? ours(python) : std::string(answer.words);
      if (got != answer.words) return std::string(answer.versions) + " " + std::string(answer.words) + " got " + got;
    }
  }
  return "";
}

TEST_CASE("the pickles of CPython's own tests are what CPython makes of them, except for pickletester_differs.tsv") {
  std::map<std::string, std::string> differs;
  int compared = 0;
  for (const Row& row : read_table(data_directory() / "pickletester.tsv")) {
    const Recorded one = recorded(row);
    if (const std::string what = difference(one); !what.empty()) differs[one.name] = what;
    ++compared;
  }
  CHECK(compared == 1589);
  Exceptions(data_directory() / "pickletester_differs.tsv").check(differs);
}

std::string json_of(const object::Graph& graph, json::Profile profile) {
  StringSink sink;
  json::encode(graph, sink, profile, {});
  return sink.text();
}

void check_comes_back(const object::Graph& graph) {
  const std::string json = json_of(graph, json::Profile::Lossless);
  const object::Graph again = json::decode(json, std::nullopt);
  CHECK(object::same_structure(graph, graph.root(), again, again.root()));
  for (const pickle::Protocol protocol : {pickle::Protocol::Text, pickle::Protocol::Binary}) {
    StringSink sink;
    pickle::encode(graph, sink, {.protocol = protocol});
    const std::string bytes = sink.text();
    const pickle::Decoded back = pickle::decode(bytes);
    CHECK(object::same_structure(graph, graph.root(), back.graph, back.graph.root()));
  }
}

TEST_CASE(
    "what CPython's own tests load has a lossless form, and comes back from it and from a pickle; but for calls, by name") {
  int whole = 0;
  int calls = 0;
  for (const Row& row : read_table(data_directory() / "pickletester.tsv")) {
    const Recorded one = recorded(row);
    CAPTURE(one.name);
    const std::string kept = words(one.pickle, fuzz::WordsOf::Python3, pickle::UnknownCalls::Keep);
    if (kept.starts_with(k_refused)) continue;
    pickle::Decoded decoded;
    try {
      decoded = pickle::decode(one.pickle);
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::PickleUnknownCall);
      ++calls;
      continue;
    }
    check_comes_back(decoded.graph);
    ++whole;
  }
  CHECK(whole == 985);
  CHECK(calls == 289);
}

}  // namespace
}  // namespace gt::conformance
