#include <doctest/doctest.h>

#include <string>

#include "lib/base/text.h"
#include "lib/pickle/decode.h"
#include "tests/unit/base/support.h"
#include "tests/unit/pickle/support.h"

namespace gt::pickle {
namespace {

using namespace std::literals;
using testing::bare_text_of;
using testing::code_of;
using testing::error_of;

struct Row {
  std::string_view pickle;
  std::string_view code;
  std::string_view text;  // the whole message as a user sees it, behind the file's name
};

void check(const Row& row) {
  CAPTURE(printable(row.pickle, 200));
  const auto error = error_of([&] { decode(row.pickle); });
  CHECK(code_of(error) == row.code);
  CHECK(bare_text_of(error) == row.text);
  if (error) CHECK(static_cast<int>(error->exit_code()) == 1);
}

TEST_CASE("what is cut or is no pickle says where it ends or what is wrong") {
  const Row rows[] = {
      {""sv, "input.empty", "the file is empty"},
      {"N"sv, "pickle.truncated", "byte 1: the pickle ends here without a STOP opcode: the file was cut"},
      {"(dp0\n"sv, "pickle.truncated", "byte 5: the pickle ends here without a STOP opcode: the file was cut"},
      {"S'abc"sv, "pickle.truncated", "byte 0: opcode STRING has a line without an end: the file was cut"},
      {"NI12"sv, "pickle.truncated", "byte 1: opcode INT has a line without an end: the file was cut"},
      {"cos\nsys"sv, "pickle.truncated", "byte 0: opcode GLOBAL has a line without an end: the file was cut"},
      {"J\x01\0"sv, "pickle.truncated",
       "byte 0: opcode BININT needs 4 bytes, but the file ends after 2: it was cut, or the length lies"},
      {"K"sv, "pickle.truncated",
       "byte 0: opcode BININT1 needs 1 bytes, but the file ends after 0: it was cut, or the length lies"},
      {"\x7fzzz"sv, "pickle.unknown-opcode", "byte 0: byte 0x7f is no pickle opcode"},
      {"(\xefN."sv, "pickle.unknown-opcode", "byte 1: byte 0xef is no pickle opcode"},
      {"\0"sv, "pickle.unknown-opcode", "byte 0: byte 0x00 is no pickle opcode"},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("a length that lies is refused without taking the memory") {
  const Row rows[] = {
      {"T\xff\xff\xff\x7f"
       "abc."sv,
       "pickle.truncated",
       "byte 0: opcode BINSTRING needs 2147483647 bytes, but the file ends after 4: it was cut, or the length lies"},
      {"NX\xff\xff\xff\x7f"
       "abc."sv,
       "pickle.truncated",
       "byte 1: opcode BINUNICODE needs 2147483647 bytes, but the file ends after 4: it was cut, or the length lies"},
      {"T\xff\xff\xff\xff"
       "abc."sv,
       "pickle.bad-argument", "byte 0: opcode BINSTRING has the length -1"},
      {"X\0\0\0\x80"
       "abc."sv,
       "pickle.truncated",
       "byte 0: opcode BINUNICODE needs 2147483648 bytes, but the file ends after 4: it was cut, or the length lies"},
      {"\x8e\xff\xff\xff\xff\xff\xff\xff\xff."sv, "pickle.truncated",
       "byte 0: opcode BINBYTES8 needs 18446744073709551615 bytes, but the file ends after 1: it was cut, or the length lies"},
      {"\x96\xff\xff\xff\xff\xff\xff\xff\x7f."sv, "pickle.truncated",
       "byte 0: opcode BYTEARRAY8 needs 9223372036854775807 bytes, but the file ends after 1: it was cut, or the length lies"},
      {"\x95\x03\0\0\0\0\0\0\0N."sv, "pickle.truncated",
       "byte 0: opcode FRAME has a frame of 3 bytes, but the file ends after 2: it was cut, or the length lies"},
      {"\x95\xff\xff\xff\xff\xff\xff\xff\xffN."sv, "pickle.bad-argument", "byte 0: opcode FRAME has the length -1"},
      {"\x8b\xff\xff\xff\xff."sv, "pickle.bad-argument", "byte 0: opcode LONG4 has the length -1"},
      {"\x8b\xff\xff\xff\x7f."sv, "pickle.truncated",
       "byte 0: opcode LONG4 needs 2147483647 bytes, but the file ends after 1: it was cut, or the length lies"},
      {"U\xffxyz."sv, "pickle.truncated",
       "byte 0: opcode SHORT_BINSTRING needs 255 bytes, but the file ends after 4: it was cut, or the length lies"},
      {"\x8a\x09."sv, "pickle.truncated",
       "byte 0: opcode LONG1 needs 9 bytes, but the file ends after 1: it was cut, or the length lies"},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("protocols that no Python has written yet are refused") {
  check({"\x80\x06N."sv, "pickle.protocol",
         "byte 0: opcode PROTO says protocol 6; protocols 0 to 5 can be read, later ones are not known"});
  check({"\x80\xffN."sv, "pickle.protocol",
         "byte 0: opcode PROTO says protocol 255; protocols 0 to 5 can be read, later ones are not known"});
}

TEST_CASE("arguments that Python could not read are refused with their value") {
  const Row rows[] = {
      {"Iabc\n."sv, "pickle.bad-argument", "byte 0: opcode INT has 'abc', which is no integer"},
      {"I\n."sv, "pickle.bad-argument", "byte 0: opcode INT has '', which is no integer"},
      {"I0x10\n."sv, "pickle.bad-argument", "byte 0: opcode INT has '0x10', which is no integer"},
      {"I1\x1b[2J\n."sv, "pickle.bad-argument", "byte 0: opcode INT has '1\\x1b[2J', which is no integer"},
      {"L08\n."sv, "pickle.bad-argument", "byte 0: opcode LONG has '08', which is no integer"},
      {"F1,5\n."sv, "pickle.bad-argument", "byte 0: opcode FLOAT has '1,5', which is no number"},
      {"Sabc\n."sv, "pickle.bad-argument", "byte 0: opcode STRING has a string without matching quotes: abc"},
      {"S'abc\"\n."sv, "pickle.bad-argument", "byte 0: opcode STRING has a string without matching quotes: 'abc\""},
      {"S'abc'\r\n."sv, "pickle.bad-argument",
       "byte 0: opcode STRING has a string without matching quotes: 'abc'\\x0d; the file was saved with Windows line ends"},
      {"S'\\x4'\n."sv, "pickle.bad-argument", "byte 0: opcode STRING has a string with a broken escape: '\\x4'"},
      {"V\\u12\n."sv, "pickle.bad-argument", "byte 0: opcode UNICODE has a text with a broken \\u escape: \\u12"},
      {"c\nC\n."sv, "pickle.bad-argument", "byte 0: opcode GLOBAL names a class without its module or name"},
      {"cm\n\n."sv, "pickle.bad-argument", "byte 0: opcode GLOBAL names a class without its module or name"},
      {"\x8c\x01m\x8c\0\x93."sv, "pickle.bad-argument", "byte 5: opcode STACK_GLOBAL names a class without its module or name"},
      {"X\x02\0\0\0\xc3\x28."sv, "pickle.bad-argument", "byte 0: opcode BINUNICODE has a text that is not UTF-8: \\xc3("},
  };
  for (const Row& row : rows) check(row);
}

// Known bug: the names go into the JSON unchecked, and writing them reads behind their end. Skipped, because it is undefined
// behaviour.
TEST_CASE("the name of a class is UTF-8") {
  for (const std::string_view pickle : {"cm\nC\xff\n."sv, "c\xf0\nC\n."sv, "(im\n\xe2\x82\n."sv}) {
    const auto error = error_of([&] { decode(pickle); });
    CHECK(code_of(error) == "pickle.bad-argument");
    CHECK(error->where().offset == (pickle[0] == '(' ? 1 : 0));
  }
}

TEST_CASE("the stack never gives what is not on it") {
  const Row rows[] = {
      {"."sv, "pickle.stack-underflow", "byte 0: opcode STOP needs a value, but the stack is empty"},
      {"0."sv, "pickle.stack-underflow", "byte 0: opcode POP needs a value, but the stack is empty"},
      {"2."sv, "pickle.stack-underflow", "byte 0: opcode DUP needs a value, but the stack is empty"},
      {"N(."sv, "pickle.stack-underflow", "byte 2: opcode STOP needs a value, but the stack is empty"},  // only below a mark
      {"N(2."sv, "pickle.stack-underflow", "byte 2: opcode DUP needs a value, but the stack is empty"},
      {"N(00"sv, "pickle.truncated", "byte 4: the pickle ends here without a STOP opcode: the file was cut"},
      {"N(000"sv, "pickle.stack-underflow", "byte 4: opcode POP needs a value, but the stack is empty"},
      {"a."sv, "pickle.stack-underflow", "byte 0: opcode APPEND needs a value, but the stack is empty"},
      {"Na."sv, "pickle.stack-underflow", "byte 1: opcode APPEND needs a value, but the stack is empty"},
      {"(e."sv, "pickle.stack-underflow", "byte 1: opcode APPENDS needs a list below its MARK"},
      {"(u."sv, "pickle.stack-underflow", "byte 1: opcode SETITEMS needs a dict below its MARK"},
      {"]((K\x01"
       "e."sv,
       "pickle.stack-underflow", "byte 5: opcode APPENDS needs a list below its MARK"},
      {"}Ns."sv, "pickle.stack-underflow", "byte 2: opcode SETITEM needs a dict, a key and a value on the stack"},
      {"}(NNs."sv, "pickle.stack-underflow", "byte 4: opcode SETITEM needs a dict, a key and a value on the stack"},
      {"(Nd."sv, "pickle.stack-underflow", "byte 2: opcode DICT has a key without a value"},
      {"}(Nu."sv, "pickle.stack-underflow", "byte 3: opcode SETITEMS has a key without a value"},
      {"\x85."sv, "pickle.stack-underflow", "byte 0: opcode TUPLE1 needs 1 value on the stack"},
      {"N\x86."sv, "pickle.stack-underflow", "byte 1: opcode TUPLE2 needs 2 values on the stack"},
      {"NN(N\x87."sv, "pickle.stack-underflow", "byte 4: opcode TUPLE3 needs 3 values on the stack"},
      {"(o."sv, "pickle.stack-underflow", "byte 1: opcode OBJ needs a class behind its MARK"},
      {"p0\n."sv, "pickle.stack-underflow", "byte 0: opcode PUT needs a value, but the stack is empty"},
      {"q\0."sv, "pickle.stack-underflow", "byte 0: opcode BINPUT needs a value, but the stack is empty"},
      {"R."sv, "pickle.stack-underflow", "byte 0: opcode REDUCE needs a value, but the stack is empty"},
      {"b."sv, "pickle.stack-underflow", "byte 0: opcode BUILD needs a value, but the stack is empty"},
      {"\x81."sv, "pickle.stack-underflow", "byte 0: opcode NEWOBJ needs a value, but the stack is empty"},
      {"l."sv, "pickle.no-mark", "byte 0: opcode LIST needs a MARK, but there is none on the stack"},
      {"Nt."sv, "pickle.no-mark", "byte 1: opcode TUPLE needs a MARK, but there is none on the stack"},
      {"d."sv, "pickle.no-mark", "byte 0: opcode DICT needs a MARK, but there is none on the stack"},
      {"1."sv, "pickle.no-mark", "byte 0: opcode POP_MARK needs a MARK, but there is none on the stack"},
      {"im\nC\n."sv, "pickle.no-mark", "byte 0: opcode INST needs a MARK, but there is none on the stack"},
      {"(0l."sv, "pickle.no-mark", "byte 2: opcode LIST needs a MARK, but there is none on the stack"},
      {"]e."sv, "pickle.no-mark", "byte 1: opcode APPENDS needs a MARK, but there is none on the stack"},
      {"Q."sv, "pickle.stack-underflow", "byte 0: opcode BINPERSID needs 1 value on the stack"},
      {"N\x93."sv, "pickle.stack-underflow", "byte 1: opcode STACK_GLOBAL needs a value, but the stack is empty"},
      {"N\x92."sv, "pickle.stack-underflow", "byte 1: opcode NEWOBJ_EX needs a value, but the stack is empty"},
      {"\x94."sv, "pickle.stack-underflow", "byte 0: opcode MEMOIZE needs a value, but the stack is empty"},
      {"(\x90."sv, "pickle.stack-underflow", "byte 1: opcode ADDITEMS needs a set below its MARK"},
      {"\x91."sv, "pickle.no-mark", "byte 0: opcode FROZENSET needs a MARK, but there is none on the stack"},
      {"\x8f\x90."sv, "pickle.no-mark", "byte 1: opcode ADDITEMS needs a MARK, but there is none on the stack"},
      {"o."sv, "pickle.no-mark", "byte 0: opcode OBJ needs a MARK, but there is none on the stack"},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("a memo slot is read after it was set, never before") {
  const Row rows[] = {
      {"g0\n."sv, "pickle.memo-unset", "byte 0: opcode GET reads memo 0, which was never set"},
      {"Nq\0h\x01."sv, "pickle.memo-unset", "byte 3: opcode BINGET reads memo 1, which was never set"},
      {"j\xff\xff\xff\x7f."sv, "pickle.memo-unset", "byte 0: opcode LONG_BINGET reads memo 2147483647, which was never set"},
      {"j\xff\xff\xff\xff."sv, "pickle.memo-unset", "byte 0: opcode LONG_BINGET reads memo 4294967295, which was never set"},
      {"Np1\ng01\n."sv, "pickle.memo-unset", "byte 4: opcode GET reads memo '01', which was never set"},
      {"gx\x1b\n."sv, "pickle.memo-unset", "byte 0: opcode GET reads memo 'x\\x1b', which was never set"},
      {"g99999999999999999999\n."sv, "pickle.memo-unset",
       "byte 0: opcode GET reads memo '99999999999999999999', which was never set"},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("opcodes on values of the wrong type are refused") {
  const Row rows[] = {
      {"NNa."sv, "pickle.wrong-type", "byte 2: opcode APPEND appends to something that is no list"},
      {")Na."sv, "pickle.wrong-type", "byte 2: opcode APPEND appends to something that is no list"},
      {"}(Ne."sv, "pickle.wrong-type", "byte 3: opcode APPENDS appends to something that is no list"},
      {"NNNs."sv, "pickle.wrong-type", "byte 3: opcode SETITEM sets an item of something that is no dict"},
      {"]K\x00Ns."sv, "pickle.wrong-type", "byte 4: opcode SETITEM sets an item of a list that does not have it"},
      {"]NNs."sv, "pickle.wrong-type", "byte 3: opcode SETITEM sets an item of a list that does not have it"},
      {"](NeJ\xfe\xff\xff\xffNs."sv, "pickle.wrong-type",
       "byte 10: opcode SETITEM sets an item of a list that does not have it"},
      {"}]Ns."sv, "graph.unhashable",
       "byte 3: opcode SETITEM uses a list, dict, set or bytearray as a key, which Python cannot hash"},
      {"(}Nd."sv, "graph.unhashable",
       "byte 3: opcode DICT uses a list, dict, set or bytearray as a key, which Python cannot hash"},
      {"](N\x90."sv, "pickle.wrong-type", "byte 3: opcode ADDITEMS adds elements to something that is no set"},
      {"\x8f(]\x90."sv, "graph.unhashable",
       "byte 3: opcode ADDITEMS uses a list, dict, set or bytearray as a key, which Python cannot hash"},
      {"(}\x91."sv, "graph.unhashable",
       "byte 2: opcode FROZENSET uses a list, dict, set or bytearray as a key, which Python cannot hash"},
      {"c__builtin__\ncomplex\nF1\n}\x86R."sv, "pickle.wrong-type",
       "byte 26: opcode REDUCE makes a complex number of other than two numbers"},
      {"c__builtin__\ncomplex\nF1\nF2\nN\x87R."sv, "pickle.wrong-type",
       "byte 29: opcode REDUCE makes a complex number of other than two numbers"},
      {"c__builtin__\nbytearray\nVa\nVutf-8\n\x86R."sv, "pickle.wrong-type",
       "byte 34: opcode REDUCE makes a bytearray of other than a text and its encoding, which is latin-1"},
      {"NK\x01\x93."sv, "pickle.wrong-type", "byte 3: opcode STACK_GLOBAL names a class by something that is no text"},
      {"cm\nC\n)N\x92."sv, "pickle.wrong-type", "byte 7: opcode NEWOBJ_EX has keyword arguments that are no dict"},
      {"c_codecs\nencode\nV\\u0100\nVlatin1\n\x86R."sv, "pickle.wrong-type",
       "byte 33: opcode REDUCE encodes something that is no text of Latin-1 characters"},
      {"]Nb."sv, "pickle.wrong-type", "byte 2: opcode BUILD gives a state to something that is no instance"},
      {"N)R."sv, "pickle.wrong-type", "byte 2: opcode REDUCE calls a value that is no class or function"},
      {"cm\nC\nNR."sv, "pickle.wrong-type", "byte 6: opcode REDUCE calls m.C with arguments that are no tuple"},
      {"N)\x81."sv, "pickle.wrong-type", "byte 2: opcode NEWOBJ names a class that is not one"},
      {"cm\nC\n]\x81."sv, "pickle.wrong-type", "byte 6: opcode NEWOBJ makes a m.C with arguments that are no tuple"},
      {"(No."sv, "pickle.wrong-type", "byte 2: opcode OBJ names a class that is not one"},
      {"c__builtin__\nset\nK\x05\x85R."sv, "pickle.wrong-type",
       "byte 20: opcode REDUCE makes a set of something that is no list"},
      {"cgnr.gnrtaskstate\nGNROptions\n)\x81."sv, "pickle.wrong-type",
       "byte 30: opcode NEWOBJ makes a gnr.gnrtaskstate.GNROptions by __new__, which this classic class does not have"},
      {"ccopy_reg\n_reconstructor\n(cgnr.gnrtaskstate\nGNROptions\nc__builtin__\nobject\nNtR."sv, "pickle.wrong-type",
       "byte 77: opcode REDUCE reconstructs a gnr.gnrtaskstate.GNROptions, which is a classic class and cannot be"},
      {"ccopy_reg\n_reconstructor\n(cm\nC\nNNtR."sv, "pickle.wrong-type",
       "byte 34: opcode REDUCE reconstructs a m.C on a base that is no built-in type"},
      {"ccopy_reg\n_reconstructor\n)R."sv, "pickle.wrong-type",
       "byte 26: opcode REDUCE calls copy_reg._reconstructor with other than 3 arguments"},
      {"cdatetime\ndatetime\n)R."sv, "pickle.wrong-type",
       "byte 20: opcode REDUCE makes a date or time without its packed bytes"},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("what refers to something outside the file is refused") {
  const Row rows[] = {
      {"\x97."sv, "pickle.out-of-band",
       "byte 0: opcode NEXT_BUFFER takes bytes that were saved apart from this file (out-of-band data)"},
      {"N\x98."sv, "pickle.out-of-band",
       "byte 1: opcode READONLY_BUFFER takes bytes that were saved apart from this file (out-of-band data)"},
      {"\x82\x05."sv, "pickle.extension",
       "byte 0: opcode EXT1 uses code 5 of the extension registry of the program that saved it"},
      {"\x83\x05\x01."sv, "pickle.extension",
       "byte 0: opcode EXT2 uses code 261 of the extension registry of the program that saved it"},
      {"\x84\x05\x01\0\0."sv, "pickle.extension",
       "byte 0: opcode EXT4 uses code 261 of the extension registry of the program that saved it"},
  };
  for (const Row& row : rows) check(row);
}

// Known bug: an unhashable key inside a tuple, or in a set, is an error without offset and opcode.
TEST_CASE("an unhashable key inside a tuple or a set says where it is") {
  const auto key = error_of([] { decode("}]\x85Ns."sv); });
  CHECK(code_of(key) == "graph.unhashable");
  CHECK(key->where().offset.has_value());
  const auto element = error_of([] { decode("c__builtin__\nset\n]]a\x85R."sv); });
  CHECK(code_of(element) == "graph.unhashable");
  CHECK(element->where().offset.has_value());
}

TEST_CASE("an unhashable key inside a tuple or a set is refused") {
  CHECK(code_of(error_of([] { decode("}]\x85Ns."sv); })) == "graph.unhashable");
  CHECK(code_of(error_of([] { decode("c__builtin__\nset\n]]a\x85R."sv); })) == "graph.unhashable");
}

}  // namespace
}  // namespace gt::pickle
