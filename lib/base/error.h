// The one exception type of gt-tools, and the exit codes of its tools.
//
// Libraries throw Error; a tool's main catches it, prints what() and exits with exit_code(). An error says what is wrong
// with the value, where, and what to do:
//   samples/x.gt: byte 118: opcode REDUCE calls os.system, which is not a type that a task file may name; nothing was run
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

namespace gt {

// Exit codes are classes; the cause within a class is the ErrorCode.
enum class ExitCode : int {
  Done = 0,
  ContentRejected = 1,  // the input is not what the tool accepts
  Usage = 2,            // the command line is wrong
  PartFailed = 3,       // part of a batch or run failed: a container, a subtask
  Environment = 4,      // an operating-system error, a missing file, no engine, no image
  RunsCode = 5,         // an audit: what Python would do with the file is run code
  UnknownClasses = 6,   // an audit: the file names classes that are not known
  Bug = 70,             // gt-tools is wrong: please report
  Interrupted = 130,    // SIGINT
  Terminated = 143,     // SIGTERM
};

enum class ErrorCode : std::uint8_t {
#define GT_ERROR(name, code, exit_class) name,
#include "lib/base/errors.def"
#undef GT_ERROR
};

// The stable text of a code, such as "pickle.memo-unset".
std::string_view to_string(ErrorCode code);
ExitCode exit_code(ErrorCode code);

// Where in an input something is wrong. Every part may be absent.
struct Location {
  std::string file = {};                     // as the user named it; "-" is standard input
  std::optional<std::uint64_t> offset = {};  // byte offset, 0-based
  std::string opcode = {};                   // pickle opcode at that offset
  std::string path = {};                     // within the task: renderer_options.environment.software[0]
  std::optional<std::uint64_t> line = {};    // of that offset, 1-based, where the input has lines
};

class Error : public std::exception {
 public:
  // `message` says what is wrong with which value; `hint` (may be empty) what to do. Neither ends in a full stop.
  Error(ErrorCode code, std::string message, Location where = {}, std::string hint = {});

  const char* what() const noexcept override { return text_.c_str(); }
  ErrorCode code() const { return code_; }
  ExitCode exit_code() const { return gt::exit_code(code_); }
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }
  const Location& where() const { return where_; }

  // The same error with the file's name filled in, unless it already has one.
  Error in_file(std::string_view file) const;

 private:
  ErrorCode code_;
  std::string message_;
  Location where_;
  std::string hint_;
  std::string text_;
};

// A System-class error with the text of `errno_value`; ENOENT, EISDIR and EEXIST get their own codes.
Error os_error(int errno_value, std::string_view action, std::string_view path);

// Something the user should know that did not stop the work: the same parts as an Error.
struct Finding {
  enum class Severity : std::uint8_t { Note, Warning, Error };
  Severity severity = Severity::Warning;
  std::string message = {};
  Location where = {};
};

// "warning: x.gt: byte 7: ..." as the tools print it, without a newline.
std::string to_string(const Finding& finding);

}  // namespace gt
