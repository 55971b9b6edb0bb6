#include "lib/log/config.h"

#include <algorithm>
#include <set>

#include "lib/base/text.h"

namespace gt::log {
namespace {

constexpr std::string_view k_names[] = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"};
constexpr const char* k_levels = "the levels are DEBUG, INFO, WARNING, ERROR, CRITICAL and NOTSET";

std::string_view key_of(std::string_view logger) { return logger == "root" ? std::string_view() : logger; }

// The name above, empty (root) at the top.
std::string_view parent_of(std::string_view logger) {
  const std::size_t dot = logger.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : logger.substr(0, dot);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view k_space = " \t\r\f\v";
  const std::size_t first = text.find_first_not_of(k_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(k_space) - first + 1);
}

std::string in_lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return out;
}

struct Value {
  std::string text;
  std::size_t line = 0;
};

struct Section {
  std::size_t line = 0;
  std::map<std::string, Value> values;
};

// What Python's ConfigParser makes of a line, as far as logging.ini needs it; then what the sections mean.
class IniReader {
 public:
  IniReader(std::string_view text, std::string_view file, std::vector<Finding>& findings)
      : text_(text), file_(file), findings_(findings) {}

  Config read() {
    require_text();
    read_lines();
    return to_config();
  }

 private:
  Error wrong(std::size_t line, const std::string& message, std::string hint = {}) const {
    return Error(ErrorCode::LogConfig, message, {.file = file_, .path = "line " + std::to_string(line)}, std::move(hint));
  }

  void require_text() {
    constexpr std::size_t k_most = std::size_t{1} << 20;
    if (text_.size() > k_most)
      throw Error(ErrorCode::LogConfig, "is larger than 1 MiB, which no logging configuration is", {.file = file_});
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
    std::size_t line = 1;
    for (std::string_view rest = text_; !rest.empty();) {
      const std::size_t length = utf8_length(rest, Surrogates::Reject);
      if (length == 0 || rest[0] == '\0')
        throw wrong(line, "there is a byte " + printable(rest.substr(0, 1)) + ", which is no text");
      if (rest[0] == '\n') ++line;
      rest.remove_prefix(length);
    }
  }

  void read_lines() {
    std::string_view rest = text_;
    for (line_ = 1; !rest.empty(); ++line_) {
      const std::size_t end = rest.find('\n');
      read_line(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
  }

  void read_line(std::string_view raw) {
    const std::string_view line = trimmed(raw);
    if (line.empty() || line[0] == '#' || line[0] == ';') return;
    if (raw[0] == ' ' || raw[0] == '\t') return continue_value(line);
    if (line[0] == '[') return begin_section(line);
    add_value(line);
  }

  bool is_ignored() const { return name_.starts_with("handler") || name_.starts_with("formatter"); }

  void continue_value(std::string_view line) const {
    if (is_ignored()) return;
    throw wrong(line_, printable(line) + " is indented, which would continue the line above it",
                "write each value in one line");
  }

  void begin_section(std::string_view line) {
    if (line.back() != ']') throw wrong(line_, printable(line) + " is no [section]");
    name_ = trimmed(line.substr(1, line.size() - 2));
    const bool is_known = name_ == "loggers" || name_ == "handlers" || name_ == "formatters" || name_.starts_with("logger_") ||
                          name_.starts_with("handler_") || name_.starts_with("formatter_");
    if (!is_known)
      throw wrong(line_, "there is no use for a section [" + printable(name_) + "]",
                  "the sections are loggers, logger_X, handlers, handler_X, formatters and formatter_X");
    const auto [section, is_new] = sections_.try_emplace(name_);
    if (!is_new)
      throw wrong(line_,
                  "the section [" + printable(name_) + "] is there already, in line " + std::to_string(section->second.line));
    section->second.line = line_;
    if (is_ignored()) note_ignored();
  }

  void add_value(std::string_view line) {
    const std::size_t separator = line.find_first_of("=:");
    if (separator == std::string_view::npos || separator == 0) throw wrong(line_, printable(line) + " is no KEY=VALUE");
    const std::string key = in_lower_case(trimmed(line.substr(0, separator)));
    if (name_.empty()) throw wrong(line_, "the key '" + printable(key) + "' is in no section");
    std::string_view value = line.substr(separator + 1);
    for (const std::string_view mark : {" ;", "\t;"}) value = value.substr(0, value.find(mark));
    const auto [known, is_new] = sections_[name_].values.try_emplace(key, Value{std::string(trimmed(value)), line_});
    if (!is_new && !is_ignored())
      throw wrong(line_, "the key '" + printable(key) + "' is there already, in line " + std::to_string(known->second.line));
  }

  void note_ignored() {
    if (has_noted_) return;
    has_noted_ = true;
    findings_.push_back({Finding::Severity::Note,
                         "handlers and formatters are ignored: all loggers write to standard error",
                         {.file = file_, .path = "line " + std::to_string(line_)}});
  }

  Config to_config() {
    Config config;
    std::set<std::string> keys;
    if (const auto loggers = sections_.find("loggers"); loggers != sections_.end()) keys = keys_of(loggers->second);
    for (const auto& [name, section] : sections_) {
      if (!name.starts_with("logger_")) continue;
      const std::string key = name.substr(7);
      if (keys.erase(key) == 0) throw wrong(section.line, "'" + printable(key) + "' is not among the keys of [loggers]");
      add_logger(config, key, section);
    }
    if (!keys.empty())
      throw wrong(sections_["loggers"].values["keys"].line,
                  "there is no section [logger_" + printable(*keys.begin()) + "] for this key");
    return config;
  }

  std::set<std::string> keys_of(const Section& loggers) const {
    std::set<std::string> keys;
    for (const auto& [key, value] : loggers.values) {
      if (key != "keys") throw wrong(value.line, "[loggers] has no key '" + printable(key) + "', only keys");
      for (std::string_view rest = value.text; !rest.empty();) {
        const std::size_t comma = rest.find(',');
        if (const std::string_view name = trimmed(rest.substr(0, comma)); !name.empty()) keys.emplace(name);
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
      }
    }
    return keys;
  }

  void add_logger(Config& config, const std::string& key, const Section& section) {
    Rule rule;
    std::string name = key == "root" ? "root" : "";
    for (const auto& [option, value] : section.values) {
      line_ = value.line;
      if (option == "level") {
        rule.level = level_of(value);
      } else if (option == "qualname") {
        if (key != "root") name = value.text;
      } else if (option == "propagate") {
        if (value.text != "0" && value.text != "1")
          throw wrong(line_, "propagate is " + printable(value.text) + ", not 0 or 1");
        rule.propagates = value.text == "1";
      } else if (option == "handlers") {
        rule.has_handlers = !value.text.empty();
        note_ignored();
      } else {
        throw wrong(line_, "a logger has no key '" + printable(option) + "', only level, qualname, propagate and handlers");
      }
    }
    if (name.empty()) throw wrong(section.line, "[logger_" + printable(key) + "] has no qualname, the name of its logger");
    config.set_rule(name, rule);
  }

  std::optional<Level> level_of(const Value& value) const {
    try {
      return to_level(value.text);
    } catch (const Error& error) {
      throw wrong(value.line, error.message(), error.hint());
    }
  }

  std::string_view text_;
  std::string file_;
  std::vector<Finding>& findings_;
  std::map<std::string, Section> sections_;
  std::string name_;  // of the section under way
  std::size_t line_ = 0;
  bool has_noted_ = false;
};

}  // namespace

std::string_view to_string(Level level) { return k_names[static_cast<std::size_t>(level)]; }

std::optional<Level> to_level(std::string_view name) {
  const std::string wanted = in_lower_case(name);
  if (wanted == "notset") return std::nullopt;
  if (wanted == "warn") return Level::Warning;
  if (wanted == "fatal") return Level::Critical;
  for (std::size_t i = 0; i < std::size(k_names); ++i) {
    if (wanted == in_lower_case(k_names[i])) return static_cast<Level>(i);
  }
  throw Error(ErrorCode::Usage, "'" + printable(name) + "' is no log level", {}, k_levels);
}

void Config::set_rule(std::string_view logger, const Rule& rule) { rules_[std::string(key_of(logger))] = rule; }

void Config::set_level(std::string_view logger, std::optional<Level> level) {
  rules_[std::string(key_of(logger))].level = level;
}

const Rule* Config::find(std::string_view logger) const {
  const auto found = rules_.find(key_of(logger));
  return found == rules_.end() ? nullptr : &found->second;
}

Level Config::level(std::string_view logger) const {
  for (std::string_view name = key_of(logger); !name.empty(); name = parent_of(name)) {
    if (const Rule* rule = find(name); rule != nullptr && rule->level) return *rule->level;
  }
  const Rule* root = find("");
  return root != nullptr && root->level ? *root->level : Level::Warning;
}

bool Config::reaches_output(std::string_view logger) const {
  for (std::string_view name = key_of(logger); !name.empty(); name = parent_of(name)) {
    const Rule* rule = find(name);
    if (rule != nullptr && rule->has_handlers) return true;
    if (rule != nullptr && !rule->propagates) return false;
  }
  return true;
}

Config read_config(std::string_view text, std::string_view file, std::vector<Finding>& findings) {
  return IniReader(text, file, findings).read();
}

void add_rule(Config& config, std::string_view rule) {
  const std::size_t equals = rule.find('=');
  if (equals == std::string_view::npos || equals == 0)
    throw Error(ErrorCode::Usage, "--log-level " + printable(rule) + " is not of the form LOGGER=LEVEL", {},
                "such as golem.task.docker.job.container=DEBUG; root is the logger above all");
  config.set_level(rule.substr(0, equals), to_level(rule.substr(equals + 1)));
}

}  // namespace gt::log
