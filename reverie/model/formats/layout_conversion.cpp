#include "reverie/model/formats/layout_conversion.h"

#include <algorithm>

#include "reverie/base/threads.h"

namespace reverie {
namespace {

// to[c * rows + place(r)] = from[r * columns + c], sixteen columns at a time so that both are
// walked along their lines.
template <class Place>
void transpose(const float* from, std::int64_t rows, std::int64_t columns, float* to, Place place) {
  constexpr std::int64_t strip = 16;
  parallel_for((columns + strip - 1) / strip, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t s = begin; s < end; ++s) {
      const std::int64_t first = s * strip, last = std::min(columns, first + strip);
      for (std::int64_t r = 0; r < rows; ++r) {
        const std::int64_t at = place(r);
        for (std::int64_t c = first; c < last; ++c) to[c * rows + at] = from[r * columns + c];
      }
    }
  });
}

// Where the r-th of height * width * channels values lies in channels * height * width.
struct ChannelsFirst {
  std::int64_t places, channels;
  std::int64_t operator()(std::int64_t r) const { return r % channels * places + r / channels; }
};

ChannelsFirst flattened(std::int64_t in, std::int64_t channels) {
  return channels > 0 ? ChannelsFirst{in / channels, channels} : ChannelsFirst{1, in};
}

Weights as_weights(Tensor tensor) { return std::make_shared<const Tensor>(std::move(tensor)); }

const Convolution* zero_padding_at(const Graph& graph, int layer) {
  const auto* conv = std::get_if<Convolution>(&graph.layers[static_cast<std::size_t>(layer)].op);
  if (conv == nullptr || conv->bias || conv->groups != conv->out_channels() ||
      conv->weights->shape() != Shape{conv->out_channels(), 1, 1, 1} ||
      conv->window.padding.rule != Padding::Rule::given || conv->window.stride_h != 1 ||
      conv->window.stride_w != 1)
    return nullptr;
  const auto ones = conv->weights->elements();
  return std::all_of(ones.begin(), ones.end(), [](float w) { return w == 1; }) ? conv : nullptr;
}

// The window must have no padding of its own, and be larger than the zeros.
bool fits(const Window& window, const Padding& padding) {
  return window.padding == Padding{} && std::max(padding.top, padding.bottom) < window.kernel_h &&
         std::max(padding.left, padding.right) < window.kernel_w;
}

}  // namespace

Weights from_channels_last(const Tensor& numbers, std::int64_t height, std::int64_t width,
                           std::int64_t in, std::int64_t out) {
  Tensor weights = Tensor::uninitialized({out, in, height, width});
  transpose(numbers.data(), height * width * in, out, weights.data(),
            ChannelsFirst{height * width, in});
  return as_weights(std::move(weights));
}

Weights from_depthwise(const Tensor& numbers, std::int64_t height, std::int64_t width,
                       std::int64_t out) {
  Tensor weights = Tensor::uninitialized({out, 1, height, width});
  transpose(numbers.data(), height * width, out, weights.data(), [](std::int64_t r) { return r; });
  return as_weights(std::move(weights));
}

Weights from_columns(const Tensor& numbers, std::int64_t in, std::int64_t out,
                     std::int64_t channels) {
  Tensor weights = Tensor::uninitialized({out, in});
  transpose(numbers.data(), in, out, weights.data(), flattened(in, channels));
  return as_weights(std::move(weights));
}

Weights from_rows(const Tensor& numbers, std::int64_t in, std::int64_t out, std::int64_t channels) {
  Tensor weights = Tensor::uninitialized({out, in});
  const ChannelsFirst place = flattened(in, channels);
  for (std::int64_t o = 0; o < out; ++o)
    for (std::int64_t i = 0; i < in; ++i) weights[o * in + place(i)] = numbers[o * in + i];
  return as_weights(std::move(weights));
}

Op zero_padding(std::int64_t channels, const Padding& padding) {
  Tensor ones = Tensor::uninitialized({channels, 1, 1, 1});
  std::fill_n(ones.data(), channels, 1.f);
  Convolution identity;
  identity.groups = static_cast<int>(channels);
  identity.window.padding = padding;
  identity.weights = as_weights(std::move(ones));
  return identity;
}

bool fold_padding(const Graph& graph, Convolution& convolution, int& layer) {
  const Convolution* zeros = zero_padding_at(graph, layer);
  if (zeros == nullptr || !fits(convolution.window, zeros->window.padding)) return false;
  convolution.window.padding = zeros->window.padding;
  layer = graph.layers[static_cast<std::size_t>(layer)].inputs[0];
  return true;
}

bool fold_padding(const Graph& graph, Pool& pool, int& layer) {
  const Convolution* zeros = zero_padding_at(graph, layer);
  if (zeros == nullptr || pool.global || !fits(pool.window, zeros->window.padding)) return false;
  const int before = graph.layers[static_cast<std::size_t>(layer)].inputs[0];
  const auto* relu = std::get_if<Relu>(&graph.layers[static_cast<std::size_t>(before)].op);
  const bool is_max = pool.kind == Pool::Kind::max;
  if (is_max && (relu == nullptr || relu->negative_slope != 0)) return false;
  pool.count_padding = !is_max;
  pool.window.padding = zeros->window.padding;
  layer = before;
  return true;
}

}  // namespace reverie
