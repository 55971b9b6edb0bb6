#include "lib/run/other_results.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "lib/base/fd.h"
#include "lib/base/text.h"
#include "lib/docker/outputs.h"
#include "lib/run/content_hash.h"
#include "lib/run/result_copy.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;
using render::Step;

std::string relative_to(const RunDirectory& directory, const fs::path& path) {
  return path.lexically_relative(directory.path()).string();
}

// Two films of the same samples are no better than one: the same random numbers, or one film taken for another.
std::optional<Failure> check_other_films(const RunPlan& plan, const render::Subtask& subtask, const Result& result,
                                         const RunDirectory& directory) {
  for (const render::Subtask& other : plan.plan.subtasks) {
    if (other.step != Step::Film || other.number == subtask.number) continue;
    const Record record = directory.record(other.number);
    if (record.result && record.result->sha256 == result.sha256)
      return Failure{Cause::WrongSubtask, ": the film is the same as that of subtask " + std::to_string(other.number)};
  }
  return std::nullopt;
}

std::variant<Result, Failure> take_film(const RunPlan& plan, const render::Subtask& subtask, const fs::path& output,
                                        const RunDirectory& directory) {
  const Piece piece = piece_of(plan, subtask);
  ResultCopy copy(directory.result(plan.plan, subtask.number));
  if (auto failure = copy_output(output, piece.name, copy)) return *failure;
  const Fd fd(::open(copy.path().c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0) throw os_error(errno, "read", copy.path().string());
  if (info.st_size == 0) return Failure{Cause::Damaged, ": " + piece.name + " is empty"};
  Result result{.file = relative_to(directory, copy.target()),
                .size = static_cast<std::uint64_t>(info.st_size),
                .sha256 = sha256_of_file(fd.get(), copy.path().string()),
                .pixels = "film"};
  if (subtask.step == Step::Film)
    if (auto failure = check_other_films(plan, subtask, result, directory)) return *failure;
  copy.keep();
  directory.give(copy.target());
  return result;
}

// Everything that may be taken of what the program left.
std::variant<Result, Failure> take_files(const docker::Outputs::Listing& listing, const docker::Outputs& outputs,
                                         ResultCopy& copy, const RunDirectory& directory) {
  if (listing.files.empty()) return Failure{Cause::NoResult, ": the program left no file in /golem/output"};
  Result result{.file = relative_to(directory, copy.target()), .size = 0};
  fs::create_directory(copy.path());
  directory.give(copy.path());
  for (const docker::Outputs::File& file : listing.files) {
    const fs::path target = copy.path() / file.name;
    fs::create_directories(target.parent_path());
    outputs.copy(file.name, target);
    directory.give(target);
    result.size += fs::file_size(target);
  }
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(copy.path()))
    if (entry.is_directory()) directory.give(entry.path());
  result.sha256 = sha256_of_tree(copy.path());
  result.pixels = std::to_string(listing.files.size()) + (listing.files.size() == 1 ? " file" : " files");
  copy.keep();
  return result;
}

Taken take_program(const RunPlan& plan, const render::Subtask& subtask, const fs::path& output, const RunDirectory& directory) {
  const docker::Outputs outputs(output);
  docker::Outputs::Listing listing = outputs.list();
  ResultCopy copy(directory.result(plan.plan, subtask.number));
  return {take_files(listing, outputs, copy, directory), std::move(listing.refused)};
}

Taken take(const RunPlan& plan, const render::Subtask& subtask, const fs::path& output, const RunDirectory& directory) {
  switch (subtask.step) {
    case Step::Strip:
    case Step::Image: return {take_picture(plan, subtask, output, directory)};
    case Step::Film:
    case Step::Merge: return {take_film(plan, subtask, output, directory)};
    case Step::Program: break;
  }
  return take_program(plan, subtask, output, directory);
}

}  // namespace

Taken take_result(const RunPlan& plan, const render::Subtask& subtask, const fs::path& output, const RunDirectory& directory) {
  try {
    return take(plan, subtask, output, directory);
  } catch (const Error& error) {
    if (!is_of_the_result(error)) throw;
    return {failure_of(error)};
  }
}

}  // namespace gt::run
