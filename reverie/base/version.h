// version.h: the library's version, from the build system.
#pragma once

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// "0.1.0".
const char* version();

}  // namespace reverie
