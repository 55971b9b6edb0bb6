#include "tools/common/command.h"

#include <CLI/CLI.hpp>
#include <new>

#include "tools/common/version.h"

namespace gt::tools {
namespace {

int report(std::ostream& err, const std::string& tool, std::string_view message, ExitCode code) {
  err << tool << ": " << message << '\n';
  return static_cast<int>(code);
}

}  // namespace

void add_common_options(CLI::App& app) {
  app.set_version_flag("--version", app.get_name() + " " GT_TOOLS_VERSION, "Print the version and stop");
  app.get_formatter()->column_width(28);
}

void add_conversion_arguments(CLI::App& app, ConversionArguments& arguments, const ConversionHelp& help) {
  app.add_option("INPUT", arguments.input, help.input)->required();
  app.add_option("OUTPUT", arguments.output, help.output)->required();
  app.add_flag("--no-clobber", arguments.no_clobber, "Refuse to replace an OUTPUT that exists");
  app.add_flag("--no-sync", arguments.no_sync, "Do not wait until the disk has the OUTPUT");
}

Ending ending_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const Error& error) {
    return {error.exit_code(), error.code(), error.what()};
  } catch (const std::bad_alloc&) {
    return {.code = ExitCode::Environment, .message = "there is not enough memory"};
  } catch (const std::exception& error) {
    return {.code = ExitCode::Bug, .message = std::string("internal error, please report it: ") + error.what()};
  }
}

int run_command(CLI::App& app, int argc, const char* const* argv, const Streams& streams,
                const std::function<void()>& work) noexcept {
  const std::string tool = app.get_name();
  try {
    app.parse(argc, argv);
    work();
    return static_cast<int>(ExitCode::Done);
  } catch (const CLI::Success& request) {  // --help, --version
    app.exit(request, streams.out, streams.err);
    return static_cast<int>(ExitCode::Done);
  } catch (const CLI::ParseError& error) {
    return report(streams.err, tool, error.what() + std::string("; ") + tool + " --help shows the usage", ExitCode::Usage);
  } catch (...) {
    const Ending ending = ending_of(std::current_exception());
    return report(streams.err, tool, ending.message, ending.code);
  }
}

void print_findings(const Streams& streams, std::string_view tool, const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) streams.err << tool << ": " << to_string(finding) << '\n';
}

}  // namespace gt::tools
