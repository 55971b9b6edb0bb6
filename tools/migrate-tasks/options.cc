#include "tools/migrate-tasks/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <thread>

namespace gt::tools {
namespace {

const std::map<std::string, batch::Target> k_targets = {{"docker", batch::Target::Docker},
                                                        {"json", batch::Target::Json},
                                                        {"both", batch::Target::Both},
                                                        {"gt", batch::Target::Pickle}};
const std::map<std::string, batch::Compat> k_compats = {
    {"", batch::Compat::None}, {"2016", batch::Compat::As2016}, {"modern", batch::Compat::Modern}};

// What says which sources there are, what is derived of them, and what is told.
void add_common(CLI::App& app, MigrateArguments& arguments) {
  app.add_option("SRC", arguments.sources, "Directories and files; - reads a list of files from standard input")->required();
  app.add_option("--out", arguments.output, "The root of the outputs")->required()->type_name("DIR");
  app.add_option("--to", arguments.target, "docker (default): docker-b.json for b.gt; json: b.json; both; gt: a pickle, b.gt")
      ->check(CLI::IsMember({"docker", "json", "both", "gt"}));
  app.add_option("--compat", arguments.compat,
                 "2016: Docker tasks exactly as blender2docker.py made them; modern, with --to json: JSON for jsonpickle 3")
      ->check(CLI::IsMember({"2016", "modern"}));
  app.add_flag("--repair", arguments.repair, "Undo what can be undone with certainty, as gt2json does; the report lists it");
  app.add_flag("--upgrade", arguments.upgrade,
               "Write tasks of any year, and the dumps that hold them, with the classes and fields of March 2016");
  app.add_option("--map", arguments.maps, "Where files of tasks are now, to say which are missing; repeatable")
      ->type_name("OLD=NEW")
      ->allow_extra_args(false);
  app.add_option("--include", arguments.include, "Only files that match; repeatable")
      ->type_name("GLOB")
      ->allow_extra_args(false);
  app.add_option("--exclude", arguments.exclude, "No files or directories that match; repeatable")
      ->type_name("GLOB")
      ->allow_extra_args(false);
  app.add_flag("--null", arguments.null, "The names of the list end in a zero byte, not in a line feed");
  app.add_flag("--follow", arguments.follow, "Follow symbolic links");
  app.add_option("--jobs", arguments.jobs, "Threads (default: one for each core)")->check(CLI::Range(1, 1024))->type_name("N");
  app.add_option("--report", arguments.report, "What became of each file, as JSON or as one HTML page by the suffix")
      ->type_name("FILE");
  app.add_flag("--diff", arguments.diff, "Show what would change, or differs, in fields");
  app.add_flag("--quiet", arguments.quiet, "No progress and no table, only failures");
}

}  // namespace

void add_migrate_options(CLI::App& app, MigrateArguments& arguments) {
  add_common(app, arguments);
  app.add_flag("--dry-run", arguments.dry_run, "Do everything but write");
  app.add_flag("--overwrite", arguments.overwrite, "Replace files that somebody else wrote or changed, too");
  app.add_option("--quarantine", arguments.quarantine, "Copy bad files there, beside their explanations")->type_name("DIR");
  app.add_flag("--no-sync", arguments.no_sync, "Do not wait until the disk has the outputs");
}

void add_verify_options(CLI::App& app, MigrateArguments& arguments) { add_common(app, arguments); }

void check_options(const MigrateArguments& arguments) {
  const auto refuse = [](const char* what) { throw Error(ErrorCode::Usage, what, {}, "migrate-tasks --help shows the usage"); };
  if (arguments.compat == "modern" && arguments.target != "json") refuse("--compat modern requires --to json");
  if (arguments.compat == "2016" && arguments.upgrade) refuse("--compat 2016 excludes --upgrade");
}

batch::RunOptions run_options(const MigrateArguments& arguments, batch::Action action) {
  batch::RunOptions out;
  out.action = arguments.dry_run ? batch::Action::DryRun : action;
  out.rules.target = k_targets.at(arguments.target);
  out.rules.compat = k_compats.at(arguments.compat);
  out.rules.repair = arguments.repair ? batch::Repair::Yes : batch::Repair::No;
  out.rules.upgrade = arguments.upgrade ? batch::Upgrade::Yes : batch::Upgrade::No;
  for (const std::string& map : arguments.maps) out.rules.paths.add(map);
  out.edited = arguments.overwrite ? batch::Edited::Replace : batch::Edited::Keep;
  out.diff = arguments.diff ? batch::Diff::Yes : batch::Diff::No;
  out.durability = arguments.no_sync ? Durability::NoSync : Durability::Sync;
  out.jobs = arguments.jobs != 0 ? arguments.jobs : std::max(1U, std::thread::hardware_concurrency());
  out.quarantine = arguments.dry_run ? "" : arguments.quarantine;
  return out;
}

batch::Walk::Options walk_options(const MigrateArguments& arguments) {
  return {.links = arguments.follow ? batch::Links::Follow : batch::Links::Refuse,
          .include = batch::Globs(arguments.include),
          .exclude = batch::Globs(arguments.exclude)};
}

}  // namespace gt::tools
