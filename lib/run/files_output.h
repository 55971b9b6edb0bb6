// The directory in which the user finds what a program left.
#pragma once

#include <filesystem>
#include <string>

#include "lib/run/owner.h"

namespace gt::run {

// Throws FileExists if `directory` has anything in it but what `sha256` (of sha256_of_tree; may be empty) says, and the
// system's own error where no directory can be made beside it.
void require_free(const std::filesystem::path& directory, const std::string& sha256);

// Copies the files of `from`, one of our own directories, to `to`, which appears whole or not at all. Nothing is done where it
// is there already, and the same. Throws FileExists for anything else that has come there meanwhile.
void publish_files(const std::filesystem::path& from, const std::filesystem::path& to, const std::string& sha256,
                   const Owner& owner);

}  // namespace gt::run
