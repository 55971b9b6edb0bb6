#include "tests/golden/words.h"

#include "lib/base/error.h"

namespace gt::golden {
namespace {

// Appends what is quoted from `at`, just behind the quote, to `word`; returns the offset behind the closing quote.
std::size_t take_quoted(std::string_view line, std::size_t at, std::string& word) {
  const char quote = line[at - 1];
  while (at < line.size() && line[at] != quote) {
    if (quote == '"' && line[at] == '\\' && at + 1 < line.size() && (line[at + 1] == '"' || line[at + 1] == '\\')) ++at;
    word += line[at++];
  }
  if (at == line.size()) throw Error(ErrorCode::Usage, "a quote is not closed: " + std::string(line));
  return at + 1;
}

}  // namespace

std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  for (std::size_t at = 0; at < line.size();) {
    const char c = line[at++];
    if (c == ' ' || c == '\t' || c == '\n') {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c == '\'' || c == '"') {
      at = take_quoted(line, at, words.back());
    } else if (c == '\\' && at < line.size()) {
      words.back() += line[at++];
    } else {
      words.back() += c;
    }
  }
  return words;
}

}  // namespace gt::golden
