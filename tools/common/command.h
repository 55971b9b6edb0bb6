// What the tools have in common: three streams, messages, and how errors become exit codes.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/error.h"

namespace CLI {
class App;
}

namespace gt::tools {

// INPUT, OUTPUT and the options that every converter has.
struct ConversionArguments {
  std::string input;
  std::string output;
  bool no_clobber = false;
  bool no_sync = false;
};
struct ConversionHelp {
  std::string input = "The saved task, pickle or JSON; - is standard input";
  std::string output = "The JSON file, replaced atomically if it exists; - is standard output";
};
void add_conversion_arguments(CLI::App& app, ConversionArguments& arguments, const ConversionHelp& help = {});

struct Streams {
  std::ostream& out;
  std::ostream& err;
};

// Options that every tool has: --version. Call before parsing.
void add_common_options(CLI::App& app);

// How a tool ends.
struct Ending {
  ExitCode code = ExitCode::Done;
  std::optional<ErrorCode> error = {};  // of an Error
  std::string message = {};             // empty when done
};
// What an exception that ends a tool says to the user, whatever it is.
Ending ending_of(const std::exception_ptr& exception);

// Parses, then runs `work`; prints help, usage errors and Errors. Returns the exit code. A pipe that was closed, memory
// that is not there and whatever else goes wrong become messages, too: nothing is thrown.
int run_command(CLI::App& app, int argc, const char* const* argv, const Streams& streams,
                const std::function<void()>& work) noexcept;

// "gt2json: warning: ..." lines.
void print_findings(const Streams& streams, std::string_view tool, const std::vector<Finding>& findings);

}  // namespace gt::tools
