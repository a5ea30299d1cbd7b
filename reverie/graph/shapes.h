// shapes.h: the size of every value in a network, for a given picture size.
#pragma once

#include <vector>

#include "reverie/base/api.h"
#include "reverie/graph/graph.h"

namespace REVERIE_API reverie {

// The padding in pixels that a window has on an input of this size: the SAME rule resolved.
Padding resolve_padding(const Window& window, std::int64_t height, std::int64_t width);

// How many positions a window has along an axis of `input` cells with padding before and after
// them; 0 where it does not fit. round_up: see Pool::Rounding.
std::int64_t window_positions(std::int64_t input, int before, int after, int kernel, int stride,
                              int dilation, bool round_up);

// One shape per layer, [channels, height, width], for a canvas of height x width pixels.
// Errors: BadShape when a value would have no pixels, or branches would meet that differ in size at
// this size alone (naming the layer and sizes that work); BadModel when channels or weights do not
// fit, naming the layer; Unsupported at an UnknownLayer.
std::vector<Shape> infer_shapes(const Graph& graph, std::int64_t height, std::int64_t width);

// Per layer, why its weights and inputs do not fit together at any size of canvas that was tried
// (224 to 512 px); empty where they do, and beyond a layer that does not or is unknown.
std::vector<std::string> find_misfits(const Graph& graph);

// The smallest side s such that a canvas of s x s works. Errors: as infer_shapes, at any size.
int min_side(const Graph& graph);

// The least number such that pictures whose width and height are multiples of it fit wherever
// branches meet: 1 for most networks, more for those that go down and up again; 0: there is none up
// to 64. For pictures that are large enough.
int size_step(const Graph& graph);

// How many channels the op's value has, given those of its inputs; -1, there too: unknown.
std::int64_t output_channels(const Op& op, const std::vector<std::int64_t>& channels);

// Multiplications and additions of one forward pass over these shapes (2 per multiply-add).
double forward_flops(const Graph& graph, const std::vector<Shape>& shapes);

}  // namespace reverie
