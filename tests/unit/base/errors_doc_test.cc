#include <doctest/doctest.h>

#include <map>
#include <regex>
#include <sstream>
#include <string>

#include "lib/base/error.h"
#include "tests/unit/base/support.h"

namespace gt {
namespace {

struct Section {
  int exit = -1;
  std::string body;
};

// The sections of docs/errors.md by code: "### `code` (exit N)" and what follows up to the next heading.
std::map<std::string, Section> sections_of(const std::string& page) {
  static const std::regex k_heading("### `([^`]+)` \\(exit ([0-9, ]+)\\)");
  std::map<std::string, Section> out;
  Section* now = nullptr;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, k_heading)) {
      CHECK_MESSAGE(!out.contains(match[1]), match[1].str() << " has two sections");
      now = &out[match[1]];
      now->exit = std::stoi(match[2]);
    } else if (line.starts_with("#")) {
      now = nullptr;
    } else if (now != nullptr) {
      now->body += line + '\n';
    }
  }
  return out;
}

const ErrorCode k_all[] = {
#define GT_ERROR(name, code, exit_class) ErrorCode::name,
#include "lib/base/errors.def"
#undef GT_ERROR
};

TEST_CASE("docs/errors.md has a section for every error code, and for nothing else") {
  const auto sections = sections_of(testing::contents("docs/errors.md"));
  CHECK(sections.size() == std::size(k_all));
  for (const ErrorCode code : k_all) {
    const std::string name(to_string(code));
    CAPTURE(name);
    REQUIRE(sections.contains(name));
    const Section& section = sections.at(name);
    CHECK(section.exit == static_cast<int>(exit_code(code)));
    static const std::regex k_form("[A-Z][^]+\\n\\n    [a-z0-9-]+: [^\\n]+\\n\\nDo: [^]+\\.\\n\\n?");
    CHECK_MESSAGE(std::regex_match(section.body, k_form), "not of the form meaning, example, Do: " << section.body);
  }
}

}  // namespace
}  // namespace gt
