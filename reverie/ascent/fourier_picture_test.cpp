#include "reverie/ascent/fourier_picture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "reverie/ascent/optimizer.h"
#include "reverie/base/random.h"

namespace reverie {
namespace {

Tensor random_values(const Shape& shape, float size, std::uint32_t seed) {
  Tensor values = Tensor::uninitialized(shape);
  RandomStream stream = Random(seed).at(RandomUse::noise, 0, 0, 0);
  for (float& v : values.elements()) v = size * (2 * stream.uniform() - 1);
  return values;
}

double dot(ConstView a, ConstView b) {
  double sum = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) sum += double{a[i]} * b[i];
  return sum;
}

// The picture by the definition, in double.
double pixel(const Tensor& spectrum, std::int64_t height, std::int64_t width, int c, std::int64_t y,
             std::int64_t x) {
  constexpr double root[3][3]{{0.26, 0.09, 0.02}, {0.27, 0, -0.05}, {0.27, -0.09, 0.03}};
  const double longest = std::sqrt(0.26 * 0.26 + 0.27 * 0.27 + 0.27 * 0.27);
  const std::int64_t columns = width / 2 + 1;
  double logit = 0;
  for (int d = 0; d < 3; ++d) {
    double sum = 0;
    for (std::int64_t v = 0; v < height; ++v)
      for (std::int64_t u = 0; u < columns; ++u) {
        const double fy = (v <= height / 2 ? v : v - height) / double(height),
                     fx = u / double(width);
        const double scale = std::sqrt(double(height * width)) /
                             std::max(std::hypot(fx, fy), 1.0 / std::max(height, width));
        const std::int64_t at = ((d * height + v) * columns + u) * 2;
        const std::complex<double> value(spectrum[at], spectrum[at + 1]);
        const double angle = 2 * std::numbers::pi * (fy * double(y) + fx * double(x));
        const bool is_single = u == 0 || 2 * u == width;
        sum += (is_single ? 1 : 2) * scale * (value * std::polar(1.0, angle)).real();
      }
    logit += root[c][d] / longest * sum / double(height * width) / 4;
  }
  return 255 / (1 + std::exp(-logit));
}

class FourierPictureOfSize : public testing::TestWithParam<std::pair<int, int>> {};

TEST_P(FourierPictureOfSize, IsTheSumOfItsWaves) {
  const auto [height, width] = GetParam();
  FourierPicture fourier(height, width);
  const Tensor spectrum = random_values(fourier.spectrum_shape(), 0.3f, 1);
  Tensor picture(fourier.picture_shape());
  fourier.render(spectrum, picture);
  for (int c = 0; c < 3; ++c)
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        ASSERT_NEAR(picture.view().at(c, y, x), pixel(spectrum, height, width, c, y, x), 1e-3)
            << c << " " << y << " " << x;
}

// d(weights . picture) by finite differences along random directions and along single frequencies.
TEST_P(FourierPictureOfSize, BringsGradientsBack) {
  const auto [height, width] = GetParam();
  FourierPicture fourier(height, width);
  Tensor spectrum = random_values(fourier.spectrum_shape(), 0.3f, 1);
  const Tensor weights = random_values(fourier.picture_shape(), 1, 2);
  Tensor picture(fourier.picture_shape()), grad(fourier.spectrum_shape());
  fourier.render(spectrum, picture);
  fourier.pull_back(weights, grad);

  const auto value_along = [&](const Tensor& direction, float way) {
    Tensor moved = spectrum.clone();
    for (std::int64_t i = 0; i < moved.size(); ++i) moved[i] += way * direction[i];
    fourier.render(moved, picture);
    return dot(picture, weights);
  };
  const auto check = [&](const Tensor& direction) {
    const float way = 0.01f;
    const double expected =
        (value_along(direction, way) - value_along(direction, -way)) / (2 * way);
    const double size = std::sqrt(dot(grad, grad) * dot(direction, direction));
    EXPECT_NEAR(dot(grad, direction), expected, 2e-3 * size);
  };
  for (std::uint32_t seed = 3; seed < 8; ++seed)
    check(random_values(fourier.spectrum_shape(), 1, seed));
  for (std::int64_t i = 0; i < spectrum.size(); i += 7) {
    Tensor one(fourier.spectrum_shape());
    one[i] = 1;
    check(one);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, FourierPictureOfSize,
                         testing::Values(std::pair(8, 8), std::pair(7, 9), std::pair(6, 10),
                                         std::pair(5, 4)));

TEST(FourierPicture, IsGreyWithoutASpectrum) {
  FourierPicture fourier(6, 8);
  Tensor picture(fourier.picture_shape());
  fourier.render(Tensor(fourier.spectrum_shape()), picture);
  for (float v : picture.elements()) EXPECT_EQ(v, 127.5f);
}

// Adam as it is published, in double, on a spectrum that shall become a picture's.
TEST(FourierPicture, IsAscendedByAdam) {
  FourierPicture fourier(8, 8);
  Tensor spectrum = random_values(fourier.spectrum_shape(), 0.01f, 1);
  const Tensor wanted = random_values(fourier.picture_shape(), 100, 2);
  Tensor picture(fourier.picture_shape()), grad(fourier.spectrum_shape());
  Optimizer optimizer(spectrum.shape(), OptimizerKind::adam, 0.9);
  const auto count = static_cast<std::size_t>(spectrum.size());
  std::vector<double> at(spectrum.elements().begin(), spectrum.elements().end()), m(count),
      v(count);
  for (int step = 1; step <= 20; ++step) {
    fourier.render(spectrum, picture);
    fourier.pull_back(wanted, grad);
    optimizer.move(grad, {}, 0.05, 0.05, false, spectrum);
    for (std::size_t i = 0; i < count; ++i) {
      const double g = grad[static_cast<std::int64_t>(i)];
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      at[i] += 0.05 * m[i] / (1 - std::pow(0.9, step)) /
               (std::sqrt(v[i] / (1 - std::pow(0.999, step))) + 1e-8);
      ASSERT_NEAR(spectrum[static_cast<std::int64_t>(i)], at[i], 2e-3) << step << " " << i;
    }
  }
}

}  // namespace
}  // namespace reverie
