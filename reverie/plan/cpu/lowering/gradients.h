// gradients.h: turns what the ledger of gradients decides into steps and places.
#pragma once

#include "reverie/plan/cpu/lowering/program_writer.h"
#include "reverie/plan/program/gradient_ledger.h"

namespace reverie::cpu {

// Where a kernel writes, and how.
struct Destination {
  BufferRef at;
  bool accumulate = false;
  BufferRef mask;  // the value whose ReLU's derivative is applied; none: nothing is
  float mask_grad = 0;
};

class Gradients {
 public:
  Gradients(const SizedNetwork& network, ProgramWriter& writer, GradientLedger& ledger)
      : network_(network), writer_(writer), ledger_(ledger) {}

  // Where the next contribution to the gradient of a layer's value goes. can_mask: the kernel that
  // writes it can apply a ReLU's derivative.
  Destination claim(int layer, bool can_mask = true);

  // Makes the gradient of a range ready to be read: every block written and, with `mask`, the
  // derivative of its ReLU applied.
  void complete(const BlockRange& range, bool mask);

  // Adds a gradient whose channels lie as those of `like` to that of input k of layer `reader`.
  void add_repacked(int reader, std::size_t k, const Value& like, BufferRef from);

  // Writes the gradient of the canvas from one in blocks, or adds to it.
  void write_canvas(WriteGradient arguments, BufferRef gradient);
  bool canvas_written() const { return canvas_written_; }

  GradientLedger& ledger() { return ledger_; }

 private:
  void clear(const BlockRange& range);

  const SizedNetwork& network_;
  ProgramWriter& writer_;
  GradientLedger& ledger_;
  bool canvas_written_ = false;
};

// Lets a kernel of ours write to a destination through its member `output`.
template <class Arguments, class Pointer>
void connect_destination(KernelStep<Arguments>& step, Pointer& output, const Destination& to) {
  step.arguments.accumulate = to.accumulate;
  step.arguments.mask.grad = to.mask_grad;
  step.connect(output, to.at);
  step.connect(step.arguments.mask.value, to.mask);
}

}  // namespace reverie::cpu
