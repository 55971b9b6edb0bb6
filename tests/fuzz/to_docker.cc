#include "lib/rewrite/to_docker.h"
#include "lib/convert/load.h"
#include "lib/json/decode.h"
#include "lib/pickle/decode.h"
#include "lib/task/definition.h"
#include "tests/fuzz/targets.h"

namespace gt::fuzz {
namespace {

object::Graph decode_any(std::string_view bytes, json::Restore mode) {
  if (convert::recognise(bytes) == convert::Form::JsonPickle) return json::decode(bytes, mode);
  return pickle::decode(bytes, k_pickle_limits).graph;
}

}  // namespace

// A task becomes a Docker task, in both modes and for both renderers. Doing it twice changes nothing more.
void to_docker(std::string_view bytes) {
  for (const auto renderer : {task::Renderer::Blender, task::Renderer::LuxRender}) {
    try {
      object::Graph graph = decode_any(bytes, json::Restore::Whole);
      rewrite::to_docker(graph, renderer);
      require(rewrite::to_docker(graph, renderer).changes.empty(), "a second to_docker changes nothing");
      encode(graph);
      task::read_definition(graph);
    } catch (const Error& error) {
      accept(error);
    }
  }
  try {
    object::Graph graph = decode_any(bytes, json::Restore::As2016);
    rewrite::to_docker_2016(graph);
    encode(graph);
  } catch (const Error& error) {
    accept(error);
  }
}

}  // namespace gt::fuzz
