#include "lib/lux/rewrite.h"

#include <algorithm>
#include <cstdlib>

#include "lib/lux/references.h"
#include "lib/lux/scene.h"
#include "tests/fuzz/targets.h"

namespace gt::fuzz {
namespace {

// The size as LuxRender takes it: of each name the last, read as a float and cut.
class Size : public lux::SceneVisitor {
 public:
  void on_parameter(const lux::Statement& statement, const lux::Parameter& parameter) override {
    if (statement.keyword.text != "Film" || parameter.type != "integer" || parameter.count != 1) return;
    const int value = static_cast<int>(std::strtof(std::string(parameter.head[0].text).c_str(), nullptr));
    if (parameter.name == "xresolution") width = value;
    if (parameter.name == "yresolution") height = value;
  }
  int width = 0, height = 0;
};

void rewrite_twice(std::string_view bytes, const lux::Settings& settings) {
  const lux::Rewritten once = lux::rewrite(bytes, settings);
  const lux::Rewritten twice = lux::rewrite(once.text, settings);
  require(twice.text == once.text, "rewriting twice gives the same text");
  require(std::none_of(twice.notes.begin(), twice.notes.end(),
                       [](const Finding& note) { return note.severity == Finding::Severity::Note; }),
          "rewriting twice changes nothing more");
  require(lux::contents_of(once.text).films.size() == 1, "a rewritten scene has one film");
  Size size;
  lux::parse_scene(once.text, size);
  require(size.width == 641 && size.height == 480, "the film has the size that was asked for");
}

void relocate_all(std::string_view bytes) {
  const auto before = lux::contents_of(bytes).references;
  std::map<std::string, std::string, std::less<>> names;
  for (const lux::Reference& reference : before) names[reference.name] = "moved\\" + std::to_string(names.size());
  const auto after = lux::contents_of(lux::relocate(bytes, names).text).references;
  require(after.size() == before.size(), "the same references are there");
  for (std::size_t i = 0; i < after.size(); ++i) {
    require(after[i].name == names.at(before[i].name), "each reference has its new name");
    lux::resolve(before[i].name, "/scene");
  }
}

}  // namespace

// A scene is rewritten, once and for all, or it is refused; and its references get other names.
void lux_rewrite(std::string_view bytes) {
  const lux::TaskOptions options{.resolution = {641, 480}, .halttime = 7, .haltspp = 3, .picture = lux::Picture::Exr};
  lux::Settings cropped = lux::render_settings(options, "/golem/output/a");
  cropped.crop = lux::Crop{{0.25, 1}, {0, 0.5}};
  for (const lux::Settings& settings : {cropped, lux::image_settings(options, "/golem/output/b")}) {
    try {
      rewrite_twice(bytes, settings);
    } catch (const Error& error) {
      accept(error);
    }
  }
  try {
    relocate_all(bytes);
  } catch (const Error& error) {
    accept(error);
  }
}

}  // namespace gt::fuzz
