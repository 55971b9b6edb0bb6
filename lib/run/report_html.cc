#include "lib/run/report_html.h"

#include <fmt/format.h>

#include <algorithm>

#include "embedded/report.h"
#include "lib/base/text.h"
#include "lib/run/html.h"
#include "lib/run/report_subtasks.h"
#include "lib/run/report_timeline.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;

// A longer table of files is folded.
constexpr std::size_t k_long_table = 50;
// More thumbnails scroll in a box of their own.
constexpr std::int64_t k_many_frames = 42;

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string plural(std::int64_t count, std::string_view one) {
  return count_text(count) + " " + std::string(one) + (count == 1 ? "" : "s");
}

std::string facts(const Rows& rows) {
  std::string out = "<dl class=\"facts\">\n";
  for (const auto& [name, value] : rows)
    if (!value.empty()) out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, value);
  return out + "</dl>\n";
}

std::string code(std::string_view text) { return text.empty() ? std::string() : "<code>" + html(text) + "</code>"; }

std::string name_of(const ReportData& data) { return fs::path(data.plan.output).filename().string(); }

std::string error(const ReportData& data) {
  if (data.error.empty()) return {};
  const std::string code_text = data.error_code.empty() ? std::string() : "<b>" + html(data.error_code) + "</b>";
  return fmt::format("<div class=\"error\" role=\"alert\">{}<pre>{}</pre></div>\n", code_text, html(data.error));
}

std::string figures(const ReportData& data) {
  const Totals& totals = data.totals;
  const auto all = static_cast<std::int64_t>(data.subtasks.size());
  std::string out = "<dl class=\"figures\">\n";
  const auto add = [&out](std::string_view name, const std::string& value) {
    out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, value);
  };
  add("Subtasks done", totals.done == all ? count_text(all) : count_text(totals.done) + " of " + count_text(all));
  add("Time", duration_text(data.ended_ms - data.started_ms));
  add("Time in containers", duration_text(totals.container_ms));
  add("Containers", count_text(totals.containers));
  add("Tries", count_text(totals.tries));
  add("Peak memory", totals.peak_memory == 0 ? "not known" : size_text(totals.peak_memory));
  return out + "</dl>\n";
}

// To a picture from where the report lies.
std::string link_to(const ReportData& data, const std::string& file) {
  std::error_code failed;
  const fs::path here = fs::absolute(data.directory, failed).lexically_normal();
  return href(fs::absolute(file, failed).lexically_normal().lexically_relative(here).string());
}

std::string image(std::string_view png, std::string_view alt) {
  return fmt::format("<img src=\"{}\" alt=\"{}\">", data_uri(png), html(alt));
}

std::string still(const ReportData& data) {
  if (data.preview.empty()) return {};
  const bool is_whole = !data.pictures.empty();
  const std::string caption = is_whole ? code(data.pictures.front().file) : "as far as it was rendered; gray is missing";
  return fmt::format("<figure>{}<figcaption>{}</figcaption></figure>\n",
                     image(data.preview, is_whole ? "The picture" : "The unfinished picture"), caption);
}

std::string frame(const ReportData& data, const PictureReport& picture) {
  const std::string name = fmt::format("frame {}", picture.frame);
  const std::string shown =
      picture.thumbnail.empty() ? "<span class=\"none\">no preview</span>" : image(picture.thumbnail, name);
  return fmt::format("<li><figure><a href=\"{}\">{}</a><figcaption>{}</figcaption></figure></li>\n",
                     link_to(data, picture.file), shown, name);
}

std::string frames(const ReportData& data) {
  if (data.pictures.empty()) return still(data);
  std::string list;
  std::int64_t shown = 0;
  const bool are_chosen = data.plan.plan.frames.size() > k_most_thumbnails;
  for (const PictureReport& picture : data.pictures) {
    if (are_chosen && picture.thumbnail.empty()) continue;
    list += frame(data, picture);
    ++shown;
  }
  // Whoever wants the timeline need not pass by all of them. The keyboard scrolls what can be focused only.
  const char* many = shown > k_many_frames ? " many\" tabindex=\"0" : "";
  std::string out = fmt::format("<ul class=\"frames{}\">\n{}</ul>\n", many, list);
  const auto there = static_cast<std::int64_t>(data.pictures.size());
  if (shown < there)
    out += fmt::format("<p class=\"dim\">{} of the {} frames, evenly chosen.</p>\n", count_text(shown), count_text(there));
  return out;
}

std::string table(std::string_view head, const std::vector<std::string>& rows, std::string_view what) {
  std::string out = fmt::format("<div class=\"scroll\"><table>\n<thead><tr>{}</tr></thead>\n<tbody>\n", head);
  for (const std::string& row : rows) out += "<tr>" + row + "</tr>\n";
  out += "</tbody></table></div>\n";
  if (rows.size() <= k_long_table) return out;
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n", plural(static_cast<std::int64_t>(rows.size()), what),
                     out);
}

std::string outputs(const ReportData& data) {
  if (data.pictures.empty()) return "<p>No picture was written.</p>\n";
  std::vector<std::string> rows;
  for (const PictureReport& picture : data.pictures)
    rows.push_back(fmt::format(
        "<td class=\"file\"><a href=\"{}\"><code>{}</code></a></td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
        "<td class=\"hash\"><code>{}</code></td>",
        link_to(data, picture.file), html(picture.file), picture.frame, size_text(picture.size), html(picture.sha256)));
  return table("<th>File</th><th class=\"n\">Frame</th><th class=\"n\">Size</th><th>SHA-256</th>", rows, "picture");
}

std::string inputs(const ReportData& data) {
  if (data.plan.inputs.empty()) return "<p>None.</p>\n";
  std::vector<std::string> rows;
  for (const InputFile& file : data.plan.inputs)
    rows.push_back(
        fmt::format("<td class=\"file\"><code>{}</code></td><td class=\"n\">{}</td><td class=\"hash\"><code>{}</code></td>",
                    html(file.name), size_text(file.size), html(file.sha256)));
  return table("<th>File</th><th class=\"n\">Size</th><th>SHA-256</th>", rows, "file");
}

std::string settings(const ReportData& data) {
  const render::Plan& plan = data.plan.plan;
  const auto count = static_cast<std::int64_t>(plan.frames.size());
  std::string division = plan.renderer == task::Renderer::LuxRender ? plural(plan.films(), "film")
                         : plan.is_animation                        ? plural(count, "frame")
                                                                    : plural(plan.strips, "strip");
  if (plan.is_animation && plan.strips > 1) division += ", " + plural(plan.strips, "strip") + " each";
  return facts(
      {{"Size", fmt::format("{} × {} pixels", plan.resolution[0], plan.resolution[1])},
       {"Picture", html(plan.format.saved)},
       {"Divided into", division},
       {"Render engine", plan.engine.empty() ? "the scene’s" : html(plan.engine)},
       {"Adaptive sampling", plan.adaptive == render::Setting::Scene ? "as in the scene" : html(to_string(plan.adaptive))},
       {"Compositing", plan.compositing == render::Setting::Scene ? "as in the scene" : html(to_string(plan.compositing))},
       {"Output", code(data.plan.output)}});
}

std::string timeouts(const Limits& limits) {
  const auto text = [](const std::optional<std::chrono::milliseconds>& time) {
    return time ? duration_text(time->count()) : std::string("no limit");
  };
  return text(limits.subtask_timeout) + " for a subtask, " + text(limits.full_timeout) + " for all";
}

std::string memory(const Limits& limits) {
  if (limits.memory_bytes == 0) return "no limit";
  std::string out = size_text(limits.memory_bytes);
  if (limits.most_memory_bytes > limits.memory_bytes)
    out += ", tried again with " + size_text(limits.most_memory_bytes) + " at most";
  return out;
}

std::string isolation(const docker::Isolation& isolation) {
  std::string out = isolation.network == "none" ? "no network" : "network " + html(isolation.network);
  out += isolation.drop_capabilities ? ", no capabilities" : ", the engine’s capabilities";
  out += isolation.read_only_root ? ", read-only root" : ", writable root";
  if (!isolation.gpus.empty()) out += ", GPUs " + html(isolation.gpus);
  return out + fmt::format(", user {}:{}", isolation.uid, isolation.gid);
}

std::string surroundings(const ReportData& data) {
  const Limits& limits = data.plan.limits;
  return facts({{"Image", code(data.plan.image.name())},
                {"Image digest", code(data.plan.image.id)},
                {"Blender", html(data.versions.blender)},
                {"Container engine", html(data.versions.engine)},
                {"gt-tools", html(data.versions.tools)},
                {"Containers", fmt::format("{} at a time, {} each", limits.jobs, plural(limits.threads, "thread"))},
                {"Memory of each", memory(limits)},
                {"Longest time", timeouts(limits)},
                {"Tries after the first", std::to_string(limits.retries)},
                {"Isolation", isolation(data.plan.isolation)}});
}

std::string notes(const ReportData& data) {
  if (data.plan.plan.notes.empty() && data.warnings.empty()) return {};
  std::string out = "<section>\n<h2>Notes</h2>\n<ul>\n";
  for (const Finding& finding : data.plan.plan.notes) out += "<li>" + html(to_string(finding)) + "</li>\n";
  for (const std::string& warning : data.warnings) out += "<li>warning: " + html(warning) + "</li>\n";
  return out + "</ul>\n</section>\n";
}

std::string when(const ReportData& data) {
  constexpr std::size_t k_date = 11;  // with the blank behind it
  constexpr std::string_view k_zone = " UTC";
  std::string begin = utc_text(data.started_ms);
  std::string end = utc_text(data.ended_ms);
  begin.resize(begin.size() - k_zone.size());
  if (begin.substr(0, k_date) == end.substr(0, k_date)) end.erase(0, k_date);
  return begin + " to " + end;
}

std::string section(std::string_view title, const std::string& content) {
  return content.empty() ? std::string() : fmt::format("<section>\n<h2>{}</h2>\n{}</section>\n", title, content);
}

std::string footer(const ReportData& data) {
  return fmt::format("submit-task of gt-tools {}, run {}. The same for programs: <a href=\"report.json\">report.json</a>.",
                     html(data.versions.tools), html(data.run));
}

}  // namespace

std::vector<std::size_t> evenly_chosen(std::size_t count, std::size_t most) {
  std::vector<std::size_t> out;
  const std::size_t chosen = std::min(count, most);
  for (std::size_t i = 0; i < chosen; ++i) out.push_back(i * count / chosen);
  return out;
}

std::string to_html(const ReportData& data) {
  const std::string outcome(to_string(data.outcome));
  return fill(embedded::k_report_html, {{"title", html(name_of(data)) + ": " + outcome},
                                        {"name", html(name_of(data))},
                                        {"outcome", outcome},
                                        {"when", when(data)},
                                        {"error", error(data)},
                                        {"figures", figures(data)},
                                        {"pictures", data.plan.plan.is_animation ? frames(data) : still(data)},
                                        {"timeline", section("Timeline", timeline_html(data))},
                                        {"subtasks", section("Subtasks", subtasks_html(data))},
                                        {"outputs", outputs(data)},
                                        {"inputs", inputs(data)},
                                        {"settings", settings(data)},
                                        {"surroundings", surroundings(data)},
                                        {"notes", notes(data)},
                                        {"footer", footer(data)}});
}

}  // namespace gt::run
