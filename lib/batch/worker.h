// The way of a slice through the program, in one thread.
#pragma once

#include <vector>

#include "lib/batch/content.h"
#include "lib/batch/runner.h"
#include "lib/batch/slices.h"
#include "lib/json/key_orders.h"

namespace gt::batch {

class Worker {
 public:
  explicit Worker(const RunOptions& options) : options_(options) {}

  // Reads, converts and compares each, publishes what is to be written, and says what became of them. Throws what is wrong with
  // the output tree; then nothing of the slice got its name, or only some did.
  std::vector<Row> process(const Slice& slice);

 private:
  Row process(const Item& item, Publication& publication);
  void convert(const Item& item, Row& row, Publication& publication);
  void deliver(const Item& item, const Document& document, const Hash& source, Row& row, Publication& publication);
  void quarantine(const Item& item, std::string_view bytes, const Row& row) const;

  const RunOptions& options_;
  Content content_;
  json::KeyOrders orders_;
};

}  // namespace gt::batch
