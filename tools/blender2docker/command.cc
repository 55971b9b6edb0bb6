#include "tools/blender2docker/command.h"

#include <CLI/CLI.hpp>
#include <string>

#include "lib/convert/load.h"
#include "lib/rewrite/to_docker.h"
#include "tools/common/save_options.h"

namespace gt::tools {
namespace {

constexpr const char* k_footer =
    "Examples:\n"
    "  blender2docker blendertask.json docker-blendertask.json\n"
    "  blender2docker --explain blendertask.gt docker-blendertask.json\n"
    "  blender2docker --renderer lux luxtask.gt docker-luxtask.json\n"
    "\n"
    "Exit codes: 0 done (also where nothing had to change), 1 the input is rejected, 2 usage,\n"
    "4 a file or the system is in the way.";

struct Arguments {
  ConversionArguments conversion;
  std::string compat;
  std::string renderer = "blender";
  bool explain = false;
};

void add_arguments(CLI::App& app, Arguments& arguments) {
  add_conversion_arguments(app, arguments.conversion);
  auto* compat = app.add_option("--compat", arguments.compat, "2016: exactly what blender2docker.py did, quirks included");
  compat->check(CLI::IsMember({"2016"}));
  auto* renderer = app.add_option("--renderer", arguments.renderer, "blender (default), or lux for a LuxRender task");
  renderer->check(CLI::IsMember({"blender", "lux"}))->excludes(compat);
  app.add_flag("--explain", arguments.explain, "Print each change: where, before, after, why");
  app.footer(k_footer);
  add_common_options(app);
}

void explain(std::ostream& out, const rewrite::Report& report) {
  for (const rewrite::Change& change : report.changes)
    out << change.path << "\n  before: " << change.before << "\n  after:  " << change.after << "\n  why:    " << change.why
        << '\n';
  if (report.changes.empty()) out << "no changes\n";
}

rewrite::Report convert_task(object::Graph& graph, const Arguments& arguments) {
  try {
    if (arguments.compat == "2016") return rewrite::to_docker_2016(graph);
    return rewrite::to_docker(graph, arguments.renderer == "lux" ? task::Renderer::LuxRender : task::Renderer::Blender);
  } catch (const Error& error) {
    throw error.in_file(arguments.conversion.input);
  }
}

}  // namespace

int blender2docker_command(int argc, const char* const* argv, const Streams& streams) noexcept {
  CLI::App app("Makes a Docker task of a saved Blender task.", "blender2docker");
  Arguments arguments;
  add_arguments(app, arguments);
  return run_command(app, argc, argv, streams, [&] {
    const auto restore = arguments.compat == "2016" ? json::Restore::As2016 : json::Restore::Whole;
    convert::Loaded loaded = convert::load(arguments.conversion.input, {.restore = restore});
    print_findings(streams, app.get_name(), loaded.findings);
    rewrite::Report report = convert_task(loaded.graph, arguments);
    for (Finding& finding : report.findings) finding.where.file = arguments.conversion.input;
    print_findings(streams, app.get_name(), report.findings);
    print_findings(
        streams, app.get_name(),
        convert::save_json(loaded.graph, loaded.input, arguments.conversion.output, save_options(arguments.conversion)));
    if (arguments.explain) explain(arguments.conversion.output == "-" ? streams.err : streams.out, report);
  });
}

}  // namespace gt::tools
