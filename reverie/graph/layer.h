// layer.h: what a network is made of. One struct per kind of layer, one variant over them.
//
// Every value is [channels, height, width] (a batch of one); InnerProduct and Softmax keep that
// form with height and width 1 where the network has become a classifier.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

// Trained numbers: immutable, shared by every graph, pass and plan that uses them.
using Weights = std::shared_ptr<const Tensor>;

// Padding around a layer's input: zeros, or for max-pools cells that never win.
struct Padding {
  enum class Rule {
    given,  // the four numbers below
    same  // TensorFlow's SAME: output = ceil(input / stride), the odd pixel at the bottom and right
  };
  Rule rule = Rule::given;
  int top = 0, left = 0, bottom = 0, right = 0;  // pixels

  friend bool operator==(const Padding&, const Padding&) = default;
};

// The sliding window of a convolution or a pool. All in pixels of the layer's input.
struct Window {
  int kernel_h = 1, kernel_w = 1;
  int stride_h = 1, stride_w = 1;
  int dilation_h = 1, dilation_w = 1;
  Padding padding;

  friend bool operator==(const Window&, const Window&) = default;
};

// The picture, after the graph's input transform.
struct Input {
  int channels = 3;
};

struct Convolution {
  Window window;
  int groups = 1;
  Weights weights;  // [out, in / groups, kernel_h, kernel_w]
  Weights bias;     // [out], or null for none
  // Set by the pass fuse_relu: the negative slope of a ReLU that follows.
  std::optional<float> relu;

  std::int64_t out_channels() const { return weights->shape()[0]; }
};

// min(x, ceiling) where x > 0, negative_slope * x elsewhere.
struct Relu {
  float negative_slope = 0;
  float ceiling = std::numeric_limits<float>::infinity();
};

struct Pool {
  enum class Kind { max, average };
  enum class Rounding {
    down,
    up  // Caffe's: sizes round up, and a last window that would start in the padding is dropped
  };
  Kind kind = Kind::max;
  Window window;
  bool global = false;  // the window is the whole input; `window` is ignored
  Rounding rounding = Rounding::down;
  // Averages: whether the divisor counts cells in the padding (Caffe: yes, but not those past it).
  bool count_padding = true;
};

// Across channels: y = x / (k + alpha * sum of x^2 over `size` neighbouring channels)^beta. alpha
// is per summand: the reader of Caffe files divides Caffe's alpha by size.
struct Lrn {
  int size = 5;
  float alpha = 0, beta = 0.75f, k = 1;
};

// Concatenates along channels.
struct Concat {};

struct Eltwise {
  enum class Operation { sum, product, maximum };
  Operation operation = Operation::sum;
  std::vector<float> coefficients;  // sum only: one per input, or empty for ones
};

// Per channel: y = scale * x + shift. Batch normalization with frozen statistics is an
// Affine.
struct Affine {
  Weights scale;  // [channels]
  Weights shift;  // [channels]
};

struct InnerProduct {
  Weights weights;  // [out, in], in = channels * height * width of its input, in that order
  Weights bias;     // [out], or null
};

// 1 / (1 + exp(-x)). SiLU is the product of a value and its Sigmoid.
struct Sigmoid {};

// Over channels.
struct Softmax {};

// A layer that this library cannot compute. Networks with one open; only depending on it fails.
struct UnknownLayer {
  std::string type;  // as the file calls it
};

using Op = std::variant<Input, Convolution, Relu, Pool, Lrn, Concat, Eltwise, Affine, InnerProduct,
                        Sigmoid, Softmax, UnknownLayer>;

// For messages: "convolution", "max pool"; an UnknownLayer's own type.
std::string describe(const Op& op);

struct Layer {
  std::string name;  // of its value, unique in the graph
  Op op;
  std::vector<int> inputs;  // indices of earlier layers
};

}  // namespace reverie
