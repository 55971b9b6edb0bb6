// The bytes of a file for who looks at them: as they are, or repaired.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/error.h"
#include "lib/base/files.h"

namespace gt::convert {

enum class Form : std::uint8_t { Pickle, JsonPickle };

// What the bytes look like: JSON starts with a bracket or a quote, which no pickle does. Throws InputEmpty, and
// InputNotATask for well-known formats (pictures, archives, .blend files), naming them.
Form recognise(std::string_view bytes);

// What may be done to a file before it is read: lib/repair.
struct Mending {
  bool repair = false;   // what can be undone with certainty
  bool partial = false;  // a pickle that was cut is ended
};

struct Mended {
  std::unique_ptr<const std::string> changed = {};  // absent: nothing was repaired
  Form form = Form::Pickle;
  bool is_partial = false;
  std::vector<Finding> findings = {};

  std::string_view bytes_of(std::string_view original) const { return changed ? std::string_view(*changed) : original; }
};

// Throws as recognise() does.
Mended mend(std::string_view bytes, const Mending& mending);

// A file, and what was made of it. The findings have its name.
struct Source : Mended {
  Input input;

  std::string_view bytes() const { return bytes_of(input.bytes()); }
};

// Reads `path` ("-" is standard input). Errors name the file.
Source open_source(const std::string& path, const Mending& mending = {});

// Why these bytes may be no good and what would help: an error of reading them, with a hint where repairs would do.
Error with_hint(const Error& error, std::string_view bytes);

}  // namespace gt::convert
