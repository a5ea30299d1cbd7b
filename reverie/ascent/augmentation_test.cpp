#include "reverie/ascent/augmentation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reverie/base/random.h"

namespace reverie {
namespace {

Tensor noise(std::uint64_t seed) {
  Tensor canvas({3, 9, 14});
  RandomStream stream = Random(seed).at(RandomUse::noise, 0, 0, 0);
  for (float& v : canvas.elements()) v = stream.uniform() - 0.5f;
  return canvas;
}

double product(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) sum += double{a[i]} * b[i];
  return sum;
}

TEST(Augmentation, StillIsTheSamePicture) {
  const Tensor canvas = noise(1);
  Tensor held(canvas.shape());
  augment(canvas, {}, held);
  for (std::int64_t i = 0; i < canvas.size(); ++i) ASSERT_EQ(held[i], canvas[i]);
}

TEST(Augmentation, MirrorsToTheBit) {
  const Tensor canvas = noise(1);
  Tensor held(canvas.shape());
  augment(canvas, {true, 0, 1}, held);
  for (std::int64_t x = 0; x < 14; ++x)
    EXPECT_EQ(held.view().at(1, 4, x), canvas.view().at(1, 4, 13 - x));
}

TEST(Augmentation, TurnsClockwiseAndComesNearer) {
  Tensor canvas({3, 9, 9}), held({3, 9, 9});
  canvas.view().at(0, 4, 6) = 1;  // two to the right of the middle
  augment(canvas, {false, 90, 1}, held);
  EXPECT_NEAR(held.view().at(0, 6, 4), 1, 1e-6);  // two below
  canvas.view().at(1, 2, 4) = 1;                  // two above the middle
  augment(canvas, {false, 90, 1}, held);
  EXPECT_NEAR(held.view().at(1, 4, 6), 1, 1e-6);  // two to the right
  augment(canvas, {false, 0, 2}, held);
  EXPECT_NEAR(held.view().at(0, 4, 8), 1, 1e-6);
}

TEST(Augmentation, ItsTransposeIsTheTranspose) {
  for (const Augmentation& augmentation :
       {Augmentation{true, 0, 1}, Augmentation{false, 7, 1.1}, Augmentation{true, -30, 0.8}}) {
    const Tensor x = noise(1), y = noise(2);
    Tensor held(x.shape()), back(x.shape());
    augment(x, augmentation, held);
    augment_transpose(y, augmentation, back);
    EXPECT_NEAR(product(held, y), product(x, back), 1e-5);
  }
}

}  // namespace
}  // namespace reverie
