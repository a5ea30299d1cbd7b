// broadcasts.h: the arguments of kernels for values that have one channel, row or column where
// others have many, and for the sums that are the gradients of those.
#pragma once

#include <cstdint>

#include "reverie/plan/cpu/kernels/mask.h"

namespace reverie::cpu {

// Physical channel i of the output is channel source[i] of the input, or 0 where source[i] < 0.
// The input has one row, or as many as the output, and so for columns. Item: one row of one block
// of the output.
struct Expand {
  const void* input = nullptr;
  void* output = nullptr;
  const int* source = nullptr;
  int in_height = 0, in_width = 0;
  int blocks = 0, height = 0, width = 0;  // of the output
};

// output = [output +] scale[channel] * input, then masked. Item: one vector.
struct ScaleChannels {
  const void* input = nullptr;
  const void* scale = nullptr;  // [blocks] vectors of the elements
  void* output = nullptr;
  std::int64_t pixels = 0;
  bool accumulate = false;
  Mask mask;
};

// output = left * right, and with sum_width the sum of each row of it. Item: one row of one block.
struct SumRows {
  const void* left = nullptr;
  const void* right = nullptr;  // or null for ones
  float* output = nullptr;      // [blocks][height][width or 1]
  int blocks = 0, height = 0, width = 0;
  bool sum_width = false;
};
// Each column's sum. Item: one column of one block.
struct SumColumns {
  const float* input = nullptr;  // [blocks][height][width]
  float* output = nullptr;       // [blocks][1][width]
  int height = 0, width = 0;
};
// output = [output +] input, then masked. Item: one vector.
struct DeliverFloats {
  const float* input = nullptr;
  void* output = nullptr;
  bool accumulate = false;
  Mask mask;
};
// Channel `place` of the output's one block = [it +] the sum of all channels of the input, then
// masked. Item: one pixel.
struct SumAllChannels {
  const float* input = nullptr;  // [blocks][pixels]
  void* output = nullptr;
  int blocks = 0, place = 0;
  std::int64_t pixels = 0;
  bool accumulate = false;
  Mask mask;
};

}  // namespace reverie::cpu
