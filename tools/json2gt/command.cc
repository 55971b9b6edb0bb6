#include "tools/json2gt/command.h"

#include <CLI/CLI.hpp>

#include "lib/convert/load.h"
#include "lib/convert/save.h"
#include "tools/common/profile_options.h"
#include "tools/common/save_options.h"
#include "tools/common/upgrade_option.h"

namespace gt::tools {
namespace {

constexpr const char* k_footer =
    "Examples:\n"
    "  json2gt blendertask.json blendertask.gt\n"
    "  json2gt --protocol 2 task.json task.gt\n"
    "  json2gt --from modern task.json task.gt\n"
    "  gt2json old.gt - | json2gt - new.gt\n"
    "\n"
    "A pickle that would run code when Python loads it is never written. Exit codes: 0 done, 1 the input is rejected,\n"
    "2 usage, 4 a file or the system is in the way.";

struct Arguments {
  ConversionArguments conversion;
  int protocol = 0;
  std::string from;
  bool upgrade = false;
};

void add_arguments(CLI::App& app, Arguments& arguments) {
  add_conversion_arguments(app, arguments.conversion,
                           {.input = "The JSON file; - is standard input",
                            .output = "The pickle, replaced atomically if it exists; - is standard output"});
  app.add_option("--protocol", arguments.protocol, "0: text, as the desktop program wrote it (default); 2: binary, smaller")
      ->check(CLI::IsMember({0, 2}));
  add_from_option(app, arguments.from);
  add_upgrade_option(app, arguments.upgrade);
  app.footer(k_footer);
  add_common_options(app);
}

}  // namespace

int json2gt_command(int argc, const char* const* argv, const Streams& streams) noexcept {
  CLI::App app("Writes a saved Golem task, a Python pickle, from the JSON that gt2json or jsonpickle made of one.", "json2gt");
  Arguments arguments;
  add_arguments(app, arguments);
  return run_command(app, argc, argv, streams, [&] {
    convert::Loaded loaded = convert::load_json(arguments.conversion.input, find_profile(arguments.from));
    if (arguments.upgrade) print_findings(streams, app.get_name(), upgrade_loaded(loaded));
    convert::save_pickle(loaded.graph, static_cast<pickle::Protocol>(arguments.protocol), loaded.input,
                         arguments.conversion.output, save_options(arguments.conversion));
  });
}

}  // namespace gt::tools
