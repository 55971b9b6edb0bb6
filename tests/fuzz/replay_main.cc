// Gives every file of the directories that are named to every fuzz target, without libFuzzer.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i)
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i]))
      if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    std::printf("%s: %zu bytes\n", file.filename().c_str(), bytes.size());
    std::fflush(stdout);  // a crash comes after the name of its file
    gt::fuzz::pickle_to_json(bytes);
    gt::fuzz::pickle_to_lossless(bytes);
    gt::fuzz::pickle_to_other_json(bytes);
    gt::fuzz::pickle_to_pickle(bytes);
    gt::fuzz::json_to_json(bytes);
    gt::fuzz::json_to_pickle(bytes);
    gt::fuzz::to_docker(bytes);
    gt::fuzz::blend_summary(bytes);
    gt::fuzz::lux_rewrite(bytes);
    gt::fuzz::examine(bytes);
    gt::fuzz::audit(bytes);
    gt::fuzz::disassemble(bytes);
    gt::fuzz::repair(bytes);
  }
  // A replay of nothing must not pass.
  return files.empty() ? 1 : 0;
}
