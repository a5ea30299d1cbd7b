#include "reverie/atlas/ranking.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "reverie/base/error.h"
#include "reverie/gradient/objective.h"

namespace reverie {
namespace {

// The cell of `cells` in a row that a position, 0..1, lies in.
std::int64_t cell_at(double position, std::int64_t cells) {
  return std::min(static_cast<std::int64_t>(position * static_cast<double>(cells)), cells - 1);
}

}  // namespace

ChannelRanker::ChannelRanker(const Network& network, const std::vector<std::string>& layers,
                             Precision precision, Device device) {
  Objective objective;
  for (const std::string& layer : layers) objective.terms.push_back(Term{layer, {}, 1, nullptr});
  const BoundObjective bound = bind(objective, network.graph);
  for (const auto& term : bound.terms) targets_.push_back(term.target);
  compiler_ = make_compiler(network.graph, bound.layers, precision, device);
}

ChannelRanker::~ChannelRanker() = default;
ChannelRanker::ChannelRanker(ChannelRanker&&) noexcept = default;
ChannelRanker& ChannelRanker::operator=(ChannelRanker&&) noexcept = default;

void ChannelRanker::look(ConstView picture) {
  if (!plan_ || plan_->canvas_shape() != picture.shape()) {
    plan_.reset();  // both need not be in memory at once
    plan_ = compiler_->compile(picture.shape().height(), picture.shape().width());
  }
  plan_->forward(picture);
}

ConstView ChannelRanker::activation(std::size_t layer) const {
  return plan_->activation(targets_.at(layer));
}

std::vector<ChannelResponse> ChannelRanker::ranked(std::size_t layer,
                                                   const std::optional<Place>& at) const {
  const ConstView values = activation(layer);
  const Shape& shape = values.shape();
  const std::int64_t plane = shape.height() * shape.width();
  std::vector<ChannelResponse> responses;
  for (std::int64_t c = 0; c < shape.channels(); ++c) {
    const float* const channel = values.data() + c * plane;
    const double value =
        at ? channel[cell_at(at->y, shape.height()) * shape.width() + cell_at(at->x, shape.width())]
           : std::accumulate(channel, channel + plane, 0.0) / static_cast<double>(plane);
    responses.push_back({static_cast<int>(c), value});
  }
  std::stable_sort(
      responses.begin(), responses.end(),
      [](const ChannelResponse& a, const ChannelResponse& b) { return a.value > b.value; });
  return responses;
}

Tensor ChannelRanker::heat_map(std::size_t layer, int channel) const {
  const ConstView values = activation(layer);
  const Shape& shape = values.shape();
  if (channel < 0 || channel >= shape.channels())
    throw BadRecipe(fmt::format("channel {} does not exist: the layer has {} channels, 0 to {}",
                                channel, shape.channels(), shape.channels() - 1));
  const std::int64_t plane = shape.height() * shape.width();
  const float* const from = values.data() + channel * plane;
  const float strongest = *std::max_element(from, from + plane);
  Tensor map = Tensor::uninitialized({1, shape.height(), shape.width()});
  for (std::int64_t i = 0; i < plane; ++i)
    map[i] = strongest > 0 ? 255 * std::max(from[i], 0.f) / strongest : 0;
  return map;
}

}  // namespace reverie
