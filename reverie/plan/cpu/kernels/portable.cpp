// Our kernels for any processor.
#define REVERIE_KERNELS portable
#define REVERIE_LANES 8
#include "reverie/plan/cpu/kernels/kernels.inc"
