#include "reverie/atlas/feature.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "reverie/ascent/normalize.h"
#include "reverie/ascent/optimizer.h"
#include "reverie/base/error.h"
#include "reverie/gradient/objective.h"
#include "reverie/gradient/reduction.h"

namespace reverie {
namespace {

constexpr float mid_grey = 127.5f;
constexpr double rate = 0.05, adam_memory = 0.9;
constexpr float start_deviation = 0.01f;  // of a new spectrum: all but grey
constexpr float leak = 0.1f;

Graph with_leaks(Graph graph) {
  for (Layer& layer : graph.layers) {
    if (auto* const relu = std::get_if<Relu>(&layer.op))
      relu->negative_slope = std::max(relu->negative_slope, leak);
    if (auto* const convolution = std::get_if<Convolution>(&layer.op);
        convolution && convolution->relu)
      convolution->relu = std::max(*convolution->relu, leak);
  }
  return graph;
}

// Normally distributed numbers. Source: Box and Muller, 1958.
void fill_normal(RandomStream stream, float deviation, View values) {
  for (float& v : values.elements()) {
    const float radius = std::sqrt(-2 * std::log(1 - stream.uniform()));
    v = deviation * radius * std::cos(2 * std::numbers::pi_v<float> * stream.uniform());
  }
}

}  // namespace

void transform_picture(ConstView picture, const Transform& transform, View scratch, View canvas) {
  std::fill(scratch.elements().begin(), scratch.elements().end(), mid_grey);
  for (std::int64_t c = 0; c < picture.shape().channels(); ++c)
    for (std::int64_t y = 0; y < picture.shape().height(); ++y)
      std::copy_n(&picture.at(c, y, 0), picture.shape().width(),
                  &scratch.at(c, y + transform.offset.y, transform.offset.x));
  augment(scratch, transform.augmentation, canvas);
}

void transform_picture_transpose(ConstView canvas_grad, const Transform& transform, View scratch,
                                 View picture_grad) {
  augment_transpose(canvas_grad, transform.augmentation, scratch);
  const Shape& shape = picture_grad.shape();
  for (std::int64_t c = 0; c < shape.channels(); ++c)
    for (std::int64_t y = 0; y < shape.height(); ++y)
      std::copy_n(&scratch.at(c, y + transform.offset.y, transform.offset.x), shape.width(),
                  &picture_grad.at(c, y, 0));
}

Transform draw_transform(std::uint64_t seed, int channel, int iteration) {
  RandomStream stream =
      Random(seed).at(RandomUse::augmentation, static_cast<std::uint32_t>(channel), 0,
                      static_cast<std::uint32_t>(iteration));
  const auto shift = [&] {
    const int first = stream.uniform_int(0, 8);
    return transform_padding - first - stream.uniform_int(0, 4);
  };
  Transform transform;
  transform.offset.x = shift();
  transform.offset.y = shift();
  transform.augmentation.scale = 1 + (stream.uniform_int(0, 10) - 5) / 50.0;
  // Every whole degree once, and 0 five times more
  const int turn = stream.uniform_int(0, 25);
  transform.augmentation.degrees = turn > 20 ? 0 : turn - 10;
  return transform;
}

FeatureNetwork::FeatureNetwork(const Network& network, const std::string& layer,
                               Precision precision, Device device)
    : precision_(precision), device_(device) {
  const BoundObjective bound = bind(Objective{{Term{layer, {}, 1, nullptr}}}, network.graph);
  channels_ = static_cast<std::int64_t>(bound.terms[0].channels.size());
  target_ = bound.layers;
  leaky_graph_ = with_leaks(network.graph);
  compiler_ = make_compiler(network.graph, target_, precision_, device_);
}

std::unique_ptr<Plan> FeatureNetwork::compile(std::int64_t side) {
  const std::lock_guard lock(mutex_);
  return compiler_->compile(side, side);
}

std::unique_ptr<Plan> FeatureNetwork::compile_leaky(std::int64_t side) {
  const std::lock_guard lock(mutex_);
  if (!leaky_) leaky_ = make_compiler(leaky_graph_, target_, precision_, device_);
  return leaky_->compile(side, side);
}

FeatureAscent::FeatureAscent(FeatureNetwork& network, const AtlasSettings& settings)
    : network_(network), settings_(settings), fourier_(settings.size, settings.size) {
  const std::int64_t side = settings.size + transform_padding;
  plan_ = network_.compile(side);
  picture_ = Tensor::uninitialized(fourier_.picture_shape());
  picture_grad_ = Tensor::uninitialized(fourier_.picture_shape());
  spectrum_grad_ = Tensor::uninitialized(fourier_.spectrum_shape());
  for (Tensor* tensor : {&canvas_, &canvas_grad_, &scratch_})
    *tensor = Tensor::uninitialized({3, side, side});
}

Plan& FeatureAscent::leaky_plan() {
  if (!leaky_) leaky_ = network_.compile_leaky(settings_.size + transform_padding);
  return *leaky_;
}

// The mean of |gradient| at the canvas; the gradient at the picture is in picture_slope_.
double FeatureAscent::grad_at(Plan& plan, int channel, const Transform& transform) {
  plan.forward(canvas_);
  const View output_grad = plan.output_grad(0);
  std::fill(output_grad.elements().begin(), output_grad.elements().end(), 0.f);
  add_reduction(Reduction::mean, plan.activation(0), {channel}, 1, output_grad);
  plan.backward(canvas_grad_);
  const double size = mean_abs(canvas_grad_);
  if (!std::isfinite(size))
    throw NonFinite(
        fmt::format("channel {}: the gradient is not finite; leave this channel out", channel));
  transform_picture_transpose(canvas_grad_, transform, scratch_, picture_grad_);
  return size;
}

Tensor FeatureAscent::ascend(int channel, const CancelToken* cancel) {
  Tensor spectrum = Tensor::uninitialized(fourier_.spectrum_shape());
  fill_normal(
      Random(settings_.seed).at(RandomUse::noise, static_cast<std::uint32_t>(channel), 0, 0),
      start_deviation, spectrum);
  Optimizer optimizer(spectrum.shape(), OptimizerKind::adam, adam_memory);
  for (int iteration = 0; iteration < settings_.iterations; ++iteration) {
    if (cancel && cancel->cancelled()) return {};

    // Transform the picture at random each time, so that shapes grow and not noise
    const Transform transform = draw_transform(settings_.seed, channel, iteration);
    fourier_.render(spectrum, picture_);
    transform_picture(picture_, transform, scratch_, canvas_);

    // Ask the network which way is up; of a channel that is silent everywhere, the leaky one
    if (grad_at(*plan_, channel, transform) == 0) grad_at(leaky_plan(), channel, transform);

    fourier_.pull_back(picture_grad_, spectrum_grad_);
    optimizer.move(spectrum_grad_, {}, rate, rate, false, spectrum);
  }
  fourier_.render(spectrum, picture_);
  return picture_.clone();
}

}  // namespace reverie
