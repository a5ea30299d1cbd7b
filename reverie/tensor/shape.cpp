#include "reverie/tensor/shape.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace reverie {

std::string Shape::to_string() const {
  return fmt::format("[{}]", fmt::join(extents_.begin(), extents_.begin() + rank_, ","));
}

}  // namespace reverie
