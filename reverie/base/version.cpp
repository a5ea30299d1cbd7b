#include "reverie/base/version.h"

namespace reverie {

const char* version() { return REVERIE_VERSION; }

}  // namespace reverie
