// A Docker engine of a test's own, which it may stop, kill and start again. In its own network namespace, so that it leaves
// the machine's engine alone. Needs root.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace gt::testing {

// Takes away every mount below `root`, the deepest first.
void unmount_below(const std::filesystem::path& root);

class SecondEngine {
 public:
  // Empty if an engine of one's own can be had here, else why not.
  static std::string obstacle();

  // What engines of a process that was killed left: to be called by whoever watches over it (run_and_reap).
  static void remove_left_by(pid_t process);

  // Not started yet.
  SecondEngine();
  SecondEngine(const SecondEngine&) = delete;
  SecondEngine& operator=(const SecondEngine&) = delete;
  ~SecondEngine();  // stops it and its containers, removes all it has written

  enum class Restore { Stop, Live };  // what becomes of containers while it is away
  // Returns when it answers. Throws std::runtime_error with the end of its output if it does not.
  void start(Restore restore);
  void signal(int number) const;
  void wait();             // until it has ended
  void load_base_image();  // from the machine's engine
  std::string host() const { return "unix://" + (root_ / "s").string(); }

 private:
  bool try_start(Restore restore);
  bool answers() const;

  std::filesystem::path root_;
  pid_t pid_ = -1;
};

}  // namespace gt::testing
