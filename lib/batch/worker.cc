#include "lib/batch/worker.h"

#include <algorithm>
#include <climits>
#include <filesystem>

#include "lib/base/text.h"
#include "lib/batch/diff.h"
#include "lib/batch/explanation.h"

namespace gt::batch {
namespace {

// What becomes of an output, by what is there.
struct Decision {
  Result result;
  bool writes;
};

Decision decide(There there, const RunOptions& options) {
  const bool verifies = options.action == Action::Verify;
  switch (there) {
    case There::Same: return {verifies ? Result::Agrees : Result::Unchanged, false};
    case There::Nothing: return {verifies ? Result::Missing : Result::Migrated, !verifies};
    case There::Ours: return {verifies ? Result::Differs : Result::Updated, !verifies};
    case There::Foreign:
      if (verifies) return {Result::Differs, false};
      return options.edited == Edited::Replace ? Decision{Result::Replaced, true} : Decision{Result::Edited, false};
    case There::Directory: return {Result::Unwritten, false};
  }
  return {Result::Unwritten, false};
}

std::string why(Result result, There there, const std::string& name) {
  if (there == There::Directory) return printable(name) + " is a directory";
  if (result == Result::Missing) return printable(name) + " is not there";
  if (result == Result::Edited)
    return printable(name) + " was not written by migrate-tasks, or was changed since: kept (--overwrite replaces it)";
  if (result == Result::Differs)
    return printable(name) + (there == There::Ours ? " was written before the source or the rules changed"
                                                   : " was not written by migrate-tasks, or was changed since");
  return {};
}

}  // namespace

std::vector<Row> Worker::process(const Slice& slice) {
  std::vector<Row> rows;
  rows.reserve(slice.items.size());
  Publication publication(options_.durability);
  for (const Item& item : slice.items) rows.push_back(process(item, publication));
  publication.publish();
  return rows;
}

Row Worker::process(const Item& item, Publication& publication) {
  Row row;
  if (!item.orphan.empty()) {
    row.source = item.directory->path_of(item.orphan);
    row.result = Result::SourceGone;
    row.obstacle = printable(item.orphan) + " was written of a source that is not there any more";
    row.outputs = {{item.directory->relative_path_of(item.orphan), Result::SourceGone}};
    return row;
  }
  row.source = item.source.path();
  if (item.failed) {
    row.result = Result::Unreadable;
    row.failure = explain(*item.failed, {});
  } else if (item.source.is_link) {
    row.result = Result::Link;
    row.obstacle = "a symbolic link, which is not followed (--follow)";
  } else if (!item.conflict.empty()) {
    row.result = Result::Conflict;
    row.obstacle = item.conflict;
  } else {
    convert(item, row, publication);
  }
  return row;
}

void Worker::convert(const Item& item, Row& row, Publication& publication) {
  std::string_view bytes;
  try {
    bytes = content_.read(item.source);
  } catch (const Error& error) {
    row.result = Result::Unreadable;
    row.failure = explain(error, {});
    return;
  }
  Conversion conversion = convert_source(item.source.name, bytes, options_.rules, &orders_);
  row.result = conversion.result;
  row.era = conversion.era;
  row.renderer = conversion.renderer;
  row.reason = std::move(conversion.reason);
  row.findings = std::move(conversion.findings);
  row.failure = std::move(conversion.failure);
  if (options_.diff == Diff::Yes) row.changes = std::move(conversion.changes);
  if (!options_.quarantine.empty() && row.result == Result::Bad) quarantine(item, bytes, row);
  if (conversion.documents.empty()) return;
  row.result = Result::NotATask;  // the least: the outputs say more
  const Hash source = hash_of(bytes);
  for (const Document& document : conversion.documents) deliver(item, document, source, row, publication);
}

void Worker::deliver(const Item& item, const Document& document, const Hash& source, Row& row, Publication& publication) {
  const std::string name = output_name(item.source.name, document.form);
  const std::string path = item.directory->relative_path_of(name);
  if (name.size() > NAME_MAX) {
    row.outputs.push_back({path, Result::Unwritten});
    row.result = Result::Unwritten;
    row.obstacle = "the name of the output would have " + std::to_string(name.size()) + " bytes, more than a name can have";
    return;
  }
  const There there = item.directory->compare(name, document.text);
  const Decision decision = decide(there, options_);
  row.outputs.push_back({path, decision.result});
  row.result = std::max(row.result, decision.result);
  if (std::string text = why(decision.result, there, name); !text.empty()) row.obstacle = std::move(text);
  if (options_.diff == Diff::Yes && there != There::Nothing)
    row.changes =
        there == There::Same ? std::vector<rewrite::Change>() : field_changes(item.directory->read(name), document.text);
  if (decision.writes && options_.action == Action::Migrate)
    publication.stage(item.directory, name, document.text, source, there);
}

void Worker::quarantine(const Item& item, std::string_view bytes, const Row& row) const {
  const std::filesystem::path directory = std::filesystem::path(options_.quarantine) / item.directory->relative();
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) throw os_error(failed.value(), "create the quarantine directory", directory.string());
  const std::string copy = directory / item.source.name;
  write_file(copy, bytes);
  write_file(copy + ".explanation.txt", explanation(row));
}

}  // namespace gt::batch
