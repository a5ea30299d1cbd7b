#include "reverie/plan/cpu/lowering/gradients.h"

#include <cstring>

#include "reverie/plan/cpu/lowering/value_forms.h"

namespace reverie::cpu {
namespace {

// Fills a run of bytes with zeros.
class ClearStep : public Step {
 public:
  ClearStep(BufferRef ref, std::size_t bytes) : ref_(ref), bytes_(bytes) { info.algorithm = "own"; }
  void bind(const std::vector<std::byte*>& bases) override { data_ = resolve(ref_, bases); }
  void run() override {
    parallel_for(static_cast<std::int64_t>(bytes_), 1 << 16,
                 [this](std::int64_t begin, std::int64_t end) {
                   std::memset(data_ + begin, 0, static_cast<std::size_t>(end - begin));
                 });
  }
  std::vector<int> buffers() const override { return {ref_.buffer}; }

 private:
  BufferRef ref_;
  std::size_t bytes_;
  std::byte* data_ = nullptr;
};

}  // namespace

void Gradients::clear(const BlockRange& range) {
  const std::int64_t bytes =
      network_.vectors(range) * network_.layout.lanes * network_.kernels.element_bytes;
  writer_.record(std::make_unique<ClearStep>(writer_.grad(range), static_cast<std::size_t>(bytes)),
                 "", "clear");
}

Destination Gradients::claim(int layer, bool can_mask) {
  const BlockRange range = network_.range(layer);
  const GradientLedger::Claim claim = ledger_.claim(range, can_mask);
  for (const BlockRange& unwritten : claim.clear) clear(unwritten);
  Destination to{writer_.grad(range), claim.accumulate, {}, 0};
  if (claim.relu) {
    to.mask = writer_.activation(range);
    to.mask_grad = *claim.relu;
  }
  return to;
}

void Gradients::complete(const BlockRange& range, bool mask) {
  const GradientLedger::Completion completion = ledger_.complete(range, mask);
  for (const BlockRange& unwritten : completion.clear) clear(unwritten);
  for (const auto& [blocks, relu] : completion.masks) {
    auto& step = writer_.emit(network_.kernels.combine, Combine{}, network_.vectors(blocks),
                              vectors_per_task, -1, "mask");
    step.connect(step.arguments.input, writer_.grad(blocks));
    const Destination same{writer_.grad(blocks), false, writer_.activation(blocks), relu};
    connect_destination(step, step.arguments.output, same);
  }
}

void Gradients::add_repacked(int reader, std::size_t k, const Value& like, BufferRef from) {
  const int layer = network_.layer(reader).inputs[k];
  const Value& v = network_.value(layer);
  const Destination to = claim(layer);
  Repack repack;
  set_size(repack, v);
  auto& step = writer_.emit(network_.kernels.repack, repack, v.blocks * v.shape.height(), 1, reader,
                            "repack");
  step.indices = channel_moves(like, v, network_.layout.lanes);
  step.arguments.source = step.indices.data();
  step.connect(step.arguments.input, from);
  connect_destination(step, step.arguments.output, to);
}

void Gradients::write_canvas(WriteGradient a, BufferRef gradient) {
  a.grad = &writer_.program().grad;
  set_transform(a, network_);
  a.accumulate = canvas_written_;
  canvas_written_ = true;
  auto& step = writer_.emit(network_.kernels.write_grad, a, a.height, 1, 0, "backward");
  step.connect(step.arguments.gradient, gradient);
}

}  // namespace reverie::cpu
