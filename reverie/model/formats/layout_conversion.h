// layout_conversion.h: converts weights of channels-last networks to this library's order, and
// folds layers of zero padding into the windows that read them.
#pragma once

#include "reverie/graph/graph.h"

namespace reverie {

// [height, width, in, out] as [out, in, height, width]. `numbers` in C order.
Weights from_channels_last(const Tensor& numbers, std::int64_t height, std::int64_t width,
                           std::int64_t in, std::int64_t out);

// Of a depthwise convolution: [height, width, in, multiplier] as [in * multiplier, 1, height,
// width], given out = in * multiplier.
Weights from_depthwise(const Tensor& numbers, std::int64_t height, std::int64_t width,
                       std::int64_t out);

// [in, out] as the [out, in] of an InnerProduct. Where in > `channels`, the order of the input is
// changed from height, width, channels to channels, height, width. channels 0: unchanged.
Weights from_columns(const Tensor& numbers, std::int64_t in, std::int64_t out,
                     std::int64_t channels);

// The same for an [out, in] matrix.
Weights from_rows(const Tensor& numbers, std::int64_t in, std::int64_t out, std::int64_t channels);

// Zero padding as a layer: a depthwise 1x1 convolution with weight 1.
Op zero_padding(std::int64_t channels, const Padding& padding);

// If `layer` is a zero_padding that the window can do itself, sets the window's padding and makes
// `layer` the input of the padding. A max-pool can do it only after a ReLU, where zeros never
// exceed the maximum. Returns whether it did.
bool fold_padding(const Graph& graph, Convolution& convolution, int& layer);
bool fold_padding(const Graph& graph, Pool& pool, int& layer);

}  // namespace reverie
