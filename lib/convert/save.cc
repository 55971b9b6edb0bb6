#include "lib/convert/save.h"

#include "lib/json/decode.h"
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

void require_other_file(const Input& input, const std::string& output) {
  if (output != "-" && input.is_same_file(output))
    throw Error(ErrorCode::OutputIsInput, "is the input file, which is never changed", {.file = output},
                "name another file to write");
}

void append(std::vector<Finding>& to, std::vector<Finding> from, const std::string& file) {
  for (Finding& finding : from) {
    finding.where.file = file;
    to.push_back(std::move(finding));
  }
}

// The documents of a file, one after the other.
class Documents {
 public:
  explicit Documents(const Source& source) : source_(source) {}

  bool has_more() const { return next_ < source_.bytes().size(); }
  object::Graph next(std::vector<Finding>& findings) {
    if (source_.form == Form::JsonPickle) {
      next_ = source_.bytes().size();
      return json::decode(source_.bytes(), json::Restore::Whole);
    }
    pickle::Decoded decoded = pickle::decode_at(source_.bytes(), next_);
    next_ = decoded.end;
    append(findings, std::move(decoded.findings), source_.input.name());
    return std::move(decoded.graph);
  }

 private:
  const Source& source_;
  std::uint64_t next_ = 0;
};

}  // namespace

std::vector<Finding> save_json(const object::Graph& graph, const Input& input, const std::string& output,
                               const SaveOptions& options) {
  require_other_file(input, output);
  OutputFile file(output, options.clobber, options.durability);
  FileSink sink(file);
  std::vector<Finding> findings;
  try {
    append(findings, json::encode_2016(graph, sink, json::EncodeLimits::for_input(input.bytes().size())), input.name());
  } catch (const Error& error) {
    throw error.in_file(input.name());
  }
  file.publish();
  return findings;
}

std::vector<Finding> save_all_json(const Source& source, const std::string& output, const SaveOptions& options) {
  require_other_file(source.input, output);
  OutputFile file(output, options.clobber, options.durability);
  FileSink sink(file);
  std::vector<Finding> findings;
  const auto limits = json::EncodeLimits::for_input(source.bytes().size());
  try {
    for (Documents documents(source); documents.has_more();) {
      append(findings, json::encode_2016(documents.next(findings), sink, limits), source.input.name());
      sink.write("\n");
    }
  } catch (const Error& error) {
    throw error.in_file(source.input.name());
  }
  file.publish();
  return findings;
}

}  // namespace gt::convert
