#include "lib/convert/save.h"

#include <functional>

#include "lib/json/encode.h"
#include "lib/pickle/decode.h"

namespace gt::convert {
namespace {

class FileSink : public Sink {
 public:
  explicit FileSink(OutputFile& file) : file_(file) {}
  void write(std::string_view bytes) override { file_.write(bytes); }

 private:
  OutputFile& file_;
};

void append(std::vector<Finding>& to, const std::vector<Finding>& from) { to.insert(to.end(), from.begin(), from.end()); }

// The documents of a file, one after the other.
class Documents {
 public:
  Documents(const Source& source, const SaveOptions& options) : source_(source), options_(options) {}

  bool has_more() const { return next_ < source_.bytes().size(); }
  object::Graph next(std::vector<Finding>& findings) {
    if (source_.form == Form::JsonPickle) {
      next_ = source_.bytes().size();
      return json::decode(source_.bytes(), std::nullopt, options_.limits.for_reading_json());
    }
    pickle::Decoded decoded =
        pickle::decode_at(source_.bytes(), next_, options_.limits.for_pickles(source_.bytes().size(), options_.profile));
    next_ = decoded.end;
    append(findings, decoded.findings);
    return std::move(decoded.graph);
  }

 private:
  const Source& source_;
  const SaveOptions& options_;
  std::uint64_t next_ = 0;
};

// Whatever `encode` writes becomes the output, whole or not at all. Its findings get the file's name.
std::vector<Finding> save(const Input& input, const std::string& output, const SaveOptions& options,
                          const std::function<std::vector<Finding>(Sink&)>& encode) {
  if (output != "-" && input.is_same_file(output))
    throw Error(ErrorCode::OutputIsInput, "is the input file, which is never changed", {.file = output},
                "name another file to write");
  OutputFile file(output, options.clobber, options.durability);
  FileSink sink(file);
  std::vector<Finding> findings;
  try {
    findings = encode(sink);
  } catch (const Error& error) {
    throw error.in_file(input.name());
  }
  file.publish();
  for (Finding& finding : findings) finding.where.file = input.name();
  return findings;
}

}  // namespace

std::vector<Finding> save_json(const object::Graph& graph, const Input& input, const std::string& output,
                               const SaveOptions& options) {
  const json::EncodeLimits limits = options.limits.for_writing_json(input.bytes().size());
  return save(input, output, options, [&](Sink& sink) { return json::encode(graph, sink, options.profile, limits); });
}

void save_pickle(const object::Graph& graph, pickle::Protocol protocol, const Input& input, const std::string& output,
                 const SaveOptions& options) {
  const std::uint64_t output_bytes = json::EncodeLimits::for_input(input.bytes().size()).output_bytes;
  save(input, output, options, [&](Sink& sink) {
    pickle::encode(graph, sink, {.protocol = protocol, .output_bytes = output_bytes});
    return std::vector<Finding>();
  });
}

std::vector<Finding> save_all_json(const Source& source, const std::string& output, const SaveOptions& options) {
  const json::EncodeLimits limits = options.limits.for_writing_json(source.bytes().size());
  return save(source.input, output, options, [&](Sink& sink) {
    std::vector<Finding> findings;
    for (Documents documents(source, options); documents.has_more();) {
      append(findings, json::encode(documents.next(findings), sink, options.profile, limits));
      sink.write("\n");
    }
    return findings;
  });
}

}  // namespace gt::convert
