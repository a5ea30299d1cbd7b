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

// y[c] = x[channels[c]]: slices, splits, shuffles.
struct SelectChannels {
  std::vector<int> channels;
};

// Element by element. An input with one channel, row or column has the same values in all of those
// that the other inputs have.
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

// y = (x - mean) / sqrt(variance + epsilon) * scale + shift, where the mean and the variance are
// those of a group of channels, at one pixel or over the whole plane. Layer normalization over
// channels is {pixel, 1 group}, instance normalization {plane, a group for each channel}.
struct Normalize {
  enum class Over { pixel, plane };
  Over over = Over::pixel;
  int groups = 1;
  float epsilon = 1e-5f;
  Weights scale, shift;  // [channels], or null for ones and zeros
};

// The adjoint of a Convolution with this window: each cell of the input adds its kernel to the
// output, which has (input - 1) * stride + kernel - padding cells and those of output_padding.
struct TransposedConvolution {
  Window window;
  int groups = 1;
  int output_padding_h = 0, output_padding_w = 0;
  Weights weights;  // [in, out / groups, kernel_h, kernel_w]
  Weights bias;     // [out], or null
};

// To floor(scale * size) rows and columns. Source: ONNX's Resize, whose names these are.
struct Resize {
  enum class Method { nearest, linear };
  // Where the centre of a cell of the output lies in the input
  enum class Coordinates { half_pixel, asymmetric, align_corners };
  enum class Rounding {
    down,
    up,
    to_nearest_down,
    to_nearest_up
  };  // nearest: a half goes down, up
  Method method = Method::nearest;
  Coordinates coordinates = Coordinates::half_pixel;
  Rounding rounding = Rounding::to_nearest_down;
  float scale_h = 1, scale_w = 1;
};

// Cells around the input: zeros, the input mirrored at its outermost cells, or those repeated.
struct Pad {
  enum class Mode { zero, reflect, edge };
  Mode mode = Mode::zero;
  int top = 0, left = 0, bottom = 0, right = 0;  // cells
};

// Each pixel of block * block * C channels becomes block x block pixels of C channels.
struct DepthToSpace {
  enum class Order {
    depth_first,  // channel = (row * block + column) * C + c: TensorFlow's
    color_first   // channel = (c * block + row) * block + column: PyTorch's pixel shuffle
  };
  int block = 1;
  Order order = Order::depth_first;
};

struct InnerProduct {
  Weights weights;  // [out, in], in = channels * height * width of its input, in that order
  Weights bias;     // [out], or null
};

// One number at a time. Source: the operators' pages of ONNX's documentation.
struct Activation {
  enum class Function {
    sigmoid,       // 1 / (1 + exp(-x))
    tanh,          //
    silu,          // x * sigmoid(a * x)
    hard_sigmoid,  // a * x + b, at least 0 and at most 1
    hard_swish,    // x * (x / 6 + 1/2, at least 0 and at most 1)
    mish,          // x * tanh(log(1 + exp(x)))
    gelu,          // x * (1 + erf(x / sqrt(2))) / 2
    gelu_tanh,     // x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2
    erf,           //
    softplus,      // log(1 + exp(x))
    softsign,      // x / (1 + |x|)
    elu,           // b * x where x > 0, b * a * (exp(x) - 1) elsewhere: ELU, SELU
    exp,           //
    log,           //
    absolute,      // |x|
    power,         // x^a
    clip           // x, at least a and at most b
  };
  Function function = Function::sigmoid;
  float a = 1, b = 1;  // where the comments name them
};

// x where x > 0, slope[channel] * x elsewhere.
struct Prelu {
  Weights slope;  // [channels]
};

// Over channels.
struct Softmax {};

// A layer that this library cannot compute. Networks with one open; only depending on it fails.
struct UnknownLayer {
  std::string type;  // as the file calls it
};

using Op = std::variant<Input, Convolution, Relu, Pool, Lrn, Concat, SelectChannels, Eltwise,
                        Affine, Normalize, TransposedConvolution, Resize, Pad, DepthToSpace,
                        InnerProduct, Activation, Prelu, Softmax, UnknownLayer>;

// "sigmoid", "hard_swish": the names of network files, and of messages.
const char* function_name(Activation::Function function);

// For messages: "convolution", "max pool"; an UnknownLayer's own type.
std::string describe(const Op& op);

struct Layer {
  std::string name;  // of its value, unique in the graph
  Op op;
  std::vector<int> inputs;  // indices of earlier layers
};

// Calls visit(name, weights) for the trained numbers of a layer that are there, with the name that
// network files have for them. AnyOp is Op or const Op; of an Op, visit may replace the weights.
template <class AnyOp, class Visit>
void for_each_trained(AnyOp& op, Visit&& visit) {
  const auto pass = [&](const char* name, auto& weights) {
    if (weights) visit(name, weights);
  };
  std::visit(
      [&](auto& layer) {
        if constexpr (requires { layer.weights; }) pass("weights", layer.weights);
        if constexpr (requires { layer.bias; }) pass("bias", layer.bias);
        if constexpr (requires { layer.scale; }) pass("scale", layer.scale);
        if constexpr (requires { layer.shift; }) pass("shift", layer.shift);
        if constexpr (requires { layer.slope; }) pass("slope", layer.slope);
      },
      op);
}

}  // namespace reverie
