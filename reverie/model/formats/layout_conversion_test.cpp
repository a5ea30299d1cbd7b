#include "reverie/model/formats/layout_conversion.h"

#include <gtest/gtest.h>

namespace reverie {
namespace {

// 0, 1, 2, ... so that a value tells where it came from.
Tensor counted(const Shape& shape) {
  Tensor tensor(shape);
  for (std::int64_t i = 0; i < tensor.size(); ++i) tensor[i] = static_cast<float>(i);
  return tensor;
}

// Both by the definition, index by index; sizes that differ, and more than one strip of outputs.
TEST(ChannelsLast, BecomeChannelsFirst) {
  const std::int64_t height = 2, width = 3, in = 5, out = 19;
  const Weights weights =
      from_channels_last(counted({height, width, in, out}), height, width, in, out);
  ASSERT_EQ(weights->shape(), (Shape{out, in, height, width}));
  for (std::int64_t o = 0; o < out; ++o)
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x)
          ASSERT_EQ((*weights)[((o * in + i) * height + y) * width + x],
                    static_cast<float>(((y * width + x) * in + i) * out + o));
}

TEST(ChannelsLast, OfDepthwiseConvolutionsKeepTheMultiplierInside) {
  // 2 channels with 3 filters each: outputs 0 to 2 read channel 0
  const std::int64_t height = 3, width = 2, out = 6;
  const Weights weights = from_depthwise(counted({height, width, 2, 3}), height, width, out);
  ASSERT_EQ(weights->shape(), (Shape{out, 1, height, width}));
  for (std::int64_t o = 0; o < out; ++o)
    for (std::int64_t at = 0; at < height * width; ++at)
      ASSERT_EQ((*weights)[o * height * width + at], static_cast<float>(at * out + o));
}

TEST(Matrices, ReadFlattenedPicturesWithChannelsFirst) {
  const std::int64_t places = 4, channels = 3, in = places * channels, out = 17;
  const Weights columns = from_columns(counted({in, out}), in, out, channels);
  const Weights rows = from_rows(counted({out, in}), in, out, channels);
  ASSERT_EQ(columns->shape(), (Shape{out, in}));
  ASSERT_EQ(rows->shape(), (Shape{out, in}));
  for (std::int64_t o = 0; o < out; ++o)
    for (std::int64_t place = 0; place < places; ++place)
      for (std::int64_t c = 0; c < channels; ++c) {
        const std::int64_t last = place * channels + c, first = c * places + place;
        ASSERT_EQ((*columns)[o * in + first], static_cast<float>(last * out + o));
        ASSERT_EQ((*rows)[o * in + first], static_cast<float>(o * in + last));
      }
}

TEST(Matrices, OfOtherInputsAreOnlyTransposed) {
  const Weights columns = from_columns(counted({3, 2}), 3, 2, 0);
  EXPECT_EQ((*columns)[1], 2);
  EXPECT_EQ((*columns)[3], 1);
  const Weights rows = from_rows(counted({2, 3}), 3, 2, 0);
  for (std::int64_t i = 0; i < 6; ++i) EXPECT_EQ((*rows)[i], static_cast<float>(i));
}

class FoldPadding : public ::testing::Test {
 protected:
  FoldPadding() {
    graph_.add("data", Input{}, {});
    graph_.add("relu", Relu{}, {0});
    padded_ = graph_.add("pad", zero_padding(3, padding_), {1});
    window_.kernel_h = window_.kernel_w = 3;
    convolution_.window = pool_.window = window_;
  }

  const Padding padding_{Padding::Rule::given, 1, 2, 0, 1};
  Graph graph_;
  int padded_ = 0;
  Window window_;
  Convolution convolution_;
  Pool pool_;
};

TEST_F(FoldPadding, GivesAConvolutionThePaddingBelowIt) {
  int layer = padded_;
  EXPECT_TRUE(fold_padding(graph_, convolution_, layer));
  EXPECT_EQ(convolution_.window.padding, padding_);
  EXPECT_EQ(layer, 1);
}

TEST_F(FoldPadding, LeavesWhatWouldChange) {
  // No padding below
  int layer = 1;
  EXPECT_FALSE(fold_padding(graph_, convolution_, layer));
  EXPECT_EQ(layer, 1);

  // Padding of its own, or a window that would lie in the zeros alone
  layer = padded_;
  convolution_.window.padding.top = 1;
  EXPECT_FALSE(fold_padding(graph_, convolution_, layer));
  convolution_.window = window_;
  convolution_.window.kernel_w = 2;
  EXPECT_FALSE(fold_padding(graph_, convolution_, layer));
  EXPECT_EQ(layer, padded_);

  // A convolution that looks like padding and scales
  Convolution scaled = std::get<Convolution>(zero_padding(3, padding_));
  Tensor twos = scaled.weights->clone();
  twos[1] = 2;
  scaled.weights = std::make_shared<const Tensor>(std::move(twos));
  layer = graph_.add("scaled", scaled, {1});
  convolution_.window = window_;
  EXPECT_FALSE(fold_padding(graph_, convolution_, layer));
}

TEST_F(FoldPadding, GivesItToAMaximumOnlyAboveARelu) {
  int layer = padded_;
  EXPECT_TRUE(fold_padding(graph_, pool_, layer));
  EXPECT_EQ(pool_.window.padding, padding_);
  EXPECT_EQ(layer, 1);

  // Where values may be negative, a zero could win
  pool_.window = window_;
  layer = graph_.add("pad_of_data", zero_padding(3, padding_), {0});
  EXPECT_FALSE(fold_padding(graph_, pool_, layer));
  pool_.kind = Pool::Kind::average;
  EXPECT_TRUE(fold_padding(graph_, pool_, layer));
  EXPECT_TRUE(pool_.count_padding);
  EXPECT_EQ(layer, 0);
}

}  // namespace
}  // namespace reverie
