#include "lib/convert/save.h"

#include "lib/json/encode.h"

namespace gt::convert {
namespace {

class FileSink : public Sink {
 public:
  explicit FileSink(OutputFile& file) : file_(file) {}
  void write(std::string_view bytes) override { file_.write(bytes); }

 private:
  OutputFile& file_;
};

}  // namespace

std::vector<Finding> save_json(const object::Graph& graph, const Input& input, const std::string& output,
                               const SaveOptions& options) {
  if (output != "-" && input.is_same_file(output))
    throw Error(ErrorCode::OutputIsInput, "is the input file, which is never changed", {.file = output},
                "name another file to write");
  OutputFile file(output, options.clobber, options.durability);
  FileSink sink(file);
  std::vector<Finding> findings;
  try {
    findings = json::encode_2016(graph, sink, json::EncodeLimits::for_input(input.bytes().size()));
  } catch (const Error& error) {
    throw error.in_file(input.name());
  }
  for (Finding& finding : findings) finding.where.file = input.name();
  file.publish();
  return findings;
}

}  // namespace gt::convert
