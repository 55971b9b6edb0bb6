#include "lib/blend/summary.h"

#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "tests/fuzz/targets.h"

namespace gt::fuzz {

// A scene file becomes a summary that holds together, or an error.
void blend_summary(std::string_view bytes) {
  const Fd fd(::memfd_create("scene", MFD_CLOEXEC));
  require(fd && ::write(fd.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "a file in memory");
  try {
    const blend::Summary summary =
        blend::read_summary("/proc/self/fd/" + std::to_string(fd.get()),
                            {.scanned_bytes = 4 << 20, .kept_bytes = 1 << 20, .dna_bytes = 256 << 10, .blocks = 10'000});
    require((summary.active() == nullptr) == summary.scenes.empty(), "a file with scenes has an active one");
    for (const blend::External& external : summary.externals) {
      require(!external.path.empty(), "a file has a path");
      const auto place = blend::resolve(external.path, "/srv");
      require(!place || place->is_absolute(), "a place is absolute");
    }
  } catch (const Error& error) {
    accept(error);
  }
}

}  // namespace gt::fuzz
