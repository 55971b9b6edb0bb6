#include "lib/batch/conversion.h"

#include <iterator>
#include <new>

#include "lib/base/text.h"
#include "lib/batch/forecast.h"
#include "lib/batch/schema.h"
#include "lib/convert/source.h"
#include "lib/json/decode.h"
#include "lib/json/profile.h"
#include "lib/pickle/decode.h"
#include "lib/pickle/encode.h"
#include "lib/rewrite/to_docker.h"
#include "lib/rewrite/upgrade.h"
#include "lib/task/fields.h"

namespace gt::batch {
namespace {

using object::Graph;
using task::Renderer;

constexpr std::size_t k_beginning = 4096;

// How the pickles of tasks begin: with a protocol, a call of copy_reg, or an instance of one of Golem's classic classes.
bool begins_like_a_pickle(std::string_view bytes) {
  const bool is_instance = bytes.starts_with("(i") || bytes.starts_with("(c");
  return bytes.starts_with('\x80') || bytes.starts_with("ccopy_reg\n") ||
         (is_instance && era_of(bytes.substr(2)) != Era::Unknown);
}

// What --repair may take away before the task.
bool begins_wrapped(std::string_view bytes) { return bytes.starts_with("\x1f\x8b") || bytes.starts_with("\xef\xbb\xbf"); }

bool mentions_a_class(std::string_view bytes) { return bytes.find("\"py/object\"") != std::string_view::npos; }

bool is_said_to_be_a_task(std::string_view name, std::string_view bytes) {
  return has_task_suffix(name) || begins_like_a_pickle(bytes) || mentions_a_class(bytes.substr(0, k_beginning));
}

class Converter {
 public:
  Converter(std::string_view name, std::string_view bytes, const Rules& rules, json::KeyOrders* orders)
      : name_(name), original_(bytes), rules_(rules), orders_(orders) {}

  Conversion run() {
    try {
      recognise();
    } catch (const Error& error) {
      reject(error);
    }
    return std::move(out_);
  }

 private:
  std::string_view bytes() const { return mended_.bytes_of(original_); }
  bool is_json() const { return mended_.form == convert::Form::JsonPickle; }

  // What cannot be read is bad if it says that it is a task, else it is none.
  void reject(const Error& error) {
    out_.documents.clear();
    const bool is_bad = is_said_to_be_a_task(name_, bytes()) || out_.era;
    out_.result = is_bad ? Result::Bad : Result::NotATask;
    if (is_bad) {
      out_.failure = explain(convert::with_hint(error, bytes()), bytes());
    } else {
      out_.reason = error.message();
    }
  }

  void recognise() {
    mended_ = convert::mend(original_, {.repair = rules_.repair == Repair::Yes});
    if (is_json() && !has_task_suffix(name_) && !mentions_a_class(bytes())) return set_no_task("is JSON without a class");
    out_.findings = mended_.findings;
    Graph graph = decode(json::Restore::Whole, out_.findings);
    const Era era = era_of(graph);
    try {
      upgrade(graph, out_);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::TaskWrongClass) throw;
    }
    if (!task::is_task_definition(graph, graph.root())) return set_no_task("is " + task::describe(graph, graph.root()));
    out_.era = era;
    Forecast forecast = look_ahead(graph, rules_.paths);
    out_.renderer = forecast.renderer;
    move_to(out_.findings, forecast.findings);
    make_documents(graph);
  }

  Graph decode(json::Restore restore, std::vector<Finding>& findings) const {
    if (is_json())
      return restore == json::Restore::Whole ? json::decode(bytes(), std::nullopt) : json::decode(bytes(), restore);
    pickle::Decoded decoded = pickle::decode(bytes());
    move_to(findings, decoded.findings);
    return std::move(decoded.graph);
  }

  void upgrade(Graph& graph, Conversion& told) const {
    if (rules_.upgrade == Upgrade::No) return;
    rewrite::Report report = rewrite::upgrade(graph);
    append(told, report);
  }

  static void append(Conversion& told, rewrite::Report& report) {
    move_to(told.changes, report.changes);
    move_to(told.findings, report.findings);
  }

  template <typename Part>
  static void move_to(std::vector<Part>& to, std::vector<Part>& from) {
    if (to.empty()) return to.swap(from);
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  }

  void set_no_task(std::string reason) {
    out_.result = Result::NotATask;
    out_.reason = std::move(reason);
  }

  void make_documents(Graph& graph) {
    if (rules_.target == Target::Pickle) return write(Form::Pickle, graph);
    if (rules_.target != Target::Docker) write(Form::Json, graph);
    if (rules_.target == Target::Json || out_.result == Result::Invalid) return;
    // What the script of 2016 read of a JSON task was not the whole of it.
    if (rules_.compat == Compat::As2016 && is_json()) graph = decode(json::Restore::As2016, out_.findings);
    write_docker(graph);
  }

  void write_docker(Graph& graph) {
    try {
      rewrite::Report report = to_docker(graph);
      append(out_, report);
    } catch (const Error& error) {
      out_.reason = error.where().path.empty() ? error.message() : error.where().path + " " + error.message();
      if (rules_.target == Target::Both) return;
      // The rewriting may have begun before it was refused.
      Conversion told_already;
      Graph again = decode(json::Restore::Whole, told_already.findings);
      upgrade(again, told_already);
      return write(Form::Json, again);
    }
    // A pickle that is a Docker task is still to become JSON.
    if (out_.changes.empty() && is_json()) {
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
    const json::EncodeLimits limits = json::EncodeLimits::for_input(bytes().size());
    if (form == Form::Pickle) {
      pickle::encode(graph, sink, {.output_bytes = limits.output_bytes});
    } else {
      const auto profile = rules_.compat == Compat::Modern ? json::Profile::Modern : json::Profile::Compat2016;
      std::vector<Finding> findings = json::encode(graph, sink, profile, limits, orders_);
      move_to(out_.findings, findings);
      warn_of_numbers(graph, sink.text(), out_.findings);
    }
    out_.documents.push_back({form, sink.text()});
  }

  std::string_view name_;
  std::string_view original_;
  const Rules& rules_;
  json::KeyOrders* orders_;
  convert::Mended mended_;
  Conversion out_;
};

}  // namespace

bool may_be_task(std::string_view name, std::string_view beginning) {
  try {
    const convert::Form form = convert::recognise(beginning);
    return form == convert::Form::JsonPickle || has_task_suffix(name) || begins_like_a_pickle(beginning);
  } catch (const Error&) {
    return begins_wrapped(beginning);
  }
}

Conversion convert_source(std::string_view name, std::string_view bytes, const Rules& rules, json::KeyOrders* orders) {
  return Converter(name, bytes, rules, orders).run();
}

}  // namespace gt::batch
