#include "tools/migrate-tasks/progress.h"

#include <condition_variable>

#include "lib/base/text.h"
#include "lib/batch/explanation.h"

namespace gt::tools {
namespace {

constexpr std::chrono::milliseconds k_pause{200};
constexpr std::chrono::seconds k_log_pause{10};

std::string shown(const std::string& path) { return printable(path, 4096); }

std::string duration(std::uint64_t seconds) {
  const auto two = [](std::uint64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return (seconds >= 3600 ? std::to_string(seconds / 3600) + ":" : "") + two(seconds / 60 % 60) + ":" + two(seconds % 60);
}

// What a user must know of a row at once; warnings are for the report.
std::string messages(const batch::Row& row) {
  const bool is_edited = row.result == batch::Result::Edited;
  if (!is_failure(row.result) && !is_edited) return {};
  std::string out = "migrate-tasks: " + shown(row.source) + ": ";
  if (is_edited) return out + "note: " + row.obstacle + "\n";
  out += std::string(to_string(row.result)) + ": " + (row.failure ? failure_text(*row.failure) : row.obstacle);
  if (row.failure) out += " [" + std::string(to_string(row.failure->code)) + "]";
  return out + "\n";
}

std::string changes(const batch::Row& row) {
  std::string out;
  for (const rewrite::Change& change : row.changes)
    out += shown(row.source) + ": " + (change.path.empty() ? "the task" : change.path) + ": " + change.before + " -> " +
           change.after + "\n";
  return out;
}

}  // namespace

Progress::Progress(const Streams& streams, ProgressForm form, batch::Report* report, Count count)
    : streams_(streams), form_(form), report_(report) {
  if (form_ == ProgressForm::Quiet) return;
  if (form_ == ProgressForm::Terminal)
    counter_ = std::jthread([this, count = std::move(count)](const std::stop_token& stop) {
      const std::uint64_t expected = count(stop);
      const std::lock_guard lock(mutex_);
      expected_ = expected;
    });
  ticker_ = std::jthread([this](const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    while (!changed.wait_for(lock, stop, k_pause, [&] { return stop.stop_requested(); })) tick();
  });
}

Progress::~Progress() {
  ticker_ = {};
  counter_ = {};
  print("");
}

void Progress::on_row(const batch::Row& row) {
  const std::string text = messages(row);
  const std::lock_guard lock(mutex_);
  totals_.add(row);
  if (report_ != nullptr) report_->add(row);
  if (!text.empty()) print(text);
  if (row.changes.empty()) return;
  print("");
  streams_.out << changes(row);
}

void Progress::tick() {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  if (form_ == ProgressForm::Log && now - told_ < k_log_pause) return;
  told_ = now;
  if (form_ == ProgressForm::Log) return print("migrate-tasks: " + line(now) + "\n");
  streams_.err << '\r' << line(now) << "\x1b[K" << std::flush;
  is_painted_ = true;
}

std::string Progress::line(Clock::time_point now) const {
  const double seconds = std::chrono::duration<double>(now - started_).count();
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(totals_.sources) / seconds);
  std::string out = std::to_string(totals_.sources);
  if (expected_ != 0) out += " of " + std::to_string(expected_);
  out += " files, " + std::to_string(rate) + "/s";
  if (expected_ > totals_.sources && rate != 0) out += ", " + duration((expected_ - totals_.sources) / rate) + " left";
  return out + ", " + std::to_string(totals_.failures()) + " failed";
}

void Progress::print(const std::string& text) {
  if (is_painted_) streams_.err << "\r\x1b[K";
  is_painted_ = false;
  streams_.err << text << std::flush;
}

}  // namespace gt::tools
