// gradient_ledger.h: keeps count of which layers have added to the gradient of each block.
//
// A backward pass adds up the gradient of a value from all layers that read it, in place, and
// applies the derivative of the ReLU that ends it once, with the last of them. The ledger decides
// what each layer has to do for that. It knows no buffers and makes no steps.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "reverie/graph/graph.h"
#include "reverie/plan/program/layout.h"

namespace reverie::program {

class GradientLedger {
 public:
  GradientLedger(const Graph& graph, const Layout& layout, const std::vector<int>& targets);

  // What a layer has to do that adds to the gradient of a range, in this order.
  struct Claim {
    std::vector<BlockRange> clear;  // set these blocks to zero
    bool accumulate = false;        // add to what the range holds; else overwrite it
    std::optional<float> relu;      // multiply by the derivative of a ReLU with this slope below 0
  };
  // Counts one contribution to the range. can_mask: its kernel can apply a ReLU's derivative.
  Claim claim(const BlockRange& range, bool can_mask);

  // What is left to do before the gradient of a range can be read.
  struct Completion {
    struct Masked {
      BlockRange blocks;
      float relu;
    };
    std::vector<BlockRange> clear;  // blocks that nobody wrote: set them to zero
    std::vector<Masked> masks;      // blocks whose ReLU's derivative nobody applied
  };
  // mask: whether the derivatives of ReLUs count.
  Completion complete(const BlockRange& range, bool mask);

  // Says that the last contribution to the range applies the ReLU's derivative by itself.
  void mark_masked(const BlockRange& range);

  // True when the first contribution to the range's first block is counted.
  bool started(const BlockRange& range) const { return states(range)[0].started; }

  // True when one layer, or target, alone adds to each block of the range.
  bool sole_contribution(const BlockRange& range) const;

  // True when one layer alone reads the range, and a ReLU with no slope below 0 ends all of it.
  bool relu_read_once(const BlockRange& range) const;

 private:
  struct BlockState {
    int remaining = 0, total = 0;  // contributions
    bool started = false, masked = false;
    std::optional<float> relu;  // the slope below zero of the ReLU that ends this block
  };

  std::span<BlockState> states(const BlockRange& range);
  std::span<const BlockState> states(const BlockRange& range) const;
  void count_contribution(const BlockRange& range);
  std::optional<float> relu_of(const BlockRange& range) const;
  std::vector<BlockRange> clear_unwritten(const BlockRange& range);

  std::vector<std::vector<BlockState>> blocks_;  // per storage
};

}  // namespace reverie::program
