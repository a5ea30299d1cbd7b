// Which algorithm a convolution gets.
#include "reverie/plan/cpu/lowering/convolution_choice.h"

#include <gtest/gtest.h>

#include <vector>

namespace reverie::cpu {
namespace {

// A square window over `channels` of 56x56 pixels, with padding that keeps size / stride.
ConvolutionSpec spec_of(int kernel, int stride, int in_channels, int out_channels) {
  ConvolutionSpec spec;
  spec.in_channels = in_channels;
  spec.out_channels = out_channels;
  spec.in_height = spec.in_width = 56;
  spec.out_height = spec.out_width = 56 / stride;
  spec.kernel_h = spec.kernel_w = kernel;
  spec.stride_h = spec.stride_w = stride;
  spec.top = spec.left = kernel / 2;
  spec.bottom = spec.right = kernel / 2 - (stride - 1);
  spec.bias = true;
  spec.relu = 0.f;
  return spec;
}

TEST(ConvolutionChoice, WinogradWhereItPays) {
  EXPECT_TRUE(winograd_pays(spec_of(3, 1, 128, 192), Precision::fast));
  EXPECT_TRUE(winograd_pays(spec_of(5, 1, 32, 96), Precision::fast));
  EXPECT_FALSE(winograd_pays(spec_of(1, 1, 128, 192), Precision::fast));
  EXPECT_FALSE(winograd_pays(spec_of(3, 2, 128, 192), Precision::fast));
  ConvolutionSpec small = spec_of(3, 1, 16, 16);
  small.in_height = small.in_width = small.out_height = small.out_width = 5;
  EXPECT_FALSE(winograd_pays(small, Precision::fast));  // much of its tiles lies outside
}

TEST(ConvolutionChoice, ExactSumsPlainly) {
  EXPECT_FALSE(winograd_pays(spec_of(3, 1, 128, 192), Precision::exact));
}

TEST(ConvolutionChoice, GradientOfAStride1ConvolutionIsATurnedOne) {
  const ConvolutionSpec back = input_gradient_spec(spec_of(3, 1, 128, 192));
  EXPECT_FALSE(back.backward_data);
  EXPECT_EQ(back.in_channels, 192);
  EXPECT_EQ(back.out_channels, 128);
  EXPECT_FALSE(back.bias);
  EXPECT_FALSE(back.relu);
}

TEST(ConvolutionChoice, GradientOfOthersIsOnednns) {
  std::vector<ConvolutionSpec> others = {spec_of(3, 2, 128, 192)};
  // More padding than a turned window has, on one side each
  for (int ConvolutionSpec::*side : {&ConvolutionSpec::top, &ConvolutionSpec::left,
                                     &ConvolutionSpec::bottom, &ConvolutionSpec::right}) {
    ConvolutionSpec spec = spec_of(3, 1, 64, 64);
    const bool down = side == &ConvolutionSpec::top || side == &ConvolutionSpec::bottom;
    (down ? spec.out_height : spec.out_width) += 3 - spec.*side;
    spec.*side = 3;
    others.push_back(spec);
  }
  for (const ConvolutionSpec& forward : others) {
    const ConvolutionSpec back = input_gradient_spec(forward);
    EXPECT_TRUE(back.backward_data);
    EXPECT_EQ(back.in_channels, forward.in_channels);
    EXPECT_FALSE(back.bias);
    EXPECT_FALSE(back.relu);
  }
}

TEST(ConvolutionChoice, OurKernelAloneMasks) {
  EXPECT_TRUE(input_gradient_can_mask(spec_of(3, 1, 128, 192), Precision::fast));
  EXPECT_FALSE(input_gradient_can_mask(spec_of(3, 1, 128, 192), Precision::exact));
  EXPECT_FALSE(input_gradient_can_mask(spec_of(3, 2, 128, 192), Precision::fast));
  EXPECT_FALSE(input_gradient_can_mask(spec_of(1, 1, 128, 192), Precision::fast));
}

TEST(ConvolutionChoice, PhasesOfThePicture) {
  const ConvolutionSpec first = spec_of(7, 2, 16, 64);
  const auto phases = forward_by_phases(first, Precision::half);
  ASSERT_TRUE(phases);
  EXPECT_EQ(phases->used_channels, 12);
  EXPECT_EQ(phases->spec.in_channels, 16);
  EXPECT_EQ(phases->spec.kernel_h, 4);
  EXPECT_EQ(phases->spec.in_height, 31);
  EXPECT_EQ(phases->spec.stride_h, 1);

  EXPECT_FALSE(forward_by_phases(first, Precision::fast));
  EXPECT_FALSE(forward_by_phases(spec_of(7, 1, 16, 64), Precision::half));
  ConvolutionSpec dilated = first;
  dilated.dilation_h = 2;
  EXPECT_FALSE(forward_by_phases(dilated, Precision::half));
}

TEST(ConvolutionChoice, GradientOfThePictureByPhases) {
  const auto phases = input_gradient_by_phases(spec_of(7, 2, 16, 64));
  ASSERT_TRUE(phases);
  EXPECT_EQ(phases->used_channels, 12);
  EXPECT_EQ(phases->spec.in_channels, 64);
  EXPECT_EQ(phases->spec.out_channels, 16);
  EXPECT_FALSE(phases->spec.bias);
  EXPECT_FALSE(input_gradient_by_phases(spec_of(7, 1, 16, 64)));
  ConvolutionSpec dilated = spec_of(7, 2, 16, 64);
  dilated.dilation_w = 2;
  EXPECT_FALSE(input_gradient_by_phases(dilated));
}

}  // namespace
}  // namespace reverie::cpu
