#include "reverie/plan/cpu/prepared_weights.h"

#include <cstring>

namespace reverie::cpu {
namespace {

// FNV-1a over whole numbers: only to find candidates.
std::uint64_t checksum(const Tensor& tensor) {
  std::uint64_t sum = 0xcbf29ce484222325;
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    std::uint32_t bits;
    std::memcpy(&bits, tensor.data() + i, sizeof bits);
    sum = (sum ^ bits) * 0x100000001b3;
  }
  return sum;
}

bool equal(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() &&
         std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(float)) == 0;
}

}  // namespace

SharedWeights::SharedWeights(const Graph& graph) : store(onednn) {
  for (const Layer& layer : graph.layers)
    for_each_trained(layer.op,
                     [&](const char*, const Weights& tensor) { original_.insert(tensor); });
}

void SharedWeights::adopt(Graph& prepared) {
  const std::lock_guard lock(mutex_);
  for (Layer& layer : prepared.layers)
    for_each_trained(layer.op, [&](const char*, Weights& tensor) { tensor = known(tensor); });
}

Weights SharedWeights::known(const Weights& tensor) {
  if (original_.count(tensor)) return tensor;
  const std::uint64_t sum = checksum(*tensor);
  const auto [begin, end] = from_passes_.equal_range(sum);
  for (auto candidate = begin; candidate != end; ++candidate)
    if (equal(*candidate->second, *tensor)) return candidate->second;
  from_passes_.emplace(sum, tensor);
  return tensor;
}

}  // namespace reverie::cpu
