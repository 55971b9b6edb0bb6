// Profiles of JSON on the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "lib/json/profile.h"

namespace gt::tools {

// What gt2json writes: at most one of the three.
struct ProfileArguments {
  std::string compat;
  bool plain = false;
  bool lossless = false;
};

inline void add_profile_options(CLI::App& app, ProfileArguments& arguments) {
  auto* compat =
      app.add_option("--compat", arguments.compat, "2016: the JSON of pickle2json.py (default); modern: for jsonpickle 3");
  compat->check(CLI::IsMember({"2016", "modern"}));
  auto* plain = app.add_flag("--plain", arguments.plain, "JSON without tags; what it cannot say is an error");
  auto* lossless = app.add_flag("--lossless", arguments.lossless, "JSON that says all, for json2gt to bring back");
  plain->excludes(compat);
  lossless->excludes(compat)->excludes(plain);
}

inline json::Profile profile_of(const ProfileArguments& arguments) {
  if (arguments.compat == "modern") return json::Profile::Modern;
  if (arguments.plain) return json::Profile::Plain;
  return arguments.lossless ? json::Profile::Lossless : json::Profile::Compat2016;
}

// What json2gt reads: empty is what the file looks like.
inline void add_from_option(CLI::App& app, std::string& from) {
  app.add_option("--from", from, "What the JSON is: 2016, modern, plain or lossless (default: 2016 or lossless, as it looks)")
      ->check(CLI::IsMember({"2016", "modern", "plain", "lossless"}));
}

inline std::optional<json::Profile> find_profile(const std::string& name) {
  if (name == "2016") return json::Profile::Compat2016;
  if (name == "modern") return json::Profile::Modern;
  if (name == "plain") return json::Profile::Plain;
  if (name == "lossless") return json::Profile::Lossless;
  return std::nullopt;
}

}  // namespace gt::tools
