#include "reverie/ascent/laplacian.h"

#include <gtest/gtest.h>

#include "reverie/ascent/gradient_golden.h"

namespace reverie {
namespace {

void expect_bands(std::int64_t height, std::int64_t width, int levels,
                  const std::vector<float>& expected) {
  Tensor grad = grad_golden_source(height, width);
  normalize_laplacian(grad, levels);
  ASSERT_EQ(grad.size(), static_cast<std::int64_t>(expected.size()));
  for (std::int64_t i = 0; i < grad.size(); ++i)
    EXPECT_NEAR(grad[i], expected[static_cast<std::size_t>(i)], 5e-6) << "at " << i;
}

TEST(Laplacian, AreThoseOfTheNotebook) {
  expect_bands(6, 9, 2, golden_bands_6x9);
  expect_bands(7, 5, 4, golden_bands_7x5);
}

TEST(Laplacian, DoNotDependOnTheGradientsScale) {
  Tensor grad = grad_golden_source(20, 31), tiny = grad.clone();
  for (float& v : tiny.elements()) v *= 0x1p-20f;
  normalize_laplacian(grad);
  normalize_laplacian(tiny);
  for (std::int64_t i = 0; i < grad.size(); ++i) ASSERT_NEAR(grad[i], tiny[i], 1e-5);
}

TEST(Laplacian, LeaveNothingOfNothing) {
  Tensor flat({3, 5, 6});
  normalize_laplacian(flat);
  for (float v : flat.elements()) ASSERT_EQ(v, 0);
}

}  // namespace
}  // namespace reverie
