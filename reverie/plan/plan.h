// plan.h: a network compiled for one size of canvas: forward, and backward to the canvas only.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "reverie/graph/graph.h"
#include "reverie/plan/kinds.h"
#include "reverie/tensor/tensor.h"

namespace reverie {

enum class Device { automatic, cpu, cuda };

// Owns all memory that it needs; forward and backward allocate nothing. One caller at a time.
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
  virtual void forward(ConstView canvas) = 0;

  // A target's value, [C,h,w] float32, C order; the same memory each time, overwritten by forward.
  virtual ConstView activation(int target) const = 0;

  // Where the caller puts d(objective)/d(activation) before backward; shaped like the activation.
  // Its content is the caller's and survives forward and backward.
  virtual View output_grad(int target) = 0;

  // Overwrites gradient, [3,H,W] float32 RGB, with d(objective)/d(canvas), given the output
  // gradients, at the canvas of the last forward.
  virtual void backward(View grad) = 0;

  // Bytes that this plan holds besides the weights.
  virtual std::size_t memory_bytes() const = 0;
};

// A network prepared for a set of target layers on one device; makes plans for any number of sizes
// and keeps what they share: the weights, in the order that the kernels want, reordered once.
class Compiler {
 public:
  virtual ~Compiler() = default;

  // A plan for canvases of height x width pixels. The Compiler must outlive it.
  // Errors: BadShape when the picture is too small for a target; OutOfMemory.
  virtual std::unique_ptr<Plan> compile(std::int64_t height, std::int64_t width) = 0;

  // The graph that is computed: pruned, folded, fused; and where its targets are.
  virtual const Graph& graph() const = 0;
  virtual const std::vector<int>& targets() const = 0;

  // What it computes in: as asked for, but `fast` for a `half` that this machine does not have.
  virtual Precision precision() const = 0;
};

// targets: indices into graph.layers.
// Errors: Unsupported when a target depends on a layer that cannot run; DeviceFailure when the
// device is not there.
std::unique_ptr<Compiler> make_compiler(const Graph& graph, const std::vector<int>& targets,
                                        Precision precision, Device device = Device::automatic);

}  // namespace reverie
