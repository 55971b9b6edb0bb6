#include "lib/run/images.h"

#include <algorithm>

#include "lib/base/error.h"
#include "lib/base/text.h"

namespace gt::run {
namespace {

std::string names_of(const std::vector<task::Image>& images) {
  std::string out;
  for (const task::Image& image : images) {
    if (!out.empty()) out += ", ";
    out += printable(image.name(), 300);
  }
  return out;
}

Error bad_rule(const std::string& rule, std::string why) {
  return Error(ErrorCode::Usage, "--image " + printable(rule) + ": " + std::move(why), {},
               "give it as OLD=NEW, such as --image golem/blender=my/blender:3.4");
}

// golem/blender is made by the project's own Dockerfile.
std::string how_to_make(const task::Image& image) {
  if (image.repository == "golem/base" || image.repository == "golem/blender") {
    return "make them with ./dev images, or docker build -t " + image.repository + " -f scripts/Dockerfile." +
           image.repository.substr(6) + " .";
  }
  if (image.repository == "golem/luxrender")
    return "make it with docker build -t golem/luxrender -f scripts/Dockerfile.luxrender .";
  return "pull or build one of them";
}

}  // namespace

task::Image to_image(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  const std::size_t colon = name.find(':', slash == std::string_view::npos ? 0 : slash);
  task::Image image;
  image.repository = name.substr(0, colon);
  if (colon != std::string_view::npos) image.tag = name.substr(colon + 1);
  if (image.repository.empty() || image.tag.empty() || name.find('@') != std::string_view::npos) {
    throw Error(ErrorCode::Usage, printable(name) + " is not the name of an image", {}, "give repository or repository:tag");
  }
  return image;
}

std::vector<task::Image> rename_images(std::vector<task::Image> images, const std::vector<std::string>& rules) {
  const std::vector<task::Image> saved = images;
  for (const std::string& rule : rules) {
    const std::size_t equals = rule.find('=');
    if (equals == std::string::npos) throw bad_rule(rule, "there is no '='");
    const std::string old_name = rule.substr(0, equals);
    const task::Image replacement = to_image(std::string_view(rule).substr(equals + 1));
    bool used = false;
    for (std::size_t i = 0; i < saved.size(); ++i) {
      if (saved[i].repository != old_name && saved[i].name() != old_name) continue;
      images[i] = replacement;
      used = true;
    }
    if (!used) throw bad_rule(rule, "the task names no image " + printable(old_name) + ", only " + names_of(saved));
  }
  return images;
}

task::Image choose_image(const std::vector<task::Image>& images, ContainerRunner& runner) {
  if (images.empty())
    throw Error(ErrorCode::PlanInvalid, "the task names no Docker image", {}, "convert it with blender2docker");
  for (const task::Image& image : images) {
    if (const std::optional<std::string> id = runner.find_image(image))
      return {.repository = image.repository, .tag = image.tag, .id = *id};
  }
  throw Error(ErrorCode::ImageMissing,
              images.size() == 1 ? "the engine has no image " + names_of(images)
                                 : "the engine has none of the task's images " + names_of(images),
              {}, how_to_make(images.front()) + "; --image OLD=NEW takes one of another name");
}

}  // namespace gt::run
