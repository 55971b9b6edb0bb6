// What a pickle would do if Python loaded it: the names that it mentions and how it uses them. Nothing is loaded; an abstract
// stack and memo (outline.h) follow where each name comes from and where it goes.
//
// The rule is a list of what is allowed. A file is clean when every name in it is a known Golem class or a data type
// (verdicts.def), each used as such, and nothing in it was out of sight: a name that is put together while loading, a call of
// something that has no name in the file, a spelling that Python 2 and 3 read differently. What comes before an error counts,
// as Python would have done it by then.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/error.h"
#include "lib/pickle/verdicts.h"

namespace gt::pickle {

enum class Sign : std::uint8_t {
#define GT_SIGN(name, code, verdict) name,
#include "lib/pickle/signs.def"
#undef GT_SIGN
};

std::string_view to_string(Sign sign);
Verdict verdict_of(Sign sign);

// A class or function that the file names.
struct Mention {
  std::uint64_t offset = 0;                  // of the opcode, in the file, or in a pickle within a string of it
  std::optional<std::uint64_t> string = {};  // the offset of that string
  std::string module;
  std::string name;
  Verdict verdict = Verdict::Unknown;
};

struct Remark {
  Sign sign;
  std::uint64_t offset = 0;  // as in Mention
  std::optional<std::uint64_t> string = {};
  std::string_view opcode = {};  // empty for what is no opcode's doing
  std::string message;           // what the opcode does: "calls os.system"
};

struct Audit {
  Verdict verdict = Verdict::Golem;  // the worst of all, also of those that are not listed
  std::vector<Mention> mentions;
  std::vector<Remark> remarks;
  std::uint64_t unlisted = 0;  // a forged file can have millions: the first thousand of each kind are listed
  std::uint64_t pickles = 0;   // in the file, one behind the other
  std::optional<Error> error;  // the first pickle cannot be read beyond this

  void add(Mention mention);
  void add(Remark remark);
  void add(Audit&& other);  // of a further pickle
  // The first name can be one: text that happens to read as opcodes names what nobody can have named, and there Python stops.
  bool names_plausibly() const;
  bool is_clean() const { return verdict <= Verdict::Data && !error; }
};

Audit audit(std::string_view file);

}  // namespace gt::pickle
