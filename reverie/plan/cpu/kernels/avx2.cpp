// Our kernels with 256-bit vectors. Built with flags of its own; called only where they run.
#define REVERIE_KERNELS avx2
#define REVERIE_LANES 8
#include "reverie/plan/cpu/kernels/kernels.inc"
