#include "reverie/plan/program/gradient_ledger.h"

#include <algorithm>
#include <variant>

namespace reverie::program {

GradientLedger::GradientLedger(const Graph& graph, const Layout& layout,
                               const std::vector<int>& targets) {
  for (const Storage& storage : layout.storages)
    blocks_.emplace_back(static_cast<std::size_t>(storage.blocks));
  for (const Group& group : layout.order) {
    // The layers of a group read the same value, and add to its gradient together
    const auto first = static_cast<std::size_t>(group.layers[0]);
    const auto& inputs = graph.layers[first].inputs;
    const auto& copied = layout.copied[first];
    for (std::size_t k = 0; k < inputs.size(); ++k)
      if (copied.empty() || copied[k]) count_contribution(layout.range(inputs[k]));

    for (int i : group.layers)
      if (const auto* conv =
              std::get_if<Convolution>(&graph.layers[static_cast<std::size_t>(i)].op))
        for (BlockState& state : states(layout.range(i))) state.relu = conv->relu;
  }
  for (int target : targets) count_contribution(layout.range(target));
}

std::span<GradientLedger::BlockState> GradientLedger::states(const BlockRange& range) {
  return std::span(blocks_[static_cast<std::size_t>(range.storage)])
      .subspan(static_cast<std::size_t>(range.first), static_cast<std::size_t>(range.count));
}

std::span<const GradientLedger::BlockState> GradientLedger::states(const BlockRange& range) const {
  return std::span(blocks_[static_cast<std::size_t>(range.storage)])
      .subspan(static_cast<std::size_t>(range.first), static_cast<std::size_t>(range.count));
}

void GradientLedger::count_contribution(const BlockRange& range) {
  for (BlockState& state : states(range)) {
    ++state.total;
    ++state.remaining;
  }
}

bool GradientLedger::sole_contribution(const BlockRange& range) const {
  const auto all = states(range);
  return std::all_of(all.begin(), all.end(), [](const auto& state) { return state.total == 1; });
}

bool GradientLedger::relu_read_once(const BlockRange& range) const {
  return sole_contribution(range) && relu_of(range) == 0.f;
}

// The slope of the ReLU that ends every block of the range, if one and the same does.
std::optional<float> GradientLedger::relu_of(const BlockRange& range) const {
  const auto all = states(range);
  const std::optional<float> relu = all[0].relu;
  const bool same =
      std::all_of(all.begin(), all.end(), [&](const auto& state) { return state.relu == relu; });
  return same ? relu : std::nullopt;
}

std::vector<BlockRange> GradientLedger::clear_unwritten(const BlockRange& range) {
  std::vector<BlockRange> cleared;
  int block = range.first;
  for (BlockState& state : states(range)) {
    if (!state.started) cleared.push_back({range.storage, block, 1});
    state.started = true;
    ++block;
  }
  return cleared;
}

GradientLedger::Claim GradientLedger::claim(const BlockRange& range, bool can_mask) {
  Claim claim;
  bool last = true;
  for (BlockState& state : states(range)) {
    claim.accumulate = claim.accumulate || state.started;
    last = --state.remaining == 0 && last;
  }

  // Where a part of the range holds something, the rest is added to as well
  if (claim.accumulate) claim.clear = clear_unwritten(range);
  if (can_mask && last) claim.relu = relu_of(range);
  for (BlockState& state : states(range)) {
    state.started = true;
    state.masked = claim.relu.has_value();
  }
  return claim;
}

GradientLedger::Completion GradientLedger::complete(const BlockRange& range, bool mask) {
  Completion completion{clear_unwritten(range), {}};
  if (!mask) return completion;

  // Neighbouring blocks with the same ReLU make one run
  auto& masks = completion.masks;
  int block = range.first;
  for (BlockState& state : states(range)) {
    if (!state.masked && state.relu) {
      const bool goes_on =
          !masks.empty() && masks.back().blocks.end() == block && masks.back().relu == *state.relu;
      if (goes_on)
        ++masks.back().blocks.count;
      else
        masks.push_back({{range.storage, block, 1}, *state.relu});
      state.masked = true;
    }
    ++block;
  }
  return completion;
}

void GradientLedger::mark_masked(const BlockRange& range) {
  for (BlockState& state : states(range)) state.masked = true;
}

}  // namespace reverie::program
