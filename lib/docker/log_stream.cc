#include "lib/docker/log_stream.h"

#include <spdlog/logger.h>

#include <algorithm>

#include "lib/docker/capped_log.h"
#include "lib/docker/engine.h"

namespace gt::docker {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// A stream may end a moment before the engine says that its container has. After so long it is another end: the engine went
// away, or the script closed its streams.
constexpr milliseconds k_end_delay{2000};
constexpr milliseconds k_recheck{50};
constexpr milliseconds k_longest_pause{1000};
constexpr milliseconds k_inspect_timeout{5000};
// A container that has ended says no more: what is still on its way comes without such pauses.
constexpr milliseconds k_rest_silence{10'000};

}  // namespace

bool LiveLog::is_wanted() const {
  return !stdout_file.empty() || !stderr_file.empty() || on_line || (logger && logger->should_log(spdlog::level::debug));
}

void LineSplitter::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    const std::size_t taken = std::min({newline, bytes.size(), k_max_line - line_.size()});
    line_ += bytes.substr(0, taken);
    bytes.remove_prefix(taken);
    if (taken == newline) {
      bytes.remove_prefix(1);
      on_line_(line_);
      line_.clear();
    } else if (line_.size() == k_max_line && !bytes.empty()) {
      on_line_(line_ + " ...");
      line_.clear();
    }
  }
}

void LineSplitter::finish() {
  if (!line_.empty()) on_line_(line_);
  line_.clear();
}

struct LogStream::Lane {
  Lane(Stream stream, const std::filesystem::path& path, const LiveLog& log, std::uint64_t limit)
      : file(path.empty() ? nullptr : std::make_unique<CappedLog>(path, limit)),
        lines([=, prefix = log.label + (stream == Stream::Stdout ? "stdout: " : "stderr: "), logger = log.logger,
               on_line = log.on_line](std::string_view line) {
          if (logger) logger->debug("{}{}", prefix, line);
          if (on_line) on_line(stream, line);
        }) {}

  std::unique_ptr<CappedLog> file;
  LineSplitter lines;
  std::uint64_t received = 0;
  std::uint64_t skip = 0;  // of what is read again
};

LogStream::LogStream(Engine& engine, std::string id, const LiveLog& log, std::uint64_t limit)
    : engine_(engine), id_(std::move(id)), limit_(limit) {
  lanes_[0] = std::make_unique<Lane>(Stream::Stdout, log.stdout_file, log, limit);
  lanes_[1] = std::make_unique<Lane>(Stream::Stderr, log.stderr_file, log, limit);
  last_byte_ = Clock::now().time_since_epoch().count();
  thread_ = std::thread([this] {
    std::exception_ptr error;
    try {
      run();
    } catch (...) {
      error = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    error_ = error;
    ended_ = true;
    changed_.notify_all();
  });
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return attached_ || ended_; });
  if (attached_) return;
  thread_.join();
  if (error_) std::rethrow_exception(error_);
}

LogStream::~LogStream() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

LogReport LogStream::finish() {
  {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, k_recheck * 2, [this] { return ended_; })) {
      const Clock::time_point last{Clock::duration(last_byte_.load())};
      if (Clock::now() - last < k_rest_silence) continue;
      stop_ = true;
      may_have_gap_ = true;
    }
  }
  if (thread_.joinable()) thread_.join();
  if (error_) std::rethrow_exception(error_);
  LogReport report{.stdout_bytes = lanes_[0]->received, .stderr_bytes = lanes_[1]->received, .may_have_gap = may_have_gap_};
  for (const auto& lane : lanes_) {
    lane->lines.finish();
    if (!lane->file) continue;
    lane->file->finish();
    report.left_out += lane->file->left_out();
  }
  return report;
}

void LogStream::run() {
  FrameDecoder decoder([this](Stream stream, std::string_view bytes) { take(stream, bytes); });
  const auto on_attached = [this] {
    const std::lock_guard lock(mutex_);
    attached_ = true;
    changed_.notify_all();
  };
  engine_.attach_container(
      id_, on_attached, [&](std::string_view bytes) { decoder.feed(bytes); }, [this] { return stop_.load(); });
  if (decoder.at_boundary() && has_container_ended()) return;
  read_again_until_end();
}

// False if the stream ended for another reason than its container's end.
bool LogStream::has_container_ended() {
  const Clock::time_point limit = Clock::now() + k_end_delay;
  for (;;) {
    const Inspection seen = engine_.inspect_container(id_, k_inspect_timeout);
    if (seen.found == Inspection::Found::Gone || seen.has_ended()) return true;
    if (seen.found == Inspection::Found::NoAnswer) may_have_gap_ = true;
    if (may_have_gap_ || Clock::now() > limit || !sleep(k_recheck)) return false;
  }
}

// The engine keeps what a container says, also while nobody listens: its log is read from the beginning, less what has come.
void LogStream::read_again_until_end() {
  Clock::time_point limit = Clock::now() + engine_.options().patience;
  for (milliseconds pause = k_recheck; !stop_; pause = std::min(pause * 2, k_longest_pause)) {
    const Inspection seen = engine_.inspect_container(id_, k_inspect_timeout);
    if (seen.found == Inspection::Found::Gone) break;
    if (seen.found == Inspection::Found::Yes) {
      limit = Clock::now() + engine_.options().patience;
      // The log is whole if it was read to its end after the container's.
      if (seen.status != "created" && read_again() && seen.has_ended()) return;
    } else {
      may_have_gap_ = true;
      if (Clock::now() > limit) break;
    }
    if (!sleep(pause)) break;
  }
  may_have_gap_ = true;
}

bool LogStream::read_again() {
  for (const auto& lane : lanes_) lane->skip = lane->received;
  FrameDecoder decoder([this](Stream stream, std::string_view bytes) {
    Lane& lane = *lanes_[static_cast<std::size_t>(stream)];
    const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(lane.skip, bytes.size()));
    lane.skip -= skipped;
    take(stream, bytes.substr(skipped));
  });
  const bool is_whole = engine_.read_logs(
      id_, Engine::Logs::Follow, [&](std::string_view bytes) { decoder.feed(bytes); }, [this] { return stop_.load(); });
  if (!is_whole || !decoder.at_boundary()) return false;
  // Shorter than what has come, or so long that the engine may have dropped its beginning: how much cannot be told.
  const bool is_short = lanes_[0]->skip > 0 || lanes_[1]->skip > 0;
  if (is_short || lanes_[0]->received + lanes_[1]->received >= limit_) may_have_gap_ = true;
  return true;
}

void LogStream::take(Stream stream, std::string_view bytes) {
  if (bytes.empty()) return;
  last_byte_ = Clock::now().time_since_epoch().count();
  Lane& lane = *lanes_[static_cast<std::size_t>(stream)];
  lane.received += bytes.size();
  if (lane.file) lane.file->write(bytes);
  lane.lines.feed(bytes);
}

// False if the stream is to end.
bool LogStream::sleep(milliseconds time) {
  const Clock::time_point end = Clock::now() + time;
  while (!stop_ && Clock::now() < end) std::this_thread::sleep_for(std::min<Clock::duration>(k_recheck, end - Clock::now()));
  return !stop_;
}

}  // namespace gt::docker
