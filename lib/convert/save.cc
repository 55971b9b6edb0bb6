#include "lib/convert/save.h"

#include <functional>

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
  for (Finding& finding : findings) finding.where.file = input.name();
  file.publish();
  return findings;
}

}  // namespace

std::vector<Finding> save_json(const object::Graph& graph, const Input& input, const std::string& output,
                               const SaveOptions& options) {
  const json::EncodeLimits limits = json::EncodeLimits::for_input(input.bytes().size());
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

}  // namespace gt::convert
