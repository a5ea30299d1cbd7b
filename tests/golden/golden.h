// golden.h: recorded numbers of other programs, and how ours are held against them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>

#include "reverie/codec/image/image_file.h"
#include "reverie/image/image.h"
#include "reverie/model/network.h"
#include "reverie/tensor/npy.h"

namespace reverie::golden {

inline const std::filesystem::path data = REVERIE_TEST_DATA;

// Skips the test, visibly, where the test data are not at hand.
#define REVERIE_NEEDS(path)           \
  if (!std::filesystem::exists(path)) \
  GTEST_SKIP() << "needs " << (path) << ": see HACKING.md on test data"

inline Network googlenet() {
  return open_network((data / "models/googlenet/bvlc_googlenet.caffemodel").string());
}

inline double norm(ConstView a) {
  double sum = 0;
  for (float v : a.elements()) sum += double{v} * v;
  return std::sqrt(sum);
}

// |a - b| / |b|, Euclidean.
inline double relative_l2(ConstView a, ConstView b) {
  EXPECT_EQ(a.shape(), b.shape());
  double sum = 0;
  for (std::int64_t i = 0; i < b.size(); ++i) sum += std::pow(double{a[i]} - b[i], 2);
  return std::sqrt(sum) / norm(b);
}

// The largest difference, and where it is.
struct Worst {
  double difference = 0;
  std::int64_t index = 0;
};

inline Worst worst_difference(ConstView a, ConstView b) {
  EXPECT_EQ(a.shape(), b.shape());
  Worst worst;
  for (std::int64_t i = 0; i < b.size(); ++i)
    if (const double d = std::abs(double{a[i]} - b[i]); !(d <= worst.difference)) worst = {d, i};
  return worst;
}

inline double largest(ConstView a) {
  double most = 0;
  for (float v : a.elements()) most = std::max(most, std::abs(double{v}));
  return most;
}

// Peak signal to noise of two pictures, dB; `peak` is the distance from black to white.
inline double psnr(ConstView a, ConstView b, double peak) {
  EXPECT_EQ(a.shape(), b.shape());
  double sum = 0;
  for (std::int64_t i = 0; i < b.size(); ++i) sum += std::pow(double{a[i]} - b[i], 2);
  return 10 * std::log10(peak * peak * static_cast<double>(b.size()) / sum);
}

// Every `stride`-th row and column.
inline Tensor subsampled(ConstView a, std::int64_t stride) {
  const Shape& shape = a.shape();
  Tensor part({shape.channels(), (shape.height() + stride - 1) / stride,
               (shape.width() + stride - 1) / stride});
  for (std::int64_t c = 0; c < part.shape().channels(); ++c)
    for (std::int64_t y = 0; y < part.shape().height(); ++y)
      for (std::int64_t x = 0; x < part.shape().width(); ++x)
        part.view().at(c, y, x) = a.at(c, y * stride, x * stride);
  return part;
}

// BGR planes to RGB planes, and back.
inline Tensor channels_reversed(ConstView a) {
  Tensor out(a.shape());
  for (std::int64_t c = 0; c < 3; ++c)
    std::copy_n(a.plane(2 - c).data(), a.plane(c).size(), out.view().plane(c).data());
  return out;
}

// [H,W,C] as NumPy pictures are stored, to [C,H,W].
inline Tensor planar(ConstView a) {
  const std::int64_t height = a.shape()[0], width = a.shape()[1], channels = a.shape()[2];
  Tensor out({channels, height, width});
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      for (std::int64_t c = 0; c < channels; ++c)
        out.view().at(c, y, x) = a[(y * width + x) * channels + c];
  return out;
}

}  // namespace reverie::golden
