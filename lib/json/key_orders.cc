#include "lib/json/key_orders.h"

#include "lib/json/members.h"

namespace gt::json {
namespace {

using object::Kind;

constexpr std::size_t k_most_bytes = std::size_t{1} << 20;  // of signatures

void append_number(std::string& out, std::uint32_t number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

}  // namespace

// The kinds and texts of the keys, in their order. False for keys that are no text: their names in JSON say more than they do.
bool KeyOrders::sign(const object::Graph& graph, object::Value container, std::uint32_t variant) {
  signature_.clear();
  append_number(signature_, variant);
  for (const object::Entry& entry : graph.entries(container)) {
    if (!entry.key.is(Kind::Bytes) && !entry.key.is(Kind::Text)) return false;
    const std::string_view text = graph.string_of(entry.key);
    append_number(signature_, static_cast<std::uint32_t>(text.size()) << 1 | (entry.key.is(Kind::Text) ? 1 : 0));
    signature_ += text;
    if (signature_.size() > k_most_bytes) return false;
  }
  return true;
}

std::shared_ptr<Members> KeyOrders::find(const object::Graph& graph, object::Value container, std::uint32_t variant) {
  if (!sign(graph, container, variant)) {
    signature_.clear();
    return nullptr;
  }
  const auto found = known_.find(signature_);
  return found == known_.end() ? nullptr : found->second;
}

void KeyOrders::add(std::shared_ptr<Members> members) {
  if (signature_.empty() || bytes_ + signature_.size() > k_most_bytes) return;
  bytes_ += signature_.size();
  known_.emplace(signature_, std::move(members));
}

}  // namespace gt::json
