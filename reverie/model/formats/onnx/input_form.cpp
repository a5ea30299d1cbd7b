#include "reverie/model/formats/onnx/input_form.h"

#include <algorithm>
#include <cmath>

#include "reverie/model/input_transform.h"

namespace reverie::onnx {
namespace {

constexpr InputTransform bytes_input{{0, 1, 2}, {0, 0, 0}, {1, 1, 1}};
constexpr InputTransform unit_input{{0, 1, 2}, {0, 0, 0}, {1 / 255.f, 1 / 255.f, 1 / 255.f}};

// (x - mean) / deviation
struct Normalization {
  std::vector<double> mean, deviation;
  bool reorders = false;
};

bool all_of(const std::vector<double>& numbers, double least, double most) {
  return std::all_of(numbers.begin(), numbers.end(),
                     [&](double number) { return number >= least && number <= most; });
}

// The layer that alone reads this one, or -1.
int only_reader(const Graph& graph, int layer) {
  int reader = -1;
  for (std::size_t i = 0; i < graph.layers.size(); ++i)
    for (const int input : graph.layers[i].inputs) {
      if (input != layer) continue;
      if (reader >= 0) return -1;
      reader = static_cast<int>(i);
    }
  return reader;
}

// What the layers between the input and the first that is no normalization do together.
std::optional<Normalization> first_normalization(const Graph& graph) {
  std::vector<double> scale, shift;
  bool reorders = false;
  for (int at = only_reader(graph, 0); at >= 0; at = only_reader(graph, at)) {
    const Op& op = graph.layers[static_cast<std::size_t>(at)].op;
    const auto* conv = std::get_if<Convolution>(&op);
    const bool is_grey = at == 1 && conv != nullptr && conv->weights->size() == 3;
    if (std::holds_alternative<SelectChannels>(op)) reorders = true;
    if (is_grey || std::holds_alternative<SelectChannels>(op)) continue;
    const auto* affine = std::get_if<Affine>(&op);
    if (affine == nullptr) break;
    const auto count = static_cast<std::size_t>(affine->scale->size());
    if (scale.empty()) {
      scale.assign(count, 1);
      shift.assign(count, 0);
    }
    if (scale.size() != count) break;
    for (std::size_t c = 0; c < count; ++c) {
      const double factor = (*affine->scale)[static_cast<std::int64_t>(c)];
      scale[c] *= factor;
      shift[c] = shift[c] * factor + (*affine->shift)[static_cast<std::int64_t>(c)];
    }
  }
  if (scale.empty()) return std::nullopt;
  Normalization result;
  result.reorders = reorders;
  for (std::size_t c = 0; c < scale.size(); ++c) {
    if (!(scale[c] > 0)) return std::nullopt;
    result.mean.push_back(-shift[c] / scale[c]);
    result.deviation.push_back(1 / scale[c]);
  }
  return result;
}

// Means of blue, green, red: Caffe's order.
bool is_blue_first(const Normalization& found) {
  constexpr std::array<double, 3> blue_first{104, 117, 123};
  if (found.mean.size() != 3 || found.reorders) return false;
  for (std::size_t c = 0; c < 3; ++c)
    if (std::abs(found.mean[c] - blue_first[c]) > 2) return false;
  return true;
}

}  // namespace

std::optional<InputTransform> stated_input(const Graph& graph, bool is_bytes) {
  const auto found = first_normalization(graph);
  if (found && is_blue_first(*found)) {
    InputTransform transform = bytes_input;
    transform.order = {2, 1, 0};
    return transform;
  }
  if (is_bytes) return bytes_input;
  if (!found) return std::nullopt;
  const auto& [mean, deviation, reorders] = *found;
  const bool has_zero_mean = all_of(mean, -1e-3, 1e-3);
  if (all_of(mean, 2, 300) || (has_zero_mean && all_of(deviation, 50, 300))) return bytes_input;
  if (has_zero_mean && all_of(deviation, 0.003, 0.02)) return unit_input;
  if (all_of(mean, 0.1, 0.7) && all_of(deviation, 0.001, 1.01)) return unit_input;
  if (all_of(mean, 0.03, 0.7) && all_of(deviation, 1.5, 3)) return torch_input;
  return std::nullopt;
}

}  // namespace reverie::onnx
