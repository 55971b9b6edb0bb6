// What a frame costs submit-task itself, beside its rendering: processor time from the picture that a container leaves to the
// one that is published, and with all that is written about it. The containers are played; nothing is rendered.
#include <png.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "lib/picture/rows.h"
#include "lib/run/render_task.h"
#include "tests/unit/run/fake_runner.h"
#include "tests/unit/run/scratch.h"

namespace {

namespace fs = std::filesystem;
namespace docker = gt::docker;
namespace picture = gt::picture;
namespace run = gt::run;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr int k_few = 4;
constexpr int k_rounds = 3;

struct Silent : run::Observer {
  void on_event(const run::Event&) override {}
  void on_finding(const gt::Finding&) override {}
};

double milliseconds(const timeval& time) {
  return 1e3 * static_cast<double>(time.tv_sec) + 1e-3 * static_cast<double>(time.tv_usec);
}

struct Cost {
  double user = 0;
  double system = 0;
  double wall = 0;  // after the container
};

Cost spent() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return {.user = milliseconds(usage.ru_utime), .system = milliseconds(usage.ru_stime)};
}

// Smooth shapes with the noise of few samples; not packed, as blendercrop.py leaves pictures.
void write_frame(const fs::path& path, picture::Size size) {
  constexpr std::size_t k_channels = 4;
  FILE* file = std::fopen(path.c_str(), "wb");
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, file);
  png_set_IHDR(png, info, static_cast<png_uint_32>(size.width), static_cast<png_uint_32>(size.height), 8, PNG_COLOR_TYPE_RGBA,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(png, 0);
  png_write_info(png, info);
  std::vector<std::uint8_t> row(static_cast<std::size_t>(size.width) * k_channels, 255);
  std::uint32_t random = 1;
  for (std::int64_t y = 0; y < size.height; ++y) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto x = static_cast<std::int64_t>(i / k_channels);
      random = random * 1664525 + 1013904223;
      const bool is_alpha = i % k_channels == 3;
      if (!is_alpha) row[i] = static_cast<std::uint8_t>(64 + (x * x / size.width + y * y / size.height) % 128 + (random >> 30));
    }
    png_write_row(png, row.data());
  }
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  std::fclose(file);
}

Cost render(picture::Size size, int frames) {
  const run::Scratch scratch;
  gt::task::Definition task = still_task(scratch);
  task.resolution = {size.width, size.height};
  task.use_frames = true;
  task.total_subtasks = frames;
  for (int frame = 1; frame <= frames; ++frame) {
    task.frames.push_back(frame);
    write_frame(scratch / std::to_string(frame), size);
  }
  run::RenderRequest request;
  request.owner = {::geteuid(), ::getegid(), false};
  request.context.run_id = "0123";
  request.run_directory = scratch / "out.run";
  request.run.output = (scratch / "out.png").string();
  request.run.limits.jobs = 1;
  request.run.plan = gt::render::make_plan(task, {});
  request.run.crop_script = "none";
  request.files = run::find_task_files(task, {});

  run::FakeRunner runner;
  std::chrono::steady_clock::time_point container_end;
  runner.container = [&](const docker::JobSpec& spec) {
    for (const auto& piece : spec.params["subtasks"]) {
      const std::string number = std::to_string(piece["number"].get<int>());
      spec.live_log.on_line(docker::Stream::Stdout, "gt-tools: subtask " + number + " begins");
      fs::rename(scratch / std::to_string(piece["frame"].get<int>()), spec.output_dir / piece["name"].get<std::string>());
      spec.live_log.on_line(docker::Stream::Stdout, "gt-tools: subtask " + number + " is done");
    }
    // All is published that is before the container's end.
    std::this_thread::sleep_for(std::chrono::seconds(2));
    container_end = std::chrono::steady_clock::now();
    return docker::WaitResult{};
  };
  Silent observer;
  const run::StopFlag stop{run::Stop::None};
  const Cost before = spent();
  const run::RunOutcome outcome = render_task(request, runner, observer, stop);
  const Cost after = spent();
  if (outcome.pictures.size() != static_cast<std::size_t>(frames)) std::exit(1);
  return {.user = after.user - before.user,
          .system = after.system - before.system,
          .wall = Milliseconds(std::chrono::steady_clock::now() - container_end).count()};
}

// The least of some rounds: others on the machine make it more, nothing makes it less.
void measure(picture::Size size, int frames) {
  Cost one{.user = 1e9, .system = 1e9, .wall = 1e9};
  for (int i = 0; i < k_rounds; ++i) {
    const Cost few = render(size, k_few);
    const Cost many = render(size, frames);
    const int more = frames - k_few;
    one.user = std::min(one.user, (many.user - few.user) / more);
    one.system = std::min(one.system, (many.system - few.system) / more);
    one.wall = std::min(one.wall, many.wall);
  }
  std::printf("%s: %.2f ms of user and %.2f ms of system time a frame; %.0f ms from the end of a container with %d frames\n",
              to_string(size).c_str(), one.user, one.system, one.wall, frames);
}

}  // namespace

int main() {
  measure({480, 270}, 44);
  measure({1920, 1080}, 10);
  return 0;
}
