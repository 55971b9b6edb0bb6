// The parameters of a job: a Python module that its script imports, and the same as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace gt::docker {

// "name = literal" lines in the order of `params`, ASCII, which Python 2.7 and Python 3 read alike. Strings are u'...',
// binary values b'...'; infinities are 1e999 and not-a-number their difference, since a parameter may be called float.
// Throws ParameterName for a name that is no identifier or is a keyword in either Python, so that a name cannot smuggle
// code; PlanInvalid for what is no object, for text that is not UTF-8 and for nesting deeper than Python's parser goes.
std::string to_params_py(const nlohmann::ordered_json& params);

// The same as JSON, ASCII, one parameter a line: infinities and not-a-number as Python's json module has them (Infinity, NaN),
// binary values as lists of numbers. Throws what to_params_py throws.
std::string to_params_json(const nlohmann::ordered_json& params);

// Adds one value as a Python literal.
void append_literal(std::string& out, const nlohmann::ordered_json& value);

bool is_parameter_name(std::string_view name);

}  // namespace gt::docker
