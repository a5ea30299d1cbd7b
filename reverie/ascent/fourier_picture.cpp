#include "reverie/ascent/fourier_picture.h"

#include <fftw3.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <mutex>

#include "reverie/ascent/fourier_planner.h"
#include "reverie/base/error.h"

namespace reverie {
namespace {

// Red, green and blue of each independent color: the root of the correlation of ImageNet's
// colors, divided by the length of its longest column. Source: Lucid, optvis/param/color.py.
constexpr std::array<std::array<float, 3>, 3> root_of_correlation{
    {{0.26f, 0.09f, 0.02f}, {0.27f, 0.00f, -0.05f}, {0.27f, -0.09f, 0.03f}}};
const float longest_column = std::sqrt(0.26f * 0.26f + 2 * 0.27f * 0.27f);

// Lucid's own; it keeps a new picture near grey.
constexpr float contrast = 0.25f;

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

// What each frequency is multiplied by, [height, width / 2 + 1].
Tensor frequency_scale(std::int64_t height, std::int64_t width) {
  const std::int64_t columns = width / 2 + 1;
  Tensor scale = Tensor::uninitialized({height, columns});
  const double least = 1.0 / static_cast<double>(std::max(height, width));
  const double root = std::sqrt(static_cast<double>(height * width));
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < columns; ++x) {
      const double fy = static_cast<double>(std::min(y, height - y)) / static_cast<double>(height);
      const double fx = static_cast<double>(x) / static_cast<double>(width);
      scale[y * columns + x] = static_cast<float>(root / std::max(std::hypot(fx, fy), least));
    }
  return scale;
}

}  // namespace

struct FourierPicture::Transform {
  Transform(std::int64_t height, std::int64_t width)
      : spectrum({3, height, width / 2 + 1, 2}),
        picture({3, height, width}),
        scale(frequency_scale(height, width)),
        frequencies(spectrum),
        pixels(picture),
        rendered(picture) {
    const int sides[2]{static_cast<int>(height), static_cast<int>(width)};
    const int plane = sides[0] * sides[1], half_plane = sides[0] * (sides[1] / 2 + 1);
    auto* const complex = reinterpret_cast<fftwf_complex*>(frequencies.data());
    // Estimated plans are the same in every run, measured ones are not
    const std::lock_guard lock(fourier_planner());
    to_pixels = fftwf_plan_many_dft_c2r(2, sides, 3, complex, nullptr, 1, half_plane, pixels.data(),
                                        nullptr, 1, plane, FFTW_ESTIMATE);
    to_frequencies = fftwf_plan_many_dft_r2c(2, sides, 3, pixels.data(), nullptr, 1, plane, complex,
                                             nullptr, 1, half_plane, FFTW_ESTIMATE);
    if (!to_pixels || !to_frequencies) throw OutOfMemory("out of memory for a Fourier transform");
  }
  ~Transform() {
    const std::lock_guard lock(fourier_planner());
    fftwf_destroy_plan(to_pixels);
    fftwf_destroy_plan(to_frequencies);
  }
  Transform(const Transform&) = delete;

  Shape spectrum, picture;
  Tensor scale;
  Tensor frequencies, pixels;  // what FFTW reads and writes
  Tensor rendered;             // sigmoids, 0..1
  fftwf_plan to_pixels = nullptr, to_frequencies = nullptr;
};

FourierPicture::FourierPicture(std::int64_t height, std::int64_t width)
    : transform_(std::make_unique<Transform>(height, width)) {}

FourierPicture::~FourierPicture() = default;

const Shape& FourierPicture::spectrum_shape() const { return transform_->spectrum; }
const Shape& FourierPicture::picture_shape() const { return transform_->picture; }

void FourierPicture::render(ConstView spectrum, View picture) {
  Transform& t = *transform_;
  assert(spectrum.shape() == t.spectrum && picture.shape() == t.picture);

  // Frequencies to independent colors
  const std::int64_t plane = t.picture.height() * t.picture.width();
  const float factor = contrast / static_cast<float>(plane);
  for (std::int64_t i = 0; i < spectrum.size(); ++i)
    t.frequencies.data()[i] = factor * t.scale.data()[i / 2 % t.scale.size()] * spectrum.data()[i];
  fftwf_execute(t.to_pixels);

  // These to red, green and blue
  for (std::size_t c = 0; c < 3; ++c) {
    const auto& colors = root_of_correlation[c];
    const float* const from = t.pixels.data();
    float* const to = t.rendered.data() + static_cast<std::int64_t>(c) * plane;
    for (std::int64_t i = 0; i < plane; ++i)
      to[i] = sigmoid(
          (colors[0] * from[i] + colors[1] * from[plane + i] + colors[2] * from[2 * plane + i]) /
          longest_column);
  }
  for (std::int64_t i = 0; i < picture.size(); ++i) picture.data()[i] = 255 * t.rendered.data()[i];
}

void FourierPicture::pull_back(ConstView picture_grad, View spectrum_grad) {
  Transform& t = *transform_;
  assert(picture_grad.shape() == t.picture && spectrum_grad.shape() == t.spectrum);
  const std::int64_t plane = t.picture.height() * t.picture.width();

  // Red, green and blue to independent colors
  std::fill(t.pixels.elements().begin(), t.pixels.elements().end(), 0.f);
  for (std::size_t c = 0; c < 3; ++c) {
    const std::int64_t begin = static_cast<std::int64_t>(c) * plane;
    for (std::int64_t i = 0; i < plane; ++i) {
      const float p = t.rendered.data()[begin + i];
      const float grad = 255 * p * (1 - p) / longest_column * picture_grad.data()[begin + i];
      for (std::size_t d = 0; d < 3; ++d)
        t.pixels.data()[static_cast<std::int64_t>(d) * plane + i] +=
            root_of_correlation[c][d] * grad;
    }
  }

  // These to frequencies; all but the first and, for even widths, the last column stand for two
  fftwf_execute(t.to_frequencies);
  const std::int64_t columns = t.scale.shape()[1];
  const bool last_is_single = t.picture.width() % 2 == 0;
  const float factor = contrast / static_cast<float>(plane);
  for (std::int64_t i = 0; i < spectrum_grad.size(); ++i) {
    const std::int64_t column = i / 2 % columns;
    const bool is_single = column == 0 || (last_is_single && column == columns - 1);
    spectrum_grad.data()[i] = (is_single ? factor : 2 * factor) *
                              t.scale.data()[i / 2 % t.scale.size()] * t.frequencies.data()[i];
  }
}

}  // namespace reverie
