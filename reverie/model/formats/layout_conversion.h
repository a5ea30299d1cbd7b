// layout_conversion.h: weights of networks that keep channels last, in this library's order; and
// layers of zero padding, folded into the window that reads them.
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

// [in, out] as the [out, in] of an InnerProduct. Where in is more than `channels`, its input lies
// as height, width, channels; it comes to lie as channels, height, width. channels 0: as it is.
Weights from_columns(const Tensor& numbers, std::int64_t in, std::int64_t out,
                     std::int64_t channels);

// The same for a matrix that is [out, in] already.
Weights from_rows(const Tensor& numbers, std::int64_t in, std::int64_t out, std::int64_t channels);

// Zeros around each channel as a layer: a convolution of each channel with 1.
Op zero_padding(std::int64_t channels, const Padding& padding);

// When `layer` is a zero_padding that the window can do itself: sets the window's padding and makes
// `layer` what that layer reads. A max-pool can only above a ReLU, where zeros never are a maximum
// that counts. Returns whether it did.
bool fold_padding(const Graph& graph, Convolution& convolution, int& layer);
bool fold_padding(const Graph& graph, Pool& pool, int& layer);

}  // namespace reverie
