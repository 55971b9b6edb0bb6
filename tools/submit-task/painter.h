// Lines at the end of what a terminal shows, drawn anew in place.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "tools/submit-task/status_block.h"

namespace gt::submit {

class Painter {
 public:
  enum class Color : std::uint8_t { No, Yes };
  Painter(std::ostream& out, Color color) : out_(out), color_(color) {}

  // Over what is shown, in one write: nothing is blank in between. `columns` is how wide the terminal is now.
  void draw(const std::vector<BlockLine>& lines, int columns);
  // Nothing is shown any more, and the cursor is where the first line was.
  void wipe(int columns);

 private:
  std::string to_first_line(int columns) const;

  std::ostream& out_;
  Color color_;
  std::vector<std::size_t> shown_;  // lengths of the lines on the screen
  int columns_ = 0;                 // as they were when these were drawn
};

}  // namespace gt::submit
