// processor.h: the instruction sets of this processor, and which of them are used.
//
// The environment variable REVERIE_CPU_ISA (portable, avx2, avx512 or avx512_bf16) lowers the one
// that our kernels and oneDNN's use, so that one machine can test another's; without it oneDNN's
// own DNNL_MAX_CPU_ISA is obeyed. They are read once, when they are first needed.
#pragma once

#include "reverie/plan/device.h"

namespace reverie::cpu {

// In rising order: each has all that those before it have.
enum class InstructionSet { portable, avx2, avx512, avx512_bf16 };

// The widest that may be used. Call it before oneDNN is used, which it limits.
// Errors: DeviceFailure when REVERIE_CPU_ISA names one that this processor lacks; BadRecipe when it
// names none.
InstructionSet instruction_set();

// The channels of one block: 16 with AVX-512, else 8.
int widest_lanes();

// True when products of bfloat16 are faster than those of float32.
bool has_bf16();

// The processor as a device: its name, instruction set, threads and memory.
DeviceInfo describe_processor();

}  // namespace reverie::cpu
