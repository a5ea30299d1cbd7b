// inner_product.h: an inner product as a 1x1 convolution of one pixel, whose channels are all
// elements of its input.
#pragma once

#include "reverie/plan/cpu/lowering/convolution_writer.h"

namespace reverie::cpu {

struct FlatProduct {
  FlatProduct(const SizedNetwork& network, int layer);

  // The convolutions of the value and of the input's gradient, but for their places.
  ConvolutionCall forward() const;
  ConvolutionCall backward() const;

  int elements, blocks;      // of the input as one pixel
  std::vector<int> logical;  // per channel of these blocks the element, or -1

 private:
  const InnerProduct& product_;
  ConvolutionSpec spec_;
  std::string layer_, weights_name_;
};

}  // namespace reverie::cpu
