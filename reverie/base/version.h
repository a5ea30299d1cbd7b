// version.h: of the library, as the build system knows it.
#pragma once

namespace reverie {

// "0.1.0".
const char* version();

}  // namespace reverie
