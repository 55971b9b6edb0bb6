// The files of a run directory: cereal archives, each behind a line that says what it is and one with its digest.
#include <cereal/archives/json.hpp>
#include <cereal/archives/portable_binary.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/chrono.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <sstream>

#include "lib/base/error.h"
#include "lib/base/files.h"
#include "lib/run/content_hash.h"
#include "lib/run/record.h"
#include "lib/run/run_plan.h"

// What is kept of each type: found by cereal in the type's own namespace. The order is the file's: a change of any of these
// is another version (k_plan, k_record).

namespace gt {

// Enumerators are kept as the words that reports have for them. Another word is another version's: the head of the file would
// have told.
template <typename Enum>
Enum by_word(std::string_view word, std::initializer_list<Enum> all) {
  for (const Enum one : all)
    if (word == to_string(one)) return one;
  return *all.begin();
}

template <typename Archive>
void serialize(Archive& archive, Location& x) {
  archive(cereal::make_nvp("file", x.file), cereal::make_nvp("path", x.path));
}

template <typename Archive>
void serialize(Archive& archive, Finding& x) {
  archive(cereal::make_nvp("severity", x.severity), cereal::make_nvp("message", x.message), cereal::make_nvp("where", x.where));
}

}  // namespace gt

namespace gt::task {

template <typename Archive>
std::string save_minimal(const Archive&, const Renderer& x) {
  return std::string(to_string(x));
}

template <typename Archive>
void load_minimal(const Archive&, Renderer& x, const std::string& word) {
  x = by_word(word, {Renderer::None, Renderer::Blender, Renderer::LuxRender});
}

template <typename Archive>
void serialize(Archive& archive, Image& x) {
  archive(cereal::make_nvp("repository", x.repository), cereal::make_nvp("tag", x.tag), cereal::make_nvp("id", x.id));
}

}  // namespace gt::task

namespace gt::render {

template <typename Archive>
std::string save_minimal(const Archive&, const Format& x) {
  return std::string(x.saved);
}

template <typename Archive>
void load_minimal(const Archive&, Format& x, const std::string& name) {
  if (name.empty()) return;  // of a program
  const std::optional<Format> format = find_format(name);
  if (!format) throw Error(ErrorCode::RunState, "there is no picture format " + name);
  x = *format;
}

template <typename Archive>
std::string save_minimal(const Archive&, const Setting& x) {
  return std::string(to_string(x));
}

template <typename Archive>
void load_minimal(const Archive&, Setting& x, const std::string& word) {
  x = by_word(word, {Setting::Scene, Setting::Off, Setting::On});
}

template <typename Archive>
std::string save_minimal(const Archive&, const Step& x) {
  return std::string(to_string(x));
}

template <typename Archive>
void load_minimal(const Archive&, Step& x, const std::string& word) {
  x = by_word(word, {Step::Strip, Step::Film, Step::Merge, Step::Image, Step::Program});
}

template <typename Archive>
void serialize(Archive& archive, Rows& x) {
  archive(cereal::make_nvp("first", x.first), cereal::make_nvp("end", x.end));
}

template <typename Archive>
void serialize(Archive& archive, Subtask& x) {
  archive(cereal::make_nvp("number", x.number), cereal::make_nvp("frame", x.frame), cereal::make_nvp("rows", x.rows),
          cereal::make_nvp("part", x.part), cereal::make_nvp("step", x.step));
}

template <typename Archive>
void serialize(Archive& archive, Plan& x) {
  archive(cereal::make_nvp("renderer", x.renderer), cereal::make_nvp("format", x.format),
          cereal::make_nvp("resolution", x.resolution), cereal::make_nvp("engine", x.engine),
          cereal::make_nvp("adaptive", x.adaptive), cereal::make_nvp("compositing", x.compositing),
          cereal::make_nvp("is_animation", x.is_animation), cereal::make_nvp("strips", x.strips),
          cereal::make_nvp("frames", x.frames), cereal::make_nvp("subtasks", x.subtasks), cereal::make_nvp("notes", x.notes));
}

}  // namespace gt::render

namespace gt::docker {

template <typename Archive>
void serialize(Archive& archive, Ulimit& x) {
  archive(cereal::make_nvp("name", x.name), cereal::make_nvp("soft", x.soft), cereal::make_nvp("hard", x.hard));
}

template <typename Archive>
void serialize(Archive& archive, Isolation& x) {
  archive(cereal::make_nvp("uid", x.uid), cereal::make_nvp("gid", x.gid), cereal::make_nvp("network", x.network),
          cereal::make_nvp("drop_capabilities", x.drop_capabilities),
          cereal::make_nvp("no_new_privileges", x.no_new_privileges), cereal::make_nvp("read_only_root", x.read_only_root),
          cereal::make_nvp("init", x.init), cereal::make_nvp("memory_bytes", x.memory_bytes), cereal::make_nvp("cpus", x.cpus),
          cereal::make_nvp("pids", x.pids), cereal::make_nvp("tmp_bytes", x.tmp_bytes),
          cereal::make_nvp("log_bytes", x.log_bytes), cereal::make_nvp("ulimits", x.ulimits), cereal::make_nvp("gpus", x.gpus),
          cereal::make_nvp("runtime", x.runtime));
}

}  // namespace gt::docker

namespace gt::run {

template <typename Archive>
void serialize(Archive& archive, Limits& x) {
  archive(cereal::make_nvp("jobs", x.jobs), cereal::make_nvp("threads", x.threads),
          cereal::make_nvp("memory_bytes", x.memory_bytes), cereal::make_nvp("most_memory_bytes", x.most_memory_bytes),
          cereal::make_nvp("retries", x.retries), cereal::make_nvp("subtask_timeout", x.subtask_timeout),
          cereal::make_nvp("full_timeout", x.full_timeout));
}

template <typename Archive>
void serialize(Archive& archive, InputFile& x) {
  archive(cereal::make_nvp("name", x.name), cereal::make_nvp("size", x.size), cereal::make_nvp("sha256", x.sha256));
}

template <typename Archive>
void serialize(Archive& archive, Verification& x) {
  archive(cereal::make_nvp("subtask", x.subtask), cereal::make_nvp("rows", x.rows), cereal::make_nvp("columns", x.columns));
}

template <typename Archive>
void serialize(Archive& archive, LuxScenes& x) {
  archive(cereal::make_nvp("film", x.film), cereal::make_nvp("image", x.image));
}

template <typename Archive>
void serialize(Archive& archive, RunPlan& x) {
  archive(cereal::make_nvp("plan", x.plan), cereal::make_nvp("image", x.image), cereal::make_nvp("script", x.script),
          cereal::make_nvp("is_own_script", x.is_own_script), cereal::make_nvp("crop_script", x.crop_script),
          cereal::make_nvp("scene", x.scene), cereal::make_nvp("lux", x.lux), cereal::make_nvp("limits", x.limits),
          cereal::make_nvp("isolation", x.isolation), cereal::make_nvp("inputs", x.inputs),
          cereal::make_nvp("verifications", x.verifications), cereal::make_nvp("output", x.output));
}

template <typename Archive>
std::string save_minimal(const Archive&, const Cause& x) {
  return std::string(to_string(x));
}

template <typename Archive>
void load_minimal(const Archive&, Cause& x, const std::string& word) {
#define GT_CAUSE(name, text, retry, scope, error) Cause::name,
  x = by_word(word, {
#include "lib/run/causes.def"
                    });
#undef GT_CAUSE
}

template <typename Archive>
void serialize(Archive& archive, Attempt& x) {
  archive(cereal::make_nvp("directory", x.directory), cereal::make_nvp("container", x.container),
          cereal::make_nvp("host", x.host), cereal::make_nvp("started_ms", x.started_ms),
          cereal::make_nvp("elapsed_ms", x.elapsed_ms), cereal::make_nvp("cause", x.cause),
          cereal::make_nvp("exit_code", x.exit_code), cereal::make_nvp("message", x.message),
          cereal::make_nvp("memory_limit", x.memory_limit), cereal::make_nvp("peak_memory", x.peak_memory));
}

template <typename Archive>
void serialize(Archive& archive, Result& x) {
  archive(cereal::make_nvp("file", x.file), cereal::make_nvp("size", x.size), cereal::make_nvp("sha256", x.sha256),
          cereal::make_nvp("pixels", x.pixels), cereal::make_nvp("pixel_hash", x.pixel_hash),
          cereal::make_nvp("is_uniform", x.is_uniform), cereal::make_nvp("is_black", x.is_black),
          cereal::make_nvp("is_verified", x.is_verified));
}

template <typename Archive>
void serialize(Archive& archive, Record& x) {
  archive(cereal::make_nvp("subtask", x.subtask), cereal::make_nvp("attempts", x.attempts),
          cereal::make_nvp("result", x.result));
}

namespace {

constexpr std::string_view k_plan = "gt-tools run plan 2\n";
constexpr std::string_view k_record = "gt-tools run record 2\n";
constexpr std::size_t k_digest = 64;

template <typename Value>
void write_archive(const std::filesystem::path& file, std::string_view head, const Value& value) {
  std::ostringstream bytes;
  {
    cereal::PortableBinaryOutputArchive archive(bytes);
    archive(value);
  }
  const std::string payload = std::move(bytes).str();
  write_file(file.string(), std::string(head) + sha256_of(payload) + "\n" + payload);
}

Error damaged(const std::filesystem::path& file, std::string why) {
  return Error(ErrorCode::RunState, std::move(why), {.file = file.string()}, "--restart begins the run anew");
}

// cereal trusts the sizes that it reads: nothing but what write_archive made is given to it.
template <typename Value>
Value read_archive(const std::filesystem::path& file, std::string_view head) {
  const Input input = Input::read(file.string());
  std::string_view bytes = input.bytes();
  if (!bytes.starts_with(head.substr(0, head.rfind(' '))))
    throw damaged(file, "is no " + std::string(head.substr(0, head.rfind(' '))));
  if (!bytes.starts_with(head)) throw damaged(file, "was written by another version of submit-task");
  bytes.remove_prefix(head.size());
  if (bytes.size() <= k_digest || bytes[k_digest] != '\n' || sha256_of(bytes.substr(k_digest + 1)) != bytes.substr(0, k_digest))
    throw damaged(file, "is damaged: its digest is another");
  std::istringstream payload(std::string(bytes.substr(k_digest + 1)));
  Value value;
  try {
    cereal::PortableBinaryInputArchive archive(payload);
    archive(value);
  } catch (const cereal::Exception& error) {
    throw damaged(file, std::string("cannot be read: ") + error.what());
  }
  return value;
}

}  // namespace

void write_run_plan(const std::filesystem::path& file, const RunPlan& plan) { write_archive(file, k_plan, plan); }

RunPlan read_run_plan(const std::filesystem::path& file) { return read_archive<RunPlan>(file, k_plan); }

void write_record(const std::filesystem::path& file, const Record& record) { write_archive(file, k_record, record); }

Record read_record(const std::filesystem::path& file) { return read_archive<Record>(file, k_record); }

std::string to_json(const RunPlan& plan, const std::vector<Record>& state) {
  std::ostringstream text;
  {
    cereal::JSONOutputArchive archive(
        text, cereal::JSONOutputArchive::Options(17, cereal::JSONOutputArchive::Options::IndentChar::space, 2));
    archive(cereal::make_nvp("run", plan), cereal::make_nvp("state", state));
  }
  return std::move(text).str() + "\n";
}

}  // namespace gt::run
