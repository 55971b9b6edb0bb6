// What a MemberTable finds, kept from one graph to the next: who writes thousands of tasks meets a handful of shapes in all.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "lib/object/graph.h"

namespace gt::json {

struct Members;

// Takes a bounded amount of memory, and nothing that is not made of text keys alone. For one thread.
class KeyOrders {
 public:
  // The members of an object with these keys and this variant (members.h); nullptr if they are not known.
  std::shared_ptr<Members> find(const object::Graph& graph, object::Value container, std::uint32_t variant);
  // Keeps the answer to the question that find() was asked last.
  void add(std::shared_ptr<Members> members);

 private:
  bool sign(const object::Graph& graph, object::Value container, std::uint32_t variant);

  std::unordered_map<std::string, std::shared_ptr<Members>> known_;
  std::string signature_;  // of the last find(); empty: not to be kept
  std::size_t bytes_ = 0;
};

}  // namespace gt::json
