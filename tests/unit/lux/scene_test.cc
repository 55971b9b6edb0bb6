#include "lib/lux/scene.h"

#include <doctest/doctest.h>

#include <string>

using namespace gt::lux;

namespace {

// Writes down what it is told: Film:fleximage(integer xresolution=[1])*1. The number counts Includes within.
class Recorder : public SceneVisitor {
 public:
  void on_statement(const Statement& s) override { out += std::string(s.keyword.text) + ":" + s.type + "("; }
  void on_parameter(const Statement&, const Parameter& p) override {
    out += std::string(p.type) + " " + p.name + "=" + std::string(p.value) + "#" + std::to_string(p.count) + ";";
  }
  void on_statement_end(const Statement& s) override {
    out += ")@" + std::to_string(s.end) + (s.includes > 0 ? "*" + std::to_string(s.includes) : "") + " ";
  }
  std::string out;
};

std::string told(std::string_view text) {
  Recorder recorder;
  parse_scene(text, recorder);
  return recorder.out;
}

std::string fault_of(std::string_view text) {
  try {
    told(text);
  } catch (const gt::Error& error) {
    CHECK(error.code() == gt::ErrorCode::LuxSyntax);
    return error.what();
  }
  return "no error";
}

// Counts, and keeps nothing: for scenes of hundreds of megabytes.
class Counter : public SceneVisitor {
 public:
  void on_statement(const Statement&) override { ++statements; }
  void on_parameter(const Statement&, const Parameter& p) override { values += p.count; }
  std::uint64_t statements = 0, values = 0;
};

}  // namespace

TEST_CASE("a scene is statements with types and parameters") {
  const struct {
    std::string_view text;
    std::string_view told;
  } rows[] = {
      {"", ""},
      {"WorldBegin", "WorldBegin:()@10 "},
      {"Film \"fleximage\"", "Film:fleximage()@16 "},
      {"Film \"f\" \"integer a\" [1] \"float b\" 2", "Film:f(integer a=[1]#1;float b=2#1;)@36 "},
      {"Film \"f\" # \"integer a\" [1]\n\"bool b\" [ \"true\"\n] # c\n", "Film:f(bool b=[ \"true\"\n]#1;)@46 "},
      {"LookAt 0 1 2 3 4 5 6 7 8 Camera \"p\"", "LookAt:()@24 Camera:p()@35 "},
      {"Transform [1 0 0 1]", "Transform:()@19 "},
      {"Texture \"n\" \"color\" \"imagemap\" \"string filename\" \"a\"", "Texture:imagemap(string filename=\"a\"#1;)@52 "},
      {"MotionInstance \"a\" 0 1 \"b\"", "MotionInstance:b()@26 "},
      {"Film \"f\" \"  integer\t a\" [1] \"integerb\" [2] \"odd c\" [3]",
       "Film:f(integer a=[1]#1;integer b=[2]#1; odd c=[3]#1;)@54 "},
      {"A \"a\" \"string s\" [\"1\" \"2\" \"3\" \"4\" \"5\"]", "A:a(string s=[\"1\" \"2\" \"3\" \"4\" \"5\"]#5;)@38 "},
      {"A \"a\" \"float e\" []", "A:a(float e=[]#0;)@18 "},
      {"Film \"f\" Include \"x\" \"integer a\" [1] Include \"y\"", "Film:f(integer a=[1]#1;)@36*1 "},
      {"Film \"f\" \"integer a\" [1] Include \"y\" A \"b\"", "Film:f(integer a=[1]#1;)@24 A:b()@42 "},
  };
  for (const auto& row : rows) CHECK_MESSAGE(told(row.text) == row.told, row.text);
}

TEST_CASE("what is no statement is an error with line and column") {
  const struct {
    std::string_view text;
    std::string_view message;
  } rows[] = {
      {"\"integer a\" [1]", "line 1, column 1: \"integer a\" stands outside of a statement"},
      {"\n 5", "line 2, column 2: 5 stands outside of a statement"},
      {"Film \"f\" ]", "line 1, column 10: ] is not the beginning of anything"},
      {"Film \"f\" \"integer a\"", "line 1, column 10: \"integer a\" has no value"},
      {"Film \"f\" \"integer a\" Camera", "line 1, column 10: \"integer a\" has no value"},
      {"Film \"f\" \"integer a\" [1\nCamera", "line 1, column 22: a bracket is opened here and not closed"},
      {"Film \"f\" \"integer a\" [", "line 1, column 22: a bracket is opened here and not closed"},
      {"Film \"f\" \"integer a\" [1 [2]]", "line 1, column 25: [ stands within brackets"},
      {"Film \"f\" \"integer a\" [1 \"2\"]", "line 1, column 25: \"2\" stands among values of another kind"},
  };
  for (const auto& row : rows) CHECK_MESSAGE(fault_of(row.text) == row.message, row.text);
}

TEST_CASE("a hundred megabytes of brackets are refused at the second one") {
  const std::string text = "Film \"f\" \"integer a\" " + std::string(100 << 20, '[');
  CHECK(fault_of(text) == "line 1, column 23: [ stands within brackets");
}

TEST_CASE("ten million tokens are read without being kept") {
  std::string text = "Shape \"mesh\" \"integer indices\" [";
  for (int i = 0; i < 5'000'000; ++i) text += "1 ";
  text += "]\n";
  for (int i = 0; i < 1'250'000; ++i) text += "A \"b\" \"float c\" 1 ";
  Counter counter;
  parse_scene(text, counter);
  CHECK(counter.statements == 1'250'001);
  CHECK(counter.values == 6'250'000);
}
