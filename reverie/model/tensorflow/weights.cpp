// TensorFlow's arrangements of weights put into ours.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "reverie/base/error.h"
#include "reverie/base/threads.h"
#include "reverie/model/tensorflow/ops.h"

namespace reverie::tensorflow {
namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

// to[c * rows + map(r)] = from[r * columns + c], sixteen columns at a time so that both are walked
// along their lines.
template <class Map>
void transpose(const float* from, std::int64_t rows, std::int64_t columns, float* to, Map map) {
  constexpr std::int64_t strip = 16;
  parallel_for((columns + strip - 1) / strip, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t s = begin; s < end; ++s) {
      const std::int64_t first = s * strip, last = std::min(columns, first + strip);
      for (std::int64_t r = 0; r < rows; ++r) {
        const std::int64_t place = map(r);
        for (std::int64_t c = first; c < last; ++c) to[c * rows + place] = from[r * columns + c];
      }
    }
  });
}

Weights share(Tensor tensor) { return std::make_shared<const Tensor>(std::move(tensor)); }

}  // namespace

Tensor WeightLoader::load(const Constant& constant) {
  const std::int64_t count = constant.count();
  if (count < 0 || at(count) > left_)
    throw BadModel(
        fmt::format("'{}' asks for more weights than a file of its size can hold", file_));
  left_ -= at(count);
  Tensor numbers = Tensor::uninitialized({count});
  constant.copy_to(numbers.data());
  return numbers;
}

Weights WeightLoader::convolution(const Constant& constant) {
  const auto& e = constant.extents;
  const Tensor numbers = load(constant);
  Tensor weights = Tensor::uninitialized({e[3], e[2], e[0], e[1]});
  const std::int64_t in = e[2], places = e[0] * e[1];
  transpose(numbers.data(), places * in, e[3], weights.data(),
            [&](std::int64_t r) { return r % in * places + r / in; });
  return share(std::move(weights));
}

Weights WeightLoader::depthwise(const Constant& constant) {
  const auto& e = constant.extents;
  const Tensor numbers = load(constant);
  const std::int64_t out = e[2] * e[3], places = e[0] * e[1];
  Tensor weights = Tensor::uninitialized({out, 1, e[0], e[1]});
  transpose(numbers.data(), places, out, weights.data(), [](std::int64_t r) { return r; });
  return share(std::move(weights));
}

Weights WeightLoader::matrix(const Constant& constant, bool transposed, std::int64_t channels,
                             Order order) {
  const std::int64_t in = constant.extents[transposed ? 1 : 0];
  const std::int64_t out = constant.extents[transposed ? 0 : 1];
  const bool reorder = order == Order::flat_hwc && channels > 0 && in != channels;
  const std::int64_t places = reorder ? in / channels : 1;
  const auto map = [&](std::int64_t r) {
    return reorder ? r % channels * places + r / channels : r;
  };
  const Tensor numbers = load(constant);
  Tensor weights = Tensor::uninitialized({out, in});
  if (transposed) {
    for (std::int64_t o = 0; o < out; ++o)
      for (std::int64_t i = 0; i < in; ++i) weights[o * in + map(i)] = numbers[o * in + i];
  } else {
    transpose(numbers.data(), in, out, weights.data(), map);
  }
  return share(std::move(weights));
}

Weights WeightLoader::row(const Constant& constant) { return share(load(constant)); }

}  // namespace reverie::tensorflow
