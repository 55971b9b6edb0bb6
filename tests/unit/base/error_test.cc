#include "lib/base/error.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <set>
#include <string>

namespace gt {
namespace {

TEST_CASE("an error says file, offset, opcode, path, message and hint, and leaves out what is not known") {
  struct Row {
    Location where;
    std::string hint;
    std::string text;
  };
  const Row rows[] = {
      {{"", {}, "", ""}, "", "is wrong"},
      {{"x.gt", {}, "", ""}, "", "x.gt: is wrong"},
      {{"", 0, "", ""}, "", "byte 0: is wrong"},
      {{"x.gt", 118, "REDUCE", ""}, "", "x.gt: byte 118: opcode REDUCE is wrong"},
      {{"", {}, "", "options.frames"}, "", "options.frames: is wrong"},
      {{"x.gt", {}, "", "options.frames"}, "mend it", "x.gt: options.frames: is wrong; mend it"},
      {{"x.gt", 7, "INST", "a.b"}, "mend it", "x.gt: byte 7: a.b: opcode INST is wrong; mend it"},
      {{"", 7, "", "", 1}, "", "byte 7: is wrong"},
      {{"x.gt", 7, "INST", "", 2}, "", "x.gt: byte 7, line 2: opcode INST is wrong"},
      {{"", 18446744073709551615u, "", ""}, "", "byte 18446744073709551615: is wrong"},
      {{"a\nb\x1b.gt", {}, "", ""}, "", "a\\x0ab\\x1b.gt: is wrong"},  // a file name cannot forge lines of a log
  };
  for (const Row& row : rows) {
    const Error error(ErrorCode::TaskField, "is wrong", row.where, row.hint);
    CHECK(error.what() == row.text);
    CHECK(error.message() == "is wrong");
    CHECK(error.hint() == row.hint);
    CHECK(error.where().file == row.where.file);
  }
}

TEST_CASE("in_file fills in a name once and keeps everything else") {
  const Error error(ErrorCode::PickleMemoUnset, "reads memo 5", {"", 9, "BINGET", "p"}, "do this");
  const Error named = error.in_file("x.gt");
  CHECK(named.what() == std::string("x.gt: byte 9: p: opcode BINGET reads memo 5; do this"));
  CHECK(named.code() == ErrorCode::PickleMemoUnset);
  CHECK(named.in_file("y.gt").what() == std::string(named.what()));
}

TEST_CASE("an error of the operating system has the code of its cause") {
  struct Row {
    int number;
    ErrorCode code;
    std::string text;
  };
  const Row rows[] = {
      {ENOENT, ErrorCode::FileNotFound, "d/x: cannot open: No such file or directory"},
      {EISDIR, ErrorCode::FileIsDirectory, "d/x: cannot open: Is a directory"},
      {EACCES, ErrorCode::System, "d/x: cannot open: Permission denied"},
      {ENOSPC, ErrorCode::System, "d/x: cannot open: No space left on device"},
      {EIO, ErrorCode::System, "d/x: cannot open: Input/output error"},
  };
  for (const Row& row : rows) {
    const Error error = os_error(row.number, "open", "d/x");
    CHECK(to_string(error.code()) == to_string(row.code));
    CHECK(error.what() == row.text);
    CHECK(error.exit_code() == ExitCode::Environment);
  }
}

// Known bug: error.h promises a code of its own for EEXIST, os_error has none.
TEST_CASE("an error of the operating system that a file exists says so in its code") {
  CHECK(to_string(os_error(EEXIST, "create", "x").code()) == to_string(ErrorCode::FileExists));
}

TEST_CASE("the exit code is the class of the error") {
  struct Row {
    ErrorCode code;
    int exit;
    std::string_view text;
  };
  const Row rows[] = {
      {ErrorCode::FileNotFound, 4, "file.not-found"},
      {ErrorCode::FileIsDirectory, 4, "file.is-directory"},
      {ErrorCode::FileUnreadable, 4, "file.unreadable"},
      {ErrorCode::FileUnwritable, 4, "file.unwritable"},
      {ErrorCode::System, 4, "system.error"},
      {ErrorCode::SceneMissing, 4, "task.file-missing"},
      {ErrorCode::EngineUnreachable, 4, "engine.unreachable"},
      {ErrorCode::ImageMissing, 4, "engine.image-missing"},
      {ErrorCode::FileExists, 2, "file.exists"},
      {ErrorCode::OutputIsInput, 2, "file.output-is-input"},
      {ErrorCode::Usage, 2, "usage"},
      {ErrorCode::InputEmpty, 1, "input.empty"},
      {ErrorCode::InputNotATask, 1, "input.not-a-task"},
      {ErrorCode::PickleTruncated, 1, "pickle.truncated"},
      {ErrorCode::PickleUnknownCall, 1, "pickle.unknown-call"},
      {ErrorCode::LimitDepth, 1, "limit.depth"},
      {ErrorCode::LimitOutput, 1, "limit.output"},
      {ErrorCode::JsonSyntax, 1, "json.syntax"},
      {ErrorCode::TaskField, 1, "task.field"},
      {ErrorCode::NotBlender, 1, "task.not-blender"},
      {ErrorCode::SceneNotBlend, 1, "scene.not-blend"},
      {ErrorCode::SceneTruncated, 1, "scene.truncated"},
      {ErrorCode::SceneCorrupt, 1, "scene.corrupt"},
      {ErrorCode::SceneTooLarge, 1, "scene.too-large"},
      {ErrorCode::ContainerFailed, 3, "run.container-failed"},
      {ErrorCode::ContainerTimeout, 3, "run.container-timeout"},
      {ErrorCode::ResultInvalid, 3, "run.result-invalid"},
      {ErrorCode::Bug, 70, "bug"},
      {ErrorCode::Interrupted, 130, "run.interrupted"},
      {ErrorCode::Terminated, 143, "run.terminated"},
  };
  for (const Row& row : rows) {
    CHECK(static_cast<int>(exit_code(row.code)) == row.exit);
    CHECK(to_string(row.code) == row.text);
    CHECK(static_cast<int>(Error(row.code, "").exit_code()) == row.exit);
  }
}

TEST_CASE("no two errors have the same stable code") {
  std::set<std::string_view> seen;
  for (int code = 0; code <= static_cast<int>(ErrorCode::Bug); ++code) {
    const std::string_view text = to_string(static_cast<ErrorCode>(code));
    CHECK_MESSAGE(seen.insert(text).second, "twice: ", std::string(text));
    CHECK(!text.empty());
  }
}

TEST_CASE("a finding is one line with its severity first") {
  Finding finding{Finding::Severity::Warning, "is odd", {"x.gt", 7, "", ""}};
  CHECK(to_string(finding) == "warning: x.gt: byte 7: is odd");
  finding.severity = Finding::Severity::Note;
  CHECK(to_string(finding) == "note: x.gt: byte 7: is odd");
  finding.severity = Finding::Severity::Error;
  finding.where = {"", {}, "", "resources"};
  CHECK(to_string(finding) == "error: resources: is odd");
}

}  // namespace
}  // namespace gt
