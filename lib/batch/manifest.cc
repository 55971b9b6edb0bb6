#include "lib/batch/manifest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "lib/base/error.h"

namespace gt::batch {
namespace {

constexpr std::string_view k_digits = "0123456789abcdef";
constexpr std::size_t k_checksum_digits = 16;

void append_hex(std::string& out, unsigned char byte) {
  out += k_digits[byte >> 4];
  out += k_digits[byte & 15];
}

void append_hash(std::string& out, const Hash& hash) {
  for (const unsigned char byte : hash) append_hex(out, byte);
}

std::optional<unsigned char> find_byte(std::string_view two_digits) {
  unsigned char byte = 0;
  const char* end = two_digits.data() + two_digits.size();
  const auto [at, error] = std::from_chars(two_digits.data(), end, byte, 16);
  if (two_digits.size() != 2 || error != std::errc() || at != end) return std::nullopt;
  return byte;
}

std::optional<Hash> find_hash(std::string_view digits) {
  Hash out{};
  if (digits.size() != 2 * out.size()) return std::nullopt;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto byte = find_byte(digits.substr(2 * i, 2));
    if (!byte) return std::nullopt;
    out[i] = *byte;
  }
  return out;
}

// Names are bytes: what would break a line, and a backslash, are \xNN.
void append_escaped(std::string& out, std::string_view name) {
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f && c != '\\') {
      out += c;
    } else {
      out += "\\x";
      append_hex(out, byte);
    }
  }
}

std::optional<std::string> find_unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    const auto byte = find_byte(text.substr(std::min(i + 2, text.size()), 2));
    if (!byte) return std::nullopt;
    out += static_cast<char>(*byte);
    i += 3;
  }
  return out;
}

// FNV-1a: against cut and overwritten lines, not against people.
std::string checksum(std::string_view text) {
  std::uint64_t sum = 14695981039346656037U;
  for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 1099511628211U;
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) append_hex(out, static_cast<unsigned char>(sum >> shift));
  return out;
}

// CHECKSUM OUTPUT SOURCE NAME
std::optional<Record> find_record(std::string_view line) {
  constexpr std::size_t k_hash = 2 * sizeof(Hash);
  constexpr std::size_t k_output = k_checksum_digits + 1;
  constexpr std::size_t k_source = k_output + k_hash + 1;
  constexpr std::size_t k_name = k_source + k_hash + 1;
  if (line.size() <= k_name || line[k_checksum_digits] != ' ' ||
      line.substr(0, k_checksum_digits) != checksum(line.substr(k_output)))
    return std::nullopt;
  const auto output = find_hash(line.substr(k_output, k_hash));
  const auto source = find_hash(line.substr(k_source, k_hash));
  const auto name = find_unescaped(line.substr(k_name));
  if (!output || !source || !name) return std::nullopt;
  if (name->find('/') != std::string::npos) return std::nullopt;  // undo must not be led out of the directory
  return Record{*name, *output, *source};
}

}  // namespace

Hash hash_of(std::string_view bytes) {
  // Looked up once: libcrypto does it anew for each digest otherwise.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  Hash out{};
  if (algorithm == nullptr || context == nullptr || EVP_DigestInit_ex2(context.get(), algorithm, nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), out.data(), nullptr) != 1)
    throw Error(ErrorCode::System, "libcrypto cannot compute SHA-256");
  return out;
}

std::string to_line(const Record& record) {
  std::string out;
  out.reserve(k_checksum_digits + 4 * sizeof(Hash) + record.name.size() + 4);
  out.append(k_checksum_digits + 1, ' ');
  append_hash(out, record.output);
  out += ' ';
  append_hash(out, record.source);
  out += ' ';
  append_escaped(out, record.name);
  out.replace(0, k_checksum_digits, checksum(std::string_view(out).substr(k_checksum_digits + 1)));
  return out += '\n';
}

Manifest::Manifest(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.size() < text.size())  // else it was cut, whatever its checksum
      if (const auto record = find_record(line)) add(*record);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
}

void Manifest::add(const Record& record) {
  const auto [at, is_new] = entries_.try_emplace(record.name, Entry{record.output, record.source, {}});
  if (is_new) return;
  Entry& entry = at->second;
  if (entry.output != record.output) entry.before = entry.output;
  entry.output = record.output;
  entry.source = record.source;
}

const Manifest::Entry* Manifest::find(const std::string& name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

}  // namespace gt::batch
