// processor.h: what this processor can do, as oneDNN sees it (which DNNL_MAX_CPU_ISA can lower).
#pragma once

namespace reverie::cpu {

// The channels of one block: 16 with AVX-512, else 8.
int widest_lanes();

// True when products of bfloat16 are faster than those of float32.
bool has_bf16();

}  // namespace reverie::cpu
