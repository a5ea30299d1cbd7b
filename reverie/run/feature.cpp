#include "reverie/run/feature.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "reverie/ascent/mover.h"
#include "reverie/ascent/normalise.h"
#include "reverie/base/error.h"
#include "reverie/gradient/measure.h"
#include "reverie/gradient/objective.h"

namespace reverie {
namespace {

constexpr float ground = 127.5f;
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

void pose_picture(ConstView picture, const Pose& pose, View scratch, View canvas) {
  std::fill(scratch.elements().begin(), scratch.elements().end(), ground);
  for (std::int64_t c = 0; c < picture.shape().channels(); ++c)
    for (std::int64_t y = 0; y < picture.shape().height(); ++y)
      std::copy_n(&picture.at(c, y, 0), picture.shape().width(),
                  &scratch.at(c, y + pose.offset.y, pose.offset.x));
  sway_picture(scratch, pose.sway, canvas);
}

void unpose_slope(ConstView canvas_slope, const Pose& pose, View scratch, View picture_slope) {
  unsway_slope(canvas_slope, pose.sway, scratch);
  const Shape& shape = picture_slope.shape();
  for (std::int64_t c = 0; c < shape.channels(); ++c)
    for (std::int64_t y = 0; y < shape.height(); ++y)
      std::copy_n(&scratch.at(c, y + pose.offset.y, pose.offset.x), shape.width(),
                  &picture_slope.at(c, y, 0));
}

Pose draw_pose(std::uint64_t seed, int channel, int iteration) {
  RandomStream stream = Random(seed).at(RandomUse::sway, static_cast<std::uint32_t>(channel), 0,
                                        static_cast<std::uint32_t>(iteration));
  const auto shift = [&] {
    const int first = stream.uniform_int(0, 8);
    return pose_room - first - stream.uniform_int(0, 4);
  };
  Pose pose;
  pose.offset.x = shift();
  pose.offset.y = shift();
  pose.sway.scale = 1 + (stream.uniform_int(0, 10) - 5) / 50.0;
  // Every whole degree once, and 0 five times more
  const int turn = stream.uniform_int(0, 25);
  pose.sway.degrees = turn > 20 ? 0 : turn - 10;
  return pose;
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

FeatureClimb::FeatureClimb(FeatureNetwork& network, const AtlasSettings& settings)
    : network_(network), settings_(settings), fourier_(settings.size, settings.size) {
  const std::int64_t side = settings.size + pose_room;
  plan_ = network_.compile(side);
  picture_ = Tensor::uninitialized(fourier_.picture_shape());
  picture_slope_ = Tensor::uninitialized(fourier_.picture_shape());
  spectrum_slope_ = Tensor::uninitialized(fourier_.spectrum_shape());
  for (Tensor* tensor : {&canvas_, &canvas_slope_, &scratch_})
    *tensor = Tensor::uninitialized({3, side, side});
}

Plan& FeatureClimb::leaky_plan() {
  if (!leaky_) leaky_ = network_.compile_leaky(settings_.size + pose_room);
  return *leaky_;
}

// The mean of |slope| at the canvas; the slope at the picture is in picture_slope_.
double FeatureClimb::slope_at(Plan& plan, int channel, const Pose& pose) {
  plan.forward(canvas_);
  const View seed = plan.seed(0);
  std::fill(seed.elements().begin(), seed.elements().end(), 0.f);
  add_measure(Measure::mean, plan.activation(0), {channel}, 1, seed);
  plan.backward(canvas_slope_);
  const double size = mean_abs(canvas_slope_);
  if (!std::isfinite(size))
    throw NonFinite(fmt::format("channel {}: the gradient is not finite", channel));
  unpose_slope(canvas_slope_, pose, scratch_, picture_slope_);
  return size;
}

Tensor FeatureClimb::climb(int channel, const CancelToken* cancel) {
  Tensor spectrum = Tensor::uninitialized(fourier_.spectrum_shape());
  fill_normal(
      Random(settings_.seed).at(RandomUse::noise, static_cast<std::uint32_t>(channel), 0, 0),
      start_deviation, spectrum);
  Mover mover(spectrum.shape(), Optimiser::adam, adam_memory);
  for (int iteration = 0; iteration < settings_.iterations; ++iteration) {
    if (cancel && cancel->cancelled()) return {};

    // Show the picture in another pose each time: what stays is form, and not the network's grain
    const Pose pose = draw_pose(settings_.seed, channel, iteration);
    fourier_.render(spectrum, picture_);
    pose_picture(picture_, pose, scratch_, canvas_);

    // Ask the network which way is up; of a channel that is silent everywhere, the leaky one
    if (slope_at(*plan_, channel, pose) == 0) slope_at(leaky_plan(), channel, pose);

    fourier_.pull_back(picture_slope_, spectrum_slope_);
    mover.move(spectrum_slope_, {}, rate, rate, false, spectrum);
  }
  fourier_.render(spectrum, picture_);
  return picture_.clone();
}

}  // namespace reverie
