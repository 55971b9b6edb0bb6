#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <thread>

#include "lib/docker/engine.h"
#include "lib/run/docker_runner.h"
#include "tools/submit-task/command.h"

namespace {

using gt::run::Stop;

gt::run::StopFlag g_stop{Stop::None};  // a signal handler can reach nothing else
static_assert(gt::run::StopFlag::is_always_lock_free);

// The first signal ends the run in good order, containers first; the second kills the containers at once. The third is for
// an engine that does not answer: then the containers stay, and the next run reaps them.
extern "C" void on_signal(int signal) {
  Stop before = Stop::None;
  if (g_stop.compare_exchange_strong(before, signal == SIGINT ? Stop::Interrupt : Stop::Terminate)) return;
  const Stop now = before == Stop::Interrupt ? Stop::InterruptNow : Stop::TerminateNow;
  const bool is_second = before == Stop::Interrupt || before == Stop::Terminate;
  if (is_second && g_stop.compare_exchange_strong(before, now)) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void install_signals() {
  std::signal(SIGPIPE, SIG_IGN);  // a closed terminal must not leave containers
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    struct sigaction before {};
    // Ignored by whoever started this (nohup, a background job): stays ignored.
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    ::sigaction(signal, &action, nullptr);
  }
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

gt::run::Machine this_machine() {
  std::ifstream file("/proc/meminfo");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return gt::run::with_memory({.cores = static_cast<int>(std::thread::hardware_concurrency())}, text);
}

std::string random_id() {
  std::random_device random;
  std::string id;
  for (int i = 0; i < 16; ++i) id += "0123456789abcdef"[random() % 16];
  return id;
}

gt::submit::StatusStyle status_style() {
  if (::isatty(STDERR_FILENO) == 0 || environment("TERM") == "dumb") return gt::submit::StatusStyle::Lines;
  return environment("NO_COLOR").empty() ? gt::submit::StatusStyle::ColorTerminal : gt::submit::StatusStyle::Terminal;
}

gt::submit::TerminalSize terminal_size() {
  struct winsize size {};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {.columns = size.ws_col, .rows = size.ws_row};
}

// An engine and its runner, with one life.
class ConnectedRunner : public gt::run::ContainerRunner {
 public:
  explicit ConnectedRunner(gt::run::ChosenEngine chosen)
      : service_(std::move(chosen.service)), engine_({.host = chosen.host}), runner_(engine_) {}

  std::optional<std::string> find_image(const gt::task::Image& image) override { return runner_.find_image(image); }
  gt::run::ContainerEnd run(const gt::docker::JobSpec& spec, std::optional<std::chrono::milliseconds> timeout) override {
    return runner_.run(spec, timeout);
  }
  gt::docker::Reaped reap() override { return runner_.reap(); }
  std::string engine() override { return runner_.engine(); }

 private:
  std::unique_ptr<gt::run::PodmanService> service_;
  gt::docker::Engine engine_;
  gt::run::DockerRunner runner_;
};

}  // namespace

int main(int argc, char** argv) {
  install_signals();
  const gt::submit::Surroundings surroundings{
      .streams = {std::cout, std::cerr},
      .status = status_style(),
      .machine = this_machine(),
      .owner = gt::run::Owner::find(::geteuid(), ::getegid(), environment("SUDO_UID"), environment("SUDO_GID")),
      .run_id = random_id(),
      .stop = g_stop,
      .load = gt::submit::load_docker_task,
      .connect =
          [](gt::run::EngineKind kind) {
            gt::run::ChosenEngine chosen = gt::run::choose_engine(kind, gt::run::EngineHosts::from_environment());
            std::vector<gt::Finding> notes = std::move(chosen.notes);
            return gt::submit::Connection{std::make_unique<ConnectedRunner>(std::move(chosen)), std::move(notes)};
          },
      .terminal_size = terminal_size};
  return gt::submit::submit_task_command(argc, argv, surroundings);
}
