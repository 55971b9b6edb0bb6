#include "lib/lux/rewrite.h"

#include <array>
#include <charconv>
#include <optional>

#include "lib/base/text.h"
#include "lib/lux/edits.h"
#include "lib/lux/scene.h"

namespace gt::lux {
namespace {

enum class When : std::uint8_t { Always, IfPresent };

// A parameter as the film must have it.
struct Wanted {
  std::string_view type;
  std::string_view name;
  When when;
  std::string value;  // canonical text, in brackets
  bool found = false;
};

std::string number(std::int64_t value) { return "[" + std::to_string(value) + "]"; }
std::string text_value(std::string_view value) { return "[" + quoted(value) + "]"; }
std::string yes_if(bool condition) { return condition ? "[\"true\"]" : "[\"false\"]"; }

std::string shortest(double value) {
  std::array<char, 32> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return std::string(digits.data(), end);
}

std::string crop_window(const Crop& crop) {
  return "[" + shortest(crop.x[0]) + " " + shortest(crop.x[1]) + " " + shortest(crop.y[0]) + " " + shortest(crop.y[1]) + "]";
}

// Names, types and defaults are those of LuxRender's film/fleximage.cpp. A bool is a string in brackets there: without the
// brackets it is taken for a texture, and the parameter for missing.
std::vector<Wanted> film_for(const Settings& settings) {
  const std::string off = yes_if(false);
  std::vector<Wanted> film = {
      {"integer", "xresolution", When::Always, number(settings.width)},
      {"integer", "yresolution", When::Always, number(settings.height)},
      {"float", "cropwindow", settings.crop ? When::Always : When::IfPresent, crop_window(settings.crop.value_or(Crop{}))},
      {"integer", "halttime", When::Always, number(settings.halttime)},
      {"integer", "haltspp", When::Always, number(settings.haltspp)},
      {"string", "filename", When::Always, text_value(settings.filename)},
      {"bool", "write_resume_flm", When::Always, yes_if(true)},
      {"bool", "restart_resume_flm", When::Always, yes_if(settings.film == Film::New)},
  };
#define GT_LUX_PICTURE(picture_, name_, extension_, parameter) \
  film.push_back({"bool", parameter, When::Always, yes_if(settings.picture == Picture::picture_)});
#include "lib/lux/pictures.def"
#undef GT_LUX_PICTURE
  // Depth is not in a film file, so after merging it would be that of a few samples; the others are pictures of LuxRender 0.5.
  for (const std::string_view name :
       {"write_exr_ZBuf", "write_png_ZBuf", "write_tga_ZBuf", "write_tonemapped_exr", "write_untonemapped_exr",
        "write_tonemapped_igi", "write_untonemapped_igi", "write_tonemapped_tga"})
    film.push_back({"bool", name, When::IfPresent, off});
  return film;
}

std::optional<float> to_number(std::string_view digits) {
  if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
  float value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

// The values between the brackets of a canonical text.
class Canonical : public SceneVisitor {
 public:
  explicit Canonical(std::string_view value) { parse_scene(text_ = "Film \"\" \"\" " + std::string(value), *this); }
  void on_parameter(const Statement&, const Parameter& parameter) override { parameter_ = parameter; }
  const Parameter& parameter() const { return parameter_; }

 private:
  std::string text_;
  Parameter parameter_;
};

bool same_item(const Token& a, const Token& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == TokenKind::Number) return to_number(a.text) == to_number(b.text);
  return decode(a) == decode(b);
}

// Whether LuxRender reads from the parameter what is wanted, however it is written ([ 640.0 ] for [640]).
bool means(const Parameter& parameter, const Wanted& wanted) {
  if (wanted.type == "bool" && parameter.brackets == Brackets::Absent) return false;
  const Canonical canonical(wanted.value);
  const Parameter& target = canonical.parameter();
  if (parameter.count != target.count) return false;
  for (std::size_t i = 0; i < target.count; ++i)
    if (!same_item(parameter.head[i], target.head[i])) return false;
  return true;
}

std::string name_of(const Wanted& wanted) { return "\"" + std::string(wanted.type) + " " + std::string(wanted.name) + "\""; }

class FilmRewriter : public SceneVisitor {
 public:
  FilmRewriter(std::string_view text, const Settings& settings) : text_(text), wanted_(film_for(settings)) {}

  void on_statement(const Statement& statement) override {
    const std::string_view keyword = statement.keyword.text;
    if (keyword == "Film") check_film(statement);
    if (keyword == "WorldBegin" && !world_) world_ = statement.keyword.at;
  }

  void on_parameter(const Statement& statement, const Parameter& parameter) override {
    if (statement.keyword.text != "Film") return;
    if (statement.includes > 0)
      throw scene_error(ErrorCode::LuxFilm, parameter.at,
                        "an Include stands among the parameters of Film, so what the film is cannot be told from this file",
                        "put the Include before or behind the Film statement");
    for (Wanted& wanted : wanted_)
      if (parameter.type == wanted.type && parameter.name == wanted.name) change(parameter, wanted);
  }

  void on_statement_end(const Statement& statement) override {
    if (statement.keyword.text == "Film") add_missing(statement.end);
  }

  void on_include(const Token& name) override {
    if (!include_) include_ = name.at;
  }

  void on_foreign(const Token& byte) override {
    if (foreign_++ == 0)
      warn(byte.at,
           "LuxRender complains about the byte " + printable(byte.text) + " here and skips it, and so is it done here");
  }

  Rewritten finish() {
    if (!film_) add_film();
    return {edited(text_, edits_), std::move(notes_)};
  }

 private:
  void check_film(const Statement& statement) {
    const Position& at = statement.keyword.at;
    if (film_)
      throw scene_error(ErrorCode::LuxFilm, at, "a second Film; the first is in " + to_string(*film_),
                        "LuxRender would take the last one: remove the others");
    if (world_)
      throw scene_error(ErrorCode::LuxFilm, at, "Film stands behind WorldBegin, where LuxRender ignores it", "put it before");
    if (statement.type != "fleximage")
      throw scene_error(ErrorCode::LuxFilm, at,
                        "the film is '" + printable(statement.type) + "', but only a 'fleximage' can be merged");
    film_ = at;
  }

  void change(const Parameter& parameter, Wanted& wanted) {
    // Of several, LuxRender takes the last: all of them get the same value.
    wanted.found = true;
    if (means(parameter, wanted)) return;
    edits_.push_back({parameter.value_at.offset, parameter.value.size(), wanted.value});
    note(parameter.at, name_of(wanted) + " is " + wanted.value + ", was " + printable(parameter.value));
  }

  std::string missing(const Position& at) {
    std::string out;
    for (const Wanted& wanted : wanted_) {
      if (wanted.found || wanted.when == When::IfPresent) continue;
      out += "\n  " + name_of(wanted) + " " + wanted.value;
      note(at, name_of(wanted) + " " + wanted.value + " is added");
    }
    return out;
  }

  void add_missing(std::uint64_t offset) {
    std::string text = missing(*film_);
    if (!text.empty()) edits_.push_back({offset, 0, std::move(text)});
  }

  void add_film() {
    if (!world_)
      throw Error(ErrorCode::LuxFilm, "there is neither Film nor WorldBegin, so this is not the main file of a scene", {},
                  "check main_scene_file of the task");
    note(*world_, "there is no Film: LuxRender's default, a fleximage, is added before WorldBegin");
    if (include_ && include_->offset < world_->offset)
      warn(*include_, "the film may be in an included file: then its tone mapping is lost, as the added one replaces it");
    std::string text = world_->column > 1 ? "\n" : "";
    text += "Film \"fleximage\"" + missing(*world_) + "\n\n";
    edits_.push_back({world_->offset, 0, std::move(text)});
  }

  void note(const Position& at, std::string message) {
    notes_.push_back({Finding::Severity::Note, std::move(message), {.path = to_string(at)}});
  }
  void warn(const Position& at, std::string message) {
    notes_.push_back({Finding::Severity::Warning, std::move(message), {.path = to_string(at)}});
  }

  std::string_view text_;
  std::vector<Wanted> wanted_;
  std::vector<Edit> edits_;
  std::vector<Finding> notes_;
  std::optional<Position> film_;
  std::optional<Position> world_;
  std::optional<Position> include_;  // the first
  std::uint64_t foreign_ = 0;
};

}  // namespace

Rewritten rewrite(std::string_view text, const Settings& settings) {
  validate(settings);
  FilmRewriter rewriter(text, settings);
  parse_scene(text, rewriter);
  return rewriter.finish();
}

}  // namespace gt::lux
