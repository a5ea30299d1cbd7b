// Selections of channels: the steps of SelectChannels, forward and backward.
#include "reverie/plan/cpu/lowering/backward_pass.h"
#include "reverie/plan/cpu/lowering/forward_pass.h"

namespace reverie::cpu {
namespace {

int place_of(const Value& value, int channel) {
  return value.place[static_cast<std::size_t>(channel)];
}

// Per physical channel of the input, the physical channels of the selection that were chosen from
// it.
std::vector<std::vector<int>> readers_of(const SelectChannels& select, const Value& input,
                                         const Value& selection, int lanes) {
  std::vector<std::vector<int>> readers(static_cast<std::size_t>(input.blocks * lanes));
  for (std::size_t c = 0; c < select.channels.size(); ++c)
    readers[static_cast<std::size_t>(place_of(input, select.channels[c]))].push_back(
        selection.place[c]);
  return readers;
}

bool chooses_any_twice(const std::vector<std::vector<int>>& readers) {
  return std::any_of(readers.begin(), readers.end(),
                     [](const auto& places) { return places.size() > 1; });
}

}  // namespace

void ForwardPass::layer(int i, const SelectChannels& select) {
  if (network_.lies_in_input(i)) return;
  const int input = network_.layer(i).inputs[0];
  const Value& v = network_.value(i);
  const BufferRef from = values_.value(input);
  Repack repack;
  set_size(repack, v);
  auto& step =
      writer_.emit(network_.kernels.repack, repack, v.blocks * v.shape.height(), 1, i, "forward");
  step.indices.assign(static_cast<std::size_t>(v.blocks * network_.layout.lanes), -1);
  for (std::size_t c = 0; c < v.place.size(); ++c)
    step.indices[static_cast<std::size_t>(v.place[c])] =
        place_of(network_.value(input), select.channels[c]);
  step.arguments.source = step.indices.data();
  step.connect(step.arguments.input, from);
  step.connect(step.arguments.output, output(i));
}

void BackwardPass::layer(int i, const SelectChannels& select) {
  if (network_.lies_in_input(i)) return;
  const int input = network_.layer(i).inputs[0];
  const Value& in = network_.value(input);
  const auto readers = readers_of(select, in, network_.value(i), network_.layout.lanes);
  const Destination to = gradients_.claim(input);
  const std::int64_t items = in.blocks * in.shape.height();
  if (chooses_any_twice(readers)) {
    SumChannels sum;
    set_size(sum, in);
    auto& step = writer_.emit(network_.kernels.sum_channels, sum, items, 1, i, "backward");
    step.indices.push_back(0);
    for (const std::vector<int>& places : readers) {
      step.more_indices.insert(step.more_indices.end(), places.begin(), places.end());
      step.indices.push_back(static_cast<int>(step.more_indices.size()));
    }
    step.arguments.starts = step.indices.data();
    step.arguments.sources = step.more_indices.data();
    step.connect(step.arguments.input, grad(i));
    connect_destination(step, step.arguments.output, to);
    return;
  }
  Repack repack;
  set_size(repack, in);
  auto& step = writer_.emit(network_.kernels.repack, repack, items, 1, i, "backward");
  for (const std::vector<int>& places : readers)
    step.indices.push_back(places.empty() ? -1 : places[0]);
  step.arguments.source = step.indices.data();
  step.connect(step.arguments.input, grad(i));
  connect_destination(step, step.arguments.output, to);
}

}  // namespace reverie::cpu
