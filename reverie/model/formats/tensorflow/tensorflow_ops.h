// tensorflow_ops.h: one node of a GraphDef with its constants as an op.
#pragma once

#include <map>
#include <string>

#include "reverie/graph/layer.h"
#include "reverie/model/formats/tensorflow/values.h"

namespace reverie::tensorflow {

// Loads trained numbers from constants, each once, and in all no more than the file's size allows.
class WeightLoader {
 public:
  // file_bytes: the size of the file that the constants come from.
  WeightLoader(std::string file, std::size_t file_bytes)
      : file_(std::move(file)), left_(4 * file_bytes + (std::size_t{1} << 24)) {}

  // [height, width, in, out] as [out, in, height, width].
  Weights convolution(const Constant& constant);
  // [height, width, in, multiplier] as [in * multiplier, 1, height, width].
  Weights depthwise(const Constant& constant);
  // [in, out] (transposed: [out, in]) as [out, in]. Where in > channels and the values that are
  // read lie as height, width, channels, they are put into our order.
  Weights matrix(const Constant& constant, bool transposed, std::int64_t channels, Order order);

 private:
  // The numbers in the file's order. Errors: BadModel when there are too many.
  Tensor load(const Constant& constant);

  std::string file_;
  std::size_t left_;  // numbers
};

// The source of an op: the node, its inputs (without control inputs), and the channels of its first
// data input (-1: unknown).
struct OpSource {
  const Node& node;
  const std::vector<Value>& inputs;
  std::int64_t channels;
  Order order;
  const std::string& file;
};

// Errors: BadModel when numbers do not fit; an UnknownLayer, saying why, when it cannot run here.
Op make_convolution(const OpSource& source, WeightLoader& loader);
Op make_pool(const OpSource& source);
Op make_lrn(const OpSource& source);
Op make_batch_norm(const OpSource& source);

// The zeros that a Pad node puts around the picture; none when it pads anything else.
std::optional<Padding> read_padding(const OpSource& source);

// scale and shift given per channel, as an op.
Op make_affine(const std::vector<double>& scale, const std::vector<double>& shift);

// A constant that broadcasts along the channels only, one number for each; none when it does not.
std::optional<std::vector<double>> per_channel(const Constant& constant, std::int64_t channels,
                                               Order order, bool single);

}  // namespace reverie::tensorflow
