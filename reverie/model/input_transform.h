// input_transform.h: the input formats of well-known networks.
#pragma once

#include <string>

#include "reverie/base/api.h"
#include "reverie/graph/kinds.h"

namespace REVERIE_API reverie {

// Caffe's ImageNet networks: blue, green, red minus the mean that the original DeepDream program
// used.
inline constexpr InputTransform caffe_input{{2, 1, 0}, {104, 116, 122}, {1, 1, 1}};

// VGG and the ResNets that were converted from Caffe.
inline constexpr InputTransform vgg_input{{2, 1, 0}, {103.939f, 116.779f, 123.68f}, {1, 1, 1}};

// TensorFlow's later classifiers: red, green, blue in -1..1.
inline constexpr InputTransform signed_input{
    {0, 1, 2}, {127.5f, 127.5f, 127.5f}, {1 / 127.5f, 1 / 127.5f, 1 / 127.5f}};

// PyTorch's classifiers: scaled to 0..1, then by the mean and deviation of ImageNet.
inline constexpr InputTransform torch_input{
    {0, 1, 2}, {123.675f, 116.28f, 103.53f}, {1 / 58.395f, 1 / 57.12f, 1 / 57.375f}};

// In words, for messages: "BGR minus 104, 117, 123".
std::string describe(const InputTransform& transform);

}  // namespace reverie
