#include "lib/batch/schema.h"

#include <algorithm>

#include "embedded/schemas.h"
#include "lib/base/error.h"
#include "lib/batch/schema_node.h"
#include "lib/json/read.h"

namespace gt::batch {
namespace {

using object::Graph;
using object::Kind;
using object::Value;
using Node = Schema::Node;

// A schema's own text, and the definitions that were met in it: by their value, so that each is compiled once.
struct Document {
  const Graph& graph;
  std::map<std::uint64_t, const Node*> compiled;
};

class Compiler {
 public:
  using Other = std::function<std::string_view(std::string_view)>;
  Compiler(std::deque<Node>& nodes, std::deque<Graph>& graphs, const Other& other)
      : nodes_(nodes), graphs_(graphs), other_(other) {}

  // Recurses over a schema of ours, never over input.
  const Node* compile(Document& document, Value schema) {
    const auto known = document.compiled.find(schema.bits());
    if (known != document.compiled.end()) return known->second;
    if (const Value reference = document.graph.find(schema, "$ref"))
      return document.compiled[schema.bits()] = refer(document, text(document, reference));
    Node& node = nodes_.emplace_back();
    document.compiled[schema.bits()] = &node;
    for (const object::Entry& entry : document.graph.entries(schema))
      add(document, node, document.graph.string_of(entry.key), entry.value);
    index_properties(node);
    node.sum_up();
    return &node;
  }

  const Node* compile_root(std::string_view schema_text) {
    Document& document = documents_.emplace_back(Document{graphs_.emplace_back(json::read(schema_text)), {}});
    return compile(document, document.graph.root());
  }

 private:
  static std::string_view text(const Document& document, Value value) { return document.graph.string_of(value); }
  static std::size_t size(const Document& document, Value value) {
    return static_cast<std::size_t>(document.graph.int_of(value));
  }
  static double number(const Document& document, Value value) { return static_cast<double>(document.graph.int_of(value)); }

  const Node* refer(Document& document, std::string_view reference) {
    constexpr std::string_view k_definitions = "#/definitions/";
    if (!reference.starts_with(k_definitions)) return compile_root(other_(reference));
    const std::string_view name = reference.substr(k_definitions.size());
    const Graph& graph = document.graph;
    const Value definition = graph.find(graph.find(graph.root(), "definitions"), name);
    if (!definition) throw Error(ErrorCode::Bug, "a schema has no definition " + std::string(name));
    return compile(document, definition);
  }

  void add(Document& document, Node& node, std::string_view keyword, Value value) {
    using Add = void (*)(Compiler&, Document&, Node&, Value);
    struct Keyword {
      std::string_view name;
      Add add;
    };
    constexpr Add k_ignore = [](Compiler&, Document&, Node&, Value) {};
    static constexpr Keyword k_keywords[] = {
        {"$schema", k_ignore},
        {"title", k_ignore},
        {"description", k_ignore},
        {"definitions", k_ignore},  // compiled when they are referred to
        // Of the items of a set, which are unique in the graph.
        {"uniqueItems", k_ignore},
        {"type", [](Compiler&, Document& d, Node& n, Value v) { n.types = type_of(text(d, v)); }},
        {"enum", [](Compiler&, Document& d, Node& n, Value v) { n.values = texts(d, v); }},
        {"required", [](Compiler&, Document& d, Node& n, Value v) { n.required = texts(d, v); }},
        {"minimum", [](Compiler&, Document& d, Node& n, Value v) { n.minimum = number(d, v); }},
        {"maximum", [](Compiler&, Document& d, Node& n, Value v) { n.maximum = number(d, v); }},
        {"minLength", [](Compiler&, Document& d, Node& n, Value v) { n.min_length = size(d, v); }},
        {"minItems", [](Compiler&, Document& d, Node& n, Value v) { n.min_items = size(d, v); }},
        {"maxItems", [](Compiler&, Document& d, Node& n, Value v) { n.max_items = size(d, v); }},
        {"items", [](Compiler& c, Document& d, Node& n, Value v) { n.items = c.compile(d, v); }},
        {"properties", [](Compiler& c, Document& d, Node& n, Value v) { c.add_properties(d, n, v); }},
        {"additionalProperties",
         [](Compiler& c, Document& d, Node& n, Value v) {
           n.refuses_additional = v == Value::boolean(false);
           if (v.is(Kind::Dict)) n.additional = c.compile(d, v);
         }},
        {"allOf", [](Compiler& c, Document& d, Node& n, Value v) { n.all_of = c.compile_all(d, v); }},
        {"anyOf", [](Compiler& c, Document& d, Node& n, Value v) { n.any_of = c.compile_all(d, v); }},
        {"not", [](Compiler& c, Document& d, Node& n, Value v) { n.not_this = c.compile(d, v); }},
        {"if", [](Compiler& c, Document& d, Node& n, Value v) { n.if_this = c.compile(d, v); }},
        {"then", [](Compiler& c, Document& d, Node& n, Value v) { n.then_this = c.compile(d, v); }},
        {"else", [](Compiler& c, Document& d, Node& n, Value v) { n.else_this = c.compile(d, v); }},
    };
    const auto* found =
        std::find_if(std::begin(k_keywords), std::end(k_keywords), [&](const Keyword& known) { return known.name == keyword; });
    if (found == std::end(k_keywords))
      throw Error(ErrorCode::Bug, "a schema has the keyword " + std::string(keyword) + ", which is not known here");
    found->add(*this, document, node, value);
  }

  static std::uint8_t type_of(std::string_view word) {
    constexpr std::pair<std::string_view, int> k_types[] = {
        {"null", k_null},     {"boolean", k_boolean}, {"integer", k_integer}, {"number", k_number | k_integer},
        {"string", k_string}, {"array", k_array},     {"object", k_object}};
    for (const auto& [name, bits] : k_types)
      if (name == word) return static_cast<std::uint8_t>(bits);
    throw Error(ErrorCode::Bug, "a schema has the type " + std::string(word) + ", which is not known here");
  }

  static std::vector<std::string_view> texts(const Document& document, Value list) {
    std::vector<std::string_view> out;
    for (const Value item : document.graph.items(list)) out.push_back(text(document, item));
    return out;
  }

  void add_properties(Document& document, Node& node, Value properties) {
    for (const object::Entry& entry : document.graph.entries(properties)) {
      const std::string_view name = text(document, entry.key);
      node.properties.push_back({name, compile(document, entry.value)});
    }
  }

  static void index_properties(Node& node) {
    for (const std::string_view name : node.required) {
      const auto named = [name](const Node::Property& property) { return property.name == name; };
      const auto found = std::find_if(node.properties.begin(), node.properties.end(), named);
      if (found == node.properties.end()) {
        node.properties.push_back({name, nullptr, true});
      } else {
        found->is_required = true;
      }
    }
    std::sort(node.properties.begin(), node.properties.end(),
              [](const Node::Property& a, const Node::Property& b) { return a.taste < b.taste; });
  }

  std::vector<const Node*> compile_all(Document& document, Value schemas) {
    std::vector<const Node*> out;
    for (const Value schema : document.graph.items(schemas)) out.push_back(compile(document, schema));
    return out;
  }

  std::deque<Node>& nodes_;
  std::deque<Graph>& graphs_;
  const Other& other_;
  std::deque<Document> documents_;
};

}  // namespace

Schema::Schema(std::string_view text, const std::function<std::string_view(std::string_view name)>& other)
    : root_(Compiler(nodes_, graphs_, other).compile_root(text)) {}

namespace {

std::string_view schema_text(std::string_view name) {
  return name == "task-2016.schema.json" ? embedded::k_task_2016_schema_json : embedded::k_docker_task_2016_schema_json;
}

}  // namespace

const Schema& task_schema() {
  static const Schema schema(schema_text("task-2016.schema.json"), schema_text);
  return schema;
}

const Schema& docker_task_schema() {
  static const Schema schema(schema_text("docker-task-2016.schema.json"), schema_text);
  return schema;
}

}  // namespace gt::batch
