// transposed_convolution.h: a transposed convolution as the gradient of a convolution's input, and
// its own gradient as that convolution.
#pragma once

#include "reverie/plan/cpu/lowering/convolution_writer.h"
#include "reverie/plan/cpu/weights.h"

namespace reverie::cpu {

class TransposedConvolutionSteps {
 public:
  TransposedConvolutionSteps(const SizedNetwork& network, ProgramWriter& writer,
                             ConvolutionWriter& convolutions, int layer);

  // from: the value of the layer's input.
  void write_forward(BufferRef from) const;
  void write_backward(Gradients& gradients) const;

 private:
  // Whether a convolution of the value gives the input's gradient as it is. Where the padding does
  // not allow that, the input is spread out with zeros between its pixels, and convolved.
  bool is_direct() const;

  ConvolutionSpec mirror_spec() const;  // of the convolution of the value
  ConvolutionSpec spread_spec() const;  // of the convolution of the spread input
  Shape spread_shape() const;
  BufferRef spread_scratch() const;
  void write_bias() const;
  ConvolutionCall call(const ConvolutionSpec& spec, bool turned, const char* action) const;

  const SizedNetwork& network_;
  ProgramWriter& writer_;
  ConvolutionWriter& convolutions_;
  const int layer_;
  const TransposedConvolution& conv_;
  const Value& in_;
  const Value& out_;
  const Convolution mirror_;  // from the value to the input
  WeightSource weights_;
};

}  // namespace reverie::cpu
