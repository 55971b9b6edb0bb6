#include "lib/lux/references.h"

#include <doctest/doctest.h>

using namespace gt::lux;

namespace {

// "file Texture.filename a.png 3:4", one a line.
std::string listed(std::string_view text) {
  std::string out;
  for (const Reference& r : contents_of(text).references)
    out += std::string(to_string(r.kind)) + " " + r.statement + "." + r.parameter + " " + r.name + " " +
           std::to_string(r.at.line) + ":" + std::to_string(r.at.column) + "\n";
  return out;
}

}  // namespace

TEST_CASE("every kind of reference is found, with its place") {
  CHECK(listed(R"(Film "fleximage" "string filename" ["/out"] "string cameraresponse" ["Agfa"]
Include "geometry/a.lxo"
Renderer "luxcore" "string configfile" ["render.cfg"]
WorldBegin
LightSource "infinite" "string mapname" ["sky.exr"]
AreaLightSource "area" "string iesname" "lamp.ies"
Texture "t" "color" "imagemap" "float gamma" [2.2]
  # "string filename" ["commented.png"]
  "string filename"
    ["maps\\wood.png"]
Shape "plymesh" "string filename" ["C:/meshes/m.ply"]
WorldEnd)") ==
        "file or preset Film.cameraresponse Agfa 1:70\n"
        "included scene Include. geometry/a.lxo 2:9\n"
        "file Renderer.configfile render.cfg 3:41\n"
        "file LightSource.mapname sky.exr 5:42\n"
        "file AreaLightSource.iesname lamp.ies 6:41\n"
        "file Texture.filename maps\\wood.png 10:6\n"
        "file Shape.filename C:/meshes/m.ply 11:36\n");
}

TEST_CASE("what is no file is not listed") {
  for (const char* text : {
           "Film \"fleximage\" \"string filename\" [\"out\"]",                        // written, not read
           "Texture \"t\" \"color\" \"imagemap\" \"string filename\" [\"\"]",         // none
           "Texture \"t\" \"color\" \"imagemap\" \"string filename\" [\"a\" \"b\"]",  // LuxRender takes lists of one only
           "Texture \"t\" \"color\" \"imagemap\" \"texture filename\" [\"a\"]",       // another type
           "Texture \"t\" \"color\" \"imagemap\" \"string filename\" [1]",            // no string
           "LightSource \"infinite\" \"string cameraresponse\" [\"a\"]",              // of Film only
           "Include \"\"",
       })
    CHECK_MESSAGE(listed(text).empty(), text);
}

TEST_CASE("a file that is embedded in the scene is none that must be there") {
  CHECK(listed(R"(Texture "t" "color" "imagemap" "string filename" ["a"] "string filename_data" ["eJw"])").empty());
  CHECK(listed(R"(Texture "t" "color" "imagemap" "string filename_data" ["eJw"] "string filename" ["a"])").empty());
  // Of this statement, and of that parameter.
  CHECK(listed(R"(Texture "t" "color" "imagemap" "string filename" ["a"]
Include "b" LightSource "point" "string iesname_data" ["x"] "string iesname" ["c"] "string mapname" ["d"])") ==
        "file Texture.filename a 1:51\nincluded scene Include. b 2:9\nfile LightSource.mapname d 2:102\n");
}

TEST_CASE("films are told, so that one in an included file can be refused") {
  CHECK(contents_of("Camera \"p\"").films.empty());
  const auto films = contents_of("Film \"fleximage\"\nFilm \"x\"").films;
  REQUIRE(films.size() == 2);
  CHECK(films[1] == Position{17, 2, 1});
}

TEST_CASE("the number of references is bounded") {
  const std::string text = "Include \"a\" Include \"b\" Include \"c\"";
  CHECK(contents_of(text, 3).references.size() == 3);
  try {
    contents_of(text, 2);
    FAIL("no error");
  } catch (const gt::Error& error) {
    CHECK(error.code() == gt::ErrorCode::LimitNodes);
    CHECK(std::string(error.what()) == "line 1, column 33: the scene names more than 2 files");
  }
}

TEST_CASE("references resolve against the directory of the scene") {
  const struct {
    std::string_view name, directory;
    PathForm form;
    std::string_view path, leaf;
  } rows[] = {
      {"a.png", "/s", PathForm::Relative, "/s/a.png", "a.png"},
      {"../m/a.png", "/s/", PathForm::Relative, "/s/../m/a.png", "a.png"},
      {"a.png", "", PathForm::Relative, "a.png", "a.png"},
      {"/home/u/a.png", "/s", PathForm::Absolute, "/home/u/a.png", "a.png"},
      {"C:\\maps\\a.png", "/s", PathForm::Windows, "C:/maps/a.png", "a.png"},
      {"c:/maps/a.png", "/s", PathForm::Windows, "c:/maps/a.png", "a.png"},
      {"\\\\server\\share\\a.png", "/s", PathForm::Windows, "//server/share/a.png", "a.png"},
      {"maps\\a.png", "/s", PathForm::Windows, "/s/maps/a.png", "a.png"},
      {"", "/s", PathForm::Relative, "", ""},
  };
  for (const auto& row : rows) {
    const Resolved resolved = resolve(row.name, row.directory);
    CHECK_MESSAGE(resolved.form == row.form, row.name);
    CHECK(resolved.path == row.path);
    CHECK(resolved.leaf == row.leaf);
  }
}

TEST_CASE("references get other names, and nothing else changes") {
  const std::string scene =
      "Include \"C:\\a.lxm\" # C:\\a.lxm\nTexture \"C:\\\\b.png\" \"color\" \"imagemap\" \"string filename\"  "
      "[ \"C:\\\\b.png\" ] Include \"d\"\n";
  const Rewritten moved = relocate(scene, {{"C:\\a.lxm", "a.lxm"}, {"C:\\b.png", "maps/\"b\\.png"}, {"d", "d"}});
  CHECK(moved.text ==
        "Include \"a.lxm\" # C:\\a.lxm\nTexture \"C:\\\\b.png\" \"color\" \"imagemap\" \"string filename\"  "
        "[ \"maps/\\\"b\\\\.png\" ] Include \"d\"\n");
  REQUIRE(moved.notes.size() == 2);
  CHECK(to_string(moved.notes[0]) == "note: line 1, column 9: Include names a.lxm, was C:\\a.lxm");
  CHECK(contents_of(moved.text).references[1].name == "maps/\"b\\.png");
}

TEST_CASE("edits are in order although an Include is told before the parameter that it follows") {
  CHECK(relocate("Shape \"plymesh\" \"string filename\" [\"a\"] Include \"b\"", {{"a", "xx"}, {"b", "yy"}}).text ==
        "Shape \"plymesh\" \"string filename\" [\"xx\"] Include \"yy\"");
}

TEST_CASE("names that the language cannot write are refused") {
  for (const auto& [scene, name] : {std::pair{"Include \"a\"", "b\"c"},
                                    {"Include \"a\"", "b\nc"},
                                    {"Include \"a\"", ""},
                                    {"Shape \"plymesh\" \"string filename\" [\"a\"]", "b\nc"}}) {
    try {
      relocate(scene, {{"a", name}});
      FAIL("no error");
    } catch (const gt::Error& error) {
      CHECK(error.code() == gt::ErrorCode::LuxSettings);
    }
  }
}
