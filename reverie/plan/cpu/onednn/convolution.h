// convolution.h: one convolution on oneDNN, with its post-operations, as a step.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "reverie/graph/layer.h"
#include "reverie/plan/cpu/kernel_step.h"
#include "reverie/plan/cpu/kernels/kernels.h"
#include "reverie/plan/cpu/onednn/dnnl_api.h"
#include "reverie/plan/cpu/processor.h"

namespace reverie::cpu {

// oneDNN's view of the processor, and its one queue.
struct OnednnContext {
  const InstructionSet limit = instruction_set();  // told to oneDNN before it makes an engine
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
};

// A convolution as it is run: channels are physical ones, whole blocks.
struct ConvolutionSpec {
  std::int64_t in_channels = 0, in_height = 0, in_width = 0;
  std::int64_t out_channels = 0, out_height = 0, out_width = 0;
  int kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  int top = 0, left = 0, bottom = 0, right = 0;
  int groups = 1;            // 1, or one per channel
  bool plain_input = false;  // the input is [3][height][width], not blocked
  bool bias = false;
  std::optional<float> relu;
  bool accumulate = false;  // add to what the output holds
  bool backward_data =
      false;  // from the output's gradient to the input's: the two swap their roles
  bool onednn_winograd = false;  // oneDNN's own Winograd kernel or none: only to compare with
  Element element = Element::f32;
  int lanes = 16;

  // Takes a layer's window, with its padding resolved.
  void set_window(const Window& window, const Padding& padding);

  // Additions and multiplications on logical channels are the caller's to count; this is physical.
  double flops() const;
};

// The convolution that gives the gradient of a stride-1 convolution's input: of the output's
// gradient, with weights turned by 180 degrees. It exists where no padding comes out negative.
ConvolutionSpec turned(const ConvolutionSpec& spec);

// The primitive for a spec, chosen, without weights or buffers. Its code is generated when a step
// that runs it is bound.
class ConvolutionPrimitive {
 public:
  // Errors: Unsupported when oneDNN has none for it.
  ConvolutionPrimitive(const OnednnContext& onednn, const ConvolutionSpec& spec);

  const dnnl::memory::desc& weights_desc() const { return weights_; }
  std::size_t scratch_bytes() const;
  const std::string& algorithm() const { return algorithm_; }
  bool direct_layout() const { return !before_ && !after_; }
  bool accumulates() const { return accumulates_; }

 private:
  friend class ConvolutionStep;
  bool try_make(const OnednnContext& onednn, dnnl::algorithm algorithm, bool any_layout);

  ConvolutionSpec spec_;
  std::function<dnnl::primitive()> make_;
  // Where the kernel wants another layout
  std::optional<dnnl::reorder::primitive_desc> before_, after_;
  dnnl::memory::desc source_, destination_;  // ours
  dnnl::memory::desc kernel_source_, kernel_destination_, weights_, bias_, scratch_;
  std::string algorithm_;
  bool accumulates_ = false;
};

class ConvolutionStep : public Step {
 public:
  // scratch has primitive.scratch_bytes(). weights and bias (or empty) outlive the step.
  ConvolutionStep(const OnednnContext& onednn, const ConvolutionPrimitive& primitive,
                  const dnnl::memory& weights, const dnnl::memory& bias, BufferRef source,
                  BufferRef destination, BufferRef scratch);

  void bind(const std::vector<std::byte*>& bases) override;
  void run() override;
  std::vector<int> buffers() const override;

 private:
  struct Call {
    dnnl::primitive primitive;
    std::vector<dnnl_exec_arg_t> arguments;
  };
  dnnl::memory at(const dnnl::memory::desc& desc);

  const OnednnContext& onednn_;
  ConvolutionPrimitive primitive_;
  BufferRef source_ref_, destination_ref_, scratch_ref_;
  dnnl::memory weights_, bias_, source_, destination_, kernel_source_, kernel_destination_,
      scratch_;
  std::vector<Call> calls_;
};

}  // namespace reverie::cpu
