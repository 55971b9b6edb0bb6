// What a container says, as it says it: from before its start to its end, over a lost connection, too.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "lib/docker/frames.h"

namespace spdlog {
class logger;
}

namespace gt::docker {

class Engine;

struct LiveLog {
  std::filesystem::path stdout_file = {};  // empty: not written
  std::filesystem::path stderr_file = {};
  // Gets each line as "LABELstdout: ..." or "LABELstderr: ..." if it logs at debug level.
  std::shared_ptr<spdlog::logger> logger = {};
  std::string label = {};
  // Gets each line, cut as for the logger, in a thread of its own. Must not throw.
  std::function<void(Stream, std::string_view)> on_line = {};

  bool is_wanted() const;
};

// What became of a log.
struct LogReport {
  std::uint64_t stdout_bytes = 0;  // that the container wrote
  std::uint64_t stderr_bytes = 0;
  std::uint64_t left_out = 0;  // of both, over the limit; the files say so at that place
  // The engine was away for a time, or no longer had all of its log: part of the output may be missing. An engine that was
  // killed loses what is said until it is back, and does not know it.
  bool may_have_gap = false;
};

// Cuts a stream into lines for a logger: no memory but for the line under way, of which at most k_max_line bytes are held.
class LineSplitter {
 public:
  // A longer line comes in pieces of this size, all but the last marked with " ...".
  static constexpr std::size_t k_max_line = std::size_t{16} << 10;
  explicit LineSplitter(std::function<void(std::string_view)> on_line) : on_line_(std::move(on_line)) {}

  void feed(std::string_view bytes);
  void finish();  // passes on a last line without an end

 private:
  std::function<void(std::string_view)> on_line_;
  std::string line_;
};

// A thread that reads one container's streams into the files and the logger of a LiveLog.
class LogStream {
 public:
  // Attaches to a container that is not started yet, so that nothing is missed; returns when the engine has confirmed that.
  // Throws for files that cannot be made, and what Engine::attach throws before that. `limit` is in bytes, of each stream.
  LogStream(Engine& engine, std::string id, const LiveLog& log, std::uint64_t limit);
  LogStream(const LogStream&) = delete;
  LogStream& operator=(const LogStream&) = delete;
  ~LogStream();  // ends the thread, whatever it reads

  // To be called when the container has ended: returns when all that it said is in the files. Rethrows what went wrong with
  // a file.
  LogReport finish();

 private:
  struct Lane;  // one of the two streams

  void run();
  bool has_container_ended();
  void read_again_until_end();
  bool read_again();
  void take(Stream stream, std::string_view bytes);
  bool sleep(std::chrono::milliseconds time);

  Engine& engine_;
  std::string id_;
  std::uint64_t limit_;
  std::array<std::unique_ptr<Lane>, 2> lanes_;  // by Stream
  std::atomic<bool> stop_ = false;
  std::atomic<bool> may_have_gap_ = false;
  std::atomic<std::chrono::steady_clock::rep> last_byte_ = 0;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool attached_ = false;
  bool ended_ = false;
  std::exception_ptr error_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace gt::docker
