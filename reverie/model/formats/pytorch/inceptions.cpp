// GoogLeNet and Inception v3 of torchvision.
//
// Source: torchvision/models/googlenet.py and inception.py. Their weights were trained by
// TensorFlow on pictures in -1..1; torchvision's `transform_input` undoes its own normalisation to
// that range.
#include <fmt/format.h>

#include "reverie/model/formats/pytorch/modules.h"
#include "reverie/model/input_transform.h"

namespace reverie::pytorch {
namespace {

constexpr double epsilon = 1e-3;

// Convolution, batch normalisation and ReLU.
int basic(Modules& m, const std::string& name, int from, int stride, int pad_h, int pad_w) {
  const int conv = m.convolution(name + ".conv", from, stride, pad_h, pad_w);
  return m.name(name, m.relu(name + ".relu", m.batch_norm(name + ".bn", conv, epsilon)));
}
int basic(Modules& m, const std::string& name, int from) {
  const auto extents = m.extents(name + ".conv");
  const auto half = [&](std::size_t axis) {
    return extents.size() == 4 && extents[axis] < 16 ? static_cast<int>(extents[axis] / 2) : 0;
  };
  return basic(m, name, from, 1, half(2), half(3));
}

// GoogLeNet -------------------------------------------------------------------------------------

int inception(Modules& m, const std::string& name, int from) {
  const int one = basic(m, name + ".branch1", from);
  const int three = basic(m, name + ".branch2.1", basic(m, name + ".branch2.0", from));
  const int five = basic(m, name + ".branch3.1", basic(m, name + ".branch3.0", from));
  const int pooled =
      basic(m, name + ".branch4.1", m.max_pool(name + ".branch4.0", from, 3, 1, 1, true));
  return m.name(name, m.concat(name + ".cat", {one, three, five, pooled}));
}

// Inception v3 ----------------------------------------------------------------------------------

// A module whose branches have the names of its convolutions.
struct Module {
  Modules& m;
  std::string name;
  int from;

  int operator()(const std::string& branch, int value) const {
    return basic(m, name + "." + branch, value);
  }
  int reduce(const std::string& branch, int value) const {
    return basic(m, name + "." + branch, value, 2, 0, 0);
  }
  int pooled() const {
    return (*this)("branch_pool", m.average_pool(name + ".avg_pool2d", from, 3, 1, 1));
  }
  int joined(std::vector<int> parts, const char* node = ".cat") const {
    return m.name(name, m.concat(name + node, std::move(parts)));
  }
};

int module_a(const Module& b) {
  const int one = b("branch1x1", b.from);
  const int five = b("branch5x5_2", b("branch5x5_1", b.from));
  const int three = b("branch3x3dbl_3", b("branch3x3dbl_2", b("branch3x3dbl_1", b.from)));
  return b.joined({one, five, three, b.pooled()});
}

int module_b(const Module& b) {
  const int three = b.reduce("branch3x3", b.from);
  const int twice = b.reduce("branch3x3dbl_3", b("branch3x3dbl_2", b("branch3x3dbl_1", b.from)));
  return b.joined({three, twice, b.m.max_pool(b.name + ".max_pool2d", b.from, 3, 2)});
}

int module_c(const Module& b) {
  const int one = b("branch1x1", b.from);
  const int seven = b("branch7x7_3", b("branch7x7_2", b("branch7x7_1", b.from)));
  const int half = b("branch7x7dbl_3", b("branch7x7dbl_2", b("branch7x7dbl_1", b.from)));
  const int twice = b("branch7x7dbl_5", b("branch7x7dbl_4", half));
  return b.joined({one, seven, twice, b.pooled()});
}

int module_d(const Module& b) {
  const int three = b.reduce("branch3x3_2", b("branch3x3_1", b.from));
  const int seven = b("branch7x7x3_3", b("branch7x7x3_2", b("branch7x7x3_1", b.from)));
  const int reduced = b.reduce("branch7x7x3_4", seven);
  return b.joined({three, reduced, b.m.max_pool(b.name + ".max_pool2d", b.from, 3, 2)});
}

int module_e(const Module& b) {
  const int one = b("branch1x1", b.from);
  const int three = b("branch3x3_1", b.from);
  const int wide =
      b.m.concat(b.name + ".cat", {b("branch3x3_2a", three), b("branch3x3_2b", three)});
  const int twice = b("branch3x3dbl_2", b("branch3x3dbl_1", b.from));
  const int deep =
      b.m.concat(b.name + ".cat_1", {b("branch3x3dbl_3a", twice), b("branch3x3dbl_3b", twice)});
  return b.joined({one, wide, deep, b.pooled()}, ".cat_2");
}

}  // namespace

PytorchNetwork write_googlenet(Modules& m) {
  int value = m.max_pool("maxpool1", basic(m, "conv1", m.input(), 2, 3, 3), 3, 2, 0, true);
  value = basic(m, "conv3", basic(m, "conv2", value));
  value = m.max_pool("maxpool2", value, 3, 2, 0, true);
  for (const char* part : {"3a", "3b"})
    value = inception(m, fmt::format("inception{}", part), value);
  value = m.max_pool("maxpool3", value, 3, 2, 0, true);
  for (const char* part : {"4a", "4b", "4c", "4d", "4e"})
    value = inception(m, fmt::format("inception{}", part), value);
  value = m.max_pool("maxpool4", value, 2, 2, 0, true);
  for (const char* part : {"5a", "5b"})
    value = inception(m, fmt::format("inception{}", part), value);
  if (m.has_weights("fc")) m.linear("fc", m.global_average("avgpool", value));
  return m.finish("googlenet", signed_input, "inception4c", {"aux1.", "aux2."});
}

PytorchNetwork write_inception_v3(Modules& m) {
  int value = basic(m, "Conv2d_1a_3x3", m.input(), 2, 0, 0);
  value = basic(m, "Conv2d_2a_3x3", value, 1, 0, 0);
  value = m.max_pool("maxpool1", basic(m, "Conv2d_2b_3x3", value), 3, 2);
  value = basic(m, "Conv2d_4a_3x3", basic(m, "Conv2d_3b_1x1", value), 1, 0, 0);
  value = m.max_pool("maxpool2", value, 3, 2);
  for (const char* part : {"5b", "5c", "5d"})
    value = module_a({m, fmt::format("Mixed_{}", part), value});
  value = module_b({m, "Mixed_6a", value});
  for (const char* part : {"6b", "6c", "6d", "6e"})
    value = module_c({m, fmt::format("Mixed_{}", part), value});
  value = module_d({m, "Mixed_7a", value});
  for (const char* part : {"7b", "7c"}) value = module_e({m, fmt::format("Mixed_{}", part), value});
  if (m.has_weights("fc")) m.linear("fc", m.global_average("avgpool", value));
  return m.finish("inception_v3", signed_input, "Mixed_6c", {"AuxLogits."});
}

}  // namespace reverie::pytorch
