#include "lib/pickle/checked_arguments.h"

#include <fmt/format.h>

#include "lib/base/raised_by.h"

namespace gt::pickle {

void CheckedArguments::check_protocol(std::int64_t version) const {
  constexpr std::int64_t k_newest = 5;
  if (version > k_newest)
    throw reader_.error(
        ErrorCode::PickleProtocol,
        fmt::format("says protocol {}; protocols 0 to {} can be read, later ones are not known", version, k_newest));
}

void CheckedArguments::check_frame(std::int64_t bytes) const {
  const auto needed = static_cast<std::uint64_t>(bytes);
  if (needed > reader_.left())
    throw reader_.error(ErrorCode::PickleTruncated,
                        fmt::format("has a frame of {} bytes, but the file ends after {}: it was cut, or the length lies",
                                    needed, reader_.left()));
}

void CheckedArguments::check_digits(std::size_t count) const {
  if (count > limits_.integer_digits)
    throw reader_.error(
        ErrorCode::LimitSize,
        fmt::format("has an integer of about {} digits, more than the limit of {}", count, limits_.integer_digits),
        raised_by("--max-integer-digits"));
}

IntLiteral CheckedArguments::integer(std::string_view text) const {
  check_digits(text.size());
  auto literal = parse_int(text);
  if (!literal) throw bad("has '" + printable(text) + "', which is no integer");
  return std::move(*literal);
}

object::BigInt CheckedArguments::long_integer(std::string_view text) const {
  check_digits(text.size());
  auto literal = parse_long(text);
  if (!literal) throw bad("has '" + printable(text) + "', which is no integer");
  return std::move(*literal);
}

void CheckedArguments::check_binary_integer(std::string_view bytes) const {
  check_digits(bytes.size() * 12 / 5);  // log10(256) is 2.408
}

double CheckedArguments::real(std::string_view text) const {
  const auto value = parse_float(text);
  if (!value) throw bad("has '" + printable(text) + "', which is no number");
  return *value;
}

void CheckedArguments::throw_size(std::size_t bytes) const {
  throw reader_.error(ErrorCode::LimitSize,
                      fmt::format("has a string of {} bytes, more than the limit of {}", bytes, limits_.string_bytes),
                      raised_by("--max-string-bytes"));
}

void CheckedArguments::throw_no_utf8(std::string_view text) const {
  throw bad("has a text that is not UTF-8: " + printable(text));
}

std::string_view CheckedArguments::unescaped(std::string_view text, const std::optional<StringLiteral>& literal) {
  if (!literal)
    throw bad("has a string without matching quotes: " + printable(text),
              text.ends_with('\r') ? "the file was saved with Windows line ends" : "");
  check_size(text);
  if (!decode_string_escape(literal->content, unescaped_)) throw bad("has a string with a broken escape: " + printable(text));
  return unescaped_;
}

std::string_view CheckedArguments::unescaped_text(std::string_view text) {
  check_size(text);
  if (!decode_raw_unicode_escape(text, unescaped_)) throw bad("has a text with a broken \\u escape: " + printable(text));
  return unescaped_;
}

void CheckedArguments::check_name(std::string_view name) const {
  if (!is_utf8(name, Surrogates::Accept)) throw bad("has a name that is not UTF-8: " + printable(name));
}

void CheckedArguments::check_names(Names names) const {
  if (names.module.empty() || names.name.empty()) throw bad("names a class without its module or name");
  check_name(names.module);
  check_name(names.name);
}

object::Value CheckedArguments::named_class(object::Graph& graph, Names names) const {
  check_names(names);
  return graph.make_global(names.module, names.name);
}

}  // namespace gt::pickle
