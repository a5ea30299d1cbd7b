#include "reverie/model/formats/caffe/caffe_ops.h"

#include <fmt/format.h>

#include <cmath>

#include "reverie/base/error.h"

namespace reverie::caffe {
namespace {

using caffe_proto::LayerParameter;

constexpr std::uint32_t max_pixels = 1 << 16;  // of a kernel, a stride, a padding

// One layer while it is turned into an op.
class OpMaker {
 public:
  OpMaker(const LayerParameter& layer, const std::vector<std::int64_t>& channels,
          const CaffeWeights& weights)
      : layer_(layer), channels_(channels), weights_(weights) {}

  Op run() {
    const std::string& type = layer_.type();
    if (channels_.empty()) return UnknownLayer{type};
    if (type == "Convolution") return convolution();
    if (type == "ReLU") return Relu{layer_.relu_param().negative_slope()};
    if (type == "ReLU6") return Relu{0, 6};
    if (type == "Pooling") return pooling();
    if (type == "LRN") return lrn();
    if (type == "Concat") return concat();
    if (type == "Eltwise") return eltwise();
    if (type == "BatchNorm") return batch_norm();
    if (type == "Scale") return scale();
    if (type == "Power") return power();
    if (type == "InnerProduct") return inner_product();
    if (type == "Softmax") return softmax();
    return UnknownLayer{type};
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw BadModel(fmt::format("layer '{}' ({}): {}", layer_.name(), layer_.type(), what));
  }

  int pixels(std::uint32_t value, std::uint32_t least, const char* what) const {
    if (value < least || value > max_pixels)
      fail(fmt::format("{} is {}, expected {}..{}", what, value, least, max_pixels));
    return static_cast<int>(value);
  }

  // The trained numbers -----------------------------------------------------------------------

  // REQUIRES: find_blobs() returned.
  const Blob& blob(int index) const { return blobs_->blobs[static_cast<std::size_t>(index)]; }

  void find_blobs(int count) {
    const auto found = weights_.layers.find(layer_.name());
    if (found == weights_.layers.end())
      fail(fmt::format("'{}' has no weights of this name; is the prototxt that of this caffemodel?",
                       weights_.file));
    blobs_ = &found->second;
    if (static_cast<int>(blobs_->blobs.size()) != count)
      fail(fmt::format("'{}' has {} blobs for it, expected {}", weights_.file, blobs_->blobs.size(),
                       count));
  }

  Weights load(int index, const Shape& expected) const {
    const std::string what =
        fmt::format("layer '{}' ({}): blob {}", layer_.name(), layer_.type(), index);
    return std::make_shared<const Tensor>(load_blob(weights_, blob(index), expected, what));
  }

  // The channels of the input, or, past an unknown layer, what the blob says.
  std::int64_t channels_or(std::int64_t stated) const {
    return channels_[0] >= 0 ? channels_[0] : stated;
  }

  std::int64_t outputs(std::uint32_t num_output) const {
    if (num_output < 1 || num_output > (1u << 24))
      fail(fmt::format("num_output is {}, expected 1..{}", num_output, 1u << 24));
    return num_output;
  }

  // One function for each type ------------------------------------------------------------------

  // A repeated field that holds one number for both axes, or height and width; else the default.
  template <class Repeated>
  std::pair<std::uint32_t, std::uint32_t> both(const Repeated& values, std::uint32_t otherwise,
                                               const char* what) const {
    if (values.empty()) return {otherwise, otherwise};
    if (values.size() > 2)
      fail(fmt::format("{} has {} numbers, expected 1 or 2", what, values.size()));
    return {values[0], values[values.size() - 1]};
  }

  Window make_window(std::pair<std::uint32_t, std::uint32_t> kernel,
                     std::pair<std::uint32_t, std::uint32_t> stride,
                     std::pair<std::uint32_t, std::uint32_t> pad,
                     std::pair<std::uint32_t, std::uint32_t> dilation) const {
    Window window;
    window.kernel_h = pixels(kernel.first, 1, "kernel height");
    window.kernel_w = pixels(kernel.second, 1, "kernel width");
    window.stride_h = pixels(stride.first, 1, "stride");
    window.stride_w = pixels(stride.second, 1, "stride");
    window.dilation_h = pixels(dilation.first, 1, "dilation");
    window.dilation_w = pixels(dilation.second, 1, "dilation");
    window.padding.top = window.padding.bottom = pixels(pad.first, 0, "padding");
    window.padding.left = window.padding.right = pixels(pad.second, 0, "padding");
    return window;
  }

  Op convolution() {
    const auto& param = layer_.convolution_param();
    if (param.axis() != 1 && param.axis() != -3)
      return UnknownLayer{fmt::format("Convolution over axis {}", param.axis())};
    if (param.kernel_size_size() > 2)
      return UnknownLayer{fmt::format("Convolution over {} axes", param.kernel_size_size())};

    // Read the window: *_h and *_w win over the repeated form
    auto kernel = both(param.kernel_size(), 0, "kernel_size");
    if (param.has_kernel_h() || param.has_kernel_w()) kernel = {param.kernel_h(), param.kernel_w()};
    auto stride = both(param.stride(), 1, "stride");
    if (param.has_stride_h() || param.has_stride_w()) stride = {param.stride_h(), param.stride_w()};
    auto pad = both(param.pad(), 0, "pad");
    if (param.has_pad_h() || param.has_pad_w()) pad = {param.pad_h(), param.pad_w()};
    Convolution conv;
    conv.window = make_window(kernel, stride, pad, both(param.dilation(), 1, "dilation"));

    // Read the weights
    const std::int64_t out = outputs(param.num_output());
    const std::int64_t groups = param.group();
    find_blobs(param.bias_term() ? 2 : 1);
    const auto& stated = blob(0).extents;
    const std::int64_t in =
        channels_or(stated.size() == 4 && stated[1] > 0 && stated[1] < (1 << 24) && groups > 0 &&
                            groups < (1 << 24)
                        ? stated[1] * groups
                        : groups);
    if (groups < 1 || in % groups != 0 || out % groups != 0)
      fail(fmt::format("{} groups do not divide {} input and {} output channels", groups, in, out));
    conv.groups = static_cast<int>(groups);
    conv.weights = load(0, {out, in / groups, conv.window.kernel_h, conv.window.kernel_w});
    if (param.bias_term()) conv.bias = load(1, {out});
    return conv;
  }

  Op pooling() const {
    const auto& param = layer_.pooling_param();
    if (param.pool() == caffe_proto::PoolingParameter::STOCHASTIC)
      return UnknownLayer{"stochastic Pooling"};
    Pool pool;
    pool.kind =
        param.pool() == caffe_proto::PoolingParameter::MAX ? Pool::Kind::max : Pool::Kind::average;
    pool.rounding = param.round_mode() == caffe_proto::PoolingParameter::FLOOR
                        ? Pool::Rounding::down
                        : Pool::Rounding::up;
    pool.global = param.global_pooling();
    if (pool.global) return pool;
    std::pair<std::uint32_t, std::uint32_t> kernel{param.kernel_size(), param.kernel_size()};
    if (param.has_kernel_h() || param.has_kernel_w()) kernel = {param.kernel_h(), param.kernel_w()};
    std::pair<std::uint32_t, std::uint32_t> stride{param.stride(), param.stride()};
    if (param.has_stride_h() || param.has_stride_w()) stride = {param.stride_h(), param.stride_w()};
    std::pair<std::uint32_t, std::uint32_t> pad{param.pad(), param.pad()};
    if (param.has_pad_h() || param.has_pad_w()) pad = {param.pad_h(), param.pad_w()};
    pool.window = make_window(kernel, stride, pad, {1, 1});
    if (pool.window.padding.top >= pool.window.kernel_h ||
        pool.window.padding.left >= pool.window.kernel_w)
      fail(fmt::format("padding {}x{} is not less than its kernel {}x{}", pad.first, pad.second,
                       kernel.first, kernel.second));
    return pool;
  }

  Op lrn() const {
    const auto& param = layer_.lrn_param();
    if (param.norm_region() == caffe_proto::LRNParameter::WITHIN_CHANNEL)
      return UnknownLayer{"LRN within channels"};
    Lrn lrn;
    lrn.size = pixels(param.local_size(), 1, "local_size");
    if (lrn.size % 2 == 0) fail(fmt::format("local_size is {}, expected an odd number", lrn.size));
    lrn.alpha = param.alpha() / static_cast<float>(lrn.size);
    lrn.beta = param.beta();
    lrn.k = param.k();
    return lrn;
  }

  Op concat() const {
    const auto& param = layer_.concat_param();
    const int axis = param.has_concat_dim() ? static_cast<int>(param.concat_dim()) : param.axis();
    if (axis != 1 && axis != -3) return UnknownLayer{fmt::format("Concat over axis {}", axis)};
    return Concat{};
  }

  Op eltwise() const {
    const auto& param = layer_.eltwise_param();
    Eltwise eltwise;
    if (param.operation() == caffe_proto::EltwiseParameter::PROD)
      eltwise.operation = Eltwise::Operation::product;
    else if (param.operation() == caffe_proto::EltwiseParameter::MAX)
      eltwise.operation = Eltwise::Operation::maximum;
    if (param.coeff_size() > 0) {
      if (eltwise.operation != Eltwise::Operation::sum) fail("coeff is for sums only");
      if (param.coeff_size() != static_cast<int>(channels_.size()))
        fail(fmt::format("{} coefficients for {} inputs", param.coeff_size(), channels_.size()));
      eltwise.coefficients.assign(param.coeff().begin(), param.coeff().end());
    }
    return eltwise;
  }

  Op batch_norm() {
    const auto& param = layer_.batch_norm_param();
    if (param.has_use_global_stats() && !param.use_global_stats())
      return UnknownLayer{"BatchNorm over the batch"};
    find_blobs(3);
    const std::int64_t count = affine_channels();
    const Weights mean = load(0, {count}), variance = load(1, {count}), factor = load(2, {1});
    const float unscale = (*factor)[0] == 0 ? 0 : 1 / (*factor)[0];
    Tensor scale = Tensor::uninitialized({count}), shift = Tensor::uninitialized({count});
    for (std::int64_t c = 0; c < count; ++c) {
      const float spread = (*variance)[c] * unscale + param.eps();
      if (!(spread > 0))
        fail(fmt::format("channel {} has variance {} with eps {}, expected a positive sum", c,
                         (*variance)[c] * unscale, param.eps()));
      scale[c] = 1 / std::sqrt(spread);
      shift[c] = -(*mean)[c] * unscale * scale[c];
    }
    return affine(std::move(scale), std::move(shift));
  }

  Op scale() {
    const auto& param = layer_.scale_param();
    if (channels_.size() != 1) return UnknownLayer{"Scale by a second input"};
    if ((param.axis() != 1 && param.axis() != -3) || param.num_axes() != 1)
      return UnknownLayer{
          fmt::format("Scale over axis {}, {} axes", param.axis(), param.num_axes())};
    find_blobs(param.bias_term() ? 2 : 1);
    const std::int64_t count = affine_channels();
    Affine op{load(0, {count}), nullptr};
    op.shift = param.bias_term() ? load(1, {count}) : std::make_shared<const Tensor>(Shape{count});
    return op;
  }

  Op power() const {
    const auto& param = layer_.power_param();
    if (param.power() != 1 || channels_[0] < 0) return UnknownLayer{"Power"};
    Tensor scale({channels_[0]}), shift({channels_[0]});
    for (float& value : scale.elements()) value = param.scale();
    for (float& value : shift.elements()) value = param.shift();
    return affine(std::move(scale), std::move(shift));
  }

  std::int64_t affine_channels() const {
    return channels_or(blob(0).extents.empty() ? 0 : blob(0).count);
  }

  static Op affine(Tensor scale, Tensor shift) {
    return Affine{std::make_shared<const Tensor>(std::move(scale)),
                  std::make_shared<const Tensor>(std::move(shift))};
  }

  Op inner_product() {
    const auto& param = layer_.inner_product_param();
    if (param.axis() != 1 && param.axis() != -3)
      return UnknownLayer{fmt::format("InnerProduct over axis {}", param.axis())};
    const std::int64_t out = outputs(param.num_output());
    find_blobs(param.bias_term() ? 2 : 1);

    // How many values it reads depends on the picture's size: only that channels divide them is
    // known here
    const std::int64_t in = blob(0).count / out;
    if (in < 1 || (channels_[0] > 0 && in % channels_[0] != 0))
      fail(fmt::format(
          "blob 0 has shape {} in '{}', but its prototxt makes it [{},n x {}]; are "
          "these two files of one network?",
          blob(0).shape(), weights_.file, out, std::max<std::int64_t>(channels_[0], 1)));
    InnerProduct product;
    product.weights = param.transpose() ? transposed(*load(0, {in, out})) : load(0, {out, in});
    if (param.bias_term()) product.bias = load(1, {out});
    return product;
  }

  static Weights transposed(const Tensor& matrix) {
    const std::int64_t rows = matrix.shape()[0], columns = matrix.shape()[1];
    Tensor turned = Tensor::uninitialized({columns, rows});
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t c = 0; c < columns; ++c) turned[c * rows + r] = matrix[r * columns + c];
    return std::make_shared<const Tensor>(std::move(turned));
  }

  Op softmax() const {
    const int axis = layer_.softmax_param().axis();
    if (axis != 1 && axis != -3) return UnknownLayer{fmt::format("Softmax over axis {}", axis)};
    return Softmax{};
  }

  const LayerParameter& layer_;
  const std::vector<std::int64_t>& channels_;
  const CaffeWeights& weights_;
  const LayerBlobs* blobs_ = nullptr;
};

}  // namespace

Op make_op(const LayerParameter& layer, const std::vector<std::int64_t>& channels,
           const CaffeWeights& weights) {
  return OpMaker(layer, channels, weights).run();
}

}  // namespace reverie::caffe
