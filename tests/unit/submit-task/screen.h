// A terminal that is as large as it is said to be: what is written to it is what it shows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

namespace gt::submit {

// Knows \r, \n (which a terminal's driver makes \r\n of), CSI A, J, K and SGR, and nothing else: anything but these and
// printable ASCII throws. Wraps late, as xterm does: a character in the last column leaves the cursor there.
class Screen {
 public:
  Screen(std::size_t columns, std::size_t rows) : columns_(columns), rows_(rows) {}

  void write(std::string_view bytes) {
    ++writes_;
    while (!bytes.empty()) bytes.remove_prefix(take(bytes));
  }

  // All that was ever written, what has scrolled away included, up to the cursor's row; without the blanks at line ends.
  std::vector<std::string> lines() const {
    std::vector<std::string> out;
    for (const Row& row : text_) out.push_back(row.text.substr(0, row.text.find_last_not_of(' ') + 1));
    while (out.size() > row_ + 1 && out.back().empty()) out.pop_back();
    return out;
  }
  bool has_styles() const { return is_styled_; }  // an SGR sequence is in force
  std::size_t cursor_row() const { return row_; }
  std::size_t cursor_column() const { return column_; }
  std::size_t writes() const { return writes_; }
  // The most columns that were ever written in a row.
  std::size_t widest() const { return widest_; }

  // As terminals do that wrap their lines anew: what was wrapped is joined first.
  void resize(std::size_t columns, std::size_t rows) {
    std::vector<std::string> whole;
    std::size_t cursor_line = 0;
    std::size_t cursor_offset = 0;
    bool goes_on = false;
    row();
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (!goes_on) whole.emplace_back();
      if (i == row_) {
        cursor_line = whole.size() - 1;
        cursor_offset = whole.back().size() + column_;
      }
      goes_on = text_[i].wraps;
      whole.back() += text_[i].text;
      if (goes_on) whole.back().resize((whole.back().size() + columns_ - 1) / columns_ * columns_, ' ');
    }
    columns_ = columns;
    rows_ = rows;
    text_.clear();
    for (std::size_t i = 0; i < whole.size(); ++i) {
      if (i == cursor_line) {
        row_ = text_.size() + cursor_offset / columns_;
        column_ = cursor_offset % columns_;
      }
      append_wrapped(whole[i].substr(0, whole[i].find_last_not_of(' ') + 1));
    }
    row();
  }

 private:
  struct Row {
    std::string text = {};
    bool wraps = false;  // the next one belongs to it; until it is cleared from its beginning
  };

  void append_wrapped(std::string text) {
    for (; text.size() > columns_; text.erase(0, columns_)) text_.push_back({text.substr(0, columns_), true});
    text_.push_back({std::move(text)});
  }

  std::size_t top() const { return text_.size() > rows_ ? text_.size() - rows_ : 0; }

  Row& row() {
    while (text_.size() <= row_) text_.push_back({});
    return text_[row_];
  }

  std::size_t take(std::string_view bytes) {
    const char c = bytes[0];
    if (c == '\x1b') return take_sequence(bytes);
    if (c == '\r') {
      column_ = 0;
    } else if (c == '\n') {
      ++row_;
      column_ = 0;
      row();
    } else if (c >= ' ' && c <= '~') {
      put(c);
    } else {
      throw std::runtime_error("a byte that this terminal does not know");
    }
    return 1;
  }

  void clear_to_end_of_line() {
    row().text.resize(std::min(row().text.size(), column_));
    if (column_ == 0) row().wraps = false;
  }

  void put(char c) {
    if (column_ == columns_) {
      row().wraps = true;
      ++row_;
      column_ = 0;
    }
    std::string& text = row().text;
    if (text.size() <= column_) text.resize(column_ + 1, ' ');
    text[column_++] = c;
    widest_ = std::max(widest_, column_);
  }

  std::size_t take_sequence(std::string_view bytes) {
    const std::size_t end = bytes.find_first_not_of("0123456789;", 2);
    if (bytes.size() < 3 || bytes[1] != '[' || end == std::string_view::npos)
      throw std::runtime_error("an escape sequence that is cut, or that this terminal does not know");
    const std::string parameters(bytes.substr(2, end - 2));
    switch (bytes[end]) {
      case 'A': row_ = std::max(top(), row_ - std::min<std::size_t>(row_, std::stoul(parameters))); break;
      case 'K': clear_to_end_of_line(); break;
      case 'J':
        clear_to_end_of_line();
        text_.resize(row_ + 1);
        break;
      case 'm': is_styled_ = parameters != "0" && !parameters.empty(); break;
      default: throw std::runtime_error("an escape sequence that this terminal does not know");
    }
    return end + 1;
  }

  std::size_t columns_;
  std::size_t rows_;
  std::vector<Row> text_;  // scrolled away, then shown
  std::size_t row_ = 0;    // of the cursor, in text_
  std::size_t column_ = 0;
  std::size_t writes_ = 0;
  std::size_t widest_ = 0;
  bool is_styled_ = false;
};

// A stream whose every write is one of the screen's.
class ScreenBuffer : public std::streambuf {
 public:
  explicit ScreenBuffer(Screen& screen) : screen_(screen) {}

 protected:
  std::streamsize xsputn(const char* bytes, std::streamsize count) override {
    screen_.write({bytes, static_cast<std::size_t>(count)});
    return count;
  }
  int_type overflow(int_type byte) override {
    const char c = traits_type::to_char_type(byte);
    screen_.write({&c, 1});
    return byte;
  }

 private:
  Screen& screen_;
};

}  // namespace gt::submit
