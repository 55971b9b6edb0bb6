#include "lib/pickle/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "lib/pickle/amplification.h"
#include "lib/pickle/auditor.h"
#include "lib/pickle/decode.h"

namespace gt::pickle {
namespace {

struct SignRow {
  std::string_view code;
  Verdict verdict;
};
constexpr SignRow k_signs[] = {
#define GT_SIGN(name, code, verdict) {code, Verdict::verdict},
#include "lib/pickle/signs.def"
#undef GT_SIGN
};

constexpr std::size_t k_most_listed = 1000;

template <typename List>
void append(List& to, List&& from, std::uint64_t& unlisted) {
  const std::size_t taken = std::min(from.size(), k_most_listed - std::min(k_most_listed, to.size()));
  std::move(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(taken), std::back_inserter(to));
  unlisted += from.size() - taken;
}

// What can be a name in Python.
bool is_plausible(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || c == '_' || c == '.' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
  });
}

// What lies behind the first pickle: Python does not read it, but whoever loads again from the same stream does.
void audit_tail(std::string_view file, std::uint64_t end, Audit& out) {
  const auto remark = [&](Sign sign, std::uint64_t offset, std::string message) {
    out.add(Remark{.sign = sign, .offset = offset, .message = std::move(message)});
  };
  for (bool is_first = true; end < file.size(); is_first = false) {
    Audit more;
    Auditor next(file, end, {}, more);
    const bool is_pickle = !next.run();
    if (is_pickle || (more.verdict == Verdict::RunsCode && more.names_plausibly())) out.add(std::move(more));
    if (!is_pickle)
      return remark(Sign::TrailingData, end, std::to_string(file.size() - end) + " bytes follow the end of the pickle");
    if (is_first) remark(Sign::TrailingPickle, end, "another pickle follows; it is part of this audit");
    ++out.pickles;
    end = next.end();
  }
}

// Only values that are shared can be written more than once.
void audit_size(std::string_view file, Audit& out) {
  constexpr double k_per_byte = 100;
  constexpr double k_always_allowed = 1e6;
  double values = 0;
  try {
    values = written_out(decode(file, {}, UnknownCalls::Keep).graph);
  } catch (const Error&) {
    return;  // what cannot be decoded is not written either
  }
  if (values <= k_always_allowed + k_per_byte * static_cast<double>(file.size())) return;
  out.add(Remark{.sign = Sign::Amplification,
                 .message = std::isinf(values) ? std::string("the value contains itself")
                                               : fmt::format("written out, with all that it holds more than once, the value "
                                                             "has {:.3g} parts",
                                                             values)});
}

}  // namespace

std::string_view to_string(Sign sign) { return k_signs[static_cast<std::size_t>(sign)].code; }
Verdict verdict_of(Sign sign) { return k_signs[static_cast<std::size_t>(sign)].verdict; }

bool Audit::names_plausibly() const {
  if (mentions.empty()) return false;
  const Mention& first = mentions.front();
  return is_plausible(first.name) && (first.module.empty() || is_plausible(first.module));
}

void Audit::add(Mention mention) {
  verdict = std::max(verdict, mention.verdict);
  if (mentions.size() < k_most_listed)
    mentions.push_back(std::move(mention));
  else
    ++unlisted;
}

void Audit::add(Remark remark) {
  verdict = std::max(verdict, verdict_of(remark.sign));
  if (remarks.size() < k_most_listed)
    remarks.push_back(std::move(remark));
  else
    ++unlisted;
}

void Audit::add(Audit&& other) {
  verdict = std::max(verdict, other.verdict);
  unlisted += other.unlisted;
  append(mentions, std::move(other.mentions), unlisted);
  append(remarks, std::move(other.remarks), unlisted);
}

Audit audit(std::string_view file) {
  Audit out;
  Auditor first(file, 0, {}, out);
  out.error = first.run();
  if (!out.error) {
    out.pickles = 1;
    if (first.shares_containers()) audit_size(file, out);
    audit_tail(file, first.end(), out);
  }
  return out;
}

}  // namespace gt::pickle
