#include "reverie/plan/cpu/lowering/inner_product.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace reverie::cpu {

FlatProduct::FlatProduct(const SizedNetwork& network, int i)
    : product_(std::get<InnerProduct>(network.layer(i).op)), layer_(network.layer(i).name) {
  const int lanes = network.layout.lanes;
  elements = static_cast<int>(network.value(network.layer(i).inputs[0]).shape.elements());
  blocks = (elements + lanes - 1) / lanes;
  logical.assign(static_cast<std::size_t>(blocks * lanes), -1);
  std::iota(logical.begin(), logical.begin() + elements, 0);
  spec_.in_channels = blocks * lanes;
  spec_.out_channels = network.value(i).blocks * lanes;
  spec_.in_height = spec_.in_width = spec_.out_height = spec_.out_width = 1;
  spec_.element = network.settings.element;
  spec_.lanes = lanes;
  weights_name_ = fmt::format("{},{}", static_cast<const void*>(product_.weights.get()),
                              static_cast<const void*>(product_.bias.get()));
}

ConvolutionCall FlatProduct::forward() const {
  ConvolutionCall call;
  call.spec = spec_;
  call.spec.bias = true;
  call.layer = layer_;
  call.action = "forward";
  call.flops = 2.0 * static_cast<double>(product_.weights->size());
  call.weights_name = weights_name_ + "/forward";
  const std::int64_t outs = product_.weights->shape()[0];
  call.weights = [this, outs] {
    Tensor all({spec_.out_channels * spec_.in_channels});
    for (std::int64_t o = 0; o < outs; ++o)
      std::copy_n(product_.weights->data() + o * elements, elements,
                  all.data() + o * spec_.in_channels);
    return all;
  };
  call.bias = [this, outs] {
    Tensor all({spec_.out_channels});
    if (product_.bias) std::copy_n(product_.bias->data(), outs, all.data());
    return all;
  };
  return call;
}

ConvolutionCall FlatProduct::backward() const {
  ConvolutionCall call;
  call.spec = spec_;
  std::swap(call.spec.in_channels, call.spec.out_channels);
  call.layer = layer_;
  call.action = "backward";
  call.flops = 2.0 * static_cast<double>(product_.weights->size());
  call.weights_name = weights_name_ + "/turned";
  call.weights = [this] {
    const std::int64_t outs = product_.weights->shape()[0];
    Tensor all({spec_.in_channels * spec_.out_channels});
    for (std::int64_t o = 0; o < outs; ++o)
      for (std::int64_t e = 0; e < elements; ++e)
        all[e * spec_.out_channels + o] = (*product_.weights)[o * elements + e];
    return all;
  };
  return call;
}

}  // namespace reverie::cpu
