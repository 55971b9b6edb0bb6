#include "lib/batch/conversion.h"

#include <new>

#include "lib/base/text.h"
#include "lib/batch/forecast.h"
#include "lib/batch/schema.h"
#include "lib/convert/load.h"
#include "lib/json/encode.h"
#include "lib/pickle/decode.h"
#include "lib/rewrite/to_docker.h"
#include "lib/task/fields.h"

namespace gt::batch {
namespace {

using object::Graph;
using object::Value;
using task::Renderer;

constexpr std::size_t k_beginning = 4096;

// How the pickles of tasks begin: with a protocol, a call of copy_reg, or an instance of one of Golem's classic classes.
bool begins_like_a_pickle(std::string_view bytes) {
  const bool is_instance = bytes.starts_with("(i") || bytes.starts_with("(c");
  return bytes.starts_with('\x80') || bytes.starts_with("ccopy_reg\n") ||
         (is_instance && era_of(bytes.substr(2)) != Era::Unknown);
}

bool mentions_a_class(std::string_view bytes) { return bytes.find("\"py/object\"") != std::string_view::npos; }

bool is_said_to_be_a_task(std::string_view name, std::string_view bytes) {
  return has_task_suffix(name) || begins_like_a_pickle(bytes) || mentions_a_class(bytes.substr(0, k_beginning));
}

struct Decoded {
  Graph graph;
  std::vector<Finding> findings;
};

Decoded decode_source(convert::Form form, std::string_view bytes, json::Restore restore) {
  if (form == convert::Form::JsonPickle) return {json::decode(bytes, restore), {}};
  pickle::Decoded decoded = pickle::decode(bytes);
  return {std::move(decoded.graph), std::move(decoded.findings)};
}

class Converter {
 public:
  Converter(std::string_view name, std::string_view bytes, const Rules& rules) : name_(name), bytes_(bytes), rules_(rules) {}

  Conversion run() {
    try {
      recognise();
    } catch (const Error& error) {
      reject(error);
    }
    return std::move(out_);
  }

 private:
  // What cannot be read is bad if it says that it is a task, else it is none.
  void reject(const Error& error) {
    out_.documents.clear();
    const bool is_bad = is_said_to_be_a_task(name_, bytes_) || out_.era;
    out_.result = is_bad ? Result::Bad : Result::NotATask;
    if (is_bad) {
      out_.failure = explain(error, bytes_);
    } else {
      out_.reason = error.message();
    }
  }

  void recognise() {
    const convert::Form form = convert::recognise(bytes_);
    if (form == convert::Form::JsonPickle && !has_task_suffix(name_) && !mentions_a_class(bytes_))
      return set_no_task("is JSON without a class");
    Decoded decoded = decode_source(form, bytes_, json::Restore::Whole);
    const Value root = decoded.graph.root();
    if (!task::is_task_definition(decoded.graph, root)) return set_no_task("is " + task::describe(decoded.graph, root));
    out_.era = era_of(decoded.graph.class_name(root));
    out_.findings = std::move(decoded.findings);
    const Forecast forecast = look_ahead(decoded.graph, rules_.paths);
    out_.renderer = forecast.renderer;
    for (const Finding& finding : forecast.findings) out_.findings.push_back(finding);
    make_documents(form, decoded.graph);
  }

  void set_no_task(std::string reason) {
    out_.result = Result::NotATask;
    out_.reason = std::move(reason);
  }

  void make_documents(convert::Form form, Graph& graph) {
    const bool wants_docker = rules_.target != Target::Json;
    if (rules_.target != Target::Docker) write(Form::Json, graph);
    if (!wants_docker || out_.result == Result::Invalid) return;
    // What the script of 2016 read of a JSON task was not the whole of it.
    const bool read_again = rules_.compat == Compat::As2016 && form == convert::Form::JsonPickle;
    if (read_again) {
      Decoded as_2016 = decode_source(form, bytes_, json::Restore::As2016);
      write_docker(form, as_2016.graph);
    } else {
      write_docker(form, graph);
    }
  }

  void write_docker(convert::Form form, Graph& graph) {
    try {
      rewrite::Report report = to_docker(graph);
      out_.changes = std::move(report.changes);
      for (Finding& finding : report.findings) out_.findings.push_back(std::move(finding));
    } catch (const Error& error) {
      out_.reason = error.where().path.empty() ? error.message() : error.where().path + " " + error.message();
      if (rules_.target == Target::Both) return;
      // The rewriting may have begun before it was refused.
      const Decoded again = decode_source(form, bytes_, json::Restore::Whole);
      return write(Form::Json, again.graph);
    }
    // A pickle that is a Docker task is still to become JSON.
    if (out_.changes.empty() && form == convert::Form::JsonPickle) {
      out_.result = Result::AlreadyMigrated;
      out_.documents.clear();
      return;
    }
    write(Form::Docker, graph);
  }

  rewrite::Report to_docker(Graph& graph) const {
    if (rules_.compat == Compat::As2016) return rewrite::to_docker_2016(graph);
    return rewrite::to_docker(graph, out_.renderer == Renderer::LuxRender ? Renderer::LuxRender : Renderer::Blender);
  }

  // The JSON of a task that does not fit its schema is not written. A task for Docker of another renderer than these two is
  // what the script of 2016 made, and has no schema of its own.
  void write(Form form, const Graph& graph) {
    const bool has_image = out_.renderer == Renderer::Blender || out_.renderer == Renderer::LuxRender;
    const Schema& schema = form == Form::Docker && has_image ? docker_task_schema() : task_schema();
    if (const auto fault = schema.validate(graph)) {
      out_.result = Result::Invalid;
      out_.documents.clear();
      out_.failure = Failure{ErrorCode::TaskField, fault->message, "gt2json writes it as it is", {.path = fault->path}, 0, {}};
      return;
    }
    StringSink sink;
    for (Finding& finding : json::encode_2016(graph, sink, json::EncodeLimits::for_input(bytes_.size())))
      out_.findings.push_back(std::move(finding));
    warn_of_numbers(graph, sink.text(), out_.findings);
    out_.documents.push_back({form, sink.text()});
  }

  std::string_view name_;
  std::string_view bytes_;
  const Rules& rules_;
  Conversion out_;
};

}  // namespace

bool may_be_task(std::string_view name, std::string_view beginning) {
  try {
    const convert::Form form = convert::recognise(beginning);
    return form == convert::Form::JsonPickle || has_task_suffix(name) || begins_like_a_pickle(beginning);
  } catch (const Error&) {
    return false;
  }
}

Conversion convert_source(std::string_view name, std::string_view bytes, const Rules& rules) {
  return Converter(name, bytes, rules).run();
}

}  // namespace gt::batch
