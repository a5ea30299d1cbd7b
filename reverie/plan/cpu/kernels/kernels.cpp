#include "reverie/plan/cpu/kernels/kernels.h"

#include "reverie/plan/cpu/processor.h"

namespace reverie::cpu {

const KernelTable& kernels(Element element, int block) {
  const bool wide = element == Element::f32;
#ifdef REVERIE_X86_KERNELS
  if (block == 16) return wide ? avx512::f32_table : avx512::bf16_table;
  if (instruction_set() >= InstructionSet::avx2) return wide ? avx2::f32_table : avx2::bf16_table;
#endif
  (void)block;
  return wide ? portable::f32_table : portable::bf16_table;
}

}  // namespace reverie::cpu
