#include "lib/base/error.h"

#include <cerrno>
#include <cstring>

#include "lib/base/text.h"

namespace gt {
namespace {

struct CodeInfo {
  std::string_view text;
  ExitCode exit;
};

constexpr CodeInfo k_codes[] = {
#define GT_ERROR(name, code, exit_class) {code, ExitCode::exit_class},
#include "lib/base/errors.def"
#undef GT_ERROR
};

std::string location_prefix(const Location& where) {
  std::string out;
  if (!where.file.empty()) out += printable(where.file, 4096) + ": ";
  if (where.offset) out += "byte " + std::to_string(*where.offset);
  // The first line is where everybody looks anyway.
  if (where.offset && where.line.value_or(1) > 1) out += ", line " + std::to_string(*where.line);
  if (where.offset) out += ": ";
  if (!where.path.empty()) out += where.path + ": ";
  if (!where.opcode.empty()) out += "opcode " + where.opcode + " ";
  return out;
}

}  // namespace

std::string_view to_string(ErrorCode code) { return k_codes[static_cast<std::size_t>(code)].text; }
ExitCode exit_code(ErrorCode code) { return k_codes[static_cast<std::size_t>(code)].exit; }

Error::Error(ErrorCode code, std::string message, Location where, std::string hint)
    : code_(code), message_(std::move(message)), where_(std::move(where)), hint_(std::move(hint)) {
  text_ = location_prefix(where_) + message_;
  if (!hint_.empty()) text_ += "; " + hint_;
}

Error Error::in_file(std::string_view file) const {
  Location where = where_;
  if (where.file.empty()) where.file = file;
  return Error(code_, message_, std::move(where), hint_);
}

Error os_error(int errno_value, std::string_view action, std::string_view path) {
  ErrorCode code = ErrorCode::System;
  if (errno_value == ENOENT) code = ErrorCode::FileNotFound;
  if (errno_value == EISDIR) code = ErrorCode::FileIsDirectory;
  if (errno_value == EEXIST) code = ErrorCode::FileExists;
  std::string message = "cannot ";
  message += action;
  message += ": ";
  message += std::strerror(errno_value);
  return Error(code, message, {.file = std::string(path)});
}

std::string to_string(const Finding& finding) {
  constexpr std::string_view k_words[] = {"note: ", "warning: ", "error: "};
  std::string out(k_words[static_cast<std::size_t>(finding.severity)]);
  return out + location_prefix(finding.where) + finding.message;
}

}  // namespace gt
