// fourier_picture.h: a picture parametrised by its Fourier coefficients, for feature visualisation.
//
// Steps on coefficients that are scaled as in natural pictures give forms of every size at once;
// steps on pixels give high-frequency noise.
#pragma once

#include <cstdint>
#include <memory>

#include "reverie/base/api.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_PRIVATE_API reverie {

// picture = 255 * sigmoid(colors * irfft2(scale * spectrum) / 4): the Fourier coefficients of three
// decorrelated colors, each scaled by 1 / its frequency in cycles per pixel (at least 1 / the
// longer side) and by the root of the number of pixels. Source: Lucid (Olah et al., "Feature
// Visualization", 2017), param.image(fft=True, decorrelate=True).
//
// One caller at a time; making and destroying them is safe from several threads.
class FourierPicture {
 public:
  // Height and width in px. Errors: OutOfMemory.
  FourierPicture(std::int64_t height, std::int64_t width);
  ~FourierPicture();

  // [3, height, width / 2 + 1, 2]: real and imaginary parts. Frequencies that a real picture does
  // not have (the imaginary part of the mean, for instance) change nothing.
  const Shape& spectrum_shape() const;
  // [3, height, width].
  const Shape& picture_shape() const;

  // Overwrites `picture`, RGB in 0..255 display units.
  void render(ConstView spectrum, View picture);

  // Overwrites `spectrum_grad` with the gradient with respect to the spectrum, given the gradient
  // with respect to the picture, at the last rendered picture.
  void pull_back(ConstView picture_grad, View spectrum_grad);

 private:
  struct Transform;
  std::unique_ptr<Transform> transform_;
};

}  // namespace reverie
