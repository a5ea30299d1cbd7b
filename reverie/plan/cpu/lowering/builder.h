// builder.h: turns a graph with its layout into a program, first forward, then backward.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reverie/plan/cpu/lowering/build_program.h"
#include "reverie/plan/cpu/weights.h"
#include "reverie/plan/program/layout.h"

namespace reverie::cpu {

class ProgramBuilder {
 public:
  ProgramBuilder(const Graph& graph, const std::vector<int>& targets, std::int64_t height,
                 std::int64_t width, const ProgramSettings& settings, const OnednnContext& onednn,
                 WeightStore* store);

  // Once, one of them. Without a store only the bytes can be asked for.
  std::unique_ptr<Program> build();
  ProgramBytes measure();

 private:
  // A run of whole blocks of one storage.
  struct Range {
    int storage, first, count;
  };
  // Where a layer's backward kernel writes the gradient of one input, and how.
  struct GradDestination {
    BufferRef grad;
    bool accumulate = false;
    BufferRef mask;  // the input's value, when its ReLU's mask is to be applied; else none
    float mask_grad = 0;
  };
  // A convolution of a group, with all that its steps need.
  struct ConvolutionJob {
    WeightSource weights;
    const Convolution* conv;
    std::string name;
    int input;
    Range from, to;
    bool depthwise;
  };

  const Layer& layer(int i) const { return graph_.layers[static_cast<std::size_t>(i)]; }
  const Value& value(int i) const { return layout_.values[static_cast<std::size_t>(i)]; }
  const Storage& storage(int i) const { return layout_.storages[static_cast<std::size_t>(i)]; }
  Range range(int layer) const;
  std::int64_t vectors(const Range& range) const;

  BufferRef activation(const Range& range) const;
  BufferRef grad(const Range& range);
  BufferRef scratch(std::size_t bytes);
  std::size_t block_bytes(int storage, int element_bytes) const;
  int value_bytes(int storage) const;
  int storage_of_floats() const;

  void record(std::unique_ptr<Step> step, const std::string& layer, const std::string& action,
              const std::string& algorithm);
  template <class Arguments>
  KernelStep<Arguments>& emit(Kernel<Arguments> kernel, const Arguments& arguments,
                              std::int64_t items, std::int64_t grain, int layer,
                              const std::string& what);

  // Forward: one per kind of layer
  void forward(const Group& group);
  void forward_op(int i, const Input& op);
  void forward_op(int i, const Convolution& op);
  void forward_op(int i, const Relu& op);
  void forward_op(int i, const Pool& op);
  void forward_op(int i, const Lrn& op);
  void forward_op(int i, const Concat& op);
  void forward_op(int i, const Eltwise& op);
  void forward_op(int i, const Affine& op);
  void forward_op(int i, const InnerProduct& op);
  void forward_op(int i, const Sigmoid& op);
  void forward_op(int i, const Softmax& op);
  void forward_op(int i, const UnknownLayer& op);
  void export_target(std::size_t target);

  // Backward
  void backward(const Group& group);
  void backward_op(int i, const Input& op);
  void backward_op(int i, const Convolution& op);
  void backward_op(int i, const Relu& op);
  void backward_op(int i, const Pool& op);
  void backward_op(int i, const Lrn& op);
  void backward_op(int i, const Concat& op);
  void backward_op(int i, const Eltwise& op);
  void backward_op(int i, const Affine& op);
  void backward_op(int i, const InnerProduct& op);
  void backward_op(int i, const Sigmoid& op);
  void backward_op(int i, const Softmax& op);
  void backward_op(int i, const UnknownLayer& op);
  void import_output_grad(std::size_t target);
  void backward_sum(int i, float coefficient, const GradDestination& destination);
  void backward_product(int i, std::size_t k, const std::vector<BufferRef>& values,
                        const GradDestination& destination);
  void backward_maximum(int i, std::size_t k, const std::vector<BufferRef>& values,
                        const GradDestination& destination);
  template <class Arguments>
  void connect_grads(KernelStep<Arguments>& step, int i, const GradDestination& destination);
  void write_grad(WriteGradient arguments, BufferRef gradient, int i);
  bool closes_relu(int input) const;
  bool fills_storage(int layer) const;
  void mark_masked(const Range& range);
  std::vector<float> per_channel(int i, const Weights& weights) const;

  // Convolutions
  std::vector<ConvolutionJob> jobs(const Group& group) const;
  static std::string key_of(const ConvolutionJob& job, const char* form);
  ConvolutionSpec spec_of(const ConvolutionJob& job) const;
  void run_convolution(const ConvolutionSpec& spec, const std::string& name, const char* action,
                       const std::string& key, const std::function<Tensor()>& weights,
                       const std::function<Tensor()>& bias, BufferRef from,
                       const GradDestination& to, double flops);
  bool runs_winograd(const ConvolutionSpec& spec) const;
  void run_winograd(const ConvolutionSpec& spec, int used_channels, const std::string& name,
                    const std::string& action, const std::string& key,
                    const std::function<Tensor()>& weights, const std::function<Tensor()>& bias,
                    BufferRef from, const GradDestination& to, double flops);
  void forward_convolution(const ConvolutionJob& job);
  void forward_first_convolution(const ConvolutionJob& job);
  bool forward_by_phases(const ConvolutionJob& job, BufferRef to);
  // All jobs of a group: they read the same input, or slices of it.
  void backward_convolutions(const std::vector<ConvolutionJob>& all);
  bool backward_by_phases(const ConvolutionJob& job);

  struct Flat {
    int elements, blocks;
    ConvolutionSpec spec;
    double flops;
    std::size_t bytes;
    std::vector<int> logical;
  };
  Flat flat(int i);

  // Gradients of values: how many layers still add to each block, and what has happened to it
  void count_contributions();
  GradDestination claim_grad(int layer, bool can_mask);
  bool sole_contribution(int layer) const;
  std::optional<float> relu_of(const Range& range) const;
  void complete(const Range& range, bool mask);
  void clear(const Range& range);

  struct BlockState {
    int remaining = 0;
    int total = 0;
    bool started = false, masked = false;
    std::optional<float> relu;  // the slope below zero of the ReLU that ends this block
  };
  std::vector<std::vector<BlockState>> blocks_;  // per storage

  BufferRef input_form(bool blocked);
  PoolGeometry geometry(int i) const;
  void divisors(int i, std::vector<int>& rows, std::vector<int>& columns) const;
  // An input's value with the channels where `like` has them; a copy where they lie elsewhere.
  BufferRef in_place_of(int i, std::size_t input, const Value& like);
  // The gradient of an input whose copy in_place_of made: write there, then call return_grad.
  BufferRef borrowed_grad(const Value& like);
  void return_grad(int i, std::size_t input, const Value& like, BufferRef from);
  std::vector<int> moves(const Value& from, const Value& to) const;
  void lower();
  std::size_t place_buffers();

  // Sets a spec's elements and lanes, and a kernel's transform of the canvas.
  void set_elements(ConvolutionSpec& spec) const;
  template <class Arguments>
  void set_transform(Arguments& arguments) const;

  const Graph& graph_;
  const std::vector<int>& targets_;
  std::vector<Shape> shapes_;
  const ProgramSettings& settings_;
  const OnednnContext& onednn_;
  WeightStore* store_;                // none: steps are made to be measured, without weights
  const KernelTable& kernels_;        // of the elements
  const KernelTable& float_kernels_;  // of float32
  Layout layout_;
  ArenaPlanner planner_;
  int float_storage_ = -1;  // whose values are float32 while other elements are not; or none
  std::vector<int> activation_buffers_, grad_buffers_;  // per storage; gradients -1 until used
  std::vector<int> extra_;  // per layer: a buffer of its own (a max-pool's winners)
  std::map<std::pair<int, std::size_t>, BufferRef> copies_;  // what in_place_of made
  int plain_input_ = -1;
  bool plain_made_ = false, blocked_input_ = false, grad_written_ = false;
  std::vector<std::unique_ptr<Step>>* steps_ = nullptr;
  std::unique_ptr<Program> program_;
};

template <class Arguments>
void ProgramBuilder::set_transform(Arguments& arguments) const {
  arguments.height = static_cast<int>(value(0).shape.height());
  arguments.width = static_cast<int>(value(0).shape.width());
  for (std::size_t c = 0; c < 3; ++c) {
    arguments.order[c] = graph_.transform.order[c];
    arguments.scale[c] = graph_.transform.scale[c];
    if constexpr (requires { arguments.mean; }) arguments.mean[c] = graph_.transform.mean[c];
  }
}

template <class Arguments>
KernelStep<Arguments>& ProgramBuilder::emit(Kernel<Arguments> kernel, const Arguments& arguments,
                                            std::int64_t items, std::int64_t grain, int i,
                                            const std::string& what) {
  auto step = std::make_unique<KernelStep<Arguments>>(kernel, arguments, items, grain);
  auto& result = *step;
  record(std::move(step), i < 0 ? std::string() : layer(i).name, what,
         std::string("own:") + kernels_.instruction_set);
  return result;
}

}  // namespace reverie::cpu
