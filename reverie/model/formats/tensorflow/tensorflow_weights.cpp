// TensorFlow's layouts of weights in this library's order.
#include <fmt/format.h>

#include "reverie/base/error.h"
#include "reverie/model/formats/layout_conversion.h"
#include "reverie/model/formats/tensorflow/tensorflow_ops.h"

namespace reverie::tensorflow {
Tensor WeightLoader::load(const Constant& constant) {
  const std::int64_t count = constant.count();
  if (count < 0 || static_cast<std::size_t>(count) > left_)
    throw BadModel(
        fmt::format("'{}' asks for more weights than a file of its size can hold", file_));
  left_ -= static_cast<std::size_t>(count);
  Tensor numbers = Tensor::uninitialized({count});
  constant.copy_to(numbers.data());
  return numbers;
}

Weights WeightLoader::convolution(const Constant& constant) {
  const auto& e = constant.extents;
  return from_channels_last(load(constant), e[0], e[1], e[2], e[3]);
}

Weights WeightLoader::depthwise(const Constant& constant) {
  const auto& e = constant.extents;
  return from_depthwise(load(constant), e[0], e[1], e[2] * e[3]);
}

Weights WeightLoader::matrix(const Constant& constant, bool transposed, std::int64_t channels,
                             Order order) {
  const std::int64_t in = constant.extents[transposed ? 1 : 0];
  const std::int64_t out = constant.extents[transposed ? 0 : 1];
  const std::int64_t reordered = order == Order::flat_hwc && channels > 0 ? channels : 0;
  return transposed ? from_rows(load(constant), in, out, reordered)
                    : from_columns(load(constant), in, out, reordered);
}

}  // namespace reverie::tensorflow
