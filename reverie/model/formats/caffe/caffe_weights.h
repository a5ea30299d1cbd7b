// caffe_weights.h: the trained numbers in a .caffemodel, found without copying them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "reverie/model/formats/wire.h"
#include "reverie/tensor/tensor.h"

namespace reverie::caffe {

// One array of trained numbers, still in the file.
struct Blob {
  std::vector<std::int64_t> extents;  // as the file states them; empty: not stated
  std::vector<wire::Bytes> packed;    // float32 (or float64), little-endian, concatenated
  std::vector<double> loose;          // numbers that are stored one by one
  bool is_double = false;
  std::int64_t count = 0;  // of numbers

  // For messages: "[64,3,7,7]".
  std::string shape() const;
};

struct LayerBlobs {
  std::vector<Blob> blobs;
};

// A parsed .caffemodel: each layer's blobs by its name, and the network description in the file. A
// view of the bytes that it was made from.
struct CaffeWeights {
  std::string file;  // for messages
  std::unordered_map<std::string, LayerBlobs> layers;
  std::string description;  // the same NetParameter without its blobs, serialized
};

// Reads current (`layer`, BlobShape) and legacy (`layers`, num/channels/height/width) files.
// Errors: BadModel for bytes that are not a whole .caffemodel, naming the byte and the layer.
CaffeWeights read_weights(wire::Bytes bytes, const std::string& file);

// A blob's numbers as an array of the expected shape; ones in front may differ, as Caffe allows.
// `what` names the layer and blob for messages. Errors: BadModel when shapes differ or numbers are
// missing.
Tensor load_blob(const CaffeWeights& weights, const Blob& blob, const Shape& expected,
                 std::string_view what);

}  // namespace reverie::caffe
