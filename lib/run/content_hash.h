// SHA-256 of files: by it a run knows that what it began with is still the same.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace gt::run {

// Lower-case hexadecimal digits.
std::string sha256_of(std::string_view bytes);
// Of the file that `fd` is open at, from its beginning; the position is left at the end. `name` is for messages. Empty if
// `cancelled`, asked between blocks, said true.
std::string sha256_of_file(int fd, const std::string& name, const std::function<bool()>& cancelled = {});

// Of the names and contents of all regular files below `directory`; empty if it is not there. Of our own directories
// only: it opens what it finds.
std::string sha256_of_tree(const std::filesystem::path& directory);

}  // namespace gt::run
