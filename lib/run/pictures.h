// The pictures of a run, made of the results of its subtasks; of a program its files.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "lib/base/files.h"
#include "lib/run/run_directory.h"
#include "lib/run/run_plan.h"

namespace gt::run {

// Where the picture of `frame` goes: the output itself, or, in an animation, beside it with the frame's number in its name as
// the old program and Blender have it: out.png, frame 7: out0007.png.
std::filesystem::path picture_path(const RunPlan& plan, std::int64_t frame);

class Pictures {
 public:
  struct Published {
    std::filesystem::path path;
    std::string thumbnail;  // a PNG; empty unless it was asked for, and of a picture in which there is nothing to show
  };

  // Throws FileExists when one is there that may not be replaced, and what OutputFile throws for a place where nothing can be
  // written: before hours of rendering. What `published` is told of needs not be free.
  Pictures(const RunPlan& plan, const RunDirectory& directory, Clobber clobber);

  // To be told of each subtask whose result is good: the frame that it completes is joined and published. Its thumbnail, if a
  // side is given, has that many pixels in a direction at most. Throws ResultInvalid if the strips do not fit together, and
  // what OutputFile and publish_files throw.
  std::optional<Published> add(std::int64_t subtask, std::optional<std::int64_t> thumbnail_side = {});

  // In the order of the frames.
  std::vector<std::filesystem::path> published() const;

  // preview.png in the run directory: the frame of the last subtask as far as it is there, every ten seconds at most, and in
  // a hundredth of the time at most.
  void write_preview(std::int64_t subtask);
  // The same now, of the frame that was last added to.
  void finish_preview();

 private:
  void require_free_places() const;
  void draw_preview(std::int64_t subtask);
  Published publish(std::span<const render::Subtask> strips, std::optional<std::int64_t> thumbnail_side);

  const RunPlan& plan_;
  const RunDirectory& directory_;
  Clobber clobber_;
  std::set<std::int64_t> good_;
  std::int64_t last_ = 0;                                    // subtask; 0: none yet
  std::map<std::int64_t, std::filesystem::path> published_;  // by a subtask of theirs
  std::chrono::steady_clock::time_point next_preview_{};
};

}  // namespace gt::run
