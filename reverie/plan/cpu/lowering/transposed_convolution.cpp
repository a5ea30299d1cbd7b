#include "reverie/plan/cpu/lowering/transposed_convolution.h"

#include "reverie/plan/cpu/lowering/convolution_choice.h"
#include "reverie/plan/cpu/lowering/resample_steps.h"

namespace reverie::cpu {
namespace {

int extent(int kernel, int dilation) { return dilation * (kernel - 1) + 1; }

// Where the cells of one axis of the input go: a window over them that begins at each cell of the
// value has all that this cell is made of.
AxisMap spread_axis(std::int64_t in, std::int64_t out, int stride, int reach, int before) {
  AxisMap map;
  for (std::int64_t r = 0; r < out + reach - 1; ++r) {
    const std::int64_t at = r - (reach - 1) + before;
    if (at >= 0 && at % stride == 0 && at / stride < in) map.add(at / stride, 1);
    map.finish_output();
  }
  return map;
}

PlaneMap spread_map(const Window& window, const Shape& in, const Shape& out) {
  return {spread_axis(in.height(), out.height(), window.stride_h,
                      extent(window.kernel_h, window.dilation_h), window.padding.top),
          spread_axis(in.width(), out.width(), window.stride_w,
                      extent(window.kernel_w, window.dilation_w), window.padding.left)};
}

}  // namespace

TransposedConvolutionSteps::TransposedConvolutionSteps(const SizedNetwork& network,
                                                       ProgramWriter& writer,
                                                       ConvolutionWriter& convolutions, int layer)
    : network_(network),
      writer_(writer),
      convolutions_(convolutions),
      layer_(layer),
      conv_(std::get<TransposedConvolution>(network.layer(layer).op)),
      in_(network.value(network.layer(layer).inputs[0])),
      out_(network.value(layer)),
      mirror_{conv_.window, conv_.groups, conv_.weights, conv_.bias, {}} {
  weights_.parts.push_back({&mirror_, in_.place, out_.place});
  weights_.in_channels = out_.blocks * network.layout.lanes;
  weights_.out_channels = in_.blocks * network.layout.lanes;
}

ConvolutionSpec TransposedConvolutionSteps::mirror_spec() const {
  const Window& w = conv_.window;
  Padding padding = w.padding;
  const auto after = [](std::int64_t in, std::int64_t out, int stride, int reach, int before) {
    return static_cast<int>((in - 1) * stride + reach - out - before);
  };
  padding.bottom = after(in_.shape.height(), out_.shape.height(), w.stride_h,
                         extent(w.kernel_h, w.dilation_h), padding.top);
  padding.right = after(in_.shape.width(), out_.shape.width(), w.stride_w,
                        extent(w.kernel_w, w.dilation_w), padding.left);
  ConvolutionSpec spec;
  spec.in_channels = weights_.in_channels;
  spec.in_height = out_.shape.height();
  spec.in_width = out_.shape.width();
  spec.out_channels = weights_.out_channels;
  spec.out_height = in_.shape.height();
  spec.out_width = in_.shape.width();
  spec.set_window(w, padding);
  spec.groups = is_depthwise(conv_) ? static_cast<int>(spec.in_channels) : 1;
  spec.element = network_.settings.element;
  spec.lanes = network_.layout.lanes;
  return spec;
}

bool TransposedConvolutionSteps::is_direct() const {
  const ConvolutionSpec spec = mirror_spec();
  return spec.top >= 0 && spec.left >= 0 && spec.bottom > -spec.stride_h &&
         spec.right > -spec.stride_w;
}

Shape TransposedConvolutionSteps::spread_shape() const {
  const Window& w = conv_.window;
  return {in_.shape.channels(), out_.shape.height() + extent(w.kernel_h, w.dilation_h) - 1,
          out_.shape.width() + extent(w.kernel_w, w.dilation_w) - 1};
}

ConvolutionSpec TransposedConvolutionSteps::spread_spec() const {
  ConvolutionSpec spec = mirror_spec();
  std::swap(spec.in_channels, spec.out_channels);
  spec.in_height = spread_shape().height();
  spec.in_width = spread_shape().width();
  spec.out_height = out_.shape.height();
  spec.out_width = out_.shape.width();
  Window window = conv_.window;
  window.stride_h = window.stride_w = 1;
  spec.set_window(window, {});
  return spec;
}

BufferRef TransposedConvolutionSteps::spread_scratch() const {
  return writer_.scratch(static_cast<std::size_t>(spread_shape().height() * spread_shape().width() *
                                                  in_.blocks * network_.layout.lanes *
                                                  network_.kernels.element_bytes));
}

// turned: from the input to the value, by weights that are turned by 180 degrees.
ConvolutionCall TransposedConvolutionSteps::call(const ConvolutionSpec& spec, bool turned,
                                                 const char* action) const {
  ConvolutionCall call;
  call.spec = spec;
  call.layer = network_.layer(layer_).name;
  call.action = action;
  call.flops = 2.0 * static_cast<double>(conv_.weights->size()) * static_cast<double>(in_.pixels());
  const bool depthwise = is_depthwise(conv_);
  call.weights_name = identity(weights_) + (depthwise ? "/depthwise transposed" : "/transposed") +
                      (turned ? " turned" : "");
  call.weights = [this, turned, depthwise] {
    if (depthwise) return depthwise_weights(mirror_, in_.place, weights_.in_channels, turned);
    return turned ? turned_weights(weights_) : forward_weights(weights_);
  };
  call.bias = [this] {
    Tensor all({weights_.in_channels});
    const std::vector<float> numbers = per_channel(conv_.bias, out_, network_.layout.lanes);
    std::copy(numbers.begin(), numbers.end(), all.data());
    return all;
  };
  return call;
}

void TransposedConvolutionSteps::write_forward(BufferRef from) const {
  const bool direct = is_direct();
  ConvolutionSpec spec = direct ? input_gradient_spec(mirror_spec()) : spread_spec();
  spec.bias = conv_.bias && !spec.backward_data;
  ConvolutionCall convolve = call(spec, !spec.backward_data, "forward");
  convolve.from = from;
  convolve.to.at = writer_.activation(network_.range(layer_));
  if (!direct) {
    auto& spread = emit_resample(network_, writer_, spread_map(conv_.window, in_.shape, out_.shape),
                                 in_.blocks, in_.shape, from, layer_, "spread");
    convolve.from = spread_scratch();
    spread.connect(spread.arguments.output, convolve.from);
  }
  convolutions_.write(convolve);
  if (conv_.bias && spec.backward_data) write_bias();
}

// In place.
void TransposedConvolutionSteps::write_bias() const {
  AffineMap a;
  a.pixels = out_.pixels();
  auto& step = writer_.emit(network_.kernels.affine, a, network_.vectors(network_.range(layer_)),
                            vectors_per_task, layer_, "bias");
  step.numbers.assign(static_cast<std::size_t>(weights_.in_channels), 1.f);
  step.more_numbers = per_channel(conv_.bias, out_, network_.layout.lanes);
  step.arguments.scale = step.numbers.data();
  step.arguments.shift = step.more_numbers.data();
  const BufferRef value = writer_.activation(network_.range(layer_));
  step.connect(step.arguments.input, value);
  step.connect(step.arguments.output, value);
}

void TransposedConvolutionSteps::write_backward(Gradients& gradients) const {
  const int input = network_.layer(layer_).inputs[0];
  const bool direct = is_direct();
  const ConvolutionSpec spec = direct ? mirror_spec() : input_gradient_spec(spread_spec());
  ConvolutionCall convolve = call(spec, false, "backward");
  convolve.from = writer_.grad(network_.range(layer_));
  const bool can_mask = !direct || winograd_pays(spec, network_.settings.precision);
  const Destination to = gradients.claim(input, can_mask);
  if (direct) {
    convolve.spec.accumulate = to.accumulate;
    convolve.to = to;
    convolutions_.write(convolve);
    return;
  }
  convolve.to.at = spread_scratch();
  convolutions_.write(convolve);
  const PlaneMap back = transposed(spread_map(conv_.window, in_.shape, out_.shape), in_.shape);
  auto& gather = emit_resample(network_, writer_, back, in_.blocks, spread_shape(), convolve.to.at,
                               layer_, "gather");
  connect_destination(gather, gather.arguments.output, to);
}

}  // namespace reverie::cpu
