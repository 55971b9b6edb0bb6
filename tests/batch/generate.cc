#include "tests/batch/generate.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include "lib/batch/conversion.h"
#include "tests/unit/batch/support.h"

namespace gt::testing {
namespace {

namespace fs = std::filesystem;

struct Template {
  std::string bytes;
  batch::Form form;
};

// Recorded pickles that a migration writes.
std::vector<Template> templates() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fs::path(GT_CONFORMANCE) / "corpus"))
    if (entry.path().extension() == ".gt" && entry.file_size() < 8000) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<Template> out;
  for (const fs::path& path : paths) {
    const std::string bytes = batch::testing::read_text(path);
    const batch::Conversion conversion = batch::convert_source("a.gt", bytes, {});
    if (conversion.documents.size() == 1) out.push_back({bytes, conversion.documents[0].form});
  }
  return out;
}

// Another task of the same kind: its scene has a name of its own, of the same length.
std::string varied(std::string bytes, std::uint64_t number) {
  const std::size_t at = bytes.find("/a.blend");
  if (at != std::string::npos) bytes[at + 1] = static_cast<char>('a' + number % 26);
  return bytes;
}

std::string directory_of(std::uint64_t number) {
  static const char* const k_names[] = {"2015", "old tasks", "\xff\xfe", "li\nne", "d\xc3\xa9j\xc3\xa0", "x"};
  std::string out;
  // Up to 40 deep, 60 files in each.
  for (std::uint64_t rest = number / 60; rest != 0; rest /= 6) out += std::string(k_names[rest % 6]) + "/";
  if (number / 60 % 50 == 7)
    for (int i = 0; i < 40; ++i) out += "deep/";
  return out;
}

std::string name_of(std::uint64_t number, std::uint64_t kind) {
  const std::string digits = std::to_string(number);
  switch (kind) {
    case 0: return "task " + digits + ".gt";
    case 1: return "t\n" + digits + ".GT";
    case 2: return "t\xf0" + digits + ".bak";
    default: return "task" + digits + ".gt";
  }
}

}  // namespace

Collection generate(const std::string& root, std::uint64_t count) {
  const std::vector<Template> all = templates();
  Collection out;
  std::string last;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string directory = directory_of(i);
    if (i == 0 || directory != last) fs::create_directories(fs::path(root) / directory);
    last = directory;
    const Template& from = all[i * 7 % all.size()];
    std::string name = name_of(i, i % 11);
    std::string bytes = varied(from.bytes, i);
    ++out.files;
    if (i % 50 == 3) {
      bytes.resize(bytes.size() / 2);
      ++out.bad;
    } else if (i % 50 == 9) {
      name = "notes " + name + ".txt";
      bytes = "what I did on " + std::to_string(i);
      ++out.no_tasks;
    } else {
      out.outputs.push_back(directory + batch::output_name(name, from.form));
    }
    std::ofstream(fs::path(root) / directory / name, std::ios::binary) << bytes;
  }
  std::sort(out.outputs.begin(), out.outputs.end());
  return out;
}

}  // namespace gt::testing
