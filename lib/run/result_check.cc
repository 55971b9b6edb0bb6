#include "lib/run/result_check.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "lib/base/files.h"
#include "lib/base/text.h"
#include "lib/docker/outputs.h"
#include "lib/picture/compare.h"
#include "lib/picture/examine.h"
#include "lib/picture/note.h"
#include "lib/run/content_hash.h"
#include "lib/run/result_copy.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;

// Blender's own mark stands in the picture of another subtask, or another frame.
std::optional<Failure> check_mark(const std::string& note, const Piece& piece) {
  if (note.empty() || note == piece.mark) return std::nullopt;
  return Failure{Cause::WrongSubtask,
                 ": the picture is another's: it says '" + printable(note, 200) + "', not '" + piece.mark + "'"};
}

// What its neighbours in the frame show.
std::optional<Failure> check_neighbours(const RunPlan& plan, const render::Subtask& subtask, const Result& result,
                                        const RunDirectory& directory) {
  for (const render::Subtask& other : plan.plan.frame_of(subtask.number)) {
    if (other.number == subtask.number) continue;
    const Record record = directory.record(other.number);
    if (!record.result) continue;
    const std::string name = std::to_string(other.number);
    if (record.result->pixels != result.pixels)
      return Failure{Cause::WrongLayout,
                     ": the picture is " + result.pixels + ", subtask " + name + " is " + record.result->pixels};
    const bool is_same = other.rows.height() == subtask.rows.height() && record.result->pixel_hash == result.pixel_hash;
    if (is_same && !result.is_uniform)
      return Failure{Cause::WrongSubtask, ": the picture is the same as that of subtask " + name};
  }
  return std::nullopt;
}

// JPEG codes a box in other blocks than the picture that it is part of.
double tolerance_of(const RunPlan& plan) { return plan.plan.format.kind == picture::Kind::Jpeg ? 32 : 0; }

Fd open_for_reading(const fs::path& path) {
  Fd out(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!out) throw os_error(errno, "read", path.string());
  return out;
}

}  // namespace

Failure failure_of(const Error& error) {
  switch (error.code()) {
    case ErrorCode::FileNotFound: return {Cause::NoResult, ": there is no picture"};
    case ErrorCode::ResultWrongFormat: return {Cause::WrongFormat, std::string(": ") + error.what()};
    case ErrorCode::ResultWrongSize: return {Cause::WrongSize, std::string(": ") + error.what()};
    case ErrorCode::ResultNotANumber: return {Cause::NotANumber, std::string(": ") + error.what()};
    default: return {Cause::Damaged, std::string(": ") + error.what()};
  }
}

bool is_of_the_result(const Error& error) {
  return error.exit_code() == ExitCode::PartFailed || error.code() == ErrorCode::FileNotFound;
}

std::optional<Failure> copy_output(const fs::path& output, const std::string& name, const ResultCopy& copy) {
  const docker::Outputs outputs(output);
  try {
    outputs.open(name);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::ResultInvalid) return Failure{Cause::NotAFile, std::string(": ") + error.what()};
    throw;
  }
  outputs.copy(name, copy.path());
  return std::nullopt;
}

std::variant<Result, Failure> take_picture(const RunPlan& plan, const render::Subtask& subtask, const fs::path& output,
                                           const RunDirectory& directory) {
  const Piece piece = piece_of(plan, subtask);
  ResultCopy copy(directory.result(plan.plan, subtask.number));
  if (auto failure = copy_output(output, piece.name, copy)) return *failure;
  const Fd fd = open_for_reading(copy.path());
  const picture::Examination seen = picture::examine({.fd = fd.get(), .name = piece.name, .height = subtask.rows.height()},
                                                     plan.plan.format.kind, plan.plan.resolution[0]);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) throw os_error(errno, "read", copy.path().string());
  Result result{.file = copy.target().lexically_relative(directory.path()).string(),
                .size = static_cast<std::uint64_t>(info.st_size),
                .sha256 = sha256_of_file(fd.get(), copy.path().string()),
                .pixels = seen.description,
                .pixel_hash = seen.hash,
                .is_uniform = seen.is_flat,
                .is_black = seen.is_black};
  if (plan.uses_blendercrop())
    if (auto failure = check_mark(picture::note_of(fd.get(), plan.plan.format.kind), piece)) return *failure;
  if (auto failure = check_neighbours(plan, subtask, result, directory)) return *failure;
  copy.keep();
  directory.give(copy.target());
  return result;
}

std::optional<Failure> check_verification(const RunPlan& plan, const Verification& verification, const fs::path& output,
                                          const RunDirectory& directory) {
  const Piece piece = piece_of(plan, verification);
  const render::Subtask& subtask = plan.plan.subtask(verification.subtask);
  try {
    const Fd box = docker::Outputs(output).open(piece.name);
    const Fd whole = open_for_reading(directory.result(plan.plan, subtask.number));
    const std::int64_t width = verification.columns.height();
    const picture::StripFile box_file{.fd = box.get(), .name = piece.name, .height = verification.rows.height()};
    const picture::StripFile whole_file{.fd = whole.get(), .name = "the result", .height = subtask.rows.height()};
    const picture::Place place{.x = verification.columns.first, .y = verification.rows.first - subtask.rows.first};
    const picture::Difference difference =
        picture::compare_region(whole_file, plan.plan.resolution[0], box_file, width, place,
                                {.kind = plan.plan.format.kind, .tolerance = tolerance_of(plan)});
    if (difference.pixels == 0) return std::nullopt;
    const Record record = directory.record(subtask.number);
    if (record.result && record.result->is_black)
      return Failure{Cause::Black, ": the picture is all black, and rendered again it is not"};
    return Failure{Cause::NotVerified, ": rendered again, " + std::to_string(difference.pixels) + " of " +
                                           std::to_string(width * box_file.height) + " pixels of a box differ"};
  } catch (const Error& error) {
    if (!is_of_the_result(error)) throw;
    Failure failure = failure_of(error);
    return Failure{failure.cause, ": its verification" + failure.message};
  }
}

std::string log_tail(const fs::path& log, int lines) {
  constexpr off_t k_most = 16384;
  const Fd file(::open(log.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) return {};
  std::vector<char> buffer(k_most);
  const ssize_t got = ::pread(file.get(), buffer.data(), buffer.size(), std::max<off_t>(info.st_size - k_most, 0));
  if (got <= 0) return {};
  std::string_view text(buffer.data(), static_cast<std::size_t>(got));
  std::vector<std::string> tail;
  while (!text.empty() && static_cast<int>(tail.size()) < lines) {
    if (text.back() == '\n') text.remove_suffix(1);
    const std::size_t newline = text.rfind('\n');
    const std::size_t start = newline == std::string_view::npos ? 0 : newline + 1;
    tail.push_back(printable(text.substr(start), 200));
    text = text.substr(0, start);
  }
  std::string out;
  for (auto line = tail.rbegin(); line != tail.rend(); ++line) out += "\n    " + *line;
  return out;
}

}  // namespace gt::run
