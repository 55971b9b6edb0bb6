#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <iostream>

#include "tools/migrate-tasks/command.h"

namespace {

// A signal handler can reach nothing else.
std::atomic<bool> g_stop{false};
std::atomic<int> g_signal{0};
static_assert(std::atomic<int>::is_always_lock_free);

// The first signal lets the run publish what is under way; the second ends it as if there were no handler. Both leave whole
// files only.
extern "C" void on_signal(int signal) {
  g_signal = signal;
  g_stop = true;
  std::signal(signal, SIG_DFL);
}

void install_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;  // nohup
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    ::sigaction(signal, &action, nullptr);
  }
}

// Many files are open at once, by which syncing is done for many at once.
void allow_many_files() {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  install_signals();
  allow_many_files();
  std::ios::sync_with_stdio(false);
  return gt::tools::migrate_tasks_command(argc, argv, {std::cout, std::cerr},
                                          {std::cin, g_stop, g_signal, ::isatty(STDERR_FILENO) == 1});
}
