#include "reverie/atlas/ranking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <type_traits>

#include "reverie/base/error.h"
#include "reverie/base/random.h"

namespace reverie {
namespace {

static_assert(std::is_nothrow_move_constructible_v<ChannelRanker>);
static_assert(std::is_nothrow_move_assignable_v<ChannelRanker>);

// Its left half is flat.
Tensor half_noise(std::int64_t side) {
  Tensor picture({3, side, side});
  RandomStream stream = Random(2).at(RandomUse::noise, 0, 0, 0);
  for (std::int64_t c = 0; c < 3; ++c)
    for (std::int64_t y = 0; y < side; ++y)
      for (std::int64_t x = 0; x < side; ++x)
        picture.view().at(c, y, x) = x < side / 2 ? 100.f : 255 * stream.uniform();
  return picture;
}

class Ranking : public testing::Test {
 protected:
  ChannelRanker ranker(const std::vector<std::string>& layers) const {
    return {network_, layers, Precision::exact, Device::cpu};
  }
  // The layer's value as the plan alone has it.
  Tensor activation(const std::string& layer, const Tensor& picture) const {
    const auto compiler =
        make_compiler(network_.graph, {network_.graph.find(layer)}, Precision::exact);
    const auto plan = compiler->compile(picture.shape().height(), picture.shape().width());
    plan->forward(picture);
    return Tensor::copy_of(plan->activation(0));
  }

  const Network network_ = open_network("");
  const std::string shallow_ = "3a/concat", deep_ = network_.default_layer;
};

TEST_F(Ranking, AnswersForAPlaceInEveryLayerFromOneLook) {
  const Tensor picture = half_noise(64);
  ChannelRanker one = ranker({deep_, shallow_});
  one.look(picture);
  for (std::size_t layer : {0u, 1u}) {
    const Tensor truth = activation(layer == 0 ? deep_ : shallow_, picture);
    const Shape& shape = truth.shape();
    const auto responses = one.ranked(layer, Place{1, 0.5});
    ASSERT_EQ(static_cast<std::int64_t>(responses.size()), shape.channels());
    for (const ChannelResponse& response : responses)
      EXPECT_EQ(response.value,
                truth.view().at(response.channel, shape.height() / 2, shape.width() - 1));
    EXPECT_TRUE(std::is_sorted(responses.begin(), responses.end(),
                               [](const auto& a, const auto& b) { return a.value > b.value; }));
  }
}

TEST_F(Ranking, KeepsNothingOfAnEarlierPicture) {
  ChannelRanker kept = ranker({shallow_});
  kept.look(half_noise(96));
  kept.look(half_noise(64));
  ChannelRanker moved = std::move(kept);
  ChannelRanker fresh = ranker({shallow_});
  fresh.look(half_noise(64));
  const auto a = moved.ranked(0), b = fresh.ranked(0);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].channel, b[i].channel);
    EXPECT_EQ(a[i].value, b[i].value);
  }
}

TEST_F(Ranking, ShowsWhereAChannelRespondsFromBlackToWhite) {
  const Tensor picture = half_noise(64);
  ChannelRanker one = ranker({shallow_});
  one.look(picture);
  const int channel = one.ranked(0).front().channel;
  const Tensor truth = activation(shallow_, picture);
  const Tensor map = one.heat_map(0, channel);
  ASSERT_EQ(map.shape(), (Shape{1, truth.shape().height(), truth.shape().width()}));
  EXPECT_FLOAT_EQ(*std::max_element(map.elements().begin(), map.elements().end()), 255);
  float strongest = 0;
  for (std::int64_t i = 0; i < map.size(); ++i)
    strongest = std::max(strongest, truth[channel * map.size() + i]);
  for (std::int64_t i = 0; i < map.size(); ++i)
    EXPECT_FLOAT_EQ(map[i], 255 * std::max(truth[channel * map.size() + i], 0.f) / strongest);
}

TEST_F(Ranking, RefusesWhatIsNotThere) {
  EXPECT_THROW(ranker({"no such layer"}), BadRecipe);
  ChannelRanker one = ranker({shallow_});
  one.look(half_noise(64));
  EXPECT_THROW(one.heat_map(0, 100000), BadRecipe);
  EXPECT_THROW(one.heat_map(0, -1), BadRecipe);
}

}  // namespace
}  // namespace reverie
