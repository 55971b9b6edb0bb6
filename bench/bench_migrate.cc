// migrate-tasks against a bare loop in C++ and one Python 2.7 process, in turn, with the same sources and as many outputs.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "bench/inputs.h"
#include "bench/process.h"

namespace {

namespace fs = std::filesystem;

constexpr int k_per_directory = 100;

std::string directory_of(int file) { return "/d" + std::to_string(file / k_per_directory); }

// Variations of the sample: names and frames of their own.
void make_sources(const std::string& root, int count) {
  const std::string sample = gt::bench::read_whole(GT_SOURCE_DIR "/samples/blocks/blocks.gt");
  for (int i = 0; i < count; ++i) {
    if (i % k_per_directory == 0) fs::create_directories(root + directory_of(i));
    std::string bytes = sample;
    const std::size_t at = bytes.find("blocks.blend");
    bytes[at] = static_cast<char>('a' + i % 26);
    const std::string path = root + directory_of(i) + "/task" + std::to_string(i) + ".gt";
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT, 0644);
    if (::write(fd, bytes.data(), bytes.size()) < 0) std::perror("write");
    ::close(fd);
  }
}

// What the disk can do: open, read, create, write, rename; nothing is looked at. As many bytes as migrate-tasks writes.
void copy_one(const std::string& from, const std::string& to, std::string& buffer, std::size_t output_bytes) {
  const int in = ::open(from.c_str(), O_RDONLY);
  const ssize_t n = ::read(in, buffer.data(), buffer.size());
  ::close(in);
  const std::string temporary = to + ".tmp";
  const int out = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0644);
  if (n < 0 || ::write(out, buffer.data(), output_bytes) < 0) std::perror("copy");
  ::close(out);
  if (::rename(temporary.c_str(), to.c_str()) != 0) std::perror("rename");
}

void bare_loop(const std::string& from, const std::string& to, int count, unsigned threads, std::size_t output_bytes) {
  std::atomic<int> next{0};
  const auto work = [&] {
    std::string buffer(std::size_t{1} << 16, 'x');
    for (int first = next.fetch_add(k_per_directory); first < count; first = next.fetch_add(k_per_directory)) {
      ::mkdir((to + directory_of(first)).c_str(), 0755);
      for (int i = first; i < std::min(first + k_per_directory, count); ++i) {
        const std::string name = directory_of(i) + "/task" + std::to_string(i);
        copy_one(from + name + ".gt", to + name + ".json", buffer, output_bytes);
      }
    }
  };
  ::mkdir(to.c_str(), 0755);
  std::vector<std::jthread> running;
  for (unsigned i = 1; i < threads; ++i) running.emplace_back(work);
  work();
}

double seconds_of(const std::function<void()>& action) {
  const auto begin = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? -1 : values[values.size() / 2];
}

struct Side {
  std::string name;
  std::function<double(const std::string& out)> run;  // seconds, negative: left out
  std::vector<double> seconds = {};
};

double run_command(const std::string& command) { return gt::bench::run({"/bin/sh", "-c", command}, "/dev/null").value_or(-1); }

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 20'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  const char* place = std::getenv("GT_BENCH_DIRECTORY");
  const std::string root = std::string(place != nullptr ? place : "/var/tmp") + "/gt-bench-" + std::to_string(::getpid());
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  const std::string sources = root + "/src";
  make_sources(sources, count);
  const std::string migrate = GT_BIN_DIR "/migrate-tasks " + sources + " --quiet --out ";
  run_command(migrate + root + "/one --no-sync --include task0.gt");
  const std::size_t output_bytes = fs::file_size(root + "/one/d0/docker-task0.json");
  const char* python = std::getenv("GT_PYTHON27");
  std::vector<Side> sides = {
      {"bare loop",
       [&](const std::string& out) { return seconds_of([&] { bare_loop(sources, out, count, threads, output_bytes); }); }},
      {"migrate-tasks --no-sync", [&](const std::string& out) { return run_command(migrate + out + " --no-sync"); }},
      {"migrate-tasks", [&](const std::string& out) { return run_command(migrate + out); }},
  };
  if (python != nullptr)
    sides.push_back({"Python 2.7", [&](const std::string& out) {
                       return run_command(std::string(python) + " " GT_SOURCE_DIR "/bench/peer_migrate.py " + sources + " " +
                                          out);
                     }});
  int outputs = 0;
  // Nothing is removed before the end: ext4 looks for a long time for inodes that were not deleted in the last minutes.
  for (int round = 0; round < rounds; ++round)
    for (Side& side : sides) {
      ::sync();  // nobody pays for another's writes
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
      const double seconds = side.run(root + "/out" + std::to_string(outputs++));
      if (seconds >= 0) side.seconds.push_back(seconds);
    }
  std::printf("%d files, %u threads, outputs of %zu bytes, median of %d\n", count, threads, output_bytes, rounds);
  for (const Side& side : sides)
    std::printf("%-26s %8.3f s  %7.1f us a file\n", side.name.c_str(), median(side.seconds),
                median(side.seconds) / count * 1e6);
  if (python == nullptr) std::printf("Python 2.7: left out; GT_PYTHON27 is the path of one\n");
  fs::remove_all(root);
}
