#include "lib/picture/examine.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/picture/compare.h"
#include "lib/picture/join.h"
#include "lib/picture/preview.h"
#include "tests/fuzz/targets.h"

namespace gt::fuzz {
namespace {

using picture::Kind;
using picture::StripFile;

// Of all seeds that are pictures.
constexpr picture::Size k_size{9, 16};

class Joined {
 public:
  Joined(const StripFile& strip, Kind kind) : path_("/dev/shm/gt-fuzz-" + std::to_string(::getpid())) {
    OutputFile out(path_, Clobber::Replace, Durability::NoSync);
    const StripFile strips[] = {strip, strip};
    picture::join(strips, kind, k_size.width, out);
    out.publish();
    fd_ = Fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    ::unlink(path_.c_str());
  }
  StripFile file() const { return {.fd = fd_.get(), .name = "joined", .height = 2 * k_size.height}; }

 private:
  std::string path_;
  Fd fd_;
};

void check_joined(const StripFile& strip, Kind kind) {
  const Joined joined(strip, kind);
  picture::examine(joined.file(), kind, k_size.width);
  // Decoded colours of JPEG depend on the rows beside the cut.
  if (kind == Kind::Jpeg) return;
  for (const std::int64_t y : {std::int64_t{0}, k_size.height}) {
    const auto difference =
        picture::compare_region(joined.file(), k_size.width, strip, k_size.width, {.x = 0, .y = y}, {.kind = kind});
    require(difference.pixels == 0, "a joined picture has the strip's pixels");
  }
}

}  // namespace

// A picture is refused, or can be joined with itself and shown.
void examine(std::string_view bytes) {
  const Fd fd(::memfd_create("fuzz", MFD_CLOEXEC));
  require(::write(fd.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "memory can be written");
  const StripFile strip{.fd = fd.get(), .name = "fuzz", .height = k_size.height};
  try {
    const auto kind = picture::kind_of(fd.get());
    if (!kind) return;
    picture::examine(strip, *kind, k_size.width);
    check_joined(strip, *kind);
    OutputFile preview("/dev/null");
    const picture::PreviewStrip seen{strip, *kind, 2};
    picture::write_preview({&seen, 1}, {k_size.width, 2 * k_size.height}, 7, preview);
  } catch (const Error& error) {
    accept(error);
  }
}

}  // namespace gt::fuzz
