// convolution_choice.h: by which algorithm a convolution, or the gradient of its input, is
// computed.
//
// The choice follows from sizes and settings alone, so that it is the same at every run.
#pragma once

#include <optional>
#include <string>

#include "reverie/plan/cpu/onednn/convolution.h"
#include "reverie/plan/cpu/weights.h"
#include "reverie/plan/kinds.h"

namespace reverie::cpu {

// True when our Winograd kernel can run a convolution and is expected to take less time than a
// direct one. Never in `exact`, whose sums are plain.
bool winograd_pays(const ConvolutionSpec& spec, Precision precision);

// The convolution that gives the gradient of the input of `forward`: of the output's gradient, with
// weights turned by 180 degrees, where stride and padding allow it; else oneDNN's backward one
// (`backward_data`). Without bias and ReLU.
ConvolutionSpec input_gradient_spec(const ConvolutionSpec& forward);

// True when the kernel that computes the gradient of a whole input is ours, and can apply the
// derivative of the ReLU that ends that input.
bool input_gradient_can_mask(const ConvolutionSpec& forward, Precision precision);

// A strided convolution of the picture as one of stride 1. Phase (y, x) of a picture has every
// stride-th pixel from (y, x); the phases stand side by side as channels.
struct PhaseConvolution {
  Phases phases;
  ConvolutionSpec spec;
  int used_channels = 0;  // of the spec's, those that are phases
};

// How the weights of such a convolution are ordered, in a name.
std::string phases_name(const std::string& form, const Phases& phases);

// In `half` only, and where Winograd's method then pays. forward: of the picture in blocks,
// float32.
std::optional<PhaseConvolution> forward_by_phases(const ConvolutionSpec& forward,
                                                  Precision precision);

// From the gradient of the output to that of the picture's phases: where the convolution is strided
// and its window and padding allow it. forward: in the network's elements.
std::optional<PhaseConvolution> input_gradient_by_phases(const ConvolutionSpec& forward);

}  // namespace reverie::cpu
