// look.h: a name for a layer after what its dreams look like.
#pragma once

#include <string>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

struct Look {
  std::string name;   // "whirls", an alias of the layer
  std::string layer;  // "3b/output"

  friend bool operator==(const Look&, const Look&) = default;
};

}  // namespace reverie
