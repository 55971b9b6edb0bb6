// libjpeg with its faults made exceptions, for the files of lib/picture that include it.
//
// libjpeg reports errors by a function that must not return. A C++ exception may not pass through its C frames, so it jumps
// back to guarded(), which is the only setjmp: `call` and what is between it and libjpeg own nothing that a jump would leak.
#pragma once

#include <cstddef>
#include <cstdio>
// After them: it uses their types without including them.
#include <jpeglib.h>

#include <array>
#include <csetjmp>
#include <exception>
#include <string>

#include "lib/picture/rows.h"
#include "lib/picture/source.h"

namespace gt::picture {

struct JpegFault {
  jpeg_error_mgr manager;  // first: libjpeg hands out a pointer to it
  std::jmp_buf jump;
  std::array<char, JMSG_LENGTH_MAX> message;
  std::exception_ptr from_callback;  // what our own code threw inside libjpeg

  // To be called before the jpeg object that gets it is created. Warnings are errors: libjpeg only warns about a file that is
  // cut, and fills up with gray.
  jpeg_error_mgr* prepare();
};

template <typename Call>
bool guarded(JpegFault& fault, const Call& call) {
  if (setjmp(fault.jump) != 0) return false;
  call();
  return true;
}

// For functions that libjpeg calls: runs `body`, keeping what it throws. leave() must follow then, from a frame that owns
// nothing.
template <typename Body>
void keep_exception(JpegFault& fault, const Body& body) noexcept {
  try {
    body();
  } catch (...) {
    fault.from_callback = std::current_exception();
  }
}
[[noreturn]] void leave(JpegFault& fault);

template <typename Jpeg>
JpegFault& fault_of(Jpeg* jpeg) {
  return *reinterpret_cast<JpegFault*>(jpeg->err);
}

// A picture up to its first scan: the header has been read, checked against the expected size, and has one channel, or three as
// YCbCr.
class JpegDecoder {
 public:
  JpegDecoder(int fd, Size expected);
  ~JpegDecoder();
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  jpeg_decompress_struct& jpeg() { return jpeg_; }
  // Throws ResultInvalid for what libjpeg finds.
  template <typename Call>
  void run(const Call& call) {
    if (!guarded(fault_, call)) raise();
  }

 private:
  struct Input {
    jpeg_source_mgr manager;  // first: libjpeg hands out a pointer to it
    Source* source;
    std::array<JOCTET, 16384> buffer;
  };
  [[noreturn]] void raise();
  void check_header(Size expected);
  static boolean fill(j_decompress_ptr jpeg);
  static void skip(j_decompress_ptr jpeg, long count);

  Source source_;
  Input input_;
  JpegFault fault_;
  jpeg_progress_mgr progress_;
  jpeg_decompress_struct jpeg_;
};

}  // namespace gt::picture
