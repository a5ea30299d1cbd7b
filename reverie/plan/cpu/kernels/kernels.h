// kernels.h: the loops that we write ourselves, over channel-blocked arrays.
//
// An array of C channels is stored as [C / B][height][width][B] with B = KernelTable::block lanes.
// Every kernel works on a range of items, so that a caller can divide them among threads: items of
// one call never touch each other's output. Rows of blocks are counted row by row, all blocks of
// the first row first: a thread then works where it worked before, in the same part of the picture.
// `void` pointers are to elements of the table's type.
#pragma once

#include <cstdint>

#include "reverie/plan/cpu/kernels/activations.h"
#include "reverie/plan/cpu/kernels/broadcasts.h"
#include "reverie/plan/cpu/kernels/mask.h"

namespace reverie::cpu {

enum class Element { f32, bf16 };

// The window of a pool. Taps outside the input do not count.
struct PoolGeometry {
  int blocks = 0;
  int height = 0, width = 0;          // of the input
  int out_height = 0, out_width = 0;  // of the output
  int kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  int top = 0, left = 0;
};

// Item: one row of one block of the output. `argmax` keeps, per output, the tap of the maximum.
struct MaxPoolForward {
  PoolGeometry geometry;
  const void* input = nullptr;
  void* output = nullptr;
  void* argmax = nullptr;  // uint8, or int32 where the window has more than 255 taps
  bool wide = false;       // argmax is int32
  // Store the tap "none" where the maximum is not above 0: the ReLU before it is then closed.
  bool close_relu = false;
};

// Item: one row of one block of the input.
struct MaxPoolBackward {
  PoolGeometry geometry;
  const void* out_grad = nullptr;
  const void* argmax = nullptr;
  void* in_grad = nullptr;
  bool wide = false;
  bool accumulate = false;
  Mask mask;  // of the input's ReLU
};

// Averages divide by rows[oy] * columns[ox]. Item: as for max-pools.
struct AveragePoolForward {
  PoolGeometry geometry;
  const void* input = nullptr;
  void* output = nullptr;
  const int* rows = nullptr;
  const int* columns = nullptr;
};
struct AveragePoolBackward {
  PoolGeometry geometry;
  const void* out_grad = nullptr;
  void* in_grad = nullptr;
  const int* rows = nullptr;
  const int* columns = nullptr;
  bool accumulate = false;
  Mask mask;
};

// Response normalization across channels; channel i is lane i % B of block i / B. Item: one pixel.
struct LrnForward {
  const void* input = nullptr;
  void* output = nullptr;
  std::int64_t pixels = 0;
  int blocks = 0, size = 1;
  float alpha = 0, beta = 0, k = 1;
};
struct LrnBackward {
  LrnForward forward;  // its input; output is not used
  const void* out_grad = nullptr;
  void* in_grad = nullptr;
  bool accumulate = false;
  bool mask_by_input = false;  // the input is a ReLU's value; apply its mask
  float mask_grad = 0;
};

// Item: one vector of B lanes. Every array has the same layout.
struct ReluForward {
  const void* input = nullptr;
  void* output = nullptr;
  float grad = 0, ceiling = 0;
};
struct ReluBackward {
  const void* input = nullptr;  // of the forward pass
  const void* out_grad = nullptr;
  void* in_grad = nullptr;
  float grad = 0, ceiling = 0;
  bool accumulate = false;
  Mask mask;
};
// output = [output +] scale * input, then masked. With input == output: a mask alone.
struct Combine {
  const void* input = nullptr;
  void* output = nullptr;
  float scale = 1;
  bool accumulate = false;
  Mask mask;
};
// output = input, which is float32 whatever the elements are.
struct Narrow {
  const float* input = nullptr;
  void* output = nullptr;
};
// output = left * right or max(left, right).
struct Product {
  const void* left = nullptr;
  const void* right = nullptr;
  void* output = nullptr;
  bool accumulate = false;
  Mask mask;
};
struct Maximum {
  const void* left = nullptr;
  const void* right = nullptr;
  void* output = nullptr;
};
// in_grad = out_grad where this input is the first of all that reaches the maximum.
struct MaximumBackward {
  const void* const* inputs = nullptr;
  int count = 0, chosen = 0;
  const void* out_grad = nullptr;
  void* in_grad = nullptr;
  bool accumulate = false;
  Mask mask;
};
// output = [output +] scale[channel] * input [+ shift[channel]], then masked.
struct AffineMap {
  const void* input = nullptr;
  void* output = nullptr;
  const float* scale = nullptr;
  const float* shift = nullptr;  // or null
  std::int64_t pixels = 0;
  bool accumulate = false;
  Mask mask;
};

// Over channels, at one pixel. Item: one pixel. `places` are the physical channels that count.
struct SoftmaxForward {
  const void* input = nullptr;
  void* output = nullptr;
  const int* places = nullptr;
  int channels = 0, physical = 0;
  std::int64_t pixels = 0;
};
struct SoftmaxBackward {
  const void* value = nullptr;  // of the forward pass
  const void* out_grad = nullptr;
  void* in_grad = nullptr;
  const int* places = nullptr;
  int channels = 0, physical = 0;
  std::int64_t pixels = 0;
  bool accumulate = false;
  Mask mask;
};

// Normalization by the mean and the deviation of sets of numbers: those of a group of channels, at
// one pixel or over the plane. Set s of group g is number g * (pixels or 1) + s. With n = (x -
// mean) / deviation, the value is n * scale + shift. Every kernel of it takes all arguments.
struct Normalization {
  const void* input = nullptr;
  const void* out_grad = nullptr;  // backward only
  void* output = nullptr;          // the value, or the gradient of the input
  const float* scale = nullptr;    // per physical channel
  const float* shift = nullptr;
  float* moments = nullptr;       // per set its mean and 1 / deviation
  float* grad_means = nullptr;    // per set the means of out_grad * scale and out_grad * scale * n
  float* rows = nullptr;          // over the plane: two vectors for each row of each block
  const int* group_of = nullptr;  // per physical channel, -1 in those that are only padding
  const int* block_groups = nullptr;  // per block the first of its groups, and one past the last
  const int* group_blocks = nullptr;  // per group the first of its blocks, and one past the last
  int blocks = 0, height = 0, width = 0;
  int groups = 0;
  int channels = 0;  // of each group
  bool over_plane = false;
  float epsilon = 0;
  bool accumulate = false;
  Mask mask;
};

// A map of rows and one of columns: output (y, x) is the sum of row_weights[r] * column_weights[c]
// * input (row_cells[r], column_cells[c]) for r from row_begin[y] to row_begin[y + 1] - 1, and c
// likewise. Item: one row of one block of the output.
struct Resample {
  const void* input = nullptr;
  void* output = nullptr;
  const int* row_begin = nullptr;
  const int* row_cells = nullptr;
  const int* column_begin = nullptr;
  const int* column_cells = nullptr;
  const float* row_weights = nullptr;
  const float* column_weights = nullptr;
  int blocks = 0, height = 0, width = 0;  // of the output
  int in_height = 0, in_width = 0;
  bool accumulate = false;
  Mask mask;
};

// Between channels and pixels: blocks of out_block x out_block pixels of the output have the
// numbers of blocks of in_block x in_block pixels of the input. Pixel (dy, dx) of a block of the
// output, in physical channel i, is number source[(dy * out_block + dx) * channels + i] = (channel
// * in_block + row) * in_block + column of the input's, or 0 where that is negative. Item: one row
// of one block of channels of the output.
struct Rearrange {
  const void* input = nullptr;
  void* output = nullptr;
  const int* source = nullptr;
  int blocks = 0, height = 0, width = 0;  // of the output
  int in_height = 0, in_width = 0;
  int out_block = 1, in_block = 1;
  bool accumulate = false;
  Mask mask;
};

// Moves channels: physical channel i of the output is channel source[i] of the input, or 0 where
// source[i] < 0. Item: one row of one block of the output.
struct Repack {
  const void* input = nullptr;
  void* output = nullptr;
  const int* source = nullptr;
  int blocks = 0, height = 0, width = 0;  // of the output
  bool accumulate = false;
  Mask mask;
};

// output = [output +] the sum of some channels of the input: of sources[starts[i]] to
// sources[starts[i + 1] - 1] for physical channel i of the output. Item: as for Repack.
struct SumChannels {
  const void* input = nullptr;
  void* output = nullptr;
  const int* starts = nullptr;
  const int* sources = nullptr;
  int blocks = 0, height = 0, width = 0;  // of the output
  bool accumulate = false;
  Mask mask;
};

// Between a plain float32 array [channels, height, width] and a blocked one; logical[i] is the
// plain channel of physical channel i, or -1 (left out on export; zero on import). Item: one row of
// one block.
struct Export {
  const void* input = nullptr;
  float* output = nullptr;
  const int* logical = nullptr;
  int blocks = 0, height = 0, width = 0;
};
struct Import {
  const float* input = nullptr;
  void* output = nullptr;
  const int* logical = nullptr;
  int blocks = 0, height = 0, width = 0;
  bool accumulate = false;
  Mask mask;
};

// The canvas, [3,H,W] RGB, to (canvas[order[c]] - mean[c]) * scale[c], plain or blocked.
// Item: one row.
struct ReadCanvas {
  const float* const* canvas = nullptr;  // where the plan keeps the caller's pointer
  void* output = nullptr;
  int height = 0, width = 0;
  bool blocked = false;
  int order[3] = {0, 1, 2};
  float mean[3] = {0, 0, 0}, scale[3] = {1, 1, 1};
};
// The adjoint: grad[order[c]] = [grad +] scale[c] * channel c of `gradient`, which is blocked, with
// phases stride_h x stride_w: pixel (y, x) of channel c is pixel ((y + top) / stride_h - first_y,
// ...) of channel (phase_y * stride_w + phase_x) * 3 + c. Item: one row of grad.
struct WriteGradient {
  float* const* grad = nullptr;
  const void* gradient = nullptr;
  int height = 0, width = 0;
  int phase_height = 0, phase_width = 0;
  int stride_h = 1, stride_w = 1, top = 0, left = 0, first_y = 0, first_x = 0;
  bool accumulate = false;
  int order[3] = {0, 1, 2};
  float scale[3] = {1, 1, 1};
};

// The same first layer read by phases: pixel u = y + top of the canvas goes to row u / stride_h,
// channel (u % stride_h * stride_w + ...) * 3 + c; what lies outside is zero. Item: one row.
struct ReadPhases {
  const float* const* canvas = nullptr;
  void* output = nullptr;
  int height = 0, width = 0;              // of the canvas
  int rows = 0, columns = 0, blocks = 0;  // of the output
  int stride_h = 1, stride_w = 1, top = 0, left = 0;
  int order[3] = {0, 1, 2};
  float mean[3] = {0, 0, 0}, scale[3] = {1, 1, 1};
};

// A stride-1 convolution by Winograd's method on tiles of 6x6 inputs: a kernel of r x r gives
// (7 - r) x (7 - r) outputs a tile. Works in float32 whatever the elements are. Tiles are taken in
// chunks, for each of `parts` parts of the outputs; each slot works through its part of them with
// its own part of the scratch. Item: one slot.
struct Winograd {
  const void* input = nullptr;
  void* output = nullptr;
  const float* weights = nullptr;  // winograd_weights()
  const float* bias = nullptr;     // per physical channel, or null
  float* scratch = nullptr;        // slots * winograd_scratch_floats()
  int kernel = 3;
  int in_channels = 0;  // those that count; the blocks hold at least as many
  int height = 0, width = 0, out_height = 0, out_width = 0, out_blocks = 0;
  int top = 0, left = 0;
  int chunk_tiles = 0, parts = 1, slots = 1;
  bool accumulate = false, relu = false;
  float relu_grad = 0;
  Mask mask;
};

template <class Arguments>
using Kernel = void (*)(const Arguments&, std::int64_t begin, std::int64_t end);

// One instruction set's kernels for one element type.
struct KernelTable {
  const char* instruction_set;
  int block;
  int element_bytes;
  Kernel<MaxPoolForward> max_pool_forward;
  Kernel<MaxPoolForward> max_pool_of_floats;  // whose input is float32 whatever the elements are
  Kernel<MaxPoolBackward> max_pool_backward;
  Kernel<AveragePoolForward> average_pool_forward;
  Kernel<AveragePoolBackward> average_pool_backward;
  Kernel<LrnForward> lrn_forward;
  Kernel<LrnBackward> lrn_backward;
  Kernel<ReluForward> relu_forward;
  Kernel<ReluBackward> relu_backward;
  Kernel<Combine> combine;
  Kernel<Narrow> narrow;
  Kernel<Product> product;
  Kernel<Maximum> maximum;
  Kernel<MaximumBackward> maximum_backward;
  Kernel<AffineMap> affine;
  Kernel<PreluForward> prelu_forward;
  Kernel<PreluBackward> prelu_backward;
  Kernel<SoftmaxForward> softmax_forward;
  Kernel<SoftmaxBackward> softmax_backward;
  Kernel<Repack> repack;
  Kernel<SumChannels> sum_channels;
  Kernel<Expand> expand;
  Kernel<ScaleChannels> scale_channels;
  Kernel<SumRows> sum_rows;
  Kernel<SumColumns> sum_columns;
  Kernel<DeliverFloats> deliver_floats;
  Kernel<SumAllChannels> sum_all_channels;
  Kernel<Export> export_plain;
  Kernel<Import> import_plain;
  Kernel<ReadCanvas> read_canvas;
  Kernel<WriteGradient> write_grad;
  Kernel<ReadPhases> read_phases;
  Kernel<Winograd> winograd;
  Kernel<ActivationForward> activation_forward[function_count] = {};
  Kernel<ActivationBackward> activation_backward[function_count] = {};
  // Items: pixels, for sets of one pixel; rows of blocks and then groups, for sets over the plane;
  // and vectors
  Kernel<Normalization> pixel_moments = nullptr;
  Kernel<Normalization> row_moments = nullptr;
  Kernel<Normalization> plane_moments = nullptr;
  Kernel<Normalization> normalize_forward = nullptr;
  Kernel<Normalization> pixel_grad_means = nullptr;
  Kernel<Normalization> row_grad_sums = nullptr;
  Kernel<Normalization> plane_grad_means = nullptr;
  Kernel<Normalization> normalize_backward = nullptr;
  Kernel<Resample> resample = nullptr;
  Kernel<Rearrange> rearrange = nullptr;
};

// The fastest table that this processor runs with blocks of `block` lanes (8 or 16).
const KernelTable& kernels(Element element, int block);

namespace avx512 {
extern const KernelTable f32_table, bf16_table;  // 16 lanes
}
namespace avx2 {
extern const KernelTable f32_table, bf16_table;  // 8 lanes
}
namespace portable {
extern const KernelTable f32_table, bf16_table;  // 8 lanes
}

}  // namespace reverie::cpu
