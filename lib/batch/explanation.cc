#include "lib/batch/explanation.h"

#include "lib/base/text.h"

namespace gt::batch {

std::string failure_text(const Failure& failure) {
  return Error(failure.code, failure.message, failure.where, failure.hint).what();
}

std::string explanation(const Row& row) {
  std::string out = printable(row.source, 4096) + "\n" + std::string(to_string(row.result)) + "\n";
  for (const std::string& text : {row.reason, row.obstacle})
    if (!text.empty()) out += text + "\n";
  if (!row.failure) return out;
  out += "code: " + std::string(to_string(row.failure->code)) + "\n";
  if (row.failure->where.offset) out += "offset: " + std::to_string(*row.failure->where.offset) + "\n";
  out += failure_text(*row.failure) + "\n";
  if (!row.failure->excerpt.empty()) out += "\n" + hex_dump(*row.failure);
  return out;
}

}  // namespace gt::batch
