// What outputs are called.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gt::batch {

// The forms in which a task is written.
enum class Form : std::uint8_t { Docker, Json, Pickle };

// Whether `name` ends in .gt in any case: such a file says that it is a saved task.
bool has_task_suffix(std::string_view name);

// "docker-b.json", "b.json" or "b.gt" for "b.gt", "b.JSON"; "x.bak.json" for "x.bak". Bytes, not text.
std::string output_name(std::string_view source_name, Form form);

// Shell patterns. One without a slash is matched against the last component, else against the whole relative path.
class Globs {
 public:
  Globs() = default;
  explicit Globs(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}
  bool empty() const { return patterns_.empty(); }
  bool match(const std::string& relative_path) const;

 private:
  std::vector<std::string> patterns_;
};

}  // namespace gt::batch
