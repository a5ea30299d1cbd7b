// weights.h: a convolution's weights over physical channels, in the forms that kernels ask for.
#pragma once

#include <string>
#include <vector>

#include "reverie/plan/program/layout.h"
#include "reverie/tensor/tensor.h"

namespace reverie::cpu {

using namespace program;  // its layout

// Which weights go where: one convolution, or several that read the same value, or one slice of a
// grouped one. Channels without a logical one get zeros.
struct WeightSource {
  struct Part {
    const Convolution* conv = nullptr;
    std::vector<int> out_place;  // physical channel of each logical one that is taken, or -1
    std::vector<int> in_place;   // likewise
  };
  std::vector<Part> parts;
  int in_channels = 0, out_channels = 0;  // physical
};

// A name for the arrays that can be made of a source: the same for sources over the same tensors
// with the same channels in the same places, whatever graph they come from. The tensors must live
// as long as the name is used.
std::string identity(const WeightSource& source);

// [out][in][kernel_h][kernel_w].
Tensor forward_weights(const WeightSource& source);

// [in][out][kernel_h][kernel_w], turned by 180 degrees: what makes a forward convolution of the
// output's gradient give the input's.
Tensor turned_weights(const WeightSource& source);

// [out].
Tensor biases(const WeightSource& source);

// [channels][1][1][kernel_h][kernel_w] of a depthwise convolution.
Tensor depthwise_weights(const Convolution& conv, const std::vector<int>& place, int channels,
                         bool turned);

// The gradient of a strided convolution's input, by phases. Pixel u = y + top of the input belongs
// to phase u % stride and row u / stride; each phase is a stride-1 convolution of the output's
// gradient with every stride-th weight.
struct Phases {
  int stride_h, stride_w;
  int kernel_h, kernel_w;        // of each phase
  int first_y, first_x;          // u / stride of the input's first pixel
  int rows, columns;             // of each phase's picture
  int top, left, bottom, right;  // padding of the stride-1 convolution
  bool possible = false;
};
Phases make_phases(const Window& window, const Padding& padding, const Shape& input,
                   const Shape& output);

// [phase_channels][out][kernel_h][kernel_w]: channel (phase_y * stride_w + phase_x) * 3 + c.
Tensor phase_weights(const WeightSource& source, const Phases& phases, int phase_channels);

// [out][phase_channels][kernel_h][kernel_w]: the strided convolution itself, as one of stride 1
// over the phases of its input.
Tensor forward_phase_weights(const WeightSource& source, const Phases& phases, int phase_channels);

}  // namespace reverie::cpu
