#include "lib/run/run_plan.h"

#include <algorithm>

#include "lib/base/text.h"

namespace gt::run {
namespace {

const InputFile* find(const std::vector<InputFile>& files, const std::string& name) {
  const auto found = std::find_if(files.begin(), files.end(), [&](const InputFile& file) { return file.name == name; });
  return found == files.end() ? nullptr : &*found;
}

void compare_inputs(const RunPlan& before, const RunPlan& now, std::vector<std::string>& out) {
  for (const InputFile& file : now.inputs) {
    const InputFile* old = find(before.inputs, file.name);
    if (old == nullptr) {
      out.push_back(printable(file.name, 4096) + " is new");
    } else if (*old != file) {
      out.push_back(printable(file.name, 4096) + " has changed");
    }
  }
  for (const InputFile& file : before.inputs)
    if (find(now.inputs, file.name) == nullptr) out.push_back(printable(file.name, 4096) + " is gone");
}

bool is_same(const render::Plan& a, const render::Plan& b) {
  const auto same_subtask = [](const render::Subtask& x, const render::Subtask& y) {
    return x.number == y.number && x.frame == y.frame && x.rows == y.rows && x.step == y.step;
  };
  return a.renderer == b.renderer && a.format.saved == b.format.saved && a.resolution == b.resolution && a.engine == b.engine &&
         a.adaptive == b.adaptive && a.compositing == b.compositing && a.is_animation == b.is_animation &&
         std::equal(a.subtasks.begin(), a.subtasks.end(), b.subtasks.begin(), b.subtasks.end(), same_subtask);
}

}  // namespace

std::vector<render::Group> make_groups(const RunPlan& plan, const std::vector<std::int64_t>& subtasks, std::int64_t count) {
  return plan.is_own_script ? render::make_single_groups(subtasks) : render::make_groups(plan.plan, subtasks, count);
}

// What changes no pixel may change: limits, isolation, the number of containers.
std::vector<std::string> differences(const RunPlan& before, const RunPlan& now) {
  std::vector<std::string> out;
  compare_inputs(before, now, out);
  if (before.image.name() != now.image.name()) {
    out.push_back("the image is " + printable(now.image.name(), 300) + ", it was " + printable(before.image.name(), 300));
  } else if (before.image.id != now.image.id) {
    out.push_back("the image " + printable(now.image.name(), 300) + " has changed");
  }
  if (!is_same(before.plan, now.plan))
    out.emplace_back("what is to be rendered has changed (size, format, frames, strips or settings)");
  if (before.lux.film != now.lux.film || before.lux.image != now.lux.image)
    out.emplace_back("what the scene is told has changed");
  if (before.script != now.script || before.crop_script != now.crop_script)
    out.emplace_back("the script that runs in the containers has changed");
  if (before.output != now.output) out.push_back("the output is another, it was " + printable(before.output, 4096));
  return out;
}

}  // namespace gt::run
