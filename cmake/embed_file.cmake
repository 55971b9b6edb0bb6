# cmake -DINPUT= -DOUTPUT= -DNAME= -DID= -P embed_file.cmake: writes INPUT as a string constant (see embed.cmake).
file(READ "${INPUT}" hex HEX)
# As numbers: no byte of a script can end the literal or be changed on its way.
string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
file(WRITE "${OUTPUT}"
"#include \"embedded/${NAME}.h\"

namespace gt::embedded {
namespace {

constexpr char k_bytes[] = {
${bytes}'\\0'};

}  // namespace

extern const std::string_view k_${ID};
constinit const std::string_view k_${ID}(k_bytes, sizeof(k_bytes) - 1);

}  // namespace gt::embedded
")
