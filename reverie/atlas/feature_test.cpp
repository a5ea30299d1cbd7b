#include "reverie/atlas/feature.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "reverie/base/error.h"

namespace reverie {
namespace {

Tensor random_values(const Shape& shape, std::uint32_t seed) {
  Tensor values = Tensor::uninitialized(shape);
  RandomStream stream = Random(seed).at(RandomUse::noise, 0, 0, 0);
  for (float& v : values.elements()) v = 2 * stream.uniform() - 1;
  return values;
}

double dot(ConstView a, ConstView b) {
  double sum = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) sum += double{a[i]} * b[i];
  return sum;
}

TEST(Transform, LaysThePictureOnGrey) {
  Tensor picture({3, 4, 5});
  std::fill(picture.elements().begin(), picture.elements().end(), 9.f);
  Tensor scratch({3, 4 + transform_padding, 5 + transform_padding}), canvas(scratch.shape());
  transform_picture(picture, {{2, 7}, {}}, scratch, canvas);
  for (std::int64_t y = 0; y < canvas.shape().height(); ++y)
    for (std::int64_t x = 0; x < canvas.shape().width(); ++x) {
      const bool inside = y >= 7 && y < 11 && x >= 2 && x < 7;
      EXPECT_EQ(canvas.view().at(1, y, x), inside ? 9 : 127.5f) << y << " " << x;
    }
}

// pose(picture) is an affine map: pose(p) = A p + b, so <A p, s> = <p, A^T s> with A p = pose(p) -
// pose(0).
TEST(Transform, BringsGradientsBackByItsTranspose) {
  const Shape shape{3, 21, 18}, wide{3, 21 + transform_padding, 18 + transform_padding};
  Tensor scratch(wide), posed(wide), zero(wide), back(shape);
  for (int iteration = 0; iteration < 20; ++iteration) {
    const Transform transform = draw_transform(5, 3, iteration);
    const Tensor picture = random_values(shape, 1), grad = random_values(wide, 2);
    transform_picture(picture, transform, scratch, posed);
    transform_picture(Tensor(shape), transform, scratch, zero);
    for (std::int64_t i = 0; i < posed.size(); ++i) posed[i] -= zero[i];
    transform_picture_transpose(grad, transform, scratch, back);
    EXPECT_NEAR(dot(posed, grad), dot(picture, back), 2e-3) << iteration;
  }
}

TEST(Transform, IsDrawnFromThePublishedRanges) {
  std::set<int> shifts, turns;
  std::set<double> scales;
  for (int iteration = 0; iteration < 2000; ++iteration) {
    const Transform transform = draw_transform(0, 1, iteration);
    shifts.insert({transform.offset.x, transform.offset.y});
    turns.insert(static_cast<int>(transform.augmentation.degrees));
    scales.insert(transform.augmentation.scale);
    EXPECT_FALSE(transform.augmentation.mirrored);
  }
  EXPECT_EQ(shifts.size(), 13u);
  EXPECT_EQ(*shifts.begin(), 0);
  EXPECT_EQ(*shifts.rbegin(), transform_padding);
  EXPECT_EQ(turns.size(), 21u);
  EXPECT_EQ(*turns.rbegin(), 10);
  EXPECT_EQ(scales.size(), 11u);
  EXPECT_EQ(*scales.begin(), 0.9);
  EXPECT_EQ(*scales.rbegin(), 1.1);
  EXPECT_FALSE(draw_transform(0, 1, 7).offset == draw_transform(0, 2, 7).offset &&
               draw_transform(0, 1, 7).augmentation == draw_transform(0, 2, 7).augmentation);
}

// A 3x3 convolution whose rectifier is silent at any picture near grey, unless it leaks.
Network silent_network(float bias_value) {
  Tensor weights({2, 3, 3, 3}), bias({2});
  RandomStream stream = Random(8).at(RandomUse::noise, 0, 0, 0);
  for (float& v : weights.elements()) v = 0.02f * (2 * stream.uniform() - 1);
  bias[0] = bias[1] = bias_value;
  Convolution convolution;
  convolution.window = {3, 3, 1, 1, 1, 1, {Padding::Rule::given, 1, 1, 1, 1}};
  convolution.weights = std::make_shared<const Tensor>(std::move(weights));
  convolution.bias = std::make_shared<const Tensor>(std::move(bias));
  Network network;
  network.graph.transform.mean = {127.5f, 127.5f, 127.5f};
  network.graph.add("input", Input{}, {});
  network.graph.add("conv", convolution, {0});
  network.graph.add("answer", Relu{}, {1});
  return network;
}

double answer_to(const Network& network, ConstView picture, int channel) {
  const auto compiler =
      make_compiler(network.graph, {network.graph.find("answer")}, Precision::exact);
  const auto plan = compiler->compile(picture.shape().height(), picture.shape().width());
  plan->forward(picture);
  const std::int64_t plane = picture.shape().height() * picture.shape().width();
  double sum = 0;
  for (std::int64_t i = 0; i < plane; ++i) sum += plan->activation(0)[channel * plane + i];
  return sum / static_cast<double>(plane);
}

TEST(FeatureAscent, FindsWhatAChannelRespondsTo) {
  const Network network = silent_network(0);
  FeatureNetwork prepared(network, "answer", Precision::exact, Device::cpu);
  ASSERT_EQ(prepared.channels(), 2);
  FeatureAscent ascend(prepared, {32, 40, 0});
  const Tensor zero = ascend.ascend(0), one = ascend.ascend(1);
  EXPECT_EQ(zero.shape(), (Shape{3, 32, 32}));
  for (float v : zero.elements()) ASSERT_TRUE(v >= 0 && v <= 255);
  EXPECT_GT(answer_to(network, zero, 0), 1.3 * answer_to(network, one, 0));
  EXPECT_GT(answer_to(network, one, 1), 1.3 * answer_to(network, zero, 1));

  // The same whatever was ascended before
  EXPECT_TRUE(std::ranges::equal(ascend.ascend(0).elements(), zero.elements()));
}

TEST(FeatureAscent, WakesChannelsThatAreSilent) {
  const Network network = silent_network(-1);
  const Tensor grey = [] {
    Tensor picture({3, 32, 32});
    std::fill(picture.elements().begin(), picture.elements().end(), 127.5f);
    return picture;
  }();
  ASSERT_EQ(answer_to(network, grey, 0), 0);
  FeatureNetwork prepared(network, "answer", Precision::exact, Device::cpu);
  FeatureAscent ascend(prepared, {32, 40, 0});
  EXPECT_GT(answer_to(network, ascend.ascend(0), 0), 0.3);
}

TEST(FeatureAscent, StopsWhenCancelled) {
  FeatureNetwork prepared(silent_network(0), "answer", Precision::exact, Device::cpu);
  FeatureAscent ascend(prepared, {32, 40, 0});
  CancelToken cancel;
  cancel.cancel();
  EXPECT_TRUE(ascend.ascend(0, &cancel).empty());
}

TEST(FeatureNetwork, RefusesLayersThatAreNotThere) {
  EXPECT_THROW(FeatureNetwork(silent_network(0), "other", Precision::exact, Device::cpu),
               BadRecipe);
}

}  // namespace
}  // namespace reverie
