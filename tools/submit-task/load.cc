#include "tools/submit-task/load.h"

#include "lib/convert/load.h"
#include "lib/rewrite/to_docker.h"
#include "lib/run/content_hash.h"
#include "lib/task/fields.h"

namespace gt::submit {
namespace {

// Makes a Docker task of a plain Blender or LuxRender task and says so; every other task stays, for the plan to judge.
void convert_if_plain(object::Graph& graph, std::vector<Finding>& findings) {
  const task::Renderer renderer = task::renderer_of_options(graph, task::find_options(graph, task::task_root(graph)).value);
  if (renderer != task::Renderer::Blender && renderer != task::Renderer::LuxRender) return;
  const rewrite::Report report = rewrite::to_docker(graph, renderer);
  if (report.changes.empty()) return;
  findings.push_back(
      {Finding::Severity::Note,
       "is no Docker task yet: it is converted for this run (blender2docker --explain shows how, and keeps the result)",
       {}});
  for (const Finding& finding : report.findings) findings.push_back(finding);
}

}  // namespace

LoadedTask load_docker_task(const std::string& path) {
  convert::Loaded loaded = convert::load(path);
  LoadedTask out;
  out.findings = std::move(loaded.findings);
  out.size = loaded.input.bytes().size();
  out.sha256 = run::sha256_of(loaded.input.bytes());
  try {
    convert_if_plain(loaded.graph, out.findings);
    out.definition = task::read_definition(loaded.graph);
  } catch (const Error& error) {
    throw error.in_file(path);
  }
  for (Finding& finding : out.findings) finding.where.file = path;
  return out;
}

}  // namespace gt::submit
