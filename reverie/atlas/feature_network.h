// feature_network.h: a network prepared for feature visualisation of one layer.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/model/network.h"
#include "reverie/plan/plan.h"

namespace REVERIE_API reverie {

// A network prepared for the channels of one layer. compile() may be called from several threads.
class FeatureNetwork {
 public:
  // Errors: as bind() and make_compiler().
  FeatureNetwork(const Network& network, const std::string& layer, Precision precision,
                 Device device);

  std::int64_t channels() const { return channels_; }

  // A plan of the layer for a square canvas.
  std::unique_ptr<Plan> compile(std::int64_t side);
  // The same with leaky ReLUs of slope 0.1, so that channels without any activation have a
  // gradient, too.
  std::unique_ptr<Plan> compile_leaky(std::int64_t side);

 private:
  Graph leaky_graph_;
  std::vector<int> target_;
  Precision precision_;
  Device device_;
  std::int64_t channels_ = 0;
  std::mutex mutex_;
  std::unique_ptr<Compiler> compiler_, leaky_;  // the second only once it is needed
};

}  // namespace reverie
