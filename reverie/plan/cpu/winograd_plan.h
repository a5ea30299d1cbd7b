// winograd_plan.h: when a convolution runs by our Winograd kernel, and with which weights.
#pragma once

#include "reverie/plan/cpu/onednn/convolution.h"
#include "reverie/tensor/tensor.h"

namespace reverie::cpu {

// True when the kernel can run this convolution.
bool winograd_possible(const ConvolutionSpec& spec);

// What a convolution costs, in vector multiply-adds or their like: by Winograd's method, of whose
// inputs the first `used_channels` count; and directly. A plan takes the cheaper one, so that its
// choice is the same at every run.
double winograd_cost(const ConvolutionSpec& spec, std::int64_t used_channels);
double direct_cost(const ConvolutionSpec& spec);

// The kernel's arguments for a spec, but for its arrays.
Winograd winograd_arguments(const ConvolutionSpec& spec, int used_channels, int slots);

// Floats of scratch for one slot.
std::int64_t winograd_scratch_floats(int chunk_tiles, std::int64_t in_channels, int lanes);

// [group of output vectors][position][in][vector of the group][lane], from
// [out][in][kernel][kernel]. Of `in_channels` inputs the first `used_channels` count.
Tensor winograd_weights(ConstView plain, int kernel, int out_channels, int in_channels,
                        int used_channels, int lanes);

}  // namespace reverie::cpu
