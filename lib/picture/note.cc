#include "lib/picture/note.h"

#include <string_view>
#include <vector>

#include "lib/base/error.h"
#include "lib/picture/source.h"

namespace gt::picture {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t k_most_text = 4096;  // longer ones are not ours
constexpr int k_most_parts = 10'000;         // chunks, attributes, segments

std::uint32_t big32(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

std::string read_text(Source& source, std::uint64_t size) {
  std::vector<std::uint8_t> bytes(size);
  source.read(bytes);
  return {bytes.begin(), bytes.end()};
}

// Chunks: length, type, data, checksum; the pixels are in IDAT.
std::string png_note(Source& source) {
  source.seek(8);
  for (int i = 0; i < k_most_parts; ++i) {
    std::array<std::uint8_t, 8> head{};
    source.read(head);
    const std::uint64_t size = big32(head.data());
    const std::string_view type(reinterpret_cast<const char*>(&head[4]), 4);
    if (type == "IDAT" || type == "IEND") return {};
    const std::uint64_t next = source.position() + size + 4;
    if (type == "tEXt" && size <= k_most_text) {
      const std::string text = read_text(source, size);
      if (text.starts_with("Note\0"sv)) return text.substr(5);
    }
    source.seek(next);
  }
  return {};
}

std::string read_name(Source& source) {
  std::string name;
  while (const std::uint8_t byte = source.read_byte()) {
    if (name.size() == 255) throw Error(ErrorCode::ResultInvalid, "a name without an end");
    name += static_cast<char>(byte);
  }
  return name;
}

// Attributes: name, type, size, value; an empty name ends them.
std::string exr_note(Source& source) {
  source.seek(8);
  for (int i = 0; i < k_most_parts; ++i) {
    const std::string name = read_name(source);
    if (name.empty()) return {};
    const std::string type = read_name(source);
    std::array<std::uint8_t, 4> head{};
    source.read(head);
    const std::uint64_t size = little32(head.data());
    if (name == "Note" && type == "string" && size <= k_most_text) return read_text(source, size);
    source.seek(source.position() + size);
  }
  return {};
}

// Segments: a marker, then their length, itself included; the pixels are behind SOS (DA), comments in COM (FE).
std::string jpeg_note(Source& source) {
  constexpr std::string_view k_note = "Blender:Note:";
  source.seek(2);
  for (int i = 0; i < k_most_parts; ++i) {
    std::array<std::uint8_t, 4> head{};
    source.read(head);
    const std::uint64_t size = static_cast<std::uint64_t>(head[2]) << 8 | head[3];
    if (head[0] != 0xff || head[1] == 0xda || size < 2) return {};
    const std::uint64_t next = source.position() + size - 2;
    if (head[1] == 0xfe && size - 2 <= k_most_text) {
      std::string text = read_text(source, size - 2);
      while (!text.empty() && text.back() == '\0') text.pop_back();
      if (text.starts_with(k_note)) return text.substr(k_note.size());
    }
    source.seek(next);
  }
  return {};
}

}  // namespace

std::string note_of(int fd, Kind kind) {
  try {
    Source source(fd);
    switch (kind) {
      case Kind::Png: return png_note(source);
      case Kind::Exr: return exr_note(source);
      case Kind::Jpeg: return jpeg_note(source);
      case Kind::Tga:
      case Kind::Bmp: return {};
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::ResultInvalid) throw;
  }
  return {};
}

}  // namespace gt::picture
