#include "lib/json/profile.h"

#include "lib/json/decode.h"
#include "lib/json/lossless.h"
#include "lib/json/modern.h"
#include "lib/json/plain.h"

namespace gt::json {

std::vector<Finding> encode(const object::Graph& graph, Sink& sink, Profile profile, const EncodeLimits& limits,
                            KeyOrders* orders) {
  switch (profile) {
    case Profile::Compat2016: return encode_2016(graph, sink, limits, orders);
    case Profile::Modern: encode_modern(graph, sink, limits); break;
    case Profile::Lossless: encode_lossless(graph, sink, limits); break;
    case Profile::Plain: encode_plain(graph, sink, limits); break;
  }
  return {};
}

object::Graph decode(std::string_view text, std::optional<Profile> profile, const ReadLimits& limits) {
  object::Graph json = read(text, limits);
  if (profile == Profile::Plain) return json;
  if (profile == Profile::Lossless || (!profile && is_lossless(json))) return from_lossless(json, limits);
  if (profile == Profile::Modern) return from_modern(json, limits);
  return from_jsonpickle(json, Restore::Whole);
}

}  // namespace gt::json
