// Exit code 0 is not success: what a container left is taken only if it is the picture that was planned.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "lib/run/job_params.h"
#include "lib/run/record.h"
#include "lib/run/run_directory.h"
#include "lib/run/run_plan.h"

namespace gt::run {

struct Failure {
  Cause cause = Cause::NoResult;
  std::string message;
};

// Copies the result of `subtask` out of a container's output directory, where anything may lie and may still change, checks
// the copy (kind, size, channels, cut, NaN, whose it is, not the same as a neighbour's), and puts it among the results of the
// run. Throws what concerns this machine (a disk that is full), and errors of the result, too.
std::variant<Result, Failure> take_picture(const RunPlan& plan, const render::Subtask& subtask,
                                           const std::filesystem::path& output, const RunDirectory& directory);

// Parts of it, for results of other kinds.
class ResultCopy;
std::optional<Failure> copy_output(const std::filesystem::path& output, const std::string& name, const ResultCopy& copy);
// Whether `error` is a fault of the result, and which.
bool is_of_the_result(const Error& error);
Failure failure_of(const Error& error);

// Compares a box that was rendered again with the result that it belongs to; nullopt: they are equal.
std::optional<Failure> check_verification(const RunPlan& plan, const Verification& verification,
                                          const std::filesystem::path& output, const RunDirectory& directory);

// The last `lines` lines of a log, each printable; empty if the log is not there.
std::string log_tail(const std::filesystem::path& log, int lines = 10);

}  // namespace gt::run
