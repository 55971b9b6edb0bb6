// Validates text against the JSON Schemas of schemas/. A test that includes this defines GT_SCHEMA_DIRECTORY.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "lib/base/files.h"
#include "lib/json/read.h"
#include "lib/json/schema_adapter.h"

namespace gt::testing {

// A text and the graph with views into it.
struct Document {
  explicit Document(std::string bytes) : text(std::move(bytes)), graph(json::read(text)) {}
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;
  std::string text;
  object::Graph graph;
};

inline std::string schema_text(const std::string& name) {
  return std::string(Input::read((std::filesystem::path(GT_SCHEMA_DIRECTORY) / name).string()).bytes());
}

class SchemaFile {
 public:
  explicit SchemaFile(const std::string& name) : document_(schema_text(name)) {
    const auto fetch = [&](const std::string& uri) -> const object::Graph* {
      referred_.push_back(std::make_unique<Document>(schema_text(uri)));
      return &referred_.back()->graph;
    };
    valijson::SchemaParser().populateSchema(json::SchemaAdapter(document_.graph), schema_, fetch, [](const auto*) {});
  }

  // Empty if the text is valid, else where and why it is not. Throws what json::read does.
  std::string fault(const std::string& text) const {
    const Document document(text);
    valijson::ValidationResults results;
    if (valijson::Validator().validate(schema_, json::SchemaAdapter(document.graph), &results)) return "";
    std::string out = "invalid";
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
      out += "\n  ";
      for (const std::string& part : error.context) out += part;
      out += ": " + error.description;
    }
    return out;
  }

 private:
  Document document_;
  std::vector<std::unique_ptr<Document>> referred_;
  valijson::Schema schema_;
};

}  // namespace gt::testing
