#include "tools/gt2json/command.h"

#include <CLI/CLI.hpp>
#include <string>

#include "lib/convert/load.h"
#include "lib/convert/save.h"
#include "tools/common/profile_options.h"
#include "tools/common/save_options.h"
#include "tools/common/upgrade_option.h"

namespace gt::tools {
namespace {

constexpr const char* k_footer =
    "Examples:\n"
    "  gt2json blendertask.gt blendertask.json\n"
    "  gt2json --no-clobber old/task.gt task.json\n"
    "  gt2json - - < task.gt | less\n"
    "\n"
    "Nothing in a pickle is ever run. Exit codes: 0 done, 1 the input is rejected, 2 usage,\n"
    "4 a file or the system is in the way.";

}  // namespace

int gt2json_command(int argc, const char* const* argv, const Streams& streams) noexcept {
  CLI::App app(
      "Reads a saved Golem task (a Python pickle or jsonpickle JSON, told apart by content)\nand writes the JSON that "
      "pickle2json.py wrote.",
      "gt2json");
  ConversionArguments arguments;
  add_conversion_arguments(app, arguments);
  ProfileArguments profile;
  add_profile_options(app, profile);
  bool upgrade = false;
  add_upgrade_option(app, upgrade);
  app.footer(k_footer);
  add_common_options(app);
  return run_command(app, argc, argv, streams, [&] {
    convert::Loaded loaded = convert::load(arguments.input);
    print_findings(streams, "gt2json", loaded.findings);
    if (upgrade) print_findings(streams, "gt2json", upgrade_loaded(loaded));
    convert::SaveOptions options = save_options(arguments);
    options.profile = profile_of(profile);
    print_findings(streams, "gt2json", convert::save_json(loaded.graph, loaded.input, arguments.output, options));
  });
}

}  // namespace gt::tools
