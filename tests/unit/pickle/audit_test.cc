#include "lib/pickle/audit.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "lib/base/text.h"
#include "tests/unit/base/support.h"

namespace gt::pickle {
namespace {

using namespace std::literals;

std::string u(std::string_view text) {  // SHORT_BINUNICODE
  return "\x8c" + std::string(1, static_cast<char>(text.size())) + std::string(text);
}
std::string stack_global(std::string_view module, std::string_view name) { return u(module) + u(name) + "\x93"; }
std::string proto4(std::string_view rest) { return "\x80\x04" + std::string(rest); }

bool has(const Audit& found, std::string_view sign) {
  return std::any_of(found.remarks.begin(), found.remarks.end(), [&](const Remark& r) { return to_string(r.sign) == sign; });
}

std::vector<std::string> told(const Audit& found) {
  std::vector<std::string> out;
  for (const Remark& r : found.remarks)
    out.push_back(std::to_string(r.offset) + " " + std::string(to_string(r.sign)) + ": " + r.message);
  return out;
}

TEST_CASE("names of up to 1024 bytes are followed, however they are written") {
  for (const std::size_t size : {1022, 1023, 1024, 1025, 1026, 100'000}) {
    CAPTURE(size);
    const std::string name(size - 2, 'n');
    const std::string rows[] = {
        "S'" + name + "'\n", "V" + name + "nn\n",
        "X" + std::string{static_cast<char>(size), static_cast<char>(size >> 8), static_cast<char>(size >> 16), '\0'} + name +
            "nn"};
    for (const std::string& row : rows) {
      CAPTURE(row[0]);
      const Audit found = audit("S'm'\n" + row + "\x93.");
      CHECK((found.mentions.size() == 1) == (size <= 1024));
      CHECK(has(found, "name.not-followed") == (size > 1024));
    }
  }
}

TEST_CASE("tasks and data are clean") {
  const std::string rows[] = {
      "N.",
      "(lp0\nI1\naS'a'\np1\na.",
      "(ignr.renderingtaskstate\nRenderingTaskDefinition\np1\n(dp2\nS'task_id'\np3\nVabc\np4\nsb.",
      "(cgnr.renderingtaskstate\nRenderingTaskDefinition\nq\1oq\2}q\3b.",
      "\x80\x02"
      "cgolem.docker.image\nDockerImage\nq\1)\x81q\2}q\3b.",
      "ccopy_reg\n_reconstructor\np0\n(cgnr.task.blenderrendertask\nBlenderRendererOptions\np1\nc__builtin__"
      "\nobject\np2\nNtp3\nRp4\n"
      "(dp5\nS'frames'\np6\n(lp7\nsb.",
      "cgnr.gnrtaskstate\nGNROptions\np0\n.",
      "c__builtin__\nset\np0\n((lp1\nI1\natp2\nRp3\n.",
      "\x80\x03"
      "c_codecs\nencode\nq\x01X\x02\x00\x00\x00\xc3\xa9q\x02X\x06\x00\x00\x00latin1q\x03\x86q\x04Rq\x05."s,
      proto4(stack_global("collections", "OrderedDict") + "\x94)R\x94(" + u("a") + "K\1u."),
      proto4(stack_global("datetime", "timedelta") + "K\1K\2K\3\x87R."),
      proto4(stack_global("builtins", "ValueError") + u("x") + "\x85R."),
      proto4("\x95\x02\0\0\0\0\0\0\0N."s),
      "(dS'__type__'\nI1\ns.",  // a key of a dict that is no state
      "S'import os\\nclass A:\\n    def __init__(self):\\n        pass\\n'\n.",
      "S'cHJpbnQgMQ=='\n.",
  };
  for (const std::string& row : rows) {
    CAPTURE(printable(row, 200));
    const Audit found = audit(row);
    CHECK(found.is_clean());
    CHECK(told(found) == std::vector<std::string>{});
  }
}

TEST_CASE("classes that are in no list are unknown, and what is bare of a call stays so") {
  const std::string rows[] = {
      "(im\nC\n.",      // no arguments: a bare instance of a classic class
      "(cm\nC\no.",     // the same
      "cm\nC\n)\x81.",  // __new__
      "cm\nC\n(I1\nt\x81}b.",
      "cm\nf\n.",  // only named
      proto4(stack_global("m", "Outer.Inner") + "."),
      proto4(stack_global("pathlib", "os.system") + "."),  // through what a known module has imported
      "cnumpy\nprod\n.",
      "ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR.",
      "cGNR.gnrtaskstate\nGNROptions\n.",  // not the same module
      "cgnr.gnrtaskstate \nGNROptions\n.",
      "cgnr\ngnrtaskstate.GNROptions\n.",
      "P5\n.",  // persistent ids
      "NQ.",
      "\x82\x05.",  // the extension registry
      "\x84\xff\xff\xff\x7f.",
      "(lN.c__main__\nX\n.",  // behind the end
  };
  for (const std::string& row : rows) {
    CAPTURE(printable(row, 200));
    CHECK(audit(row).verdict == Verdict::Unknown);
  }
}

struct Bypass {
  std::string pickle;
  std::string_view sign;  // one of those that are remarked
};

// How pickles got past scanners: issues and advisories of picklescan, fickling and modelscan, papers, contests.
TEST_CASE("whatever hides a call, the file runs code") {
  const std::string system = "cos\nsystem\n";
  const Bypass rows[] = {
      // Plain, by each opcode that calls (picklescan 13, modelscan 51: INST; fickling: OBJ).
      {"cos\nsystem\n(S'id'\ntR.", "call"},
      {"(S'id'\nios\nsystem\n.", "call"},
      {"(cos\nsystem\nS'id'\no.", "call"},
      {"(S'x'\nibuiltins\neval\n.", "call"},
      {"(ibuiltins\nbreakpoint\n.", "call"},
      {"csubprocess\nPopen\n(S'id'\nt\x81.", "call"},
      {proto4(stack_global("subprocess", "Popen") + "(" + u("id") + "t}\x92."), "call"},
      {proto4(stack_global("os", "system") + u("id") + "\x85R."), "call"},
      // Functions that were in no block-list of their time.
      {"cpkgutil\nresolve_name\n(S'os:system'\ntR.", "call"},
      {"cimportlib\nimport_module\n(S'os'\ntR.", "call"},
      {"cmarshal\nloads\n(S'x'\ntR.", "call"},
      {"crunpy\nrun_path\n(S'x'\ntR.", "call"},
      {"cpip\nmain\n(S'x'\ntR.", "call"},
      {"cpty\nspawn\n(S'x'\ntR.", "call"},
      {"ctimeit\ntimeit\n(S'x'\ntR.", "call"},
      {"ccProfile\nrun\n(S'x'\ntR.", "call"},
      {"cdoctest\ndebug_script\n(S'x'\ntR.", "call"},
      {"cidlelib.pyshell\nModifiedInterpreter.runcode\n(NtR.", "call"},
      {"clib2to3.pgen2.grammar\nGrammar.loads\n(NtR.", "call"},
      {"casyncio.unix_events\n_UnixSubprocessTransport._start\n(NtR.", "call"},
      {"cnumpy.testing._private.utils\nrunstring\n(S'x'\ntR.", "call"},
      {"ctorch.utils.collect_env\nrun\n(S'x'\ntR.", "call"},
      {"cuuid\n_get_command_stdout\n(S'x'\ntR.", "call"},
      {"clogging.config\nlisten\n)R.", "call"},
      {"ccollections\neval\n(S'x'\ntR.", "call"},
      {"ccollections\nnamedtuple\n(S'x'\nS'y'\ntR.", "call"},
      {"cdecimal\nDecimal.__class__\n)R.", "call"},
      {"c_io\nFileIO\n(S'x'\nS'w'\ntR.", "call"},
      {"cio\nopen\n(S'x'\ntR.", "call"},
      {"curllib.request\nurlopen\n(S'x'\ntR.", "call"},
      {"csite\nmain\n)R.", "call"},
      {"cwebbrowser\nopen\n(S'x'\ntR.", "call"},
      {"cctypes\nCDLL\n(S'x'\ntR.", "call"},
      {"csignal\nraise_signal\n(I9\ntR.", "call"},
      {"cm\nf\n)R.", "call"},  // whatever it is
      {"(I1\nim\nf\n.", "call"},
      // Ways to a function: attributes, partial application, functions of functions.
      {"c__builtin__\ngetattr\n(c__builtin__\n__import__\n(S'os'\ntRS'system'\ntR(S'id'\ntR.", "call.not-followed"},
      {"coperator\nattrgetter\n(S'system'\ntRcos\nsystem\n\x85R.", "call.not-followed"},
      {"c_operator\nmethodcaller\n(S'x'\ntR.", "call"},
      {"cfunctools\npartial\n(cos\nsystem\nS'id'\ntR)R.", "call.not-followed"},
      {"cfunctools\nreduce\n(NNtR.", "call"},
      {"c__builtin__\nmap\n(cos\nsystem\n(S'id'\nltR.", "call"},
      {"c__builtin__\napply\n(NNtR.", "call"},
      {"c__builtin__\ntype\n(S'X'\n)}tR.", "call"},
      {"ctypes\nFunctionType\n(NNtR.", "call"},
      {"ccopy_reg\n__newobj__\n(csubprocess\nPopen\nS'id'\ntR.", ""},
      {"ccopy_reg\nadd_extension\n(S'os'\nS'system'\nI1\ntR\x82\1(S'id'\ntR.", "call"},
      {"\x82\1(S'id'\ntR.", "call"},  // of the extension registry
      {"P5\n(S'id'\ntR.", "call.not-followed"},
      // Names: dotted ones through a module that is known (fickling 287, picklescan 66), names made while loading.
      {proto4(stack_global("pathlib", "os.system") + u("id") + "\x85R."), "call"},
      {proto4(stack_global("collections", "abc.sys.modules") + u("x") + "\x85R."), "call"},
      {proto4(stack_global("builtins", "str") + u("os") + "\x85R" + u("system") + "\x93" + u("id") + "\x85R."),
       "name.not-followed"},
      {proto4("\x8c\x02osK\1\x93" + u("id") + "\x85R."), "name.not-followed"},
      // The memo (picklescan 14 and 22): MEMOIZE beside PUT, keys set again.
      {proto4(u("os") + "q\0"s + u("system") + "q\1" + u("torch._utils") + "\x94" + u("f") + "\x94h\0h\1\x93"s + u("id") +
              "\x85R."s),
       "call"},
      {proto4(u("collections") + "\x94" + u("OrderedDict") + "\x94" + u("os") + "q\0"s + u("system") + "q\1" + "h\0h\1\x93"s +
              u("id") + "\x85R."s),
       "memo.overwritten"},
      {proto4("U\x02osp1\n0U\x06systemp2\n0g1\ng2\n\x93)R."), "call"},
      {proto4(u("collections") + "p01\n" + u("os") + "p1\n" + u("deque") + "g01\n."), "memo.spelling"},
      {proto4(u("os") + "p+5\n."), "memo.spelling"},
      // BUILD (modelscan 85): of a function's or a class's attributes, then names through them.
      {"cnumpy\nprod\nN(Va\nVos\nd\x86"
       "bN(Vb\nVsystem\nd\x86"
       "b0cnumpy\nprod.a\np0\ncnumpy\nprod.b\np1\n00g0\ng1\n\x93Vid\n\x85R.",
       "state.of-class"},
      {"cgnr.gnrtaskstate\nGNROptions\nN(S'__reduce__'\nNd\x86"
       "b.",
       "state.of-class"},
      {"(ignr.gnrtaskstate\nGNROptions\n(dS'__setstate__'\ncos\nsystem\nsbS'id'\nb.", "state.special"},
      {"(ignr.gnrtaskstate\nGNROptions\n(dS'\\x5f_setstate__'\nNsb.", "state.special"},
      {"(ignr.gnrtaskstate\nGNROptions\n}(V__class__\nNub.", "state.special"},
      {"(ignr.gnrtaskstate\nGNROptions\n(S'__class__'\nNdb.", "state.special"},
      {"(ignr.gnrtaskstate\nGNROptions\n}p0\ng0\nS'__setstate__'\nNs0b.", "state.special"},  // through the memo
      {"(ignr.gnrtaskstate\nGNROptions\nN}S'__class__'\nNs\x86"
       "b.",
       "state.not-followed"},
      {"(ignr.gnrtaskstate\nGNROptions\nc__builtin__\ndict\n(((S'__class__'\nNtltRb.", "state.not-followed"},
      {"(ignr.gnrtaskstate\nGNROptions\n}c__builtin__\nstr\n(S'__class__'\ntRNsb.", "state.special"},
      {"P5\n}b.", "state.not-followed"},
      {"cgnr.gnrtaskstate\nGNROptions\nNa.", "items.of-class"},
      {"cgnr.gnrtaskstate\nGNROptions\n(Ne.", "items.of-class"},
      // Results that are thrown away, and pickles that break after the damage is done (fickling, picklescan GHSA-7wx9,
      // GHSA-9gvj).
      {"cos\nsystem\n(S'id'\ntR0N.", "result.discarded"},
      {"cos\nsystem\n(S'id'\ntR", "call"},
      {"cos\nsystem\n(S'id'\ntR\xff\xff", "call"},
      {"cos\nsystem\n(S'id'\ntRcm\nC\nN\x81.", "call"},
      {"cos\nsystem\n(S'id'\ntR0X\xff\xff\xff\x7f.", "call"},
      // Pickles in strings, in bytes, in base64, and behind the end.
      {"cpickle\nloads\n(S'cos\\nsystem\\n(S\"id\"\\ntR.'\ntR.", "nested"},
      {"c_pickle\nloads\n(U\x16"
       "cos\nsystem\n(S'id'\ntR.ttR.",
       "call"},
      {"U\x15"
       "cos\nsystem\n(S'id'\ntR..",
       "nested"},
      {"\x80\x03"
       "C\x15"
       "cos\nsystem\n(S'id'\ntR..",
       "nested"},
      {"S'Y29zCnN5c3RlbQooUydpZCcKdFIu'\n.", "nested"},
      {proto4(u(proto4(stack_global("os", "system") + ")R.")) + "."), "nested"},
      {"X\x16\0\0\0\xc2\x80\x04\xc2\x8c\x02os\xc2\x8c\x06system\xc2\x93)R.."s,
       "nested"},  // as Python 3 writes bytes in protocol 2
      {"N.cos\nsystem\n(S'id'\ntR.", "trailing.pickle"},
      {"N.cos\nsystem\n(S'id'\ntR", "trailing.data"},
      // Encodings that do more than encode.
      {"c_codecs\nencode\n(V0\nVzip\ntR.", "call"},
      {"c_codecs\nencode\n(V0\nc__builtin__\nstr\n(Vlatin1\ntRtR.", "call"},
      {"c_codecs\ndecode\n(V0\nVlatin1\ntR.", "call"},
  };
  for (const Bypass& row : rows) {
    CAPTURE(printable(row.pickle, 300));
    const Audit found = audit(row.pickle);
    CHECK(found.verdict == Verdict::RunsCode);
    CAPTURE(told(found).size());
    if (!row.sign.empty()) CHECK_MESSAGE(has(found, row.sign), row.sign << " is not among what is told");
  }
}

TEST_CASE("what is odd but harmless is told and stays clean") {
  struct Row {
    std::string pickle;
    std::vector<std::string> told;
  };
  const Row rows[] = {
      {"N\x80\x02.", {"1 protocol.late: says the protocol behind the beginning"}},
      {"\x80\x02\x80\x03N.", {"2 protocol.repeated: says the protocol again"}},
      {"\x80\x02\x8c\x01"
       "a.",
       {"2 protocol.understated: is of protocol 4, the pickle says 2"}},
      {")\x85.", {"1 protocol.understated: is of protocol 2, the pickle says none"}},
      {"\x80\x04\x95\x05\0\0\0\0\0\0\0N."s, {"2 frame.misfit: begins a frame of 5 bytes, but 2 are left"}},
      {"\x80\x04\x95\x01\0\0\0\0\0\0\0K\1."s, {"11 frame.misfit: crosses the end of its frame"}},
      {"\x80\x04\x95\x0b\0\0\0\0\0\0\0\x95\x02\0\0\0\0\0\0\0N."s, {"11 frame.misfit: begins a frame within a frame"}},
      {"]q\0]q\0."s,
       {"4 memo.overwritten: stores into the memo where a value lies already",
        "6 stack.left: leaves values on the stack that are in nothing"}},
      {"Nr\xff\xff\xff\x7f.",
       {"1 memo.gap: stores under the memo key 2147483647 when 0 keys are in use; Python 3 makes room for all"}},
      {"c__builtin__\nset\n)R0N.", {"19 result.discarded: throws away what a call has made"}},
      {"N.garbage", {"2 trailing.data: 7 bytes follow the end of the pickle"}},
      {"N.N.", {"2 trailing.pickle: another pickle follows; it is part of this audit"}},
      {"c__builtin__\nbytearray\n(I1000000000\ntR.",
       {"37 amplification: calls __builtin__.bytearray with a number, for as many bytes"}},
      {"\x80\x05\x97.", {"2 out-of-band: takes bytes that were saved apart from this file"}},
  };
  for (const Row& row : rows) {
    CAPTURE(printable(row.pickle, 200));
    const Audit found = audit(row.pickle);
    CHECK(found.is_clean());
    CHECK(told(found) == row.told);
  }
}

TEST_CASE("MEMOIZE counts the keys in use, and can meet one") {
  CHECK(told(audit(proto4("Nq\1\x94."))) ==
        std::vector<std::string>{"5 memo.overwritten: stores into the memo where a value lies already"});
}

TEST_CASE("a small file that would be endless when written out is told") {
  std::string doubled = "K\x01";
  for (int i = 0; i < 40; ++i) doubled += "2\x86";
  const Audit found = audit("\x80\x02" + doubled + ".");
  CHECK(told(found) ==
        std::vector<std::string>{"0 amplification: written out, with all that it holds more than once, the value has "
                                 "2.2e+12 parts"});
  CHECK(found.is_clean());
  CHECK(told(audit("\x80\x02]2a.")) == std::vector<std::string>{"0 amplification: the value contains itself"});
  CHECK(told(audit("\x80\x02]q\0(h\0h\0e."s)) == std::vector<std::string>{"0 amplification: the value contains itself"});
  CHECK(told(audit("\x80\x02](]q\0h\0h\0e."s)).empty());
}

TEST_CASE("what Python cannot read is not clean either") {
  for (const std::string& row : {"(lI1\na"s, "\xff"s, ""s, "\x80\x06N."s, "g1\n."s, "a."s}) {
    const Audit found = audit(row);
    CHECK(found.error.has_value());
    CHECK_FALSE(found.is_clean());
  }
}

TEST_CASE("names and remarks have their offsets, in strings that of the string, too") {
  const Audit found = audit("(lp0\ncm\nC\na.");
  REQUIRE(found.mentions.size() == 1);
  CHECK(found.mentions[0].offset == 5);
  CHECK(found.mentions[0].module == "m");
  CHECK(found.mentions[0].name == "C");
  const Audit nested = audit("(lN0S'cos\\nsystem\\n)R.'\n.");
  REQUIRE(nested.mentions.size() == 1);
  CHECK(nested.mentions[0].offset == 0);
  CHECK(nested.mentions[0].string == 4);
}

TEST_CASE("millions of names and levels are followed in bounded lists, without recursion") {
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "cm\nC\n";
  const Audit found = audit(many + ".");
  CHECK(found.mentions.size() == 1000);
  CHECK(found.unlisted == 99'000);
  const std::string deep(1'000'000, ']');
  CHECK(audit(deep + std::string(deep.size() - 1, 'a') + ".").is_clean());
  // A long name or key that is used over and over.
  const std::string size("\x00\x00\x10\x00", 4);  // a mebibyte
  std::string names = "\x80\x04X" + size + std::string(1 << 20, 'a') + "q\0"s;
  std::string keys = names + "}";
  for (int i = 0; i < 100'000; ++i) names += "h\0h\0\x93"s;
  for (int i = 0; i < 100'000; ++i) keys += "h\0Ns"s;
  CHECK(audit(names + ".").verdict == Verdict::RunsCode);
  CHECK(audit(keys + ".").is_clean());
  // A string in a string in a string ...
  std::string inner = "cm\nC\n.";
  for (int i = 0; i < 12; ++i) {
    std::string text;
    for (const char c : inner) text += c == '\n' ? "\\n" : c == '\\' || c == '\'' ? std::string{'\\', c} : std::string(1, c);
    inner = "S'" + text + "'\n0cm\nC\n.";
  }
  CHECK(audit(inner).verdict == Verdict::RunsCode);  // deeper than is looked
}

}  // namespace
}  // namespace gt::pickle
