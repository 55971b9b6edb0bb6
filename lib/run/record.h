// What became of one subtask so far, as it lies in the run directory.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/error.h"

namespace gt::run {

// How an attempt at a subtask ended. What is done about it: causes.def.
enum class Cause : std::uint8_t {
#define GT_CAUSE(name, word, retry, scope, error) name,
#include "lib/run/causes.def"
#undef GT_CAUSE
};
enum class Retry : std::uint8_t { Never, Again, WithMoreMemory };
enum class Scope : std::uint8_t { Subtask, Run };

std::string_view to_string(Cause cause);  // "out of memory"
Retry retry_of(Cause cause);
// Run: every other subtask would fail in the same way.
Scope scope_of(Cause cause);
ErrorCode error_code_of(Cause cause);

struct Attempt {
  std::string directory = {};   // below the run directory: its logs are there
  std::string container = {};   // its name on the engine; of several in one container the first says it, or one that failed
  std::string host = {};        // where it ran
  std::int64_t started_ms = 0;  // since 1970
  std::int64_t elapsed_ms = 0;
  Cause cause = Cause::Done;
  int exit_code = 0;
  std::string message = {};        // empty when done
  std::uint64_t memory_limit = 0;  // bytes, 0: none
  std::uint64_t peak_memory = 0;   // bytes, of the container, where its name is; 0: not known
};

// One that begins now, on this machine.
Attempt begin_attempt(std::string directory, std::uint64_t memory);
// The same, with the time that it has taken since `begin`.
Attempt end_attempt(Attempt attempt, std::chrono::steady_clock::time_point begin);

// A result that passed its checks.
struct Result {
  std::string file = {};  // below the run directory; of a program a directory
  std::uint64_t size = 0;
  std::string sha256 = {};       // of a directory: sha256_of_tree
  std::string pixels = {};       // "RGBA, 8 bit"; what it is else: "film", "3 files"
  std::uint64_t pixel_hash = 0;  // of the decoded values
  bool is_uniform = false;       // one value everywhere
  bool is_black = false;
  bool is_verified = false;  // rendered again in part, and equal
};

struct Record {
  std::int64_t subtask = 1;
  std::vector<Attempt> attempts = {};
  std::optional<Result> result = {};
};

// As write_run_plan and read_run_plan do.
void write_record(const std::filesystem::path& file, const Record& record);
Record read_record(const std::filesystem::path& file);

}  // namespace gt::run
