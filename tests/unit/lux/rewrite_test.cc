#include "lib/lux/rewrite.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "lib/lux/scene.h"

using namespace gt::lux;

namespace {

Settings settings() {
  return render_settings({.resolution = {640, 480}, .halttime = 60, .haltspp = 5}, "/golem/output/part0001");
}

// The parameters that settings() sets, in the order in which missing ones are added.
const std::string k_film = R"(
  "integer xresolution" [640]
  "integer yresolution" [480]
  "integer halttime" [60]
  "integer haltspp" [5]
  "string filename" ["/golem/output/part0001"]
  "bool write_resume_flm" ["true"]
  "bool restart_resume_flm" ["true"]
  "bool write_png" ["true"]
  "bool write_exr" ["false"]
  "bool write_tga" ["false"])";

// A scene whose film is complete but for what `line` says, which comes last.
std::string scene(const std::string& line) { return "Film \"fleximage\"" + k_film + "\n" + line + "\nWorldBegin\nWorldEnd\n"; }

std::string notes_of(const Rewritten& rewritten) {
  std::string out;
  for (const gt::Finding& note : rewritten.notes) out += to_string(note) + "\n";
  return out;
}

struct Fault {
  gt::ErrorCode code = gt::ErrorCode::Bug;
  std::string text = "no error";
};
Fault fault_of(std::string_view text) {
  try {
    rewrite(text, settings());
  } catch (const gt::Error& error) {
    return {error.code(), error.what()};
  }
  return {};
}

void check_twice(std::string_view text, const Settings& wanted) {
  const Rewritten once = rewrite(text, wanted);
  const Rewritten twice = rewrite(once.text, wanted);
  CHECK(twice.text == once.text);
  CHECK(std::none_of(twice.notes.begin(), twice.notes.end(),
                     [](const gt::Finding& note) { return note.severity == gt::Finding::Severity::Note; }));
}

}  // namespace

TEST_CASE("a film that is as wanted stays as it is, byte for byte") {
  const std::string text = scene("# a comment \xff");
  CHECK(rewrite(text, settings()).text == text);
  CHECK(rewrite(text, settings()).notes.empty());
}

TEST_CASE("what is missing is added behind the last parameter") {
  const Rewritten got = rewrite("Camera \"p\"\nFilm \"fleximage\" \"float gamma\" [2.2] # gamma\nWorldBegin", settings());
  CHECK(got.text == "Camera \"p\"\nFilm \"fleximage\" \"float gamma\" [2.2]" + k_film + " # gamma\nWorldBegin");
  CHECK(got.notes.size() == 10);
  CHECK(to_string(got.notes[0]) == "note: line 2, column 1: \"integer xresolution\" [640] is added");
  check_twice("Film \"fleximage\"", settings());
}

TEST_CASE("values are changed where they stand") {
  const struct {
    std::string_view was, is;
    std::string_view note;  // behind "line 12, column 1: "
  } rows[] = {
      {"\"integer xresolution\" [800]", "\"integer xresolution\" [640]", "\"integer xresolution\" is [640], was [800]"},
      {"\"integer xresolution\" 800", "\"integer xresolution\" [640]", "\"integer xresolution\" is [640], was 800"},
      {"\"integer \t halttime\"\n\t[ 10 # ten\n ]", "\"integer \t halttime\"\n\t[60]",
       "\"integer halttime\" is [60], was [ 10 # ten\\x0a ]"},
      {"\"integer haltspp\" [1 2]", "\"integer haltspp\" [5]", "\"integer haltspp\" is [5], was [1 2]"},
      {"\"integer haltspp\" [\"5\"]", "\"integer haltspp\" [5]", "\"integer haltspp\" is [5], was [\"5\"]"},
      {"\"string filename\" [\"C:\\\\out\"]", "\"string filename\" [\"/golem/output/part0001\"]",
       "\"string filename\" is [\"/golem/output/part0001\"], was [\"C:\\\\out\"]"},
      {"\"bool write_resume_flm\" [\"false\"]", "\"bool write_resume_flm\" [\"true\"]",
       "\"bool write_resume_flm\" is [\"true\"], was [\"false\"]"},
      // Without brackets LuxRender takes it for a texture.
      {"\"bool write_png\" \"true\"", "\"bool write_png\" [\"true\"]", "\"bool write_png\" is [\"true\"], was \"true\""},
      {"\"bool write_exr\" [\"true\"]", "\"bool write_exr\" [\"false\"]", "\"bool write_exr\" is [\"false\"], was [\"true\"]"},
      {"\"float cropwindow\" [0.1 0.9 0 1]", "\"float cropwindow\" [0 1 0 1]",
       "\"float cropwindow\" is [0 1 0 1], was [0.1 0.9 0 1]"},
      {"\"bool write_exr_ZBuf\" [\"true\"]", "\"bool write_exr_ZBuf\" [\"false\"]",
       "\"bool write_exr_ZBuf\" is [\"false\"], was [\"true\"]"},
      {"\"bool write_tonemapped_igi\" [\"true\"]", "\"bool write_tonemapped_igi\" [\"false\"]",
       "\"bool write_tonemapped_igi\" is [\"false\"], was [\"true\"]"},
  };
  for (const auto& row : rows) {
    const Rewritten got = rewrite(scene(std::string(row.was)), settings());
    CHECK(got.text == scene(std::string(row.is)));
    CHECK(notes_of(got) == "note: line 12, column 1: " + std::string(row.note) + "\n");
    check_twice(scene(std::string(row.was)), settings());
  }
}

TEST_CASE("what means the same is left as it is written") {
  for (const char* line :
       {"\"integer xresolution\" [ 640 ]", "\"integer xresolution\" 640", "\"integer xresolution\" [+6.4e2]",
        "\"string filename\" \"/golem/output/part0001\"", "\"string filename\" [\"/golem/output/part\\048001\"]",
        "\"float cropwindow\" [0 1.0 0 1.]", "\"bool write_tga\" [ \"false\" ]"})
    CHECK_MESSAGE(rewrite(scene(line), settings()).notes.empty(), line);
}

TEST_CASE("what LuxRender would not take for the parameter is left alone") {
  for (const char* line : {"# \"integer xresolution\" [800]", "\"float xresolution\" [800]", "\"integer Xresolution\" [800]",
                           "\"string note\" [\"\\\"integer xresolution\\\" [800]\"]",
                           "Camera \"p\" \"integer xresolution\" [800]", "\"integer xresolution \" [800]"}) {
    const std::string text = scene(line);
    CHECK_MESSAGE(rewrite(text, settings()).text == text, line);
  }
}

TEST_CASE("of a parameter that stands there twice both are set, as LuxRender takes the last") {
  const std::string line = "\"integer xresolution\" [1] \"integer xresolution\" [2]";
  CHECK(rewrite(scene(line), settings()).text == scene("\"integer xresolution\" [640] \"integer xresolution\" [640]"));
}

TEST_CASE("a crop window is set where one is wanted") {
  Settings wanted = settings();
  wanted.crop = Crop{{0.25, 1}, {0, 0.5}};
  const std::string text = scene("");
  const std::string cropped = rewrite(text, wanted).text;
  CHECK(cropped.find("\n  \"float cropwindow\" [0.25 1 0 0.5]\nWorldBegin") == std::string::npos);
  CHECK(cropped.find("[\"false\"]\n  \"float cropwindow\" [0.25 1 0 0.5]") != std::string::npos);
  check_twice(text, wanted);
}

TEST_CASE("the picture is made from the film that is there") {
  const Rewritten got =
      rewrite(scene(""), image_settings({.resolution = {640, 480}, .picture = Picture::Exr}, "/golem/output/x"));
  CHECK(notes_of(got) ==
        "note: line 4, column 3: \"integer halttime\" is [10], was [60]\n"
        "note: line 5, column 3: \"integer haltspp\" is [1], was [5]\n"
        "note: line 6, column 3: \"string filename\" is [\"/golem/output/x\"], was [\"/golem/output/part0001\"]\n"
        "note: line 8, column 3: \"bool restart_resume_flm\" is [\"false\"], was [\"true\"]\n"
        "note: line 9, column 3: \"bool write_png\" is [\"false\"], was [\"true\"]\n"
        "note: line 10, column 3: \"bool write_exr\" is [\"true\"], was [\"false\"]\n");
}

TEST_CASE("a scene without a film gets LuxRender's default before WorldBegin") {
  const Rewritten got = rewrite("Camera \"p\"\n\nWorldBegin\nWorldEnd\n", settings());
  CHECK(got.text == "Camera \"p\"\n\nFilm \"fleximage\"" + k_film + "\n\nWorldBegin\nWorldEnd\n");
  CHECK(to_string(got.notes[0]) ==
        "note: line 3, column 1: there is no Film: LuxRender's default, a fleximage, is added before WorldBegin");
  CHECK(rewrite("Camera \"p\" WorldBegin", settings()).text == "Camera \"p\" \nFilm \"fleximage\"" + k_film + "\n\nWorldBegin");
  check_twice("Camera \"p\" WorldBegin", settings());
}

TEST_CASE("that the film may be in an included file is a warning") {
  const auto warned = [](std::string_view text) {
    return notes_of(rewrite(text, settings()))
               .find(
                   "warning: line 1, column 9: the film may be in an included file: then its tone "
                   "mapping is lost, as the added one replaces it\n") != std::string::npos;
  };
  CHECK(warned("Include \"a\" WorldBegin"));
  CHECK_FALSE(warned("Include \"a\" Film \"fleximage\" WorldBegin"));
  CHECK_FALSE(warned("\n\nWorldBegin Include \"a\""));
}

TEST_CASE("a byte that LuxRender skips is a warning, once") {
  const Rewritten got = rewrite("\xef\xbb\xbf" + scene(""), settings());
  CHECK(notes_of(got) ==
        "warning: line 1, column 1: LuxRender complains about the byte \\xef here and skips it, and so is it done here\n");
  CHECK(got.text == "\xef\xbb\xbf" + scene(""));
}

TEST_CASE("films that cannot be rewritten are refused with their place") {
  const struct {
    std::string_view text;
    std::string_view message;
  } rows[] = {
      {"Film \"fleximage\"\nFilm \"fleximage\"",
       "line 2, column 1: a second Film; the first is in line 1, column 1; LuxRender would take the last one: remove the "
       "others"},
      {"Film \"multiimage\"", "line 1, column 1: the film is 'multiimage', but only a 'fleximage' can be merged"},
      {"Film", "line 1, column 1: the film is '', but only a 'fleximage' can be merged"},
      {"WorldBegin Film \"fleximage\"",
       "line 1, column 12: Film stands behind WorldBegin, where LuxRender ignores it; put it before"},
      {"Film \"fleximage\" Include \"a\" \"integer x\" [1]",
       "line 1, column 30: an Include stands among the parameters of Film, so what the film is cannot be told from this file; "
       "put the Include before or behind the Film statement"},
      {"", "there is neither Film nor WorldBegin, so this is not the main file of a scene; check main_scene_file of the task"},
      {"Shape \"plymesh\"",
       "there is neither Film nor WorldBegin, so this is not the main file of a scene; check main_scene_file of the task"},
  };
  for (const auto& row : rows) {
    const Fault fault = fault_of(row.text);
    CHECK_MESSAGE(fault.code == gt::ErrorCode::LuxFilm, row.text);
    CHECK(fault.text == row.message);
  }
  CHECK(fault_of("Film \"fleximage\" \"integer x\" [1").code == gt::ErrorCode::LuxSyntax);
}

TEST_CASE("the scenes of exporters are rewritten once and for all") {
  // As LuxBlend, SU2LUX and Reality write their films, by form.
  for (const char* text : {
           "Film \"fleximage\"\r\n  \"integer xresolution\" [1280]\r\n  \"integer yresolution\" [720]\r\n\t\"bool write_exr\" "
           "[\"false\"]\r\n\"bool write_png\" [\"true\"]\r\n\"string filename\" [\"scene.00001\"]\r\n\"integer haltspp\" "
           "[0]\r\n\r\nWorldBegin\r\n",
           "Film \"fleximage\"\n\t\"integer xresolution\" [800]\n\"string filename\" [\"C:\\\\LuxRender\\\\default\"]\n"
           "\"float colorspace_white\" [0.314275 0.329411]\nWorldBegin\n",
       })
    check_twice(text, settings());
}
