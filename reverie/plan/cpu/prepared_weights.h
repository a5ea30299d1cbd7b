// prepared_weights.h: what all plans of one graph share: oneDNN's engine and the weights in the
// order of kernels.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "reverie/graph/passes.h"
#include "reverie/plan/cpu/onednn/weight_store.h"

namespace reverie::cpu {

class SharedWeights {
 public:
  explicit SharedWeights(const Graph& graph);

  // Passes make new tensors where they fold a layer into another. Gives a graph that they made the
  // tensors of an earlier one where they are equal, so that the store knows them again. Any thread
  // may call it.
  void adopt(Graph& prepared);

  const OnednnContext onednn;
  WeightStore store;

 private:
  Weights known(const Weights& tensor);

  std::mutex mutex_;
  std::set<Weights> original_;                         // the graph's own
  std::multimap<std::uint64_t, Weights> from_passes_;  // by a checksum of their values
};

}  // namespace reverie::cpu
