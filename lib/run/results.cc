#include "lib/run/results.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "lib/base/text.h"
#include "lib/docker/outputs.h"
#include "lib/picture/examine.h"
#include "lib/picture/join.h"
#include "lib/run/job_params.h"

namespace gt::run {
namespace {

Error invalid(const std::string& name, std::string message) {
  return Error(ErrorCode::ResultInvalid, std::move(message), {.file = name});
}

}  // namespace

Fd open_result(const std::filesystem::path& directory, const std::string& name) {
  try {
    return docker::Outputs(directory).open(name);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::FileNotFound)
      throw invalid(name, "the container ended with exit code 0 but left no picture");
    throw;
  }
}

void check_result(const render::Plan& plan, const render::Subtask& subtask, const std::filesystem::path& directory) {
  for (const std::int64_t frame : subtask.frames) {
    const std::string name = render::output_name(k_output_base, frame, plan.format);
    const Fd file = open_result(directory, name);
    const picture::StripFile strip{.fd = file.get(), .name = name, .height = subtask.rows.height()};
    if (plan.format.stitching == render::Stitching::Stitched) {
      picture::examine(strip, picture::Kind::Png, plan.resolution[0]);
    } else {
      picture::check_begin(strip, plan.format.saved, plan.format.magic);
    }
  }
}

std::string log_tail(const std::filesystem::path& log, int lines) {
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
