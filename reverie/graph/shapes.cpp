#include "reverie/graph/shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "reverie/base/error.h"

namespace reverie {
namespace {

// A value without pixels: thrown here, worded by infer_shapes, which can search for a size that
// works.
struct NoPixels {
  std::size_t layer;
};

// A layer whose weights or inputs do not fit together; worded by infer_shapes, too.
struct Misfit {
  std::size_t layer;
  std::string what;
  bool is_of_size = false;  // of rows or columns: pictures of other sizes may fit
};

std::int64_t same_total(std::int64_t input, int kernel, int stride, int dilation) {
  const std::int64_t output = (input + stride - 1) / stride;
  const std::int64_t reach = std::int64_t{dilation} * (kernel - 1) + 1;
  return std::max<std::int64_t>((output - 1) * stride + reach - input, 0);
}

// How many cells a resized axis has. A scale that was rounded to float must not lose the last one.
std::int64_t scaled(std::int64_t cells, float scale) {
  return static_cast<std::int64_t>(static_cast<double>(cells) * double{scale} * (1 + 1e-6));
}

class Inference {
 public:
  Inference(const Graph& graph, std::int64_t height, std::int64_t width)
      : graph_(graph), height_(height), width_(width) {}

  std::vector<Shape> run() {
    for (layer_ = 0; layer_ < graph_.layers.size(); ++layer_) shapes_.push_back(next());
    return std::move(shapes_);
  }

  // Goes on where a layer has no shape. Per layer: whether it has one, and why it fits none.
  struct Trial {
    std::vector<bool> has_shape;
    std::vector<std::string> misfits;
  };
  Trial try_all() {
    Trial trial{{}, std::vector<std::string>(graph_.layers.size())};
    for (layer_ = 0; layer_ < graph_.layers.size(); ++layer_) {
      shapes_.emplace_back();
      trial.has_shape.push_back(try_next(trial));
    }
    return trial;
  }

 private:
  bool try_next(Trial& trial) {
    const auto has_shape = [&](int i) {
      return bool{trial.has_shape[static_cast<std::size_t>(i)]};
    };
    if (std::holds_alternative<UnknownLayer>(layer().op) ||
        !std::all_of(layer().inputs.begin(), layer().inputs.end(), has_shape))
      return false;
    try {
      shapes_[layer_] = next();
      return true;
    } catch (const Misfit& misfit) {
      trial.misfits[layer_] = misfit.what;
    } catch (const NoPixels&) {
    } catch (const BadShape&) {
    }
    return false;
  }

  Shape next() const {
    const Shape shape = std::visit([this](const auto& op) { return of(op); }, layer().op);
    if (shape.height() < 1 || shape.width() < 1) throw NoPixels{layer_};
    return shape;
  }

  const Layer& layer() const { return graph_.layers[layer_]; }
  const Shape& input(std::size_t i = 0) const {
    if (i >= layer().inputs.size()) misfit("has no input");
    return shapes_[static_cast<std::size_t>(layer().inputs[i])];
  }
  [[noreturn]] void misfit(const std::string& what) const { throw Misfit{layer_, what}; }
  [[noreturn]] void inputs_differ(const Shape& other, bool is_of_size) const {
    throw Misfit{layer_,
                 fmt::format("inputs differ, {} and {}", input().to_string(), other.to_string()),
                 is_of_size};
  }

  Shape of(const Input& in) const { return {in.channels, height_, width_}; }

  Shape of(const Convolution& conv) const {
    const Shape& in = input();
    const Shape& weights = conv.weights->shape();
    if (weights.rank() != 4 || weights[1] * conv.groups != in.channels() ||
        weights[2] != conv.window.kernel_h || weights[3] != conv.window.kernel_w ||
        weights[0] % conv.groups != 0)
      misfit(fmt::format("weights {} do not fit {} input channels in {} groups and a {}x{} kernel",
                         weights.to_string(), in.channels(), conv.groups, conv.window.kernel_h,
                         conv.window.kernel_w));
    if (conv.bias && conv.bias->size() != weights[0])
      misfit(fmt::format("{} biases, expected one for each of {} channels", conv.bias->size(),
                         weights[0]));
    return slid(conv.window, in, weights[0], false);
  }

  Shape slid(const Window& window, const Shape& in, std::int64_t channels, bool round_up) const {
    const Padding pad = resolve_padding(window, in.height(), in.width());
    return {channels,
            window_positions(in.height(), pad.top, pad.bottom, window.kernel_h, window.stride_h,
                             window.dilation_h, round_up),
            window_positions(in.width(), pad.left, pad.right, window.kernel_w, window.stride_w,
                             window.dilation_w, round_up)};
  }

  Shape of(const Pool& pool) const {
    if (pool.global) return {input().channels(), 1, 1};
    return slid(pool.window, input(), input().channels(), pool.rounding == Pool::Rounding::up);
  }

  Shape of(const Concat&) const {
    Shape sum = input();
    std::int64_t channels = sum.channels();
    for (std::size_t i = 1; i < layer().inputs.size(); ++i) {
      if (input(i).height() != sum.height() || input(i).width() != sum.width())
        inputs_differ(input(i), true);
      channels += input(i).channels();
    }
    return {channels, sum.height(), sum.width()};
  }

  Shape of(const SelectChannels& select) const {
    for (int channel : select.channels)
      if (channel < 0 || channel >= input().channels())
        misfit(fmt::format("reads channel {} of {}", channel, input().channels()));
    if (select.channels.empty()) misfit("selects no channel");
    return {static_cast<std::int64_t>(select.channels.size()), input().height(), input().width()};
  }

  Shape of(const Eltwise& eltwise) const {
    std::array<std::int64_t, 3> most{1, 1, 1};
    for (std::size_t i = 0; i < layer().inputs.size(); ++i)
      for (int axis = 0; axis < 3; ++axis) {
        const std::int64_t extent = input(i)[axis];
        std::int64_t& all = most[static_cast<std::size_t>(axis)];
        if (extent != all && extent != 1 && all != 1) inputs_differ(input(i), axis > 0);
        if (extent != 1) all = extent;
      }
    if (!eltwise.coefficients.empty() && eltwise.coefficients.size() != layer().inputs.size())
      misfit(fmt::format("{} coefficients for {} inputs", eltwise.coefficients.size(),
                         layer().inputs.size()));
    return {most[0], most[1], most[2]};
  }

  // Numbers for each channel; null is none
  void check_per_channel(const Weights& values, std::int64_t channels) const {
    if (values && values->size() != channels)
      misfit(
          fmt::format("{} values, expected one for each of {} channels", values->size(), channels));
  }

  Shape of(const Affine& affine) const {
    check_per_channel(affine.scale, input().channels());
    check_per_channel(affine.shift, input().channels());
    return input();
  }

  Shape of(const Normalize& normalize) const {
    check_per_channel(normalize.scale, input().channels());
    check_per_channel(normalize.shift, input().channels());
    if (normalize.groups < 1 || input().channels() % normalize.groups != 0)
      misfit(fmt::format("{} groups of {} channels", normalize.groups, input().channels()));
    return input();
  }

  Shape of(const Prelu& prelu) const {
    check_per_channel(prelu.slope, input().channels());
    return input();
  }

  Shape of(const TransposedConvolution& conv) const {
    const Shape& in = input();
    const Shape& weights = conv.weights->shape();
    const Window& w = conv.window;
    if (weights.rank() != 4 || weights[0] != in.channels() || conv.groups < 1 ||
        weights[0] % conv.groups != 0 || weights[2] != w.kernel_h || weights[3] != w.kernel_w)
      misfit(fmt::format("weights {} do not fit {} input channels in {} groups and a {}x{} kernel",
                         weights.to_string(), in.channels(), conv.groups, w.kernel_h, w.kernel_w));
    check_per_channel(conv.bias, weights[1] * conv.groups);
    const Padding& pad = w.padding;
    return {weights[1] * conv.groups,
            (in.height() - 1) * w.stride_h + std::int64_t{w.dilation_h} * (w.kernel_h - 1) + 1 -
                pad.top - pad.bottom + conv.output_padding_h,
            (in.width() - 1) * w.stride_w + std::int64_t{w.dilation_w} * (w.kernel_w - 1) + 1 -
                pad.left - pad.right + conv.output_padding_w};
  }

  Shape of(const Resize& resize) const {
    for (const float scale : {resize.scale_h, resize.scale_w})
      if (!(scale > 0 && scale <= 65536))
        misfit(fmt::format("a scale of {}, expected one above 0 and at most 65536", scale));
    return {input().channels(), scaled(input().height(), resize.scale_h),
            scaled(input().width(), resize.scale_w)};
  }

  Shape of(const Pad& pad) const {
    const Shape& in = input();
    const bool mirrors = pad.mode == Pad::Mode::reflect;
    if (mirrors && (std::max(pad.top, pad.bottom) >= in.height() ||
                    std::max(pad.left, pad.right) >= in.width()))
      throw NoPixels{layer_};
    return {in.channels(), in.height() + pad.top + pad.bottom, in.width() + pad.left + pad.right};
  }

  Shape of(const DepthToSpace& depth) const {
    const std::int64_t each = std::int64_t{depth.block} * depth.block;
    if (depth.block < 1 || input().channels() % each != 0)
      misfit(fmt::format("blocks of {}x{} of {} channels", depth.block, depth.block,
                         input().channels()));
    return {input().channels() / each, input().height() * depth.block,
            input().width() * depth.block};
  }

  Shape of(const InnerProduct& product) const {
    const Shape& weights = product.weights->shape();
    if (weights.rank() != 2) misfit(fmt::format("weights {}", weights.to_string()));
    // A classifier reads exactly one size of picture; another is a matter of the picture, not the
    // file
    if (weights[1] != input().elements())
      throw BadShape(
          fmt::format("layer '{}' (inner product) reads {} values, but a {}x{} picture gives {} "
                      "here; it works at one picture size only: choose a layer before it",
                      layer().name, weights[1], width_, height_, input().to_string()));
    if (product.bias && product.bias->size() != weights[0])
      misfit(fmt::format("{} biases, expected one for each of {} channels", product.bias->size(),
                         weights[0]));
    return {weights[0], 1, 1};
  }

  Shape of(const Relu&) const { return input(); }
  Shape of(const Lrn&) const { return input(); }
  Shape of(const Activation&) const { return input(); }
  Shape of(const Softmax&) const { return input(); }
  Shape of(const UnknownLayer& unknown) const {
    throw Unsupported(
        fmt::format("layer '{}' is of type {}, which Reverie does not know; dream on "
                    "a layer before it",
                    layer().name, unknown.type));
  }

  const Graph& graph_;
  std::int64_t height_, width_;
  std::size_t layer_ = 0;
  std::vector<Shape> shapes_;
};

[[noreturn]] void refuse(const Graph& graph, const Misfit& misfit) {
  const Layer& layer = graph.layers[misfit.layer];
  throw BadModel(fmt::format("layer '{}' ({}): {}", layer.name, describe(layer.op), misfit.what));
}

bool works(const Graph& graph, std::int64_t side) {
  try {
    Inference(graph, side, side).run();
    return true;
  } catch (const NoPixels&) {
    return false;
  } catch (const BadShape&) {
    return false;
  } catch (const Misfit& misfit) {
    if (misfit.is_of_size) return false;
    refuse(graph, misfit);
  }
}

// Where branches of two strides meet, as in a U-Net.
[[noreturn]] void refuse_size(const Graph& graph, const Misfit& misfit, std::int64_t height,
                              std::int64_t width) {
  const int step = size_step(graph);
  if (step <= 1) refuse(graph, misfit);
  const Layer& layer = graph.layers[misfit.layer];
  throw BadShape(fmt::format(
      "a {}x{} picture does not fit layer '{}' ({}), whose {}; the width and the height "
      "must be multiples of {}: crop or resize it",
      width, height, layer.name, describe(layer.op), misfit.what, step));
}

}  // namespace

std::int64_t window_positions(std::int64_t input, int before, int after, int kernel, int stride,
                              int dilation, bool round_up) {
  const std::int64_t extent = std::int64_t{dilation} * (kernel - 1) + 1;
  const std::int64_t room = input + before + after - extent;
  if (room < 0) return round_up && room > -stride && input > 0 ? 1 : 0;
  std::int64_t output = (room + (round_up ? stride - 1 : 0)) / stride + 1;
  // Caffe, PyTorch: a last window that would start past the input is dropped
  if (round_up && (output - 1) * stride >= input + before) --output;
  return output;
}

Padding resolve_padding(const Window& window, std::int64_t height, std::int64_t width) {
  if (window.padding.rule == Padding::Rule::given) return window.padding;
  const auto down = same_total(height, window.kernel_h, window.stride_h, window.dilation_h);
  const auto across = same_total(width, window.kernel_w, window.stride_w, window.dilation_w);
  Padding pad;
  pad.top = static_cast<int>(down / 2);
  pad.bottom = static_cast<int>(down - down / 2);
  pad.left = static_cast<int>(across / 2);
  pad.right = static_cast<int>(across - across / 2);
  return pad;
}

std::vector<Shape> infer_shapes(const Graph& graph, std::int64_t height, std::int64_t width) {
  try {
    return Inference(graph, height, width).run();
  } catch (const NoPixels& none) {
    throw BadShape(fmt::format(
        "a {}x{} picture is too small for layer '{}' of network '{}'; the smallest is {}x{}", width,
        height, graph.layers[none.layer].name, graph.name, min_side(graph), min_side(graph)));
  } catch (const Misfit& misfit) {
    if (misfit.is_of_size) refuse_size(graph, misfit, height, width);
    refuse(graph, misfit);
  }
}

int size_step(const Graph& graph) {
  constexpr int large = 512;
  for (int step = 1; step <= 64; ++step) {
    const int side = (large + step - 1) / step * step;
    if (works(graph, side) && works(graph, side + step) && works(graph, side + 2 * step))
      return step;
  }
  return 0;
}

std::vector<std::string> find_misfits(const Graph& graph) {
  std::vector<std::string> misfits(graph.layers.size());
  std::vector<bool> fits(graph.layers.size());
  // Sizes that classifiers read, and sizes with as many rows at every stride
  for (const std::int64_t side : {224, 227, 231, 256, 299, 512}) {
    const Inference::Trial trial = Inference(graph, side, side).try_all();
    for (std::size_t i = 0; i < misfits.size(); ++i) {
      if (trial.has_shape[i]) fits[i] = true;
      if (misfits[i].empty()) misfits[i] = trial.misfits[i];
    }
  }
  for (std::size_t i = 0; i < misfits.size(); ++i)
    if (fits[i]) misfits[i].clear();
  return misfits;
}

int min_side(const Graph& graph) {
  for (int side = 1; side <= 1024; ++side)
    if (works(graph, side)) return side;
  try {
    Inference(graph, 256, 256).run();
  } catch (const Misfit& misfit) {
    refuse(graph, misfit);
  } catch (const NoPixels&) {
  }
  throw BadModel(fmt::format("network '{}' works at no picture size up to 1024x1024", graph.name));
}

std::int64_t output_channels(const Op& op, const std::vector<std::int64_t>& channels) {
  if (const auto* input = std::get_if<Input>(&op)) return input->channels;
  if (const auto* conv = std::get_if<Convolution>(&op)) return conv->out_channels();
  if (const auto* product = std::get_if<InnerProduct>(&op)) return product->weights->shape()[0];
  if (std::holds_alternative<UnknownLayer>(op) || channels.empty()) return -1;
  if (const auto* select = std::get_if<SelectChannels>(&op))
    return static_cast<std::int64_t>(select->channels.size());
  if (const auto* conv = std::get_if<TransposedConvolution>(&op))
    return conv->weights->shape()[1] * conv->groups;
  if (const auto* depth = std::get_if<DepthToSpace>(&op))
    return channels[0] < 0 ? -1 : channels[0] / (std::int64_t{depth->block} * depth->block);
  if (std::holds_alternative<Eltwise>(op))
    return *std::max_element(channels.begin(), channels.end());
  if (std::holds_alternative<Concat>(op)) {
    for (const std::int64_t count : channels)
      if (count < 0) return -1;
    return std::accumulate(channels.begin(), channels.end(), std::int64_t{0});
  }
  return channels[0];
}

static std::int64_t input_pixels(const Graph& graph, const std::vector<Shape>& shapes,
                                 std::size_t layer) {
  const Shape& in = shapes[static_cast<std::size_t>(graph.layers[layer].inputs[0])];
  return in.height() * in.width();
}

double forward_flops(const Graph& graph, const std::vector<Shape>& shapes) {
  double flops = 0;
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    if (const auto* conv = std::get_if<Convolution>(&graph.layers[i].op))
      flops += 2.0 * static_cast<double>(conv->weights->size()) *
               static_cast<double>(shapes[i].height() * shapes[i].width());
    else if (const auto* transposed = std::get_if<TransposedConvolution>(&graph.layers[i].op))
      flops += 2.0 * static_cast<double>(transposed->weights->size()) *
               static_cast<double>(input_pixels(graph, shapes, i));
    else if (const auto* product = std::get_if<InnerProduct>(&graph.layers[i].op))
      flops += 2.0 * static_cast<double>(product->weights->size());
  }
  return flops;
}

}  // namespace reverie
