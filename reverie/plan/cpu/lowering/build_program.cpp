#include "reverie/plan/cpu/lowering/build_program.h"

#include "reverie/plan/cpu/lowering/backward_pass.h"
#include "reverie/plan/cpu/lowering/forward_pass.h"

namespace reverie::cpu {
namespace {

// In `half` the first layer's output stays in float32 until it is pooled, since neighbours that
// bfloat16 cannot tell apart would send the gradient astray. For that a max-pool must be all that
// reads it. Returns its storage, or -1.
int storage_of_floats(const SizedNetwork& network, const GradientLedger& ledger) {
  if (network.settings.element == Element::f32) return -1;
  for (int i = 0; i < static_cast<int>(network.graph.layers.size()); ++i) {
    const auto* pool = std::get_if<Pool>(&network.layer(i).op);
    if (!pool || pool->kind != Pool::Kind::max) continue;
    const int input = network.layer(i).inputs[0];
    const auto* conv = std::get_if<Convolution>(&network.layer(input).op);
    if (conv && network.layer(input).inputs[0] == 0 &&
        grouping(*conv, network.value(0), network.layout.lanes) == Grouping::dense &&
        ledger.relu_read_once(network.range(input)) && network.fills_storage(input) &&
        network.value(input).place == network.value(i).place)
      return network.value(input).storage;
  }
  return -1;
}

// Makes all steps of a network at one size.
class Lowering {
 public:
  Lowering(const Graph& graph, const std::vector<int>& targets, std::int64_t height,
           std::int64_t width, const ProgramSettings& settings, const OnednnContext& onednn,
           WeightStore* store)
      : network_(graph, targets, height, width, settings),
        ledger_(graph, network_.layout, targets),
        writer_(network_, storage_of_floats(network_, ledger_)),
        convolutions_(network_, writer_, onednn, store) {}

  std::unique_ptr<Program> build() {
    Program& program = writer_.program();
    for (int target : network_.targets) {
      program.activations.emplace_back(shape(target));
      program.output_grads.emplace_back(shape(target));
    }
    write_steps();
    return writer_.finish();
  }

  ProgramBytes measure() {
    // Targets without memory: their addresses are not used before a program runs
    writer_.program().activations.resize(network_.targets.size());
    writer_.program().output_grads.resize(network_.targets.size());
    write_steps();
    ProgramBytes bytes{ArenaMemory::whole_pages(writer_.place_buffers()), 0};
    for (int target : network_.targets)
      bytes.targets += 2 * sizeof(float) * static_cast<std::size_t>(shape(target).elements());
    return bytes;
  }

 private:
  const Shape& shape(int i) const { return network_.shapes[static_cast<std::size_t>(i)]; }

  void write_steps() {
    const std::vector<Group>& order = network_.layout.order;
    ValueForms values(network_, writer_);
    ForwardPass forward(network_, writer_, values, convolutions_, ledger_);
    for (const Group& group : order) forward.write(group);

    writer_.begin_backward();
    Gradients gradients(network_, writer_, ledger_);
    BackwardPass backward(network_, writer_, values, convolutions_, gradients);
    for (auto group = order.rbegin(); group != order.rend(); ++group) backward.write(*group);
  }

  const SizedNetwork network_;
  GradientLedger ledger_;
  ProgramWriter writer_;
  ConvolutionWriter convolutions_;
};

}  // namespace

std::unique_ptr<Program> build_program(const Graph& graph, const std::vector<int>& targets,
                                       std::int64_t height, std::int64_t width,
                                       const ProgramSettings& settings, const OnednnContext& onednn,
                                       WeightStore& store) {
  return Lowering(graph, targets, height, width, settings, onednn, &store).build();
}

ProgramBytes program_bytes(const Graph& graph, const std::vector<int>& targets, std::int64_t height,
                           std::int64_t width, const ProgramSettings& settings,
                           const OnednnContext& onednn) {
  return Lowering(graph, targets, height, width, settings, onednn, nullptr).measure();
}

}  // namespace reverie::cpu
