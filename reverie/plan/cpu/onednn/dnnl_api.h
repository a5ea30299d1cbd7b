// dnnl_api.h: the only place that knows in what oneDNN 2 and 3 differ.
//
// Tried with 2.2.4, 2.6.3 and 3.7.2: see docs/decisions/systems.md.
#pragma once

#include <dnnl.hpp>

#include <string>

namespace reverie::cpu::api {

#if DNNL_VERSION_MAJOR >= 3
inline void append_relu(dnnl::post_ops& ops, float grad) {
  ops.append_eltwise(dnnl::algorithm::eltwise_relu, grad, 0.f);
}
inline std::size_t bytes(const dnnl::memory::desc& desc) { return desc.get_size(); }
inline dnnl::memory::dims dims(const dnnl::memory::desc& desc) { return desc.get_dims(); }
inline bool empty(const dnnl::memory::desc& desc) { return desc.is_zero(); }
#else
inline void append_relu(dnnl::post_ops& ops, float grad) {
  ops.append_eltwise(1.f, dnnl::algorithm::eltwise_relu, grad, 0.f);
}
inline std::size_t bytes(const dnnl::memory::desc& desc) { return desc.get_size(); }
inline dnnl::memory::dims dims(const dnnl::memory::desc& desc) { return desc.dims(); }
inline bool empty(const dnnl::memory::desc& desc) { return desc.is_zero(); }
#endif

// What a convolution is made from. dilations are oneDNN's: 0 for none.
struct ConvolutionArguments {
  dnnl::algorithm algorithm;
  dnnl::memory::desc source, weights, bias, destination;  // bias: zero for none
  dnnl::memory::dims strides, dilations, before, after;
};

// Empty when oneDNN has no such kernel.
inline dnnl::convolution_forward::primitive_desc convolution_forward(
    const dnnl::engine& engine, const ConvolutionArguments& a, const dnnl::primitive_attr& attr) {
  using Conv = dnnl::convolution_forward;
  constexpr auto kind = dnnl::prop_kind::forward_inference;
  try {
#if DNNL_VERSION_MAJOR >= 3
    if (empty(a.bias))
      return Conv::primitive_desc(engine, kind, a.algorithm, a.source, a.weights, a.destination,
                                  a.strides, a.dilations, a.before, a.after, attr, true);
    return Conv::primitive_desc(engine, kind, a.algorithm, a.source, a.weights, a.bias,
                                a.destination, a.strides, a.dilations, a.before, a.after, attr,
                                true);
#else
    if (empty(a.bias))
      return Conv::primitive_desc(Conv::desc(kind, a.algorithm, a.source, a.weights, a.destination,
                                             a.strides, a.dilations, a.before, a.after),
                                  attr, engine, true);
    return Conv::primitive_desc(
        Conv::desc(kind, a.algorithm, a.source, a.weights, a.bias, a.destination, a.strides,
                   a.dilations, a.before, a.after),
        attr, engine, true);
#endif
  } catch (const dnnl::error&) {
    return {};
  }
}

// source and destination are those of the forward convolution. Empty when there is no such kernel.
inline dnnl::convolution_backward_data::primitive_desc convolution_backward_data(
    const dnnl::engine& engine, const ConvolutionArguments& a, const dnnl::primitive_attr& attr) {
  using Forward = dnnl::convolution_forward;
  using Backward = dnnl::convolution_backward_data;
  constexpr auto kind = dnnl::prop_kind::forward_training;
  try {
#if DNNL_VERSION_MAJOR >= 3
    const Forward::primitive_desc hint(engine, kind, a.algorithm, a.source, a.weights,
                                       a.destination, a.strides, a.dilations, a.before, a.after);
    return Backward::primitive_desc(engine, a.algorithm, a.source, a.weights, a.destination,
                                    a.strides, a.dilations, a.before, a.after, hint, attr, true);
#else
    const Forward::primitive_desc hint(
        Forward::desc(kind, a.algorithm, a.source, a.weights, a.destination, a.strides, a.dilations,
                      a.before, a.after),
        engine);
    return Backward::primitive_desc(Backward::desc(a.algorithm, a.source, a.weights, a.destination,
                                                   a.strides, a.dilations, a.before, a.after),
                                    attr, engine, hint, true);
#endif
  } catch (const dnnl::error&) {
    return {};
  }
}

}  // namespace reverie::cpu::api
