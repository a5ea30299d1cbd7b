// layout.h: where every value of a network is in memory, decided before any kernel is chosen.
//
// A value of C channels is stored in blocks of B lanes, [blocks][height][width][B]. Each branch of
// a concat owns whole blocks of the concat's storage, whatever its number of channels, and writes
// there in place; `place` says in which physical channel each logical one went. A selection of all
// channels of some neighbouring blocks lies in its input. Lanes without a logical channel hold
// zeros, always.
#pragma once

#include <optional>
#include <vector>

#include "reverie/graph/graph.h"

namespace reverie::program {

struct Value {
  Shape shape;             // [channels, height, width]
  std::vector<int> place;  // physical channel of each logical one, from the value's first block
  int blocks = 0;
  int storage = -1;
  int first_block = 0;  // in the storage

  std::int64_t pixels() const { return shape.height() * shape.width(); }
};

// What several values share: an array of blocks of one size of picture.
struct Storage {
  int blocks = 0;
  std::int64_t height = 0, width = 0;
};

// A run of whole blocks of one storage.
struct BlockRange {
  int storage = -1, first = 0, count = 0;

  int end() const { return first + count; }
};

// Layers that run as one: a single layer, or 1x1 convolutions that read the same value and whose
// outputs lie side by side.
struct Group {
  std::vector<int> layers;
};

struct Layout {
  int lanes = 16;
  std::vector<Value> values;  // per layer
  std::vector<Storage> storages;
  std::vector<Group> order;  // in which they run, concats too
  // Per concat layer and input: it must be copied in. Per selection of channels: it must be copied,
  // since what it selects is not a run of its input's blocks.
  std::vector<std::vector<bool>> copied;

  // Where a layer's value lies.
  BlockRange range(int layer) const {
    const Value& value = values[static_cast<std::size_t>(layer)];
    return {value.storage, value.first_block, value.blocks};
  }
};

// How the channels of a grouped convolution fall on blocks.
enum class Grouping {
  dense,      // one group, or several as one with zeros between them
  sliced,     // each group reads and writes whole blocks
  depthwise,  // one channel per group
};
Grouping grouping(const Convolution& conv, const Value& input, int lanes);

// Of a transposed convolution: one channel per group. It keeps its input's places.
bool is_depthwise(const TransposedConvolution& conv);

Layout make_layout(const Graph& graph, const std::vector<Shape>& shapes, int lanes);

// The inverse of a value's place: per physical channel the logical one, or -1.
std::vector<int> logical_channels(const Value& value, int lanes);

// True when logical channel i is physical channel i.
bool in_order(const Value& value);

}  // namespace reverie::program
