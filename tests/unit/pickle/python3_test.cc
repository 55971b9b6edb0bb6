#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/base/support.h"
#include "tests/unit/pickle/support.h"

namespace gt::pickle {
namespace {

using namespace std::literals;
using testing::json_of_pickle;

struct Type {
  std::string_view name;
  std::string_view json;                  // as jsonpickle 0.9.3 under Python 2.7 writes it, or the nearest to that
  std::vector<std::string_view> pickles;  // by Python 3.11, in the protocols 0 to 5
};

const Type
    k_types
        [] =
            {
                {"bigint",
                 R"(1180591620717411303424)",
                 {"L1180591620717411303424L\012."sv, "\200\002\212\011\000\000\000\000\000\000\000\000@."sv,
                  "\200\003\212\011\000\000\000\000\000\000\000\000@."sv,
                  "\200\004\225\014\000\000\000\000\000\000\000\212\011\000\000\000\000\000\000\000\000@."sv,
                  "\200\005\225\014\000\000\000\000\000\000\000\212\011\000\000\000\000\000\000\000\000@."sv}},
                {"bytearray",
                 R"({"py/object":"__builtin__.bytearray","py/seq":[97,255]})",
                 {"c__builtin__\012bytearray\012p0\012(c_codecs\012encode\012p1\012(Va\377\012p2\012Vlatin1\012p3\012tp4\012Rp5\012tp6\012Rp7\012."sv,
                  "\200\002c__builtin__\012bytearray\012q\000c_codecs\012encode\012q\001X\003\000\000\000a\303\277q\002X\006\000\000\000latin1q\003\206q\004Rq\005\205q\006Rq\007."sv,
                  "\200\003cbuiltins\012bytearray\012q\000C\002a\377q\001\205q\002Rq\003."sv,
                  "\200\004\225#\000\000\000\000\000\000\000\214\010builtins\224\214\011bytearray\224\223\224C\002a\377\224\205\224R\224."sv,
                  "\200\005\225\015\000\000\000\000\000\000\000\226\002\000\000\000\000\000\000\000a\377\224."sv}},
                {"bytes",
                 R"({"py/bytes":"ab=FF"})",
                 {"c_codecs\012encode\012p0\012(Vab\377\012p1\012Vlatin1\012p2\012tp3\012Rp4\012."sv,
                  "\200\002c_codecs\012encode\012q\000X\004\000\000\000ab\303\277q\001X\006\000\000\000latin1q\002\206q\003Rq\004."sv,
                  "\200\003C\003ab\377q\000."sv, "\200\004\225\007\000\000\000\000\000\000\000C\003ab\377\224."sv,
                  "\200\005\225\007\000\000\000\000\000\000\000C\003ab\377\224."sv}},
                {"bytes text",
                 R"("abc")",
                 {"c_codecs\012encode\012p0\012(Vabc\012p1\012Vlatin1\012p2\012tp3\012Rp4\012."sv,
                  "\200\002c_codecs\012encode\012q\000X\003\000\000\000abcq\001X\006\000\000\000latin1q\002\206q\003Rq\004."sv,
                  "\200\003C\003abcq\000."sv, "\200\004\225\007\000\000\000\000\000\000\000C\003abc\224."sv,
                  "\200\005\225\007\000\000\000\000\000\000\000C\003abc\224."sv}},
                {"complex",
                 R"({"py/object":"__builtin__.complex","py/newargs":{"py/tuple":[1.0,2.0]}})",
                 {"c__builtin__\012complex\012p0\012(F1.0\012F2.0\012tp1\012Rp2\012."sv,
                  "\200\002c__builtin__\012complex\012q\000G\077\360\000\000\000\000\000\000G@\000\000\000\000\000\000\000\206q\001Rq\002."sv,
                  "\200\003cbuiltins\012complex\012q\000G\077\360\000\000\000\000\000\000G@\000\000\000\000\000\000\000\206q\001Rq\002."sv,
                  "\200\004\225.\000\000\000\000\000\000\000\214\010builtins\224\214\007complex\224\223\224G\077\360\000\000\000\000\000\000G@\000\000\000\000\000\000\000\206\224R\224."sv,
                  "\200\005\225.\000\000\000\000\000\000\000\214\010builtins\224\214\007complex\224\223\224G\077\360\000\000\000\000\000\000G@\000\000\000\000\000\000\000\206\224R\224."sv}},
                {"counter",
                 R"({"py/object":"collections.Counter","__reduce__":[{"py/type":"collections.Counter"},{"py/tuple":[{"a":2,"b":1}]}]})",
                 {"ccollections\012Counter\012p0\012((dp1\012Va\012p2\012I2\012sVb\012p3\012I1\012stp4\012Rp5\012."sv,
                  "\200\002ccollections\012Counter\012q\000}q\001(X\001\000\000\000aq\002K\002X\001\000\000\000bq\003K\001u\205q\004Rq\005."sv,
                  "\200\003ccollections\012Counter\012q\000}q\001(X\001\000\000\000aq\002K\002X\001\000\000\000bq\003K\001u\205q\004Rq\005."sv,
                  "\200\004\225/\000\000\000\000\000\000\000\214\013collections\224\214\007Counter\224\223\224}\224(\214\001a\224K\002\214\001b\224K\001u\205\224R\224."sv,
                  "\200\005\225/\000\000\000\000\000\000\000\214\013collections\224\214\007Counter\224\223\224}\224(\214\001a\224K\002\214\001b\224K\001u\205\224R\224."sv}},
                {"date",
                 R"({"py/object":"datetime.date","__reduce__":[{"py/type":"datetime.date"},["B+ADGQ=="]]})",
                 {"cdatetime\012date\012p0\012(c_codecs\012encode\012p1\012(V\007\340\003\031\012p2\012Vlatin1\012p3\012tp4\012Rp5\012tp6\012Rp7\012."sv,
                  "\200\002cdatetime\012date\012q\000c_codecs\012encode\012q\001X\005\000\000\000\007\303\240\003\031q\002X\006\000\000\000latin1q\003\206q\004Rq\005\205q\006Rq\007."sv,
                  "\200\003cdatetime\012date\012q\000C\004\007\340\003\031q\001\205q\002Rq\003."sv,
                  "\200\004\225 \000\000\000\000\000\000\000\214\010datetime\224\214\004date\224\223\224C\004\007\340\003\031\224\205\224R\224."sv,
                  "\200\005\225 \000\000\000\000\000\000\000\214\010datetime\224\214\004date\224\223\224C\004\007\340\003\031\224\205\224R\224."sv}},
                {"datetime",
                 R"({"py/object":"datetime.datetime","__reduce__":[{"py/type":"datetime.datetime"},["B+ADGQoLDAAADQ=="]]})",
                 {"cdatetime\012datetime\012p0\012(c_codecs\012encode\012p1\012(V\007\340\003\031\\u000a\013\014\\u0000\\u0000\\u000d\012p2\012Vlatin1\012p3\012tp4\012Rp5\012tp6\012Rp7\012."sv,
                  "\200\002cdatetime\012datetime\012q\000c_codecs\012encode\012q\001X\013\000\000\000\007\303\240\003\031\012\013\014\000\000\015q\002X\006\000\000\000latin1q\003\206q\004Rq\005\205q\006Rq\007."sv,
                  "\200\003cdatetime\012datetime\012q\000C\012\007\340\003\031\012\013\014\000\000\015q\001\205q\002Rq\003."sv,
                  "\200\004\225*\000\000\000\000\000\000\000\214\010datetime\224\214\010datetime\224\223\224C\012\007\340\003\031\012\013\014\000\000\015\224\205\224R\224."sv,
                  "\200\005\225*\000\000\000\000\000\000\000\214\010datetime\224\214\010datetime\224\223\224C\012\007\340\003\031\012\013\014\000\000\015\224\205\224R\224."sv}},
                {"datetime tz",
                 R"({"py/object":"datetime.datetime","__reduce__":[{"py/type":"datetime.datetime"},["B+ADGQoLDAAADQ==",{"py/object":"datetime.timezone","py/reduce":[{"py/type":"datetime.timezone"},{"py/tuple":[{"py/object":"datetime.timedelta","__reduce__":[{"py/type":"datetime.timedelta"},{"py/tuple":[0,0,0]}]}]},null,null,null]}]]})",
                 {"cdatetime\012datetime\012p0\012(c_codecs\012encode\012p1\012(V\007\340\003\031\\u000a\013\014\\u0000\\u0000\\u000d\012p2\012Vlatin1\012p3\012tp4\012Rp5\012cdatetime\012timezone\012p6\012(cdatetime\012timedelta\012p7\012(I0\012I0\012I0\012tp8\012Rp9\012tp10\012Rp11\012tp12\012Rp13\012."sv,
                  "\200\002cdatetime\012datetime\012q\000c_codecs\012encode\012q\001X\013\000\000\000\007\303\240\003\031\012\013\014\000\000\015q\002X\006\000\000\000latin1q\003\206q\004Rq\005cdatetime\012timezone\012q\006cdatetime\012timedelta\012q\007K\000K\000K\000\207q\010Rq\011\205q\012Rq\013\206q\014Rq\015."sv,
                  "\200\003cdatetime\012datetime\012q\000C\012\007\340\003\031\012\013\014\000\000\015q\001cdatetime\012timezone\012q\002cdatetime\012timedelta\012q\003K\000K\000K\000\207q\004Rq\005\205q\006Rq\007\206q\010Rq\011."sv,
                  "\200\004\225W\000\000\000\000\000\000\000\214\010datetime\224\214\010datetime\224\223\224C\012\007\340\003\031\012\013\014\000\000\015\224h\000\214\010timezone\224\223\224h\000\214\011timedelta\224\223\224K\000K\000K\000\207\224R\224\205\224R\224\206\224R\224."sv,
                  "\200\005\225W\000\000\000\000\000\000\000\214\010datetime\224\214\010datetime\224\223\224C\012\007\340\003\031\012\013\014\000\000\015\224h\000\214\010timezone\224\223\224h\000\214\011timedelta\224\223\224K\000K\000K\000\207\224R\224\205\224R\224\206\224R\224."sv}},
                {"decimal",
                 R"({"py/object":"decimal.Decimal","py/reduce":[{"py/type":"decimal.Decimal"},{"py/tuple":["1.5"]},null,null,null]})",
                 {"cdecimal\012Decimal\012p0\012(V1.5\012p1\012tp2\012Rp3\012."sv,
                  "\200\002cdecimal\012Decimal\012q\000X\003\000\000\0001.5q\001\205q\002Rq\003."sv,
                  "\200\003cdecimal\012Decimal\012q\000X\003\000\000\0001.5q\001\205q\002Rq\003."sv,
                  "\200\004\225!\000\000\000\000\000\000\000\214\007decimal\224\214\007Decimal\224\223\224\214\0031.5\224\205\224R\224."sv,
                  "\200\005\225!\000\000\000\000\000\000\000\214\007decimal\224\214\007Decimal\224\223\224\214\0031.5\224\205\224R\224."sv}},
                {"defaultdict",
                 R"({"py/object":"collections.defaultdict","a":[1],"default_factory":{"py/type":"__builtin__.list"}})",
                 {"ccollections\012defaultdict\012p0\012(c__builtin__\012list\012p1\012tp2\012Rp3\012Va\012p4\012(lp5\012I1\012as."sv,
                  "\200\002ccollections\012defaultdict\012q\000c__builtin__\012list\012q\001\205q\002Rq\003X\001\000\000\000aq\004]q\005K\001as."sv,
                  "\200\003ccollections\012defaultdict\012q\000cbuiltins\012list\012q\001\205q\002Rq\003X\001\000\000\000aq\004]q\005K\001as."sv,
                  "\200\004\225A\000\000\000\000\000\000\000\214\013collections\224\214\013defaultdict\224\223\224\214\010builtins\224\214\004list\224\223\224\205\224R\224\214\001a\224]\224K\001as."sv,
                  "\200\005\225A\000\000\000\000\000\000\000\214\013collections\224\214\013defaultdict\224\223\224\214\010builtins\224\214\004list\224\223\224\205\224R\224\214\001a\224]\224K\001as."sv}},
                {"deque",
                 R"({"py/object":"collections.deque","__reduce__":[{"py/type":"collections.deque"},{"py/tuple":[[1,2]]}]})",
                 {"ccollections\012deque\012p0\012(tRp1\012I1\012aI2\012a."sv,
                  "\200\002ccollections\012deque\012q\000)Rq\001(K\001K\002e."sv,
                  "\200\003ccollections\012deque\012q\000)Rq\001(K\001K\002e."sv,
                  "\200\004\225\"\000\000\000\000\000\000\000\214\013collections\224\214\005deque\224\223\224)R\224(K\001K\002e."sv,
                  "\200\005\225\"\000\000\000\000\000\000\000\214\013collections\224\214\005deque\224\223\224)R\224(K\001K\002e."sv}},
                {"deque max",
                 R"({"py/object":"collections.deque","__reduce__":[{"py/type":"collections.deque"},{"py/tuple":[[1,2],3]}]})",
                 {"ccollections\012deque\012p0\012((tI3\012tp1\012Rp2\012I1\012aI2\012a."sv,
                  "\200\002ccollections\012deque\012q\000)K\003\206q\001Rq\002(K\001K\002e."sv,
                  "\200\003ccollections\012deque\012q\000)K\003\206q\001Rq\002(K\001K\002e."sv,
                  "\200\004\225&\000\000\000\000\000\000\000\214\013collections\224\214\005deque\224\223\224)K\003\206\224R\224(K\001K\002e."sv,
                  "\200\005\225&\000\000\000\000\000\000\000\214\013collections\224\214\005deque\224\223\224)K\003\206\224R\224(K\001K\002e."sv}},
                {"empty bytes",
                 R"("")",
                 {"c__builtin__\012bytes\012p0\012(tRp1\012."sv, "\200\002c__builtin__\012bytes\012q\000)Rq\001."sv,
                  "\200\003C\000q\000."sv, "\200\004\225\004\000\000\000\000\000\000\000C\000\224."sv,
                  "\200\005\225\004\000\000\000\000\000\000\000C\000\224."sv}},
                {"exc",
                 R"({"py/object":"__builtin__.ValueError","py/reduce":[{"py/type":"__builtin__.ValueError"},{"py/tuple":["x",1]},{},null,null]})",
                 {"cexceptions\012ValueError\012p0\012(Vx\012p1\012I1\012tp2\012Rp3\012."sv,
                  "\200\002cexceptions\012ValueError\012q\000X\001\000\000\000xq\001K\001\206q\002Rq\003."sv,
                  "\200\003cbuiltins\012ValueError\012q\000X\001\000\000\000xq\001K\001\206q\002Rq\003."sv,
                  "\200\004\225%\000\000\000\000\000\000\000\214\010builtins\224\214\012ValueError\224\223\224\214\001x\224K\001\206\224R\224."sv,
                  "\200\005\225%\000\000\000\000\000\000\000\214\010builtins\224\214\012ValueError\224\223\224\214\001x\224K\001\206\224R\224."sv}},
                {"fraction",
                 R"({"py/object":"fractions.Fraction","py/reduce":[{"py/type":"fractions.Fraction"},{"py/tuple":[1,3]},null,null,null]})",
                 {"cfractions\012Fraction\012p0\012(I1\012I3\012tp1\012Rp2\012."sv,
                  "\200\002cfractions\012Fraction\012q\000K\001K\003\206q\001Rq\002."sv,
                  "\200\003cfractions\012Fraction\012q\000K\001K\003\206q\001Rq\002."sv,
                  "\200\004\225\"\000\000\000\000\000\000\000\214\011fractions\224\214\010Fraction\224\223\224K\001K\003\206\224R\224."sv,
                  "\200\005\225\"\000\000\000\000\000\000\000\214\011fractions\224\214\010Fraction\224\223\224K\001K\003\206\224R\224."sv}},
                {"frozenset",
                 R"({"py/object":"__builtin__.frozenset","py/reduce":[{"py/type":"__builtin__.frozenset"},{"py/tuple":[[1,2]]},null,null,null]})",
                 {"c__builtin__\012frozenset\012p0\012((lp1\012I1\012aI2\012atp2\012Rp3\012."sv,
                  "\200\002c__builtin__\012frozenset\012q\000]q\001(K\001K\002e\205q\002Rq\003."sv,
                  "\200\003cbuiltins\012frozenset\012q\000]q\001(K\001K\002e\205q\002Rq\003."sv,
                  "\200\004\225\010\000\000\000\000\000\000\000(K\001K\002\221\224."sv,
                  "\200\005\225\010\000\000\000\000\000\000\000(K\001K\002\221\224."sv}},
                {"odict",
                 R"({"py/object":"collections.OrderedDict","__reduce__":[{"py/type":"collections.OrderedDict"},{"py/tuple":[[["b",1],["a",2]]]}]})",
                 {"ccollections\012OrderedDict\012p0\012(tRp1\012Vb\012p2\012I1\012sVa\012p3\012I2\012s."sv,
                  "\200\002ccollections\012OrderedDict\012q\000)Rq\001(X\001\000\000\000bq\002K\001X\001\000\000\000aq\003K\002u."sv,
                  "\200\003ccollections\012OrderedDict\012q\000)Rq\001(X\001\000\000\000bq\002K\001X\001\000\000\000aq\003K\002u."sv,
                  "\200\004\2250\000\000\000\000\000\000\000\214\013collections\224\214\013OrderedDict\224\223\224)R\224(\214\001b\224K\001\214\001a\224K\002u."sv,
                  "\200\005\2250\000\000\000\000\000\000\000\214\013collections\224\214\013OrderedDict\224\223\224)R\224(\214\001b\224K\001\214\001a\224K\002u."sv}},
                {"path",
                 R"({"py/object":"pathlib.PurePosixPath","py/reduce":[{"py/type":"pathlib.PurePosixPath"},{"py/tuple":["/","usr","lib"]},null,null,null]})",
                 {"cpathlib\012PurePosixPath\012p0\012(V/\012p1\012Vusr\012p2\012Vlib\012p3\012tp4\012Rp5\012."sv,
                  "\200\002cpathlib\012PurePosixPath\012q\000X\001\000\000\000/q\001X\003\000\000\000usrq\002X\003\000\000\000libq\003\207q\004Rq\005."sv,
                  "\200\003cpathlib\012PurePosixPath\012q\000X\001\000\000\000/q\001X\003\000\000\000usrq\002X\003\000\000\000libq\003\207q\004Rq\005."sv,
                  "\200\004\2251\000\000\000\000\000\000\000\214\007pathlib\224\214\015PurePosixPath\224\223\224\214\001/\224\214\003usr\224\214\003lib\224\207\224R\224."sv,
                  "\200\005\2251\000\000\000\000\000\000\000\214\007pathlib\224\214\015PurePosixPath\224\223\224\214\001/\224\214\003usr\224\214\003lib\224\207\224R\224."sv}},
                {"range",
                 R"({"py/object":"__builtin__.xrange","py/reduce":[{"py/type":"__builtin__.xrange"},{"py/tuple":[1,10,2]},null,null,null]})",
                 {"c__builtin__\012xrange\012p0\012(I1\012I10\012I2\012tp1\012Rp2\012."sv,
                  "\200\002c__builtin__\012xrange\012q\000K\001K\012K\002\207q\001Rq\002."sv,
                  "\200\003cbuiltins\012range\012q\000K\001K\012K\002\207q\001Rq\002."sv,
                  "\200\004\225 \000\000\000\000\000\000\000\214\010builtins\224\214\005range\224\223\224K\001K\012K\002\207\224R\224."sv,
                  "\200\005\225 \000\000\000\000\000\000\000\214\010builtins\224\214\005range\224\223\224K\001K\012K\002\207\224R\224."sv}},
                {"set",
                 R"({"py/set":[1,2]})",
                 {"c__builtin__\012set\012p0\012((lp1\012I1\012aI2\012atp2\012Rp3\012."sv,
                  "\200\002c__builtin__\012set\012q\000]q\001(K\001K\002e\205q\002Rq\003."sv,
                  "\200\003cbuiltins\012set\012q\000]q\001(K\001K\002e\205q\002Rq\003."sv,
                  "\200\004\225\011\000\000\000\000\000\000\000\217\224(K\001K\002\220."sv,
                  "\200\005\225\011\000\000\000\000\000\000\000\217\224(K\001K\002\220."sv}},
                {"simplens",
                 R"({"py/object":"types.SimpleNamespace","py/reduce":[{"py/type":"types.SimpleNamespace"},{"py/tuple":[]},{"a":1},null,null]})",
                 {"ctypes\012SimpleNamespace\012p0\012(tRp1\012(dp2\012Va\012p3\012I1\012sb."sv,
                  "\200\002ctypes\012SimpleNamespace\012q\000)Rq\001}q\002X\001\000\000\000aq\003K\001sb."sv,
                  "\200\003ctypes\012SimpleNamespace\012q\000)Rq\001}q\002X\001\000\000\000aq\003K\001sb."sv,
                  "\200\004\225*\000\000\000\000\000\000\000\214\005types\224\214\017SimpleNamespace\224\223\224)R\224}\224\214\001a\224K\001sb."sv,
                  "\200\005\225*\000\000\000\000\000\000\000\214\005types\224\214\017SimpleNamespace\224\223\224)R\224}\224\214\001a\224K\001sb."sv}},
                {"slice",
                 R"({"py/object":"__builtin__.slice","py/reduce":[{"py/type":"__builtin__.slice"},{"py/tuple":[1,2,null]},null,null,null]})",
                 {"c__builtin__\012slice\012p0\012(I1\012I2\012Ntp1\012Rp2\012."sv,
                  "\200\002c__builtin__\012slice\012q\000K\001K\002N\207q\001Rq\002."sv,
                  "\200\003cbuiltins\012slice\012q\000K\001K\002N\207q\001Rq\002."sv,
                  "\200\004\225\037\000\000\000\000\000\000\000\214\010builtins\224\214\005slice\224\223\224K\001K\002N\207\224R\224."sv,
                  "\200\005\225\037\000\000\000\000\000\000\000\214\010builtins\224\214\005slice\224\223\224K\001K\002N\207\224R\224."sv}},
                {"time",
                 R"({"py/object":"datetime.time","__reduce__":[{"py/type":"datetime.time"},["CgsMAAAA"]]})",
                 {"cdatetime\012time\012p0\012(c_codecs\012encode\012p1\012(V\\u000a\013\014\\u0000\\u0000\\u0000\012p2\012Vlatin1\012p3\012tp4\012Rp5\012tp6\012Rp7\012."sv,
                  "\200\002cdatetime\012time\012q\000c_codecs\012encode\012q\001X\006\000\000\000\012\013\014\000\000\000q\002X\006\000\000\000latin1q\003\206q\004Rq\005\205q\006Rq\007."sv,
                  "\200\003cdatetime\012time\012q\000C\006\012\013\014\000\000\000q\001\205q\002Rq\003."sv,
                  "\200\004\225\"\000\000\000\000\000\000\000\214\010datetime\224\214\004time\224\223\224C\006\012\013\014\000\000\000\224\205\224R\224."sv,
                  "\200\005\225\"\000\000\000\000\000\000\000\214\010datetime\224\214\004time\224\223\224C\006\012\013\014\000\000\000\224\205\224R\224."sv}},
                {"timedelta",
                 R"({"py/object":"datetime.timedelta","__reduce__":[{"py/type":"datetime.timedelta"},{"py/tuple":[1,2,3]}]})",
                 {"cdatetime\012timedelta\012p0\012(I1\012I2\012I3\012tp1\012Rp2\012."sv,
                  "\200\002cdatetime\012timedelta\012q\000K\001K\002K\003\207q\001Rq\002."sv,
                  "\200\003cdatetime\012timedelta\012q\000K\001K\002K\003\207q\001Rq\002."sv,
                  "\200\004\225$\000\000\000\000\000\000\000\214\010datetime\224\214\011timedelta\224\223\224K\001K\002K\003\207\224R\224."sv,
                  "\200\005\225$\000\000\000\000\000\000\000\214\010datetime\224\214\011timedelta\224\223\224K\001K\002K\003\207\224R\224."sv}},
                {"timezone",
                 R"({"py/object":"datetime.timezone","py/reduce":[{"py/type":"datetime.timezone"},{"py/tuple":[{"py/object":"datetime.timedelta","__reduce__":[{"py/type":"datetime.timedelta"},{"py/tuple":[0,7200,0]}]},"X"]},null,null,null]})",
                 {"cdatetime\012timezone\012p0\012(cdatetime\012timedelta\012p1\012(I0\012I7200\012I0\012tp2\012Rp3\012VX\012p4\012tp5\012Rp6\012."sv,
                  "\200\002cdatetime\012timezone\012q\000cdatetime\012timedelta\012q\001K\000M \034K\000\207q\002Rq\003X\001\000\000\000Xq\004\206q\005Rq\006."sv,
                  "\200\003cdatetime\012timezone\012q\000cdatetime\012timedelta\012q\001K\000M \034K\000\207q\002Rq\003X\001\000\000\000Xq\004\206q\005Rq\006."sv,
                  "\200\004\225<\000\000\000\000\000\000\000\214\010datetime\224\214\010timezone\224\223\224h\000\214\011timedelta\224\223\224K\000M \034K\000\207\224R\224\214\001X\224\206\224R\224."sv,
                  "\200\005\225<\000\000\000\000\000\000\000\214\010datetime\224\214\010timezone\224\223\224h\000\214\011timedelta\224\223\224K\000M \034K\000\207\224R\224\214\001X\224\206\224R\224."sv}},
                {"uuid",
                 R"({"py/object":"uuid.UUID","int":5})",
                 {"ccopy_reg\012_reconstructor\012p0\012(cuuid\012UUID\012p1\012c__builtin__\012object\012p2\012Ntp3\012Rp4\012(dp5\012Vint\012p6\012I5\012sb."sv,
                  "\200\002cuuid\012UUID\012q\000)\201q\001}q\002X\003\000\000\000intq\003K\005sb."sv,
                  "\200\003cuuid\012UUID\012q\000)\201q\001}q\002X\003\000\000\000intq\003K\005sb."sv,
                  "\200\004\225 \000\000\000\000\000\000\000\214\004uuid\224\214\004UUID\224\223\224)\201\224}\224\214\003int\224K\005sb."sv,
                  "\200\005\225 \000\000\000\000\000\000\000\214\004uuid\224\214\004UUID\224\223\224)\201\224}\224\214\003int\224K\005sb."sv}},
};

TEST_CASE("equal elements of a set are one, also of large sets and of sets in sets") {
  std::string once = "(";
  std::string twice = "(";
  for (char n = 1; n <= 40; ++n) {
    once += {'K', n};
    twice += {'K', n, 'K', n};
  }
  const std::string in_other_order = "(" + once.substr(41) + once.substr(1, 40) + "\x91";
  once += "\x91";
  twice += "\x91";
  CHECK(json_of_pickle(twice + ".") == json_of_pickle(once + "."));
  CHECK(json_of_pickle("(" + twice + once + in_other_order + "\x91.") == json_of_pickle("(" + once + "\x91."));
  CHECK(json_of_pickle("c__builtin__\nset\n((lK\1aK\2aK\1atR.") == json_of_pickle("c__builtin__\nset\n((lK\1aK\2atR."));
  CHECK(json_of_pickle("}" + twice + "K\1s" + once + "K\2s.") == json_of_pickle("}" + once + "K\2s."));
}

TEST_CASE("the data types of Python 3 are read from every protocol, and nothing is called for them") {
  for (const Type& type : k_types) {
    CAPTURE(type.name);
    for (const std::string_view pickle : type.pickles) CHECK(json_of_pickle(pickle) == type.json);
  }
}

TEST_CASE("a call that is in no table is kept as a node where that is asked for") {
  const auto decoded = decode("cm\nColor\nK\x01\x85R."sv, {}, UnknownCalls::Keep);
  CHECK(testing::json_of(decoded.graph) ==
        R"({"py/object":"m.Color","py/reduce":[{"py/type":"m.Color"},{"py/tuple":[1]},null,null,null]})");
  // Items that are added to it, and its state.
  const auto filled = decode(
      "cm\nBag\n)R(K\x01K\x02"
      "eK\x03K\x04s}b."sv,
      {}, UnknownCalls::Keep);
  CHECK(testing::json_of(filled.graph) ==
        R"({"py/object":"m.Bag","py/reduce":[{"py/type":"m.Bag"},{"py/tuple":[]},{},{"py/tuple":[1,2]},)"
        R"({"py/tuple":[{"py/tuple":[3,4]}]}]})");
}

TEST_CASE("several pickles in one file are read one after the other, each with a memo of its own") {
  constexpr std::string_view k_file = "]q\0.}q\1.h\0."sv;
  const Decoded first = decode_at(k_file, 0);
  CHECK(testing::json_of(first.graph) == "[]");
  CHECK(first.findings.empty());
  const Decoded second = decode_at(k_file, first.end);
  CHECK(testing::json_of(second.graph) == "{}");
  const auto error = testing::error_of([&] { decode_at(k_file, second.end); });
  CHECK(testing::bare_text_of(error) == "byte 8: opcode BINGET reads memo 0, which was never set");
}

}  // namespace
}  // namespace gt::pickle
