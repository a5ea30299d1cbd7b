// plan.h: a network compiled for one size of canvas: forward, and backward to the canvas only.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/base/cancel.h"
#include "reverie/graph/graph.h"
#include "reverie/plan/device.h"
#include "reverie/plan/kinds.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

// Owns all memory that it needs, and shares the weights that it reads: it outlives its Compiler.
// forward and backward allocate nothing. One caller at a time.
class Plan {
 public:
  virtual ~Plan() = default;

  // [3,H,W], as compiled.
  virtual const Shape& canvas_shape() const = 0;

  // The number of target layers, and the shape [C,h,w] of each.
  virtual int targets() const = 0;
  virtual const Shape& target_shape(int target) const = 0;

  // Computes the targets' values. canvas: [3,H,W] float32 RGB, 0..255 display units; the graph's
  // input transform is applied here.
  //
  // `cancel`, if given, is checked before each step, so a request is delayed by one step at most;
  // the longest is one convolution. Returns false when cancelled; the targets' values are then
  // unspecified, and forward may be called again.
  virtual bool forward(ConstView canvas, const CancelToken* cancel = nullptr) = 0;

  // A target's value, [C,h,w] float32, C order; the same memory each time, overwritten by forward.
  virtual ConstView activation(int target) const = 0;

  // The caller writes d(objective)/d(activation) here before backward; shaped like the activation.
  // forward and backward do not change it.
  virtual View output_grad(int target) = 0;

  // Overwrites gradient, [3,H,W] float32 RGB, with d(objective)/d(canvas), given the output
  // gradients, at the canvas of the last forward that was not cancelled. `cancel` as in forward;
  // `grad` is unspecified when this returns false.
  virtual bool backward(View grad, const CancelToken* cancel = nullptr) = 0;

  // Bytes that this plan holds besides the weights.
  virtual std::size_t memory_bytes() const = 0;
};

// A set of target layers of a PreparedNetwork; makes plans for any number of sizes. Shares the
// weights, so it outlives the PreparedNetwork.
class Compiler {
 public:
  virtual ~Compiler() = default;

  // A plan for canvases of height x width pixels.
  // Errors: BadShape when the picture is too small for a target; OutOfMemory.
  virtual std::unique_ptr<Plan> compile(std::int64_t height, std::int64_t width) = 0;

  // memory_bytes() of such a plan, exactly, at the present number of threads. Allocates none of it
  // and prepares no weights. Errors: BadShape; Unsupported.
  virtual std::size_t plan_bytes(std::int64_t height, std::int64_t width) = 0;

  // The graph that is computed: pruned, folded, fused; and where its targets are.
  virtual const Graph& graph() const = 0;
  virtual const std::vector<int>& targets() const = 0;

  // The precision computed: as requested, but `fast` where this machine lacks `half`.
  virtual Precision precision() const = 0;
};

// The weights that a PreparedNetwork has prepared so far.
struct PreparedWeights {
  std::size_t arrays = 0, bytes = 0;
};

// A graph on one device. All compilers made here share the weights, in the layout that the kernels
// need. Each array is prepared once, when a plan first needs it, whatever the number of objectives
// and sizes. Any thread may call it.
class PreparedNetwork {
 public:
  virtual ~PreparedNetwork() = default;

  // targets: indices into the graph's layers.
  // Errors: Unsupported when a target depends on a layer that cannot run.
  virtual std::unique_ptr<Compiler> make_compiler(const std::vector<int>& targets,
                                                  Precision precision) = 0;

  virtual PreparedWeights weights() const = 0;
};

// Errors: DeviceFailure, naming the devices that are there, when this one is not.
std::shared_ptr<PreparedNetwork> prepare_network(const Graph& graph,
                                                 const Device& device = Device::automatic);

// A single compiler: prepare_network(graph, device)->make_compiler(targets, precision).
// Errors: as both.
std::unique_ptr<Compiler> make_compiler(const Graph& graph, const std::vector<int>& targets,
                                        Precision precision,
                                        const Device& device = Device::automatic);

}  // namespace reverie
