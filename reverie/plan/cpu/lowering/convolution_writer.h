// convolution_writer.h: one convolution as steps, by the algorithm that is chosen for it.
#pragma once

#include <functional>
#include <string>

#include "reverie/plan/cpu/lowering/gradients.h"
#include "reverie/plan/cpu/lowering/program_writer.h"
#include "reverie/plan/cpu/onednn/weight_store.h"

namespace reverie::cpu {

// A convolution with all that its steps need.
struct ConvolutionCall {
  ConvolutionSpec spec;
  std::string layer, action;  // for reports
  double flops = 0;
  std::string weights_name;         // in the store
  std::function<Tensor()> weights;  // [out][in][kernel_h][kernel_w], as in weights.h
  std::function<Tensor()> bias;     // [out]; used where the spec has one
  BufferRef from;
  Destination to;
};

class ConvolutionWriter {
 public:
  // Without a store steps are made to be measured, without weights.
  ConvolutionWriter(const SizedNetwork& network, ProgramWriter& writer, const OnednnContext& onednn,
                    WeightStore* store)
      : network_(network), writer_(writer), onednn_(onednn), store_(store) {}

  // By Winograd's method where that pays, else by oneDNN.
  void write(const ConvolutionCall& call);

  // By Winograd's method; of the spec's input channels the first `used_channels` count.
  void write_winograd(const ConvolutionCall& call, int used_channels);

 private:
  void write_onednn(const ConvolutionCall& call);

  const SizedNetwork& network_;
  ProgramWriter& writer_;
  const OnednnContext& onednn_;
  WeightStore* store_;
};

}  // namespace reverie::cpu
