// Weights over physical channels: who goes where, and when two sources give the same arrays.
#include "reverie/plan/cpu/weights.h"

#include <gtest/gtest.h>

#include "reverie/plan/cpu/trial_network.h"

namespace reverie::cpu {
namespace {

const Convolution& last_convolution(const Maker& maker) {
  return std::get<Convolution>(maker.graph.layers.back().op);
}

// Three inputs at 4, 1 and 6 of eight, two outputs at 2 and 0 of four.
WeightSource scattered(const Convolution& conv) {
  WeightSource source;
  source.parts.push_back({&conv, {2, 0}, {4, 1, 6}});
  source.in_channels = 8;
  source.out_channels = 4;
  return source;
}

TEST(Weights, LieAtTheirPhysicalChannelsAndAreTurnedForBackward) {
  Maker maker(1);
  maker.conv(0, 2, square(3, 1, 1));
  const Convolution& conv = last_convolution(maker);
  const WeightSource source = scattered(conv);
  const Tensor ahead = forward_weights(source), back = turned_weights(source);
  double all = 0, ahead_sum = 0, back_sum = 0;
  const int out_place[] = {2, 0}, in_place[] = {4, 1, 6};
  for (int o = 0; o < 2; ++o)
    for (int i = 0; i < 3; ++i)
      for (int tap = 0; tap < 9; ++tap) {
        const float weight = (*conv.weights)[(o * 3 + i) * 9 + tap];
        EXPECT_EQ(ahead[(out_place[o] * 8 + in_place[i]) * 9 + tap], weight);
        EXPECT_EQ(back[(in_place[i] * 4 + out_place[o]) * 9 + 8 - tap], weight);
        all += std::abs(weight);
      }
  ASSERT_EQ(ahead.size(), 4 * 8 * 9);
  ASSERT_EQ(back.size(), 4 * 8 * 9);
  for (std::int64_t i = 0; i < ahead.size(); ++i) {
    ahead_sum += std::abs(ahead[i]);
    back_sum += std::abs(back[i]);
  }
  EXPECT_NEAR(ahead_sum, all, 1e-6);  // all else is zero
  EXPECT_NEAR(back_sum, all, 1e-6);
  const Tensor bias = biases(source);
  EXPECT_EQ(bias[2], (*conv.bias)[0]);
  EXPECT_EQ(bias[0], (*conv.bias)[1]);
  EXPECT_EQ(bias[1], 0);
}

TEST(Weights, AreTheSameForTheSameTensorsInTheSamePlaces) {
  Maker maker(2);
  maker.conv(0, 2, square(3, 1, 1));
  const Convolution conv = last_convolution(maker);
  const Convolution copy = conv;  // another layer over the same tensors
  EXPECT_EQ(identity(scattered(conv)), identity(scattered(copy)));

  Convolution other = conv;
  other.bias = maker.weights({2}, -1, 1);
  EXPECT_NE(identity(scattered(conv)), identity(scattered(other)));
  other = conv;
  other.weights = maker.weights(conv.weights->shape(), -1, 1);
  EXPECT_NE(identity(scattered(conv)), identity(scattered(other)));
  WeightSource elsewhere = scattered(conv);
  elsewhere.parts[0].in_place = {4, 1, 5};
  EXPECT_NE(identity(scattered(conv)), identity(elsewhere));
  elsewhere = scattered(conv);
  elsewhere.parts[0].out_place = {-1, 0};
  EXPECT_NE(identity(scattered(conv)), identity(elsewhere));
  elsewhere = scattered(conv);
  elsewhere.in_channels = 16;
  EXPECT_NE(identity(scattered(conv)), identity(elsewhere));
}

}  // namespace
}  // namespace reverie::cpu
