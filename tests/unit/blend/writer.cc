#include "tests/unit/blend/writer.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <stdexcept>

namespace gt::testing {
namespace {

using blend::ByteOrder;
using blend::HeaderForm;

const std::map<std::string, std::size_t> k_basic = {{"char", 1},   {"uchar", 1},   {"short", 2},    {"ushort", 2},
                                                    {"int", 4},    {"long", 4},    {"ulong", 4},    {"float", 4},
                                                    {"double", 8}, {"int64_t", 8}, {"uint64_t", 8}, {"void", 0}};

std::string bare(const std::string& name) {
  const std::size_t begin = name.find_first_not_of("(*");
  return name.substr(begin, name.find_first_of("[)", begin) - begin);
}

void pad(std::string& out) { out.resize((out.size() + 3) / 4 * 4); }

}  // namespace

Fields::Fields(const SceneWriter& writer, std::string struct_name)
    : writer_(&writer), struct_name_(std::move(struct_name)), bytes_(writer.size_of(struct_name_), '\0') {}

Fields& Fields::number(std::string_view member, std::int64_t value) {
  const auto place = writer_->place(struct_name_, member);
  bytes_.replace(place.offset, place.size, writer_->number(value, place.size));
  return *this;
}

Fields& Fields::text(std::string_view member, std::string_view value) {
  const auto place = writer_->place(struct_name_, member);
  std::string padded(value.substr(0, place.size));
  padded.resize(place.size);
  bytes_.replace(place.offset, place.size, padded);
  return *this;
}

void SceneWriter::undefine(const std::string& name) {
  std::erase_if(structs_, [&](const auto& entry) { return entry.first == name; });
}

void SceneWriter::define(const std::string& name, const std::vector<std::string>& members) {
  std::vector<Member> made;
  for (const std::string& member : members) {
    const std::size_t space = member.find(' ');
    made.push_back({member.substr(0, space), member.substr(space + 1)});
  }
  for (auto& [known, old] : structs_) {
    if (known != name) continue;
    old = made;
    return;
  }
  structs_.emplace_back(name, made);
}

void SceneWriter::define_all(int version) {
  const bool is_old = version < 250;
  const bool is_2_8 = version >= 280;
  const bool is_5 = version >= 500;
  const auto join = [](std::vector<std::string> out, const std::vector<std::string>& more) {
    out.insert(out.end(), more.begin(), more.end());
    return out;
  };
  const auto with = [](bool yes, std::vector<std::string> members) { return yes ? members : std::vector<std::string>(); };
  define("ListBase", {"void *first", "void *last"});
  define("ID", join({"void *next", "void *prev", "Library *lib",
                     is_5     ? "char name[258]"
                     : is_old ? "char name[24]"
                              : "char name[66]",
                     "short flag", "int us", "IDProperty *properties"},
                    with(is_5, {"IDProperty *system_properties"})));
  define("IDPropertyData", {"void *pointer", "ListBase group", "int val", "int val2"});
  define("IDProperty", {"IDProperty *next", "IDProperty *prev", "char type", "char subtype", "short flag", "char name[64]",
                        "int saved", "IDPropertyData data", "int len"});
  define("FileGlobal", {"char subvstr[4]", "short subversion", "short minversion", "Scene *curscene", "void (*unused)()"});
  define("ImageFormatData", {"char imtype", "char depth", "char planes", "char flag", "char quality"});
  define("RenderData", join({"int cfra", "int sfra", "int efra", "short size", "int xsch", "int ysch", "short imtype",
                             "short planes", "short quality", "int scemode", "int stamp", "ListBase layers"},
                            with(!is_old, {"char engine[32]", "ImageFormatData im_format"})));
  define("Scene", join({"ID id", "Object *camera", "char use_nodes", "bNodeTree *nodetree", "Editing *ed", "RenderData r",
                        "ListBase markers", "float matrix[4][4]"},
                       join(with(is_2_8, {"ListBase view_layers"}), with(is_5, {"bNodeTree *compositing_node_group"}))));
  define("TimeMarker", {"TimeMarker *next", "TimeMarker *prev", "int frame", "Object *camera"});
  define("SceneRenderLayer", {"SceneRenderLayer *next", "SceneRenderLayer *prev", "int layflag", "IDProperty *prop"});
  if (is_2_8)
    define("ViewLayer", join({"ViewLayer *next", "ViewLayer *prev", "char name[64]", "short flag", "IDProperty *id_properties"},
                             with(is_5, {"IDProperty *system_properties"})));
  define("bNodeTree", {"ID id", "ListBase nodes"});
  define("bNode", join({"bNode *next", "bNode *prev", "short type"}, with(!is_old, {"char idname[64]"})));
  define("Editing", {"ListBase *seqbasep", "ListBase seqbase"});
  define("Sequence",
         {"Sequence *next", "Sequence *prev", "char name[64]", "int type", "int len", "Strip *strip", "float start"});
  define("Strip", {"Strip *next", "StripElem *stripdata", "char dir[768]"});
  define("StripElem", {"char name[256]", "int orig_width"});
  define("Image", {"ID id", "char name[1024]", "short source", "short type", "PackedFile *packedfile", "ListBase packedfiles"});
  define("Library", {"ID id", "char name[1024]", "char filepath[1024]", "PackedFile *packedfile"});
  define("bSound", {"ID id", "char name[1024]", "PackedFile *packedfile"});
  define("VFont", {"ID id", "char name[1024]", "PackedFile *packedfile"});
  define("MovieClip", {"ID id", "char name[1024]", "int source"});
  define("CacheFile", {"ID id", "char filepath[1024]", "char is_sequence"});
  define("Volume", {"ID id", "char filepath[1024]", "PackedFile *packedfile", "char is_sequence"});
  define("MeshCacheModifierData", {"int type", "char filepath[1024]"});
  define("NodeShaderTexIES", {"int mode", "char filepath[1024]"});
  define("NodeShaderScript", {"int mode", "int flag", "char filepath[1024]"});
}

std::size_t SceneWriter::size_of(const std::string& type) const {
  if (const auto basic = k_basic.find(type); basic != k_basic.end()) return basic->second;
  std::size_t out = 0;
  for (const auto& [name, members] : structs_) {
    if (name != type) continue;
    for (const Member& member : members) out += size_of(member);
  }
  return out;
}

std::size_t SceneWriter::size_of(const Member& member) const {
  std::size_t count = 1;
  for (std::size_t open = member.name.find('['); open != std::string::npos; open = member.name.find('[', open + 1))
    count *= std::strtoull(member.name.c_str() + open + 1, nullptr, 10);
  const bool is_pointer = member.name[0] == '*' || member.name[0] == '(';
  return count * (is_pointer ? static_cast<std::size_t>(header.pointer_size) : size_of(member.type));
}

SceneWriter::Place SceneWriter::place(const std::string& struct_name, std::string_view path) const {
  const std::string first(path.substr(0, path.find('.')));
  std::size_t offset = 0;
  for (const auto& [name, members] : structs_) {
    if (name != struct_name) continue;
    for (const Member& member : members) {
      if (bare(member.name) != first) {
        offset += size_of(member);
        continue;
      }
      if (first.size() == path.size()) return {offset, size_of(member)};
      const Place inner = place(member.type, path.substr(first.size() + 1));
      return {offset + inner.offset, inner.size};
    }
  }
  throw std::logic_error("the test names " + struct_name + "." + std::string(path) + ", which it did not define");
}

bool SceneWriter::has(const std::string& struct_name, std::string_view member) const {
  try {
    place(struct_name, member);
    return true;
  } catch (const std::logic_error&) {
    return false;
  }
}

std::int64_t SceneWriter::index_of(const std::string& struct_name) const {
  const auto found =
      std::find_if(structs_.begin(), structs_.end(), [&](const auto& entry) { return entry.first == struct_name; });
  return found == structs_.end() ? 0 : found - structs_.begin();
}

std::string SceneWriter::number(std::int64_t value, std::size_t size) const {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(i < 8 ? value >> (8 * i) & 0xff : value < 0 ? -1 : 0);
  if (header.order == ByteOrder::Big) std::reverse(out.begin(), out.end());
  return out;
}

std::string SceneWriter::head(std::string_view code, std::int64_t size, std::uint64_t address, std::int64_t struct_index,
                              std::int64_t count) const {
  std::string out(code);
  out.resize(4);
  // Written as a number of two letters.
  if (code.size() == 2 && header.order == ByteOrder::Big) std::rotate(out.begin(), out.begin() + 2, out.end());
  const std::string at = number(static_cast<std::int64_t>(address), static_cast<std::size_t>(header.pointer_size));
  if (header.form == HeaderForm::Large) return out + number(struct_index, 4) + at + number(size, 8) + number(count, 8);
  return out + number(size, 4) + at + number(struct_index, 4) + number(count, 4);
}

void SceneWriter::block(std::string_view code, std::uint64_t address, const std::string& struct_name, std::string_view body,
                        std::int64_t count) {
  blocks_ += head(code, static_cast<std::int64_t>(body.size()), address, index_of(struct_name), count);
  blocks_ += body;
}

void SceneWriter::block(std::string_view code, std::uint64_t address, const Fields& body) {
  block(code, address, body.struct_name_, body.bytes(), 1);
}

std::string SceneWriter::description() const {
  std::vector<std::string> names;
  std::vector<std::string> types;
  const auto add = [](std::vector<std::string>& to, const std::string& text) {
    const auto found = std::find(to.begin(), to.end(), text);
    if (found != to.end()) return static_cast<std::int64_t>(found - to.begin());
    to.push_back(text);
    return static_cast<std::int64_t>(to.size() - 1);
  };
  std::string structs;
  for (const auto& [name, members] : structs_) {
    structs += number(add(types, name), 2) + number(static_cast<std::int64_t>(members.size()), 2);
    for (const Member& member : members) structs += number(add(types, member.type), 2) + number(add(names, member.name), 2);
  }
  const auto part = [&](std::string_view tag, const std::vector<std::string>& texts) {
    std::string out = std::string(tag) + number(static_cast<std::int64_t>(texts.size()), 4);
    for (const std::string& text : texts) out.append(text.c_str(), text.size() + 1);
    return out;
  };
  std::string out = "SDNA" + part("NAME", names);
  pad(out);
  out += part("TYPE", types);
  pad(out);
  out += "TLEN";
  for (const std::string& type : types) {
    const auto forged = forged_sizes.find(type);
    out += number(forged == forged_sizes.end() ? static_cast<std::int64_t>(size_of(type)) : forged->second, 2);
  }
  pad(out);
  return out + "STRC" + number(static_cast<std::int64_t>(structs_.size()), 4) + structs;
}

std::string SceneWriter::header_bytes() const {
  if (header.form == HeaderForm::Large) return fmt::format("BLENDER17-01v{:04}", header.version);
  return fmt::format("BLENDER{}{}{:03}", header.pointer_size == 4 ? '_' : '-', header.order == ByteOrder::Big ? 'V' : 'v',
                     header.version);
}

std::string SceneWriter::bytes() const {
  std::string out = header_bytes() + blocks_;
  const std::string dna = description();
  if (with_description) out += head("DNA1", static_cast<std::int64_t>(dna.size()), 0x7700, 0, 1) + dna;
  if (with_end) out += head("ENDB", 0, 0, 0, 0);
  return out;
}

std::string gzip(std::string_view bytes) {
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  std::string in(bytes);
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(std::string_view bytes, std::size_t part) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += part) {
    const std::string_view piece = bytes.substr(at, part);
    std::string frame(ZSTD_compressBound(piece.size()), '\0');
    frame.resize(ZSTD_compress(frame.data(), frame.size(), piece.data(), piece.size(), 3));
    out += frame;
  }
  using namespace std::string_literals;
  return out + "\x5e\x2a\x4d\x18\x05\0\0\0table"s;
}

}  // namespace gt::testing
