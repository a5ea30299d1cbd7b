// weight_store.h: weights in the order that kernels want, made once and shared by every size.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "reverie/plan/cpu/onednn/convolution.h"
#include "reverie/tensor/tensor.h"

namespace reverie::cpu {

class WeightStore {
 public:
  explicit WeightStore(const OnednnContext& onednn) : onednn_(onednn) {}

  // The weights named `key`, laid out as `desc` says. make_plain is called when they are not there
  // yet and returns them in float32, C order; where `desc` says just that, they are kept as they
  // are. The memory lives as long as the store.
  dnnl::memory get(const std::string& key, const dnnl::memory::desc& desc,
                   const std::function<Tensor()>& make_plain);

  // Bytes held, and how many arrays.
  std::size_t bytes() const;
  std::size_t count() const;

 private:
  struct Version {
    dnnl::memory memory;
    Tensor data;  // what it lies in
  };

  const OnednnContext& onednn_;
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<Version>> kept_;
};

}  // namespace reverie::cpu
