#include "reverie/model/formats/pytorch/modules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "reverie/base/error.h"

namespace reverie::pytorch {
namespace {

constexpr std::int64_t max_kernel = 1 << 10;

Weights shared(Tensor tensor) { return std::make_shared<const Tensor>(std::move(tensor)); }

}  // namespace

Modules::Modules(const Checkpoint& checkpoint) : checkpoint_(checkpoint) {
  add_layer("x", Input{3}, {}, 3);
}

std::vector<std::int64_t> Modules::extents(const std::string& module) const {
  const std::string name = module + ".weight";
  if (!checkpoint_.has(name))
    throw BadModel(fmt::format("'{}' has no tensor '{}'", checkpoint_.file(), name));
  return checkpoint_.extents(name);
}

Tensor Modules::read(const std::string& name, const std::vector<std::int64_t>& expected) {
  if (!checkpoint_.has(name))
    throw BadModel(fmt::format("'{}' has no tensor '{}'", checkpoint_.file(), name));
  const std::vector<std::int64_t> found = checkpoint_.extents(name);
  if (found != expected)
    throw BadModel(fmt::format("'{}': tensor '{}' is [{}], expected [{}]", checkpoint_.file(), name,
                               fmt::join(found, ","), fmt::join(expected, ",")));
  used_.insert(name);
  Tensor flat = checkpoint_.read(name);
  Shape shape;
  for (const std::int64_t extent : expected) shape.append(extent);
  Tensor shaped = Tensor::uninitialized(shape);
  std::copy_n(flat.data(), flat.size(), shaped.data());
  return shaped;
}

int Modules::add_layer(const std::string& name, Op op, std::vector<int> from,
                       std::int64_t channels) {
  channels_.push_back(channels);
  return graph_.add(name, std::move(op), std::move(from));
}

int Modules::name(const std::string& name, int layer) {
  if (graph_.find(name) < 0) graph_.aliases.emplace(name, layer);
  return layer;
}

// Layers ----------------------------------------------------------------------------------------

int Modules::convolution(const std::string& name, int from, int stride) {
  const std::vector<std::int64_t> shape = extents(name);
  const bool fits = shape.size() == 4 && std::max(shape[2], shape[3]) <= max_kernel;
  const auto half = [&](std::size_t axis) { return fits ? static_cast<int>(shape[axis] / 2) : 0; };
  return convolution(name, from, stride, half(2), half(3));
}

// The number of groups follows from the input's channels.
int Modules::convolution(const std::string& name, int from, int stride, int pad_h, int pad_w) {
  const std::vector<std::int64_t> shape = extents(name);
  const std::int64_t in = channels(from);
  if (shape.size() != 4 || shape[1] < 1 || in % shape[1] != 0 || shape[0] % (in / shape[1]) != 0 ||
      std::max(shape[2], shape[3]) > max_kernel)
    throw BadModel(fmt::format("'{}': tensor '{}.weight' is [{}], which does not fit {} channels",
                               checkpoint_.file(), name, fmt::join(shape, ","), in));
  Convolution conv;
  conv.window.kernel_h = static_cast<int>(shape[2]);
  conv.window.kernel_w = static_cast<int>(shape[3]);
  conv.window.stride_h = conv.window.stride_w = stride;
  conv.window.padding = {Padding::Rule::given, pad_h, pad_w, pad_h, pad_w};
  conv.groups = static_cast<int>(in / shape[1]);
  conv.weights = shared(read(name + ".weight", shape));
  if (checkpoint_.has(name + ".bias")) conv.bias = shared(read(name + ".bias", {shape[0]}));
  return add_layer(name, std::move(conv), {from}, shape[0]);
}

int Modules::batch_norm(const std::string& name, int from, double epsilon) {
  const std::int64_t count = channels(from);
  Tensor scale = read(name + ".weight", {count}), shift = read(name + ".bias", {count});
  const Tensor mean = read(name + ".running_mean", {count});
  const Tensor variance = read(name + ".running_var", {count});
  for (std::int64_t c = 0; c < count; ++c) {
    const double spread = double{variance[c]} + epsilon;
    if (!(spread > 0))
      throw BadModel(fmt::format("'{}': channel {} of '{}.running_var' is {}, expected a variance",
                                 checkpoint_.file(), c, name, variance[c]));
    const double factor = scale[c] / std::sqrt(spread);
    scale[c] = static_cast<float>(factor);
    shift[c] = static_cast<float>(shift[c] - mean[c] * factor);
  }
  return add_layer(name, Affine{shared(std::move(scale)), shared(std::move(shift))}, {from}, count);
}

int Modules::relu(const std::string& name, int from) {
  return add_layer(name, Relu{}, {from}, channels(from));
}

int Modules::relu6(const std::string& name, int from) {
  return add_layer(name, Relu{0, 6}, {from}, channels(from));
}

int Modules::max_pool(const std::string& name, int from, int kernel, int stride, int pad,
                      bool ceil) {
  Pool pool;
  pool.window = {kernel, kernel, stride, stride, 1, 1, {Padding::Rule::given, pad, pad, pad, pad}};
  pool.rounding = ceil ? Pool::Rounding::up : Pool::Rounding::down;
  return add_layer(name, pool, {from}, channels(from));
}

int Modules::average_pool(const std::string& name, int from, int kernel, int stride, int pad) {
  Pool pool;
  pool.kind = Pool::Kind::average;
  pool.window = {kernel, kernel, stride, stride, 1, 1, {Padding::Rule::given, pad, pad, pad, pad}};
  return add_layer(name, pool, {from}, channels(from));
}

int Modules::global_average(const std::string& name, int from) {
  Pool pool;
  pool.kind = Pool::Kind::average;
  pool.global = true;
  return add_layer(name, pool, {from}, channels(from));
}

int Modules::linear(const std::string& name, int from) {
  const std::vector<std::int64_t> shape = extents(name);
  if (shape.size() != 2 || shape[1] % channels(from) != 0)
    throw BadModel(fmt::format("'{}': tensor '{}.weight' is [{}], which does not fit {} channels",
                               checkpoint_.file(), name, fmt::join(shape, ","), channels(from)));
  InnerProduct product;
  product.weights = shared(read(name + ".weight", shape));
  if (checkpoint_.has(name + ".bias")) product.bias = shared(read(name + ".bias", {shape[0]}));
  return add_layer(name, std::move(product), {from}, shape[0]);
}

int Modules::concat(const std::string& name, std::vector<int> from) {
  std::int64_t sum = 0;
  for (const int layer : from) sum += channels(layer);
  return add_layer(name, Concat{}, std::move(from), sum);
}

int Modules::add(const std::string& name, int a, int b) {
  if (channels(a) != channels(b))
    throw BadModel(fmt::format("'{}': '{}' adds {} and {} channels", checkpoint_.file(), name,
                               channels(a), channels(b)));
  return add_layer(name, Eltwise{}, {a, b}, channels(a));
}

PytorchNetwork Modules::finish(const std::string& architecture, const InputTransform& transform,
                               const std::string& default_layer,
                               const std::vector<std::string>& others) {
  for (const std::string& name : checkpoint_.names()) {
    const bool is_known = used_.count(name) > 0 || name.ends_with(".num_batches_tracked") ||
                          std::any_of(others.begin(), others.end(), [&](const std::string& other) {
                            return name.starts_with(other);
                          });
    if (!is_known)
      throw Unsupported(fmt::format("'{}' is no {} of torchvision: it has a tensor '{}', too; {}",
                                    checkpoint_.file(), architecture, name, export_advice));
  }
  PytorchNetwork network{std::move(graph_), transform, default_layer};
  network.graph.name = architecture;
  return network;
}

}  // namespace reverie::pytorch
