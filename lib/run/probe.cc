#include "lib/run/probe.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "lib/base/text.h"
#include "lib/docker/outputs.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;

constexpr auto k_longest = std::chrono::minutes(1);
constexpr std::size_t k_most_bytes = 65536;

Error not_understood(const std::string& text) {
  return Error(ErrorCode::ResultInvalid, "what the image says of its Blender is not understood: " + printable(text, 200));
}

BlenderFacts facts_of(const std::string& text) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("version")) throw not_understood(text);
  BlenderFacts out;
  if (json["version"].is_null()) return out;
  try {
    out.version = json["version"].get<std::array<int, 3>>();
    out.engines = json.at("engines").get<std::vector<std::string>>();
    out.has_denoiser = json.at("denoiser").get<bool>();
  } catch (const nlohmann::json::exception&) {
    throw not_understood(text);
  }
  return out;
}

std::string read_answer(const fs::path& output) {
  const Fd file = docker::Outputs(output, {.file_bytes = k_most_bytes}).open("probe.json");
  std::string text(k_most_bytes, '\0');
  const ssize_t got = ::read(file.get(), text.data(), text.size());
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

}  // namespace

BlenderFacts probe_image(const RunPlan& plan, const std::string& script, const fs::path& place, ContainerRunner& runner) {
  docker::JobSpec spec;
  spec.image = plan.image;
  spec.script = script;
  spec.params = nlohmann::ordered_json::object();
  spec.work_dir = place / "work";
  spec.resources_dir = place / "resources";
  spec.output_dir = place / "output";
  for (const fs::path& directory : {spec.work_dir, spec.resources_dir, spec.output_dir}) {
    fs::create_directory(directory);
    fs::permissions(directory, fs::perms::all);  // of a directory that nobody else can reach
  }
  spec.isolation = plan.isolation;
  spec.isolation.memory_bytes = plan.limits.memory_bytes;
  const ContainerEnd end = runner.run(spec, k_longest);
  if (end.result.end != docker::WaitResult::End::Exited || end.result.exit_code != 0)
    throw Error(ErrorCode::ContainerFailed, "a container of " + printable(plan.image.name(), 300) +
                                                " that was to tell its Blender's version ended with exit code " +
                                                std::to_string(end.result.exit_code));
  return facts_of(read_answer(spec.output_dir));
}

}  // namespace gt::run
