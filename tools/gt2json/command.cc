#include "tools/gt2json/command.h"

#include <CLI/CLI.hpp>
#include <string>

#include "lib/convert/load.h"
#include "lib/convert/save.h"
#include "lib/json/profile.h"
#include "lib/pickle/audit.h"
#include "lib/pickle/decode.h"
#include "lib/pickle/disassemble.h"
#include "lib/task/era.h"
#include "tools/common/limit_options.h"
#include "tools/common/profile_options.h"
#include "tools/common/save_options.h"
#include "tools/common/upgrade_option.h"
#include "tools/gt2json/audit_report.h"

namespace gt::tools {
namespace {

constexpr std::string_view k_tool = "gt2json";

constexpr const char* k_footer =
    "Examples:\n"
    "  gt2json blendertask.gt blendertask.json\n"
    "  gt2json --no-clobber old/task.gt task.json\n"
    "  gt2json - - < task.gt | less\n"
    "  gt2json --audit --json downloaded.gt\n"
    "  gt2json --repair from-windows.gt task.json\n"
    "\n"
    "Nothing in a pickle is ever run. Exit codes: 0 done, 1 the input is rejected, 2 usage,\n"
    "3 the output is part of a task, 4 a file or the system is in the way, 5 and 6 see --audit.";

struct Arguments {
  ConversionArguments conversion;
  convert::Mending mending;
  convert::Limits limits;
  ProfileArguments profile;
  bool upgrade = false;
  bool all = false;
  bool dis = false;
  bool audit = false;
  bool identify = false;
  bool json = false;
};

class StreamSink : public Sink {
 public:
  explicit StreamSink(std::ostream& out) : out_(out) {}
  void write(std::string_view bytes) override {
    if (!out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size())))
      throw Error(ErrorCode::System, "cannot write the output", {.file = "-"});
  }

 private:
  std::ostream& out_;
};

void add_options(CLI::App& app, Arguments& arguments) {
  add_conversion_arguments(app, arguments.conversion);
  app.get_option("OUTPUT")->required(false);
  add_profile_options(app, arguments.profile);
  add_upgrade_option(app, arguments.upgrade);
  app.add_flag("--all", arguments.all, "Write every pickle of a file that has several, a document each");
  app.add_flag("--repair", arguments.mending.repair,
               "Undo gzip, a byte order mark, line ends of Windows, trailing bytes, a missing end, and list it");
  app.add_flag("--partial", arguments.mending.partial, "Of a pickle that was cut, write what is whole; exit code 3");
  app.add_flag("--dis", arguments.dis, "Show the opcodes of a pickle, as pickletools does");
  app.add_flag("--audit", arguments.audit,
               "Say what the pickle would do if Python loaded it. Exit codes: 0 it is clean, 1 it cannot be read, 5 it runs "
               "code, 6 it names unknown classes");
  app.add_flag("--identify", arguments.identify, "Say what the file holds and when Golem wrote it");
  app.add_flag("--json", arguments.json, "With --audit: a JSON document");
  add_limit_options(app, arguments.limits);
}

// Actions instead of a conversion, and what says how to convert and so has no meaning with them.
constexpr const char* k_actions[] = {"--dis", "--audit", "--identify"};
constexpr const char* k_of_conversions[] = {"OUTPUT",  "--no-clobber", "--no-sync", "--compat",
                                            "--plain", "--lossless",   "--upgrade"};

struct Clash {
  const char* option;
  const char* excluded;
};
constexpr Clash k_clashes[] = {
    {"--dis", "--audit"}, {"--dis", "--identify"}, {"--audit", "--identify"}, {"--dis", "--partial"}, {"--audit", "--partial"},
    {"--audit", "--all"}, {"--identify", "--all"}, {"--all", "--partial"},    {"--all", "--upgrade"},
};

Error usage(const std::string& message) { return Error(ErrorCode::Usage, message, {}, "gt2json --help shows the usage"); }

void check_options(const CLI::App& app, const Arguments& arguments) {
  const auto check = [&](const Clash& clash) {
    if (app.count(clash.option) > 0 && app.count(clash.excluded) > 0)
      throw usage(std::string(clash.option) + " excludes " + clash.excluded);
  };
  for (const Clash& clash : k_clashes) check(clash);
  for (const char* action : k_actions)
    for (const char* option : k_of_conversions) check({action, option});
  if (arguments.json && !arguments.audit) throw usage("--json requires --audit");
  const bool converts = !arguments.dis && !arguments.audit && !arguments.identify;
  if (converts && arguments.conversion.output.empty()) throw usage("OUTPUT is required");
}

class Command {
 public:
  Command(const Arguments& arguments, const Streams& streams) : arguments_(arguments), streams_(streams) {}

  ExitCode run() {
    if (arguments_.dis) return disassemble();
    if (arguments_.audit) return audit();
    if (arguments_.identify) return identify();
    return arguments_.all ? convert_all() : convert_one();
  }

 private:
  const std::string& input() const { return arguments_.conversion.input; }
  void tell(const std::vector<Finding>& findings) const { print_findings(streams_, k_tool, findings); }

  convert::Source open_pickle() const {
    convert::Source source = convert::open_source(input(), arguments_.mending);
    tell(source.findings);
    if (source.form != convert::Form::Pickle)
      throw Error(ErrorCode::InputNotATask, "is JSON, not a pickle", {.file = input()},
                  "gt2json --identify says what it holds");
    return source;
  }

  convert::SaveOptions options() const {
    convert::SaveOptions out = save_options(arguments_.conversion);
    out.profile = profile_of(arguments_.profile);
    out.limits = arguments_.limits;
    return out;
  }

  ExitCode convert_one() {
    convert::Loaded loaded = convert::load(
        input(), {.mending = arguments_.mending, .limits = arguments_.limits, .profile = profile_of(arguments_.profile)});
    tell(loaded.findings);
    if (arguments_.upgrade) tell(upgrade_loaded(loaded));
    convert::mark_if_partial(loaded);
    tell(convert::save_json(loaded.graph, loaded.input, arguments_.conversion.output, options()));
    return loaded.is_partial ? ExitCode::PartFailed : ExitCode::Done;
  }

  ExitCode convert_all() {
    const convert::Source source = convert::open_source(input(), arguments_.mending);
    tell(source.findings);
    tell(convert::save_all_json(source, arguments_.conversion.output, options()));
    return ExitCode::Done;
  }

  ExitCode disassemble() {
    const convert::Source source = open_pickle();
    StreamSink sink(streams_.out);
    std::uint64_t next = 0;
    try {
      do next = pickle::disassemble(source.bytes(), next, sink);
      while (arguments_.all && next < source.bytes().size());
    } catch (const Error& error) {
      throw convert::with_hint(error, source.bytes()).in_file(input());
    }
    return ExitCode::Done;
  }

  ExitCode audit() {
    const convert::Source source = open_pickle();
    const pickle::Audit found = pickle::audit(source.bytes());
    streams_.out << (arguments_.json ? audit_json(found, input()) : audit_text(found, input()));
    if (found.error)
      streams_.err << k_tool << ": " << convert::with_hint(*found.error, source.bytes()).in_file(input()).what() << '\n';
    return exit_code_of(found);
  }

  ExitCode identify() {
    const convert::Source source = convert::open_source(input(), arguments_.mending);
    tell(source.findings);
    const task::Identity found = identify(source);
    const std::string prefix = input() + ": ";
    streams_.out << prefix << (source.form == convert::Form::Pickle ? "a pickle" : "JSON") << " of " << found.what << '\n';
    streams_.out << prefix << period_of(found) << '\n';
    for (const std::string& why : found.because) streams_.out << prefix << "it has " << why << '\n';
    for (const std::string& why : found.although)
      streams_.out << prefix << "it also has " << why << ", which is of another time\n";
    return source.is_partial ? ExitCode::PartFailed : ExitCode::Done;
  }

  // Calls of what is not known are no matter here.
  task::Identity identify(const convert::Source& source) const {
    try {
      const convert::Limits& limits = arguments_.limits;
      if (source.form == convert::Form::JsonPickle)
        return task::identify(json::decode(source.bytes(), std::nullopt, limits.for_reading_json()));
      const pickle::Limits of_pickles = limits.for_pickles(source.bytes().size(), std::nullopt);
      return task::identify(pickle::decode(source.bytes(), of_pickles, pickle::UnknownCalls::Keep).graph);
    } catch (const Error& error) {
      throw convert::with_hint(error, source.bytes()).in_file(input());
    }
  }

  static std::string period_of(const task::Identity& found) {
    if (found.from.empty() && found.until.empty()) return "nothing in it tells when it was written";
    std::string out = "written";
    if (!found.from.empty()) out += " from " + found.from;
    if (!found.until.empty()) out += " until " + found.until;
    return out;
  }

  const Arguments& arguments_;
  const Streams& streams_;
};

}  // namespace

int gt2json_command(int argc, const char* const* argv, const Streams& streams) noexcept {
  CLI::App app(
      "Reads a saved Golem task (a Python pickle or jsonpickle JSON, told apart by content)\nand writes the JSON that "
      "pickle2json.py wrote.",
      std::string(k_tool));
  Arguments arguments;
  add_options(app, arguments);
  app.footer(k_footer);
  add_common_options(app);
  ExitCode code = ExitCode::Done;
  const int failed = run_command(app, argc, argv, streams, [&] {
    check_options(app, arguments);
    code = Command(arguments, streams).run();
  });
  return failed != 0 ? failed : static_cast<int>(code);
}

}  // namespace gt::tools
