#include "lib/run/lux_params.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "lib/base/error.h"
#include "lib/base/text.h"
#include "lib/run/lux_scene.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using render::Step;

std::string film_name(std::int64_t subtask) { return fmt::format("{:05}.flm", subtask); }

// Old scenes may hold names in any encoding.
Json text_param(const std::string& text) {
  if (is_utf8(text, Surrogates::Accept)) return text;
  return Json::binary({text.begin(), text.end()});
}

Json scene_params(const RunPlan& plan, const char* action, const std::string& text) {
  return {{"action", action},
          {"output_basename", k_lux_output},
          {"scene_file", plan.scene},
          {"scene_text", text_param(text)},
          {"output_format", plan.plan.format.saved},
          {"lux_args", {"-t", std::to_string(plan.limits.threads)}}};
}

// Which of the seconds in which containers may start a film has for itself: luxconsole takes its random numbers from them. One
// more than there are containers at a time, as a film that takes no time would be followed within its own second.
Json start_slot(const RunPlan& plan, const render::Subtask& subtask) {
  const std::int64_t places = std::min(plan.plan.films(), std::int64_t{plan.limits.jobs} + 1);
  return {(subtask.number - 1) % places, places};
}

Json film_paths(const RunPlan& plan, const render::Subtask& subtask) {
  Json out = Json::array();
  for (const std::int64_t number : plan.plan.needs(subtask.number)) out.push_back("/golem/work/" + film_name(number));
  return out;
}

}  // namespace

std::string lux_result_name(const RunPlan& plan, const render::Subtask& subtask) {
  return k_lux_output + std::string(render::extension_of(plan.plan, subtask));
}

Json lux_params(const RunPlan& plan, const render::Subtask& subtask) {
  Json params;
  if (subtask.step == Step::Merge)
    return {{"action", "merge"}, {"output_basename", k_lux_output}, {"films", film_paths(plan, subtask)}};
  if (subtask.step == Step::Image) {
    params = scene_params(plan, "image", plan.lux.image);
    params["film"] = film_paths(plan, subtask).front();
    return params;
  }
  params = scene_params(plan, "render", plan.lux.film);
  params["start_slot"] = start_slot(plan, subtask);
  return params;
}

void give_films(const RunPlan& plan, const render::Subtask& subtask, const RunDirectory& directory,
                const ContainerPaths& paths) {
  for (const std::int64_t number : plan.plan.needs(subtask.number)) {
    if (!directory.record(number).result)
      throw Error(ErrorCode::RunState,
                  fmt::format("subtask {} is made of the result of subtask {}, which is not there", subtask.number, number),
                  {.file = directory.path().string()}, fmt::format("--run-subtask {} first", number));
    const fs::path copy = paths.work / film_name(number);
    std::error_code failed;
    fs::copy_file(directory.result(plan.plan, number), copy, failed);
    if (failed) throw os_error(failed.value(), "write", copy.string());
    directory.give(copy);
  }
}

}  // namespace gt::run
