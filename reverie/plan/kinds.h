// kinds.h: the precision and default memory of plans.
#pragma once

#include <cstddef>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

enum class Precision {
  exact,  // float32, direct sums; the same bits at any thread count
  fast,   // float32, Winograd where it is faster
  half    // where the processor has it, arrays and products in bfloat16, sums in float32, and the
          // first convolution and Winograd's in float32; else fast
};

// The default memory limit of one plan, bytes.
inline constexpr std::size_t default_plan_memory = std::size_t{2} << 30;

}  // namespace reverie
