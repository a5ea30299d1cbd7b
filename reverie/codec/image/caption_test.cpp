#include "reverie/codec/image/caption.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace reverie {
namespace {

double ink_of(const Tensor& text) {
  double sum = 0;
  for (float v : text.elements()) sum += v;
  return sum / 255;
}

TEST(Text, HasInkAndSize) {
  const Tensor word = rendered_text("layer", 16, 200);
  EXPECT_GT(ink_of(word), 20);
  EXPECT_LE(word.shape().height(), 20);
  EXPECT_GT(word.shape().width(), word.shape().height());
  EXPECT_LT(word.shape().width(), 80);
  EXPECT_GT(rendered_text("layer", 32, 200).shape().height(), word.shape().height());
}

TEST(Text, BreaksBetweenWords) {
  const Tensor one = rendered_text("step 1.5 octaves 4", 16, 400);
  const Tensor two = rendered_text("step 1.5 octaves 4", 16, 80);
  EXPECT_GT(two.shape().height(), 3 * one.shape().height() / 2);
  EXPECT_LE(two.shape().width(), 80);
}

TEST(Text, TakesMarkupLiterally) {
  EXPECT_GT(ink_of(rendered_text("a<b & c>d", 16, 400)), ink_of(rendered_text("a b c d", 16, 400)));
}

}  // namespace
}  // namespace reverie
