// backward_pass.h: the backward steps of a network, one function for each kind of layer.
#pragma once

#include <utility>
#include <vector>

#include "reverie/plan/cpu/lowering/convolution_choice.h"
#include "reverie/plan/cpu/lowering/convolution_jobs.h"
#include "reverie/plan/cpu/lowering/convolution_writer.h"
#include "reverie/plan/cpu/lowering/gradients.h"
#include "reverie/plan/cpu/lowering/value_forms.h"

namespace reverie::cpu {

class BackwardPass {
 public:
  BackwardPass(const SizedNetwork& network, ProgramWriter& writer, ValueForms& values,
               ConvolutionWriter& convolutions, Gradients& gradients)
      : network_(network),
        writer_(writer),
        values_(values),
        convolutions_(convolutions),
        gradients_(gradients) {}

  // Groups come in the reverse of the forward order.
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
  void layer(int i, const Softmax& op);
  void layer(int i, const UnknownLayer& op);
  void import_output_grad(std::size_t target);

  // All jobs of a group: they read the same input, or slices of it.
  void convolutions(const std::vector<ConvolutionJob>& jobs);
  void convolution(const ConvolutionJob& job, const ConvolutionSpec& forward,
                   const Destination& to);
  void convolution_by_phases(const ConvolutionJob& job, const ConvolutionSpec& forward,
                             const PhaseConvolution& by_phases);

  void average_pool(int i, const Pool& pool, const PoolGeometry& geometry);
  void max_pool(int i, const PoolGeometry& geometry);

  // Parts of Eltwise: the gradient of input k, in `to` or, where that is nothing, in an array that
  // is returned.
  Destination sum(int i, std::size_t k, const Eltwise& eltwise, const Destination& to);
  std::pair<Destination, BufferRef> product(int i, std::size_t k, const Destination& to);
  Destination maximum(int i, std::size_t k, const Destination& to);
  Destination or_scratch(const Destination& to, int i);
  void multiply(int i, std::size_t j, BufferRef from, const Destination& to);
  void sum_broadcast(int i, std::size_t k, BufferRef from, BufferRef factor);
  void deliver_sums(int i, std::size_t k, BufferRef sums);

  // The gradient of a layer's value.
  BufferRef grad(int i) { return writer_.grad(network_.range(i)); }
  std::int64_t vectors(int i) const { return network_.vectors(network_.range(i)); }

  // Claims the gradient of the input of a layer whose kernel reads a pixel before it writes it: one
  // array is both gradients, where nothing else adds to the input's.
  Destination claim_in_place(int i);

  // Connects what most backward kernels have: the gradients of the value and of the input.
  template <class Arguments>
  void connect_grads(KernelStep<Arguments>& step, int i, const Destination& to) {
    step.connect(step.arguments.out_grad, grad(i));
    connect_destination(step, step.arguments.in_grad, to);
  }

  const SizedNetwork& network_;
  ProgramWriter& writer_;
  ValueForms& values_;
  ConvolutionWriter& convolutions_;
  Gradients& gradients_;
};

}  // namespace reverie::cpu
