// What errors about limits have in common.
#pragma once

#include <string>
#include <string_view>

namespace gt {

// The hint of an error about a limit: the option of gt2json that sets it.
inline std::string raised_by(std::string_view option) { return "gt2json " + std::string(option) + " allows more"; }

}  // namespace gt
