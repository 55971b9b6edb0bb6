#include "tools/migrate-tasks/command.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <memory>

#include "lib/base/text.h"
#include "lib/batch/undo.h"
#include "tools/common/version.h"
#include "tools/migrate-tasks/options.h"
#include "tools/migrate-tasks/progress.h"
#include "tools/migrate-tasks/summary.h"

namespace gt::tools {
namespace {

constexpr const char* k_footer =
    "Also: migrate-tasks verify SRC... --out DIR   derives everything again and compares\n"
    "      migrate-tasks undo --out DIR            removes what was written and nobody changed\n"
    "(each has its --help; a directory of such a name is ./verify or ./undo).\n"
    "\n"
    "Examples:\n"
    "  migrate-tasks ~/golem/save --out ~/golem/migrated\n"
    "  migrate-tasks ~/golem/save --out ~/golem/migrated --dry-run --report what.html\n"
    "  find . -name '*.gt' -print0 | migrate-tasks - --null --out /mnt/migrated --to both\n"
    "\n"
    "Sources are never changed. A run that was interrupted goes on when it is started again.\n"
    "Exit codes: 0 all went well, 2 usage, 3 some files failed, 4 a file or the system is in the way,\n"
    "130 interrupted.";

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::vector<std::string> read_list(std::istream& in, char end) {
  std::vector<std::string> out;
  for (std::string path; std::getline(in, path, end);)
    if (!path.empty()) out.push_back(path);
  return out;
}

// The sources of a command line, with the list of "-" read once.
class Sources {
 public:
  Sources(const MigrateArguments& arguments, std::istream& in) : options_(walk_options(arguments)) {
    for (const std::string& source : arguments.sources) {
      if (source != "-") {
        paths_.push_back(source);
      } else if (listed_.empty()) {
        listed_ = read_list(in, arguments.null ? '\0' : '\n');
      }
    }
  }

  batch::Walk walk() const {
    batch::Walk out(paths_, options_);
    for (const std::string& path : listed_) out.add_listed(path);
    return out;
  }

  // 0 if they cannot be counted: the run itself says why.
  std::uint64_t count(const std::stop_token& stop) const {
    try {
      std::uint64_t out = 0;
      batch::Walk counting = walk();
      for (std::optional<batch::Group> group; !stop.stop_requested() && (group = counting.next());)
        out += group->sources.size();
      return out;
    } catch (const Error&) {
      return 0;
    }
  }

  const std::vector<std::string>& paths() const { return paths_; }

 private:
  batch::Walk::Options options_;
  std::vector<std::string> paths_;
  std::vector<std::string> listed_;
};

std::string action_name(batch::Action action) {
  switch (action) {
    case batch::Action::Migrate: return "migrate";
    case batch::Action::DryRun: return "dry-run";
    case batch::Action::Verify: return "verify";
  }
  return {};
}

// One run with all that is told of it.
class Command {
 public:
  Command(const MigrateArguments& arguments, batch::Action action, const Streams& streams, const Surroundings& surroundings)
      : arguments_(arguments),
        options_(run_options(arguments, action)),
        streams_(streams),
        surroundings_(surroundings),
        sources_(arguments, surroundings.in) {}

  void run() {
    batch::require_apart(sources_.paths(), arguments_.output, options_.quarantine);
    batch::Walk walk = sources_.walk();
    if (!arguments_.report.empty()) report_ = batch::make_report(arguments_.report);
    facts_ = {.action = action_name(options_.action),
              .sources = arguments_.sources,
              .output = arguments_.output,
              .version = GT_TOOLS_VERSION,
              .started_ms = now_ms()};
    const std::exception_ptr failure = run(walk);
    if (!arguments_.quiet) print_summary(streams_.out, totals_, options_.action);
    if (report_) finish_report(failure);
    if (failure) std::rethrow_exception(failure);
    require_good_end();
  }

 private:
  // What stopped the run, if anything did: the table and the report are still to be made.
  std::exception_ptr run(batch::Walk& walk) {
    std::exception_ptr failure;
    const ProgressForm form = arguments_.quiet            ? ProgressForm::Quiet
                              : surroundings_.is_terminal ? ProgressForm::Terminal
                                                          : ProgressForm::Log;
    Progress progress(streams_, form, report_.get(), [this](const std::stop_token& stop) { return sources_.count(stop); });
    try {
      batch::run(walk, arguments_.output, options_, progress, surroundings_.stop);
    } catch (...) {
      failure = std::current_exception();
    }
    totals_ = progress.totals();
    return failure;
  }

  void finish_report(const std::exception_ptr& failure) {
    facts_.ended_ms = now_ms();
    if (totals_.failures() != 0) facts_.outcome = "failed";
    if (surroundings_.stop) facts_.outcome = "interrupted";
    if (failure) {
      facts_.outcome = "stopped";
      facts_.message = ending_of(failure).message;
    }
    report_->finish(facts_, totals_);
  }

  void require_good_end() const {
    if (surroundings_.stop)
      throw Error(surroundings_.signal == SIGINT ? ErrorCode::BatchInterrupted : ErrorCode::BatchTerminated,
                  "stopped after " + std::to_string(totals_.sources) + " files, whose outputs are whole", {},
                  "the same command goes on where this one stopped");
    if (totals_.failures() == 0) return;
    const bool verifies = options_.action == batch::Action::Verify;
    throw Error(ErrorCode::BatchFailed,
                std::to_string(totals_.failures()) + " of " + std::to_string(totals_.sources) +
                    (verifies ? " files do not agree" : " files failed"),
                {},
                arguments_.report.empty() ? "--report tells everything about them"
                                          : arguments_.report + " tells everything about them");
  }

  const MigrateArguments& arguments_;
  batch::RunOptions options_;
  const Streams& streams_;
  const Surroundings& surroundings_;
  Sources sources_;
  std::unique_ptr<batch::Report> report_;
  batch::RunFacts facts_;
  batch::Totals totals_;
};

int run_or_verify(int argc, const char* const* argv, batch::Action action, const Streams& streams,
                  const Surroundings& surroundings) {
  const bool verifies = action == batch::Action::Verify;
  CLI::App app(verifies ? "Derives the outputs of saved tasks again and compares them with what is there."
                        : "Turns trees of saved Golem tasks into Docker tasks.",
               verifies ? "migrate-tasks verify" : "migrate-tasks");
  MigrateArguments arguments;
  if (verifies) {
    add_verify_options(app, arguments);
  } else {
    add_migrate_options(app, arguments);
    app.footer(k_footer);
  }
  add_common_options(app);
  return run_command(app, argc, argv, streams, [&] {
    check_options(arguments);
    Command(arguments, action, streams, surroundings).run();
  });
}

int undo(int argc, const char* const* argv, const Streams& streams) {
  CLI::App app("Removes what migrate-tasks wrote below DIR and nobody changed since.", "migrate-tasks undo");
  std::string output;
  app.add_option("--out", output, "The root of the outputs")->required()->type_name("DIR");
  add_common_options(app);
  return run_command(app, argc, argv, streams, [&] {
    const batch::Undone undone = batch::undo(output, [&](const std::string& path) {
      streams.err << "migrate-tasks undo: note: " << printable(path, 4096) << " was changed since it was written: kept\n";
    });
    streams.out << undone.removed << " files removed, " << undone.kept << " kept, " << undone.gone << " not there any more\n";
  });
}

}  // namespace

int migrate_tasks_command(int argc, const char* const* argv, const Streams& streams,
                          const Surroundings& surroundings) noexcept {
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == "undo") return undo(argc - 1, argv + 1, streams);
  if (first == "verify") return run_or_verify(argc - 1, argv + 1, batch::Action::Verify, streams, surroundings);
  return run_or_verify(argc, argv, batch::Action::Migrate, streams, surroundings);
}

}  // namespace gt::tools
