#include "reverie/plan/cpu/processor.h"

#include <dnnl.hpp>

namespace reverie::cpu {

int widest_lanes() {
#ifdef REVERIE_X86_KERNELS
  const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  const auto avx512 = static_cast<unsigned>(dnnl::cpu_isa::avx512_core);
  if ((isa & avx512) == avx512) return 16;
#endif
  return 8;
}

bool has_bf16() {
  const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  const auto bf16 = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);
  return (isa & bf16) == bf16;
}

}  // namespace reverie::cpu
