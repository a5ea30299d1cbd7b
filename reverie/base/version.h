// version.h: of the library, as the build system knows it.
#pragma once

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// "0.1.0".
const char* version();

}  // namespace reverie
