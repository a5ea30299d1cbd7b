// convolution_jobs.h: which convolutions a group of layers is, over whole blocks of channels.
#pragma once

#include <string>
#include <vector>

#include "reverie/plan/cpu/lowering/sized_network.h"
#include "reverie/plan/cpu/onednn/convolution.h"
#include "reverie/plan/cpu/weights.h"

namespace reverie::cpu {

// One convolution that is run as a whole: a layer, several layers side by side, or a slice of a
// grouped layer.
struct ConvolutionJob {
  WeightSource weights;
  const Convolution* conv;  // whose window and ReLU all of it has
  std::string name;
  int input;  // layer
  BlockRange from, to;
  bool depthwise;
};

std::vector<ConvolutionJob> convolution_jobs(const SizedNetwork& network, const Group& group);

// The forward convolution of a job, in the network's elements.
ConvolutionSpec forward_spec(const SizedNetwork& network, const ConvolutionJob& job);

// Additions and multiplications on logical channels, for so many pixels of output.
double logical_flops(const WeightSource& source, std::int64_t pixels);

// The name of a job's weights in one form, such as "forward".
std::string weights_name(const ConvolutionJob& job, const std::string& form);

}  // namespace reverie::cpu
