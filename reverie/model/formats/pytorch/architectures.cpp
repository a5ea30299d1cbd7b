// The networks of torchvision that are made of like blocks. Files of weights do not say how their
// layers connect.
//
// Source: torchvision/models (alexnet, vgg, squeezenet, resnet, densenet, mobilenetv2). Layers are
// called as torchvision.models.feature_extraction calls them.
#include <fmt/format.h>

#include <algorithm>

#include "reverie/base/error.h"
#include "reverie/model/formats/pytorch/modules.h"
#include "reverie/model/input_transform.h"

namespace reverie::pytorch {
namespace {

constexpr int max_blocks = 200;  // of a stage

std::string at(const std::string& module, int number) {
  return fmt::format("{}.{}", module, number);
}

// How many modules MODULE.0, MODULE.1 ... there are.
int count_of(const Modules& modules, const std::string& module, int first = 0) {
  int count = 0;
  while (count < max_blocks && modules.has(fmt::format("{}{}", module, first + count))) ++count;
  return count;
}

// Whether a module's weights have these extents; 0 stands for any.
bool has_shape(const Modules& m, const std::string& module,
               const std::vector<std::int64_t>& expected) {
  if (!m.has_weights(module)) return false;
  const std::vector<std::int64_t> extents = m.extents(module);
  if (extents.size() != expected.size()) return false;
  for (std::size_t axis = 0; axis < extents.size(); ++axis)
    if (expected[axis] != 0 && extents[axis] != expected[axis]) return false;
  return true;
}

// The widths of the stages of a VGG, in which all kernels are 3x3; networks of one's own look
// alike.
bool is_vgg(const Modules& m) {
  std::vector<std::int64_t> widths;
  for (int i = 0; i < max_blocks; ++i) {
    if (!m.has_weights(at("features", i)) || m.extents(at("features", i)).size() == 1) continue;
    if (!has_shape(m, at("features", i), {0, 0, 3, 3})) return false;
    widths.push_back(m.extents(at("features", i))[0]);
  }
  const auto count = [&](std::int64_t width) {
    return std::count(widths.begin(), widths.end(), width);
  };
  const bool known =
      widths.size() == 8 || widths.size() == 10 || widths.size() == 13 || widths.size() == 16;
  return known && std::is_sorted(widths.begin(), widths.end()) && count(64) > 0 &&
         count(64) == count(128) && 2 * count(256) == count(512);
}

// The classifier of AlexNet and VGG, whose average pool changes nothing at the size that they were
// trained for: linear layers with a ReLU after each but the last, where no dropout stands.
void write_classifier(Modules& m, int value) {
  int last = -1;
  for (int i = 0; i < 10; ++i)
    if (m.has_weights(at("classifier", i))) last = i;
  for (int i = 0; i <= last; ++i) {
    if (!m.has_weights(at("classifier", i))) continue;
    value = m.linear(at("classifier", i), value);
    if (i < last) value = m.relu(at("classifier", i + 1), value);
  }
}

}  // namespace

// AlexNet and VGG: one list of convolutions (with normalisations in some), ReLUs and pools. What
// has no weights in it follows from the gaps between those that have.
PytorchNetwork write_sequential(Modules& m) {
  const bool is_alexnet = m.extents("features.0").back() == 11;
  int value = m.input(), last = -1, convolutions = 0;
  std::vector<std::string> ends;  // of the stages
  for (int i = 0; i < max_blocks; ++i)
    if (m.has_weights(at("features", i))) last = i;
  for (int i = 0; i <= last;) {
    // Convolution, normalisation, ReLU
    value = is_alexnet && i == 0 ? m.convolution("features.0", value, 4, 2, 2)
                                 : m.convolution(at("features", i), value);
    ++convolutions;
    ++i;
    if (m.has_weights(at("features", i)) && m.extents(at("features", i)).size() == 1)
      value = m.batch_norm(at("features", i++), value);
    value = m.relu(at("features", i++), value);

    // A pool, where the next convolution is not next
    const bool is_pool = !m.has_weights(at("features", i)) || i > last;
    if (!is_pool) continue;
    ends.push_back(at("features", i - 1));
    value = is_alexnet ? m.max_pool(at("features", i), value, 3, 2)
                       : m.max_pool(at("features", i), value, 2, 2);
    ++i;
  }
  write_classifier(m, value);
  const std::string architecture = is_alexnet ? "alexnet" : fmt::format("vgg{}", convolutions + 3);
  return m.finish(architecture, torch_input, is_alexnet ? ends.back() : ends[ends.size() - 2], {});
}

PytorchNetwork write_squeezenet(Modules& m) {
  // 1.0 has a larger first convolution, and its pools elsewhere
  const bool is_first = m.extents("features.0").back() == 7;
  const auto is_pool = [&](int i) {
    return i == 2 || (is_first ? i == 6 || i == 11 : i == 5 || i == 8);
  };
  int value = m.relu("features.1", m.convolution("features.0", m.input(), 2, 0, 0));
  for (int i = 2; i <= 12; ++i) {
    const std::string fire = at("features", i);
    if (is_pool(i)) {
      value = m.max_pool(fire, value, 3, 2, 0, true);
      continue;
    }
    const int squeezed =
        m.relu(fire + ".squeeze_activation", m.convolution(fire + ".squeeze", value));
    const int one =
        m.relu(fire + ".expand1x1_activation", m.convolution(fire + ".expand1x1", squeezed));
    const int three =
        m.relu(fire + ".expand3x3_activation", m.convolution(fire + ".expand3x3", squeezed));
    value = m.name(fire, m.concat(fire + ".cat", {one, three}));
  }
  if (m.has_weights("classifier.1")) {
    value = m.relu("classifier.2", m.convolution("classifier.1", value));
    m.global_average("classifier.3", value);
  }
  return m.finish(is_first ? "squeezenet1_0" : "squeezenet1_1", torch_input, "features.10", {});
}

// Basic blocks have two convolutions, bottlenecks three.
PytorchNetwork write_resnet(Modules& m) {
  int value = m.relu("relu", m.batch_norm("bn1", m.convolution("conv1", m.input(), 2)));
  value = m.max_pool("maxpool", value, 3, 2, 1);
  const bool bottleneck = m.has_weights("layer1.0.conv3");
  int layers = 2, third = 0;
  for (int stage = 1; stage <= 4; ++stage) {
    const std::string list = fmt::format("layer{}", stage);
    const int blocks = count_of(m, list + ".");
    if (stage == 3) third = blocks;
    for (int block = 0; block < blocks; ++block) {
      const std::string base = at(list, block) + ".";
      const int stride = stage > 1 && block == 0 ? 2 : 1, from = value;
      value = m.convolution(base + "conv1", from, bottleneck ? 1 : stride);
      value = m.relu(base + "relu", m.batch_norm(base + "bn1", value));
      value = m.convolution(base + "conv2", value, bottleneck ? stride : 1);
      value = m.batch_norm(base + "bn2", value);
      if (bottleneck) {
        value = m.convolution(base + "conv3", m.relu(base + "relu_1", value));
        value = m.batch_norm(base + "bn3", value);
      }
      int shortcut = from;
      if (m.has(base + "downsample")) {
        shortcut = m.convolution(base + "downsample.0", from, stride);
        shortcut = m.batch_norm(base + "downsample.1", shortcut);
      }
      value = m.add(base + "add", value, shortcut);
      value = m.relu(base + (bottleneck ? "relu_2" : "relu_1"), value);
      m.name(at(list, block), value);
      layers += bottleneck ? 3 : 2;
    }
    m.name(list, value);
  }
  if (m.has_weights("fc")) m.linear("fc", m.global_average("avgpool", value));
  return m.finish(fmt::format("resnet{}", layers), torch_input,
                  at("layer3", std::max(third - 2, 0)), {});
}

PytorchNetwork write_densenet(Modules& m) {
  int value = m.convolution("features.conv0", m.input(), 2);
  value = m.relu("features.relu0", m.batch_norm("features.norm0", value));
  value = m.max_pool("features.pool0", value, 3, 2, 1);
  int layers = 5;
  for (int block = 1; block <= 4; ++block) {
    const std::string list = fmt::format("features.denseblock{}", block);
    const int count = count_of(m, list + ".denselayer", 1);
    std::vector<int> all{value};
    for (int i = 1; i <= count; ++i) {
      const std::string base = fmt::format("{}.denselayer{}.", list, i);
      value = m.concat(base + "cat", all);
      value = m.relu(base + "relu1", m.batch_norm(base + "norm1", value));
      value = m.convolution(base + "conv1", value);
      value = m.relu(base + "relu2", m.batch_norm(base + "norm2", value));
      all.push_back(m.convolution(base + "conv2", value));
      layers += 2;
    }
    value = m.name(list, m.concat(list + ".cat", all));
    if (block == 4) continue;
    const std::string base = fmt::format("features.transition{}.", block);
    value = m.relu(base + "relu", m.batch_norm(base + "norm", value));
    value = m.average_pool(base + "pool", m.convolution(base + "conv", value), 2, 2);
    m.name(fmt::format("features.transition{}", block), value);
  }
  value = m.relu("relu", m.batch_norm("features.norm5", value));
  if (m.has_weights("classifier"))
    m.linear("classifier", m.global_average("adaptive_avg_pool2d", value));
  return m.finish(fmt::format("densenet{}", layers - 1), torch_input, "features.denseblock3", {});
}

PytorchNetwork write_mobilenet_v2(Modules& m) {
  const auto activated = [&](const std::string& base, int from, int stride) {
    const int norm = m.batch_norm(base + ".1", m.convolution(base + ".0", from, stride));
    return m.name(base, m.relu6(base + ".2", norm));
  };
  int value = activated("features.0", m.input(), 2);
  for (int i = 1; i < 18; ++i) {
    // Expansion (but in the first), depthwise, projection
    const std::string base = at("features", i) + ".conv.";
    const bool halves = i == 2 || i == 4 || i == 7 || i == 14;
    const int from = value, expansion = m.has_weights(base + "2") && i > 1 ? 1 : 0;
    if (expansion == 1) value = activated(base + "0", value, 1);
    value = activated(fmt::format("{}{}", base, expansion), value, halves ? 2 : 1);
    value = m.convolution(fmt::format("{}{}", base, expansion + 1), value);
    value = m.batch_norm(fmt::format("{}{}", base, expansion + 2), value);
    if (!halves && m.has_channels_of(value, from))
      value = m.add(at("features", i) + ".add", from, value);
    m.name(at("features", i), value);
  }
  value = activated("features.18", value, 1);
  if (m.has_weights("classifier.1"))
    m.linear("classifier.1", m.global_average("adaptive_avg_pool2d", value));
  return m.finish("mobilenet_v2", torch_input, "features.13", {});
}

Writer recognise(const Modules& m) {
  if (has_shape(m, "conv1", {64, 3, 7, 7}) && m.has_weights("bn1") &&
      m.has_weights("layer4.0.conv2"))
    return write_resnet;
  if (has_shape(m, "features.conv0", {0, 3, 7, 7}) && m.has("features.denseblock4"))
    return write_densenet;
  if (has_shape(m, "conv1.conv", {64, 3, 7, 7}) && m.has("inception5b.branch4"))
    return write_googlenet;
  if (has_shape(m, "Conv2d_1a_3x3.conv", {32, 3, 3, 3}) && m.has("Mixed_7c"))
    return write_inception_v3;
  if (has_shape(m, "features.0", {0, 3, 0, 0}) && m.has_weights("features.12.squeeze"))
    return write_squeezenet;
  if (has_shape(m, "features.0.0", {0, 3, 3, 3}) && m.has_weights("features.17.conv.0.0"))
    return write_mobilenet_v2;
  if (has_shape(m, "features.0", {64, 3, 11, 11}) && m.has_weights("features.10"))
    return write_sequential;
  return is_vgg(m) ? write_sequential : nullptr;
}

}  // namespace reverie::pytorch
