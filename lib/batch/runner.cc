#include "lib/batch/runner.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "lib/batch/worker.h"

namespace gt::batch {
namespace {

// Files that get their names, and are synced, together.
constexpr std::size_t k_slice = 128;

// Each item of a slice can have a source directory, an output directory and an output file open, or two of these.
std::size_t slice_size(unsigned jobs) {
  constexpr std::size_t k_reserve = 64;
  constexpr std::size_t k_each = 4;
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
  const std::size_t files = std::min<std::size_t>(limit.rlim_cur, 1U << 20);
  const std::size_t mine = (files > k_reserve ? files - k_reserve : 0) / (jobs + 1) / k_each;
  return std::clamp<std::size_t>(mine, 1, k_slice);
}

// Slices in, rows out in the same order. At most `window` slices are under way or wait for an earlier one.
class Line {
 public:
  Line(Slices& slices, Observer& observer, std::uint64_t window, const std::atomic<bool>& stop)
      : slices_(slices), observer_(observer), window_(window), stop_(stop) {}

  std::optional<Slice> take() {
    std::unique_lock lock(mutex_);
    moved_.wait(lock, [&] { return taken_ < told_ + window_ || failure_; });
    if (failure_ || stop_) return std::nullopt;
    std::optional<Slice> slice = slices_.next();
    if (slice) ++taken_;
    return slice;
  }

  void put(std::uint64_t number, std::vector<Row> rows) {
    std::vector<std::vector<Row>> done;  // is destroyed when the others go on already
    const std::lock_guard lock(mutex_);
    finished_[number] = std::move(rows);
    for (auto next = finished_.find(told_); next != finished_.end(); next = finished_.find(told_)) {
      done.push_back(std::move(next->second));
      finished_.erase(next);  // before the observer can throw: no row is told twice
      ++told_;
      for (const Row& row : done.back()) observer_.on_row(row);
    }
    moved_.notify_all();
  }

  void fail(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(failure);
    moved_.notify_all();
  }

  // Slices behind one that failed were published all the same.
  void finish() {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, rows] : finished_)
      for (const Row& row : rows) observer_.on_row(row);
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable moved_;
  Slices& slices_;
  Observer& observer_;
  std::uint64_t window_;
  const std::atomic<bool>& stop_;
  std::uint64_t taken_ = 0;
  std::uint64_t told_ = 0;
  std::map<std::uint64_t, std::vector<Row>> finished_;
  std::exception_ptr failure_;
};

void work(Line& line, const RunOptions& options) {
  try {
    Worker worker(options);
    while (std::optional<Slice> slice = line.take()) line.put(slice->number, worker.process(*slice));
  } catch (...) {
    line.fail(std::current_exception());
  }
}

// The devices and inodes of `path` and of all directories above it; of one that is not there yet, from where it will be made.
std::vector<std::pair<dev_t, ino_t>> places_of(std::string path) {
  struct stat info {};
  while (!path.empty() && ::stat(path.c_str(), &info) != 0) {
    const std::size_t slash = path.rfind('/');
    path = slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
  }
  std::vector<std::pair<dev_t, ino_t>> out;
  for (;; path += "/..") {
    if (::stat(path.c_str(), &info) != 0) return out;
    const std::pair<dev_t, ino_t> here(info.st_dev, info.st_ino);
    if (!out.empty() && out.back() == here) return out;  // the root of the file system
    out.push_back(here);
  }
}

// By name, for what is not there yet, and by identity, which no link or mount hides.
bool is_inside(const std::string& inner, const std::string& outer) {
  const std::filesystem::path inner_path = std::filesystem::weakly_canonical(inner);
  const std::filesystem::path outer_path = std::filesystem::weakly_canonical(outer);
  if (std::mismatch(outer_path.begin(), outer_path.end(), inner_path.begin(), inner_path.end()).first == outer_path.end())
    return true;
  struct stat info {};
  if (::stat(outer.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return false;
  const auto places = places_of(inner);
  return std::find(places.begin(), places.end(), std::pair<dev_t, ino_t>(info.st_dev, info.st_ino)) != places.end();
}

void require_apart(const std::string& one, const std::string& other, std::string_view what) {
  if (!is_inside(one, other) && !is_inside(other, one)) return;
  throw Error(ErrorCode::Usage, std::string(what) + " lies in " + other + ", or the other way round", {.file = one},
              "choose a directory elsewhere: neither may be taken for the other");
}

}  // namespace

void require_apart(const std::vector<std::string>& sources, const std::string& output, const std::string& quarantine) {
  for (const std::string& source : sources) {
    require_apart(output, source, "the output root");
    if (!quarantine.empty()) require_apart(quarantine, source, "the quarantine");
  }
  if (!quarantine.empty()) require_apart(quarantine, output, "the quarantine");
}

void run(Walk& walk, const std::string& output, const RunOptions& options, Observer& observer, const std::atomic<bool>& stop) {
  constexpr std::uint64_t k_slices_ahead = 4;
  const bool writes = options.action == Action::Migrate;
  const OutputTree tree(output, writes ? OutputTree::Missing::Create : OutputTree::Missing::Accept);
  Slices slices(walk, tree, options, slice_size(options.jobs));
  Line line(slices, observer, k_slices_ahead * options.jobs, stop);
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < options.jobs; ++i) threads.emplace_back([&] { work(line, options); });
    work(line, options);
  }
  line.finish();
  if (!writes) return;
  if (options.durability == Durability::Sync) tree.sync();
  tree.require_in_place();
}

}  // namespace gt::batch
