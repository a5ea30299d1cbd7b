#include "reverie/gradient/objective.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "reverie/base/error.h"
#include "reverie/graph/names.h"
#include "reverie/graph/passes.h"
#include "reverie/graph/shapes.h"

namespace reverie {
namespace {

std::int64_t channels_of(const Graph& graph, int layer) {
  const PassResult below = prepare(graph, {layer});
  const int side = min_side(below.graph);
  return infer_shapes(below.graph, side, side)[static_cast<std::size_t>(below.targets[0])]
      .channels();
}

std::vector<int> checked_channels(const Term& term, const std::string& layer_name,
                                  std::int64_t count) {
  std::vector<int> channels = term.channels;
  if (channels.empty()) {
    channels.resize(static_cast<std::size_t>(count));
    std::iota(channels.begin(), channels.end(), 0);
  }
  std::sort(channels.begin(), channels.end());
  channels.erase(std::unique(channels.begin(), channels.end()), channels.end());
  for (int channel : {channels.front(), channels.back()})
    if (channel < 0 || channel >= count)
      throw BadRecipe(
          fmt::format("channel {} of layer '{}' does not exist: its channels are 0 to {}", channel,
                      layer_name, count - 1));
  return channels;
}

void check_place(const Term& term, const std::string& layer_name) {
  const auto outside = [](double fraction) { return !(fraction >= 0 && fraction <= 1); };
  if (term.at && (outside(term.at->x) || outside(term.at->y)))
    throw BadRecipe(
        fmt::format("place {},{} of layer '{}' is outside the picture, expected X,Y, each 0 to 1",
                    term.at->x, term.at->y, layer_name));
}

void check_direction(const Term& term, const std::string& layer_name, std::size_t channels) {
  if (term.direction && term.direction->size() != channels)
    throw BadRecipe(
        fmt::format("the direction for layer '{}' has {} numbers, expected {}, one for "
                    "each channel",
                    layer_name, term.direction->size(), channels));
}

}  // namespace

BoundObjective bind(const Objective& objective, const Graph& graph) {
  if (objective.terms.empty()) throw BadRecipe("no layer to dream on: name one with --layer");
  BoundObjective bound;
  for (const Term& term : objective.terms) {
    const int layer = resolve_layer(graph, term.layer);
    const std::string& name = graph.layers[static_cast<std::size_t>(layer)].name;
    if (!std::isfinite(term.weight) || term.weight == 0)
      throw BadRecipe(fmt::format("layer '{}' has weight {}, expected a number other than 0", name,
                                  term.weight));

    // Terms on the same layer share a target
    auto known = std::find(bound.layers.begin(), bound.layers.end(), layer);
    if (known == bound.layers.end()) known = bound.layers.insert(bound.layers.end(), layer);
    const std::int64_t channels = channels_of(graph, layer);
    check_place(term, name);
    check_direction(term, name, static_cast<std::size_t>(channels));
    bound.terms.push_back({static_cast<int>(known - bound.layers.begin()),
                           checked_channels(term, name, channels), term.weight, term.guide,
                           term.reduction, term.at, term.octaves, term.direction, term.mask});
  }
  return bound;
}

std::shared_ptr<const BoundObjective> at_octave(std::shared_ptr<const BoundObjective> objective,
                                                int octave) {
  const auto is_elsewhere = [&](const auto& term) { return !term.octaves.holds(octave); };
  if (std::none_of(objective->terms.begin(), objective->terms.end(), is_elsewhere))
    return objective;
  BoundObjective here = *objective;
  std::erase_if(here.terms, is_elsewhere);
  if (here.terms.empty())
    throw BadRecipe(
        fmt::format("octave {} has no layer to dream on: add a --layer without @octaves, or one "
                    "whose @octaves include it",
                    octave));
  return std::make_shared<const BoundObjective>(std::move(here));
}

}  // namespace reverie
