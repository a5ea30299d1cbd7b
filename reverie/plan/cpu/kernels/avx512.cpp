// Our kernels with 512-bit vectors. Built with flags of its own; called only where they run.
#define REVERIE_KERNELS avx512
#define REVERIE_LANES 16
#include "reverie/plan/cpu/kernels/kernels.inc"
