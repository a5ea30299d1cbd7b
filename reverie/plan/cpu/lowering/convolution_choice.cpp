#include "reverie/plan/cpu/lowering/convolution_choice.h"

#include <fmt/format.h>

#include "reverie/plan/cpu/winograd_plan.h"

namespace reverie::cpu {
namespace {

// A guess must promise a tenth before it counts.
constexpr double winograd_margin = 0.9;

bool strided(const ConvolutionSpec& spec) { return spec.stride_h != 1 || spec.stride_w != 1; }

int whole_blocks(int channels, int lanes) { return (channels + lanes - 1) / lanes * lanes; }

// A stride-1 window of the kernel that each phase has.
Window phase_window(const Phases& p) {
  Window window;
  window.kernel_h = p.kernel_h;
  window.kernel_w = p.kernel_w;
  return window;
}

// How many channels the phases of a picture make.
int phase_channels(const Phases& p) { return p.stride_h * p.stride_w * 3; }

Phases phases_of(const ConvolutionSpec& forward) {
  Window window;
  window.kernel_h = forward.kernel_h;
  window.kernel_w = forward.kernel_w;
  window.stride_h = forward.stride_h;
  window.stride_w = forward.stride_w;
  window.dilation_h = forward.dilation_h;
  window.dilation_w = forward.dilation_w;
  Padding padding;
  padding.top = forward.top;
  padding.left = forward.left;
  return make_phases(window, padding, {3, forward.in_height, forward.in_width},
                     {forward.out_channels, forward.out_height, forward.out_width});
}

}  // namespace

bool winograd_pays(const ConvolutionSpec& spec, Precision precision) {
  return precision != Precision::exact && winograd_possible(spec) &&
         winograd_cost(spec, spec.in_channels) < winograd_margin * direct_cost(spec);
}

ConvolutionSpec input_gradient_spec(const ConvolutionSpec& forward) {
  const ConvolutionSpec back = turned(forward);
  if (!strided(forward) && back.top >= 0 && back.left >= 0 && back.bottom >= 0 && back.right >= 0)
    return back;
  ConvolutionSpec spec = forward;
  spec.backward_data = true;
  spec.bias = false;
  spec.relu.reset();
  return spec;
}

bool input_gradient_can_mask(const ConvolutionSpec& forward, Precision precision) {
  const ConvolutionSpec spec = input_gradient_spec(forward);
  return !spec.backward_data && winograd_pays(spec, precision);
}

std::string phases_name(const std::string& form, const Phases& p) {
  return fmt::format("{} {}x{} of {}x{}", form, p.kernel_h, p.kernel_w, p.stride_h, p.stride_w);
}

std::optional<PhaseConvolution> forward_by_phases(const ConvolutionSpec& forward,
                                                  Precision precision) {
  // In other precisions the first layer is summed directly: its values are close to each other in
  // smooth pictures, and Winograd's rounding would send a max-pool's gradient to another of them
  if (precision != Precision::half || !strided(forward) || forward.dilation_h != 1 ||
      forward.dilation_w != 1)
    return std::nullopt;
  const Phases p = phases_of(forward);
  PhaseConvolution result{p, forward, phase_channels(p)};
  ConvolutionSpec& spec = result.spec;
  spec.in_channels = whole_blocks(result.used_channels, forward.lanes);
  spec.in_height = forward.out_height + p.kernel_h - 1;
  spec.in_width = forward.out_width + p.kernel_w - 1;
  spec.set_window(phase_window(p), {});
  ConvolutionSpec planes = forward;
  planes.in_channels = 3;
  if (!winograd_possible(spec) ||
      winograd_cost(spec, result.used_channels) > winograd_margin * direct_cost(planes))
    return std::nullopt;
  return result;
}

std::optional<PhaseConvolution> input_gradient_by_phases(const ConvolutionSpec& forward) {
  if (!strided(forward)) return std::nullopt;
  const Phases p = phases_of(forward);
  if (!p.possible) return std::nullopt;
  PhaseConvolution result{p, {}, phase_channels(p)};
  ConvolutionSpec& spec = result.spec;
  spec.element = forward.element;
  spec.lanes = forward.lanes;
  spec.in_channels = forward.out_channels;
  spec.in_height = forward.out_height;
  spec.in_width = forward.out_width;
  spec.out_channels = whole_blocks(result.used_channels, forward.lanes);
  spec.out_height = p.rows;
  spec.out_width = p.columns;
  Padding padding;
  padding.top = p.top;
  padding.left = p.left;
  padding.bottom = p.bottom;
  padding.right = p.right;
  spec.set_window(phase_window(p), padding);
  return result;
}

}  // namespace reverie::cpu
