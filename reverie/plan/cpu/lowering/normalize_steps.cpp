#include "reverie/plan/cpu/lowering/normalize_steps.h"

namespace reverie::cpu {
namespace {

constexpr std::int64_t pixels_per_task = 64;

// A range of whole numbers that grows.
void include(int* range, int number) {
  if (range[1] == 0) range[0] = number;
  range[0] = std::min(range[0], number);
  range[1] = std::max(range[1], number + 1);
}

// group_of, block_groups and group_blocks of the kernels' arguments, one after the other.
std::vector<int> group_tables(const Normalize& normalize, const Value& value, int lanes) {
  const auto physical = static_cast<std::size_t>(value.blocks * lanes);
  const auto blocks = static_cast<std::size_t>(value.blocks);
  std::vector<int> tables(physical + 2 * blocks + 2 * static_cast<std::size_t>(normalize.groups));
  std::fill_n(tables.begin(), physical, -1);
  int* block_groups = tables.data() + physical;
  int* group_blocks = block_groups + 2 * blocks;
  const int each = static_cast<int>(value.place.size()) / normalize.groups;
  for (std::size_t c = 0; c < value.place.size(); ++c) {
    const int group = static_cast<int>(c) / each, block = value.place[c] / lanes;
    tables[static_cast<std::size_t>(value.place[c])] = group;
    include(block_groups + 2 * block, group);
    include(group_blocks + 2 * group, block);
  }
  return tables;
}

std::vector<float> numbers_or(const Weights& numbers, float otherwise, const Value& value,
                              int lanes) {
  if (numbers) return per_channel(numbers, value, lanes);
  std::vector<float> all(static_cast<std::size_t>(value.blocks * lanes));
  for (const int place : value.place) all[static_cast<std::size_t>(place)] = otherwise;
  return all;
}

// All steps of one pass.
class NormalizeSteps {
 public:
  NormalizeSteps(const SizedNetwork& network, ProgramWriter& writer, int layer,
                 const Normalize& normalize, std::string action)
      : network_(network),
        writer_(writer),
        layer_(layer),
        normalize_(normalize),
        action_(std::move(action)),
        value_(network.value(layer)) {
    set_size(arguments_, value_);
    arguments_.groups = normalize.groups;
    arguments_.channels = static_cast<int>(value_.place.size()) / normalize.groups;
    arguments_.over_plane = over_plane();
    arguments_.epsilon = normalize.epsilon;
    if (over_plane()) rows_ = writer.scratch_floats(rows() * 2 * network.layout.lanes);
  }

  bool over_plane() const { return normalize_.over == Normalize::Over::plane; }
  std::int64_t sets() const { return normalize_.groups * (over_plane() ? 1 : value_.pixels()); }
  std::int64_t rows() const { return value_.blocks * value_.shape.height(); }
  std::int64_t vectors() const { return value_.blocks * value_.pixels(); }

  KernelStep<Normalization>& emit(Kernel<Normalization> kernel, std::int64_t items,
                                  std::int64_t grain) {
    auto& step = writer_.emit(kernel, arguments_, items, grain, layer_, action_);
    const int lanes = network_.layout.lanes;
    step.indices = group_tables(normalize_, value_, lanes);
    step.arguments.group_of = step.indices.data();
    step.arguments.block_groups = step.arguments.group_of + value_.blocks * lanes;
    step.arguments.group_blocks = step.arguments.block_groups + 2 * value_.blocks;
    step.numbers = numbers_or(normalize_.scale, 1, value_, lanes);
    step.more_numbers = numbers_or(normalize_.shift, 0, value_, lanes);
    step.arguments.scale = step.numbers.data();
    step.arguments.shift = step.more_numbers.data();
    step.connect(step.arguments.input, input);
    step.connect(step.arguments.moments, moments);
    if (!rows_.none()) step.connect(step.arguments.rows, rows_);
    if (out_grad.none()) return step;
    step.connect(step.arguments.out_grad, out_grad);
    step.connect(step.arguments.grad_means, grad_means);
    return step;
  }

  BufferRef input, moments, out_grad, grad_means;

 private:
  const SizedNetwork& network_;
  ProgramWriter& writer_;
  const int layer_;
  const Normalize& normalize_;
  const std::string action_;
  const Value& value_;
  Normalization arguments_;
  BufferRef rows_;
};

}  // namespace

void write_normalize_forward(const SizedNetwork& network, ProgramWriter& writer, ValueForms& values,
                             int layer, const Normalize& normalize) {
  const KernelTable& kernels = network.kernels;
  NormalizeSteps steps(network, writer, layer, normalize, "forward");
  steps.input = values.input(layer, 0, network.value(layer));
  steps.moments =
      values.make_kept(layer, 2 * sizeof(float) * static_cast<std::size_t>(steps.sets()));
  if (steps.over_plane()) {
    steps.emit(kernels.row_moments, steps.rows(), 1);
    steps.emit(kernels.plane_moments, normalize.groups, 1);
  } else {
    steps.emit(kernels.pixel_moments, network.value(layer).pixels(), pixels_per_task);
  }
  auto& step = steps.emit(kernels.normalize_forward, steps.vectors(), vectors_per_task);
  step.connect(step.arguments.output, writer.activation(network.range(layer)));
}

void write_normalize_backward(const SizedNetwork& network, ProgramWriter& writer,
                              ValueForms& values, Gradients& gradients, int layer,
                              const Normalize& normalize) {
  const KernelTable& kernels = network.kernels;
  NormalizeSteps steps(network, writer, layer, normalize, "backward");
  steps.input = values.input(layer, 0, network.value(layer));
  steps.moments = values.kept(layer);
  steps.out_grad = writer.grad(network.range(layer));
  steps.grad_means = writer.scratch_floats(2 * steps.sets());
  const Destination to = gradients.claim(network.layer(layer).inputs[0]);
  if (steps.over_plane()) {
    steps.emit(kernels.row_grad_sums, steps.rows(), 1);
    steps.emit(kernels.plane_grad_means, normalize.groups, 1);
  } else {
    steps.emit(kernels.pixel_grad_means, network.value(layer).pixels(), pixels_per_task);
  }
  auto& step = steps.emit(kernels.normalize_backward, steps.vectors(), vectors_per_task);
  connect_destination(step, step.arguments.output, to);
}

}  // namespace reverie::cpu
