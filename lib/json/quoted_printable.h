// quopri.encodestring of Python 2.7: how jsonpickle 0.9.3 writes byte strings that are not UTF-8.
// Source: Modules/binascii.c of 2.7, b2a_qp with quotetabs=0, istext=1, header=0.
#pragma once

#include <string>
#include <string_view>

namespace gt::json {

std::string encode_quoted_printable(std::string_view bytes);
// quopri.decodestring: what is no valid escape stays as it is.
std::string decode_quoted_printable(std::string_view text);

}  // namespace gt::json
