// submit-task as a process of its own.
#pragma once

#include "tests/support/tool_process.h"
#include "tests/unit/docker/support.h"

namespace gt::testing {

class SubmitProcess : public ToolProcess {
 public:
  SubmitProcess(const std::filesystem::path& log, std::vector<std::string> arguments, const std::string& host = {})
      : ToolProcess(GT_SUBMIT_TASK, log, std::move(arguments), host) {}
};

}  // namespace gt::testing
