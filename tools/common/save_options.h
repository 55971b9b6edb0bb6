// From command-line arguments to the options of the library.
#pragma once

#include "lib/convert/save.h"
#include "tools/common/command.h"

namespace gt::tools {

inline convert::SaveOptions save_options(const ConversionArguments& arguments) {
  return {.clobber = arguments.no_clobber ? Clobber::Refuse : Clobber::Replace,
          .durability = arguments.no_sync ? Durability::NoSync : Durability::Sync};
}

}  // namespace gt::tools
