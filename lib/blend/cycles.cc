#include "lib/blend/cycles.h"

#include <utility>

namespace gt::blend {
namespace {

// IDProperty.type
constexpr std::int64_t k_int = 1;
constexpr std::int64_t k_group = 6;
constexpr std::int64_t k_boolean = 10;  // newer files; an int in those of 3.4

constexpr std::int64_t k_layer_is_rendered = 1;                 // ViewLayer.flag, VIEW_LAYER_RENDER
constexpr std::int64_t k_old_layer_is_off = 1 << 17;            // SceneRenderLayer.layflag, SCE_LAY_DISABLE
constexpr std::int64_t k_most_samples = std::int64_t{1} << 24;  // of the property samples

Record find_property(const Record& group, std::string_view name) {
  for (Record property = group.follow("data.group.first", "IDProperty"); property; property = property.next())
    if (property.text("name") == name) return property;
  return {};
}

// From 5.0 on, what add-ons define is kept apart from what users add.
Record cycles_group(const Record& owner, std::string_view system, std::string_view user) {
  for (const std::string_view member : {system, user}) {
    const Record group = find_property(owner.follow(member, "IDProperty"), "cycles");
    if (group && group.number("type") == k_group) return group;
  }
  return {};
}

// A setting, or `otherwise` if it was never changed. Empty if something else has its name.
std::optional<std::int64_t> setting(const Record& group, std::string_view name, std::optional<std::int64_t> otherwise) {
  const Record property = find_property(group, name);
  if (!property) return otherwise;
  const std::optional<std::int64_t> type = property.number("type");
  if (type != k_int && type != k_boolean) return std::nullopt;
  return property.number("data.val");
}

std::optional<bool> switched_on(const Record& group, std::string_view name, std::optional<std::int64_t> otherwise) {
  const std::optional<std::int64_t> value = setting(group, name, otherwise);
  if (!value) return std::nullopt;
  return *value != 0;
}

// Whether the file was saved by `last` or an older Blender; empty if it does not say.
std::optional<bool> is_up_to(std::pair<int, int> last, int version, std::optional<int> subversion) {
  if (version != last.first) return version < last.first;
  if (!subversion) return std::nullopt;
  return *subversion <= last.second;
}

struct Defaults {
  std::optional<std::int64_t> on;
  std::optional<std::int64_t> samples;
  bool squares = false;  // samples may stand for their square
};

// addons/cycles/version_update.py of Blender 3.4: these releases had other defaults than properties.py has now.
Defaults defaults_for(int version, std::optional<int> subversion) {
  const std::optional<bool> before_new = is_up_to({300, 25}, version, subversion);
  const std::optional<bool> before_128 = is_up_to({276, 8}, version, subversion);
  if (!before_new) return {};
  if (!*before_new) return {.on = 1, .samples = 4096, .squares = false};
  Defaults out = {.on = 0, .samples = std::nullopt, .squares = true};
  if (before_128) out.samples = *before_128 ? 10 : 128;
  return out;
}

bool any_layer_denoises(const Record& scene) {
  bool has_layers = false;
  for (Record layer = scene.follow("view_layers.first", "ViewLayer"); layer; layer = layer.next()) {
    has_layers = true;
    const bool is_rendered = (layer.number("flag").value_or(k_layer_is_rendered) & k_layer_is_rendered) != 0;
    const Record group = cycles_group(layer, "system_properties", "id_properties");
    if (is_rendered && switched_on(group, "use_denoising", 1).value_or(true)) return true;
  }
  if (has_layers) return false;
  for (Record layer = scene.follow("r.layers.first", "SceneRenderLayer"); layer; layer = layer.next()) {
    const bool is_rendered = (layer.number("layflag").value_or(0) & k_old_layer_is_off) == 0;
    const Record group = cycles_group(layer, "", "prop");
    if (is_rendered && switched_on(group, "use_denoising", 1).value_or(true)) return true;
  }
  return false;
}

std::optional<std::int64_t> samples_of(const Record& group, const Defaults& defaults) {
  std::optional<std::int64_t> samples = setting(group, "samples", defaults.samples);
  const bool is_square = defaults.squares && switched_on(group, "use_square_samples", 0).value_or(false);
  if (samples && is_square && *samples >= 0 && *samples <= k_most_samples) *samples *= *samples;
  return samples;
}

}  // namespace

CyclesSettings read_cycles(const Record& scene, int version, std::optional<int> subversion) {
  const Record group = cycles_group(scene, "id.system_properties", "id.properties");
  const Defaults defaults = defaults_for(version, subversion);
  CyclesSettings out;
  out.adaptive_sampling = switched_on(group, "use_adaptive_sampling", defaults.on);
  out.denoising = switched_on(group, "use_denoising", defaults.on);
  if (out.denoising == true) out.denoising = any_layer_denoises(scene);
  out.samples = samples_of(group, defaults);
  return out;
}

}  // namespace gt::blend
