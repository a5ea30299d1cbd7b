// forward_pass.h: the forward steps of a network, one function for each kind of layer.
#pragma once

#include "reverie/plan/cpu/lowering/convolution_choice.h"
#include "reverie/plan/cpu/lowering/convolution_jobs.h"
#include "reverie/plan/cpu/lowering/convolution_writer.h"
#include "reverie/plan/cpu/lowering/value_forms.h"
#include "reverie/plan/program/gradient_ledger.h"

namespace reverie::cpu {

class ForwardPass {
 public:
  ForwardPass(const SizedNetwork& network, ProgramWriter& writer, ValueForms& values,
              ConvolutionWriter& convolutions, const GradientLedger& ledger)
      : network_(network),
        writer_(writer),
        values_(values),
        convolutions_(convolutions),
        ledger_(ledger) {}

  // Errors: Unsupported, naming a layer that cannot be run.
  void write(const Group& group);

 private:
  void layer(int i, const Input& op);
  void layer(int i, const Convolution& op);
  void layer(int i, const Relu& op);
  void layer(int i, const Pool& op);
  void layer(int i, const Lrn& op);
  void layer(int i, const Concat& op);
  void layer(int i, const SelectChannels& op);
  void layer(int i, const Eltwise& op);
  void layer(int i, const Affine& op);
  void layer(int i, const Normalize& op);
  void layer(int i, const TransposedConvolution& op);
  void layer(int i, const Resize& op);
  void layer(int i, const Pad& op);
  void layer(int i, const DepthToSpace& op);
  void layer(int i, const InnerProduct& op);
  void layer(int i, const Activation& op);
  void layer(int i, const Prelu& op);
  [[noreturn]] void not_computed(int i, const Op& op) const;
  void layer(int i, const Softmax& op);
  void layer(int i, const UnknownLayer& op);
  void export_target(std::size_t target);

  void product(int i);
  void convolution(const ConvolutionJob& job);
  void first_convolution(const ConvolutionJob& job);
  void convolution_of_planes(const ConvolutionJob& job, const ConvolutionSpec& forward,
                             BufferRef to);
  void convolution_by_phases(const ConvolutionJob& job, const ConvolutionSpec& forward,
                             const PhaseConvolution& by_phases, BufferRef to);

  BufferRef output(int i) const { return writer_.activation(network_.range(i)); }
  std::int64_t vectors(int i) const { return network_.vectors(network_.range(i)); }

  // A kernel over all vectors of a layer's value: from one input to that value; or from that value
  // and one input.
  template <class Arguments>
  KernelStep<Arguments>& emit_over_vectors(Kernel<Arguments> kernel, const Arguments& arguments,
                                           int i, BufferRef from) {
    auto& step = writer_.emit(kernel, arguments, vectors(i), vectors_per_task, i, "forward");
    step.connect(step.arguments.input, from);
    step.connect(step.arguments.output, output(i));
    return step;
  }
  template <class Arguments>
  void emit_pair(Kernel<Arguments> kernel, const Arguments& arguments, int i, BufferRef with) {
    auto& step = writer_.emit(kernel, arguments, vectors(i), vectors_per_task, i, "forward");
    step.connect(step.arguments.left, output(i));
    step.connect(step.arguments.right, with);
    step.connect(step.arguments.output, output(i));
  }

  const SizedNetwork& network_;
  ProgramWriter& writer_;
  ValueForms& values_;
  ConvolutionWriter& convolutions_;
  const GradientLedger& ledger_;
};

}  // namespace reverie::cpu
