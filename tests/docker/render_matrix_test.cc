// Every format, cut in every way, against what Blender itself renders of the whole frame. GT_TOOLS_FULL=1: all combinations.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <fcntl.h>

#include <cstdio>
#include <cstdlib>

#include "lib/docker/job.h"
#include "lib/picture/compare.h"
#include "tests/docker/submit_call.h"
#include "tests/unit/docker/support.h"

namespace gt::testing {
namespace {

namespace fs = std::filesystem;
using run::Scratch;

constexpr std::int64_t k_width = 96;
constexpr std::int64_t k_height = 270;  // 17 blocks of JPEG

struct Variant {
  const char* name;
  const char* saved;  // as the task says it
  const char* type;   // Blender's file_format
  const char* mode;   // color_mode
  const char* depth;  // color_depth
  const char* extension;
  bool is_quick;
  const char* lossy_codec = "";  // of the scene; Blender alone then renders without loss, and so do strips
};

constexpr Variant k_variants[] = {
    {"png8", "PNG", "PNG", "RGBA", "8", ".png", false},
    {"png16", "PNG", "PNG", "RGB", "16", ".png", true},
    {"pngbw", "PNG", "PNG", "BW", "8", ".png", false},
    {"tga", "TGA", "TARGA", "RGBA", "8", ".tga", false},
    {"exrhalf", "EXR", "OPEN_EXR", "RGBA", "16", ".exr", false},
    {"exrlossy", "EXR", "OPEN_EXR", "RGBA", "16", ".exr", false, "DWAA"},
    {"exrfloat", "EXR", "OPEN_EXR", "RGB", "32", ".exr", false},
    {"multilayer", "OPEN_EXR_MULTILAYER", "OPEN_EXR_MULTILAYER", "RGBA", "32", ".exr", true},
    {"jpeg", "JPEG", "JPEG", "RGB", "8", ".jpg", true},
    {"bmp", "BMP", "BMP", "RGB", "8", ".bmp", false},
};

// Scenes with each variant's settings, and frames 1 to 4 of each as Blender alone renders them, in directories of the
// container's user. The reference is Blender's own command line; only what strips cannot have is switched off.
class Reference {
 public:
  Reference() {
    for (const char* name : {"resources", "work", "output"}) fs::create_directory(root_.path() / name);
    fs::copy_file(k_blocks, root_.path() / "resources/blocks.blend");
    docker::JobSpec spec;
    spec.image = docker::Image("golem/blender");
    spec.resources_dir = root_.path() / "resources";
    spec.work_dir = root_.path() / "work";
    spec.output_dir = root_.path() / "output";
    spec.labels = {owner_label()};
    spec.script = script();
    docker::Engine engine({.host = docker_host()});
    docker::Job job(engine, spec);
    job.start();
    const docker::WaitResult end = job.wait(std::chrono::minutes(10));
    job.dump_logs({.stdout_file = root_.path() / "log", .stderr_file = root_.path() / "errors"});
    INFO(read_text(root_.path() / "errors"));
    REQUIRE(end.exit_code == 0);
  }
  fs::path scene(const Variant& variant) const { return root_.path() / "output" / (std::string(variant.name) + ".blend"); }
  fs::path frame(const Variant& variant, std::int64_t frame) const {
    return root_.path() / "output" / (std::string(variant.name) + "-000" + std::to_string(frame) + variant.extension);
  }

 private:
  static std::string script() {
    std::string out = R"(
import subprocess, sys
SET = """
import bpy, sys
s = bpy.context.scene
name, kind, mode, depth, codec = sys.argv[sys.argv.index('--') + 1:]
s.render.image_settings.file_format = kind
s.render.image_settings.color_mode = mode
if kind not in ('TARGA', 'JPEG', 'BMP'):
    s.render.image_settings.color_depth = depth
s.cycles.use_adaptive_sampling = False
s.cycles.samples = 4
s.view_layers[0].use_pass_z = True
s.view_layers[0].use_pass_normal = True
if codec:
    s.render.image_settings.exr_codec = codec
bpy.ops.wm.save_as_mainfile(filepath='/golem/output/%s.blend' % name, copy=True)
if codec:
    s.render.image_settings.exr_codec = 'ZIP'
s.render.resolution_x, s.render.resolution_y, s.render.resolution_percentage = )" +
                      std::to_string(k_width) + ", " + std::to_string(k_height) + R"(, 100
s.render.dither_intensity = 0
bpy.ops.wm.save_as_mainfile(filepath='/golem/work/%s.blend' % name, copy=True)
"""
def blender(*words):
    subprocess.run(['blender', '-b', *words], check=True)
for name, kind, mode, depth, codec in [)";
    for (const Variant& v : k_variants) {
      if (!v.is_quick && !is_full_run()) continue;
      out +=
          std::string("('") + v.name + "', '" + v.type + "', '" + v.mode + "', '" + v.depth + "', '" + v.lossy_codec + "'), ";
    }
    out += R"(]:
    blender('/golem/resources/blocks.blend', '--python-exit-code', '3', '--python-expr', SET, '--', name, kind, mode, depth, codec)
    blender('/golem/work/%s.blend' % name, '-o', '/golem/output/%s-####' % name, '-f', '1..4')
)";
    return out;
  }

  TemporaryDirectory root_;
};

const Reference& reference() {
  static const Reference reference;
  return reference;
}

task::Definition task_of(const Variant& variant, const fs::path& output) {
  task::Definition d = blocks_task(output);
  d.main_scene_file = reference().scene(variant).string();
  d.resources = {d.main_scene_file};
  d.output_format = variant.saved;
  d.resolution = {k_width, k_height};
  return d;
}

std::int64_t different_pixels(const fs::path& a, const fs::path& b) {
  const Fd first(::open(a.c_str(), O_RDONLY));
  const Fd second(::open(b.c_str(), O_RDONLY));
  REQUIRE_MESSAGE(first, a.string());
  REQUIRE_MESSAGE(second, b.string());
  return picture::compare({.fd = first.get(), .name = a.string(), .height = k_height},
                          {.fd = second.get(), .name = b.string(), .height = k_height}, k_width,
                          {.kind = picture::find_kind(a.extension().string()).value()})
      .pixels;
}

TEST_CASE("a still in strips is the whole frame, in every pixel and channel of every format") {
  for (const Variant& variant : k_variants) {
    if (!variant.is_quick && !is_full_run()) continue;
    CAPTURE(variant.name);
    const std::vector<std::string> counts =
        is_full_run() ? std::vector<std::string>{"1", "2", "3", "7", "16"} : std::vector<std::string>{"3"};
    for (const std::string& strips : counts) {
      CAPTURE(strips);
      if (strips == "1" && *variant.lossy_codec != '\0') continue;
      const Scratch scratch;
      const fs::path output = scratch / (std::string("out") + variant.extension);
      Call call{.definition = task_of(variant, output)};
      REQUIRE_MESSAGE(call.run({"--strips", strips}) == 0, call.err.str());
      CHECK(different_pixels(reference().frame(variant, 1), output) == 0);
      CHECK(call.containers() == 0);
    }
  }
}

TEST_CASE("frames are Blender's own, however they are divided") {
  struct Row {
    const char* what;
    std::int64_t total;
    std::size_t subtasks;
  };
  const Row rows[] = {{"two frames for each machine", 2, 4}, {"one each", 4, 4}, {"two strips of each frame", 8, 8}};
  for (const Variant& variant : k_variants) {
    if (!variant.is_quick && !is_full_run()) continue;
    for (const Row& row : rows) {
      if (!is_full_run() && std::string_view(variant.name) != "png16") continue;
      CAPTURE(variant.name);
      CAPTURE(row.what);
      if (row.subtasks == 4 && *variant.lossy_codec != '\0') continue;
      const Scratch scratch;
      Call call{.definition = task_of(variant, scratch / "out")};
      call.definition.use_frames = true;
      call.definition.frames = {1, 2, 3, 4};
      call.definition.total_subtasks = row.total;
      REQUIRE_MESSAGE(call.run({}) == 0, call.err.str());
      for (const std::int64_t frame : {1, 2, 3, 4}) {
        const fs::path output = scratch / ("out000" + std::to_string(frame) + variant.extension);
        CHECK(different_pixels(reference().frame(variant, frame), output) == 0);
        CHECK(call.out.str().find(output.string() + "\n") != std::string::npos);
      }
      CHECK(different_pixels(reference().frame(variant, 1), reference().frame(variant, 4)) > 0);
    }
  }
}

}  // namespace
}  // namespace gt::testing

int main(int argc, char** argv) {
  try {
    gt::testing::OwnedRunner runner;
    if (!runner.find_image({.repository = "golem/blender", .tag = "latest", .id = {}}))
      throw std::runtime_error("there is no image golem/blender; ./dev images makes it");
  } catch (const std::exception& error) {
    std::printf("skipped: %s\n", error.what());
    return 77;
  }
  gt::docker::Engine engine({.host = gt::testing::docker_host()});
  return gt::testing::run_and_reap(engine, [&] { return doctest::Context(argc, argv).run(); });
}
