#include "reverie/model/formats/onnx/simplify.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace reverie::onnx {
namespace {

using Function = Activation::Function;

// scale * x + shift of another layer's x, the same for all channels.
struct Line {
  int layer = -1;
  double scale = 1, shift = 0;
};

bool is_near(double a, double b) { return std::abs(a - b) <= 2e-5 * std::max(std::abs(b), 1e-3); }

std::optional<double> uniform(const Weights& numbers) {
  if (!numbers || numbers->size() == 0) return std::nullopt;
  const float first = (*numbers)[0];
  for (std::int64_t i = 1; i < numbers->size(); ++i)
    if ((*numbers)[i] != first) return std::nullopt;
  return first;
}

class Simplifier {
 public:
  explicit Simplifier(Graph& graph) : graph_(graph), inside_(graph.layers.size(), false) {
    readers_.assign(graph.layers.size(), 0);
    for (const Layer& layer : graph.layers)
      for (const int input : layer.inputs) ++readers_[static_cast<std::size_t>(input)];
  }

  void run(const std::vector<int>& kept, const std::vector<int>& spare) {
    for (std::size_t i = 0; i < graph_.layers.size(); ++i) {
      const int at = static_cast<int>(i);
      (void)(gelu(at) || gated(at) || layer_norm(at) || scaled_norm(at) || lrn(at) || rejoined(at));
    }
    for (const int layer : spare) inside_[static_cast<std::size_t>(layer)] = true;
    for (const int layer : kept) ++readers_[static_cast<std::size_t>(layer)];
    drop();
  }

 private:
  Layer& layer(int at) { return graph_.layers[static_cast<std::size_t>(at)]; }
  const Layer& layer(int at) const { return graph_.layers[static_cast<std::size_t>(at)]; }
  template <class Kind>
  const Kind* op(int at) const {
    return std::get_if<Kind>(&layer(at).op);
  }
  int input(int at, std::size_t i = 0) const { return layer(at).inputs[i]; }
  int readers(int at) const { return readers_[static_cast<std::size_t>(at)]; }

  bool is(int at, Function function) const {
    const auto* activation = op<Activation>(at);
    return activation != nullptr && activation->function == function;
  }
  bool is_pair(int at, Eltwise::Operation operation) const {
    const auto* eltwise = op<Eltwise>(at);
    return eltwise != nullptr && eltwise->operation == operation && layer(at).inputs.size() == 2;
  }
  bool is_product(int at) const { return is_pair(at, Eltwise::Operation::product); }
  bool is_difference(int at) const {
    return is_pair(at, Eltwise::Operation::sum) &&
           op<Eltwise>(at)->coefficients == std::vector<float>{1, -1};
  }
  bool is_square_of(int at, int of) const {
    if (is(at, Function::power) && op<Activation>(at)->a == 2) return same(input(at), of);
    return is_product(at) && same(input(at, 0), of) && same(input(at, 1), of);
  }
  // Whether two layers are one, or the same difference computed twice.
  bool same(int a, int b) const {
    return a == b || (is_difference(a) && is_difference(b) && layer(a).inputs == layer(b).inputs);
  }

  Line line(int at) const {
    Line result{at};
    for (int steps = 0; steps < 8; ++steps) {
      const auto* affine = op<Affine>(result.layer);
      if (affine == nullptr) break;
      const auto scale = uniform(affine->scale), shift = uniform(affine->shift);
      if (!scale || !shift) break;
      result.shift += result.scale * *shift;
      result.scale *= *scale;
      result.layer = input(result.layer);
    }
    return result;
  }

  // Makes `at` an op of `from`; what it was made of may go.
  void become(int at, Op op, const std::vector<int>& from) {
    Layer& whole = layer(at);
    std::vector<int> before = whole.inputs;
    for (const int read : from) ++readers_[static_cast<std::size_t>(read)];
    whole.op = std::move(op);
    whole.inputs = from;
    for (const int read : before) release(read, from);
  }

  void release(int at, const std::vector<int>& sources) {
    if (--readers_[static_cast<std::size_t>(at)] > 0) return;
    if (std::find(sources.begin(), sources.end(), at) != sources.end()) return;
    inside_[static_cast<std::size_t>(at)] = true;
  }

  // x * (1 + erf(x / sqrt(2))) / 2, its factors in any order; the same with tanh.
  bool gelu(int at) {
    const Line root = line(at);
    if (!is_product(root.layer) || root.shift != 0) return false;
    if (root.layer != at && readers(root.layer) != 1) return false;
    for (const std::size_t first : {std::size_t{0}, std::size_t{1}}) {
      const Line x = line(input(root.layer, first)), gate = line(input(root.layer, 1 - first));
      const double half = root.scale * x.scale * gate.scale;
      if (x.shift != 0 || !is_near(gate.shift, gate.scale) || !is_near(half, 0.5)) continue;
      if (is(gate.layer, Function::erf)) {
        const Line inside = line(input(gate.layer));
        const bool fits = inside.shift == 0 && is_near(inside.scale, std::sqrt(0.5));
        // x itself may be a scaled layer
        const int source = source_of(input(root.layer, first), inside.layer);
        if (fits && source >= 0) return become(at, Activation{Function::gelu}, {source}), true;
      }
      if (is(gate.layer, Function::tanh)) {
        const int source = cubic_source(input(gate.layer));
        if (source >= 0 && source_of(input(root.layer, first), source) == source)
          return become(at, Activation{Function::gelu_tanh}, {source}), true;
      }
    }
    return false;
  }

  // `wanted` where a chain of scales from `at` meets it, else -1.
  int source_of(int at, int wanted) const { return line(at).layer == wanted ? wanted : -1; }

  // The x of sqrt(2 / pi) * (x + 0.044715 * x^3), or -1.
  int cubic_source(int at) const {
    const Line outer = line(at);
    constexpr double factor = 0.7978845608028654;
    if (!is_near(outer.scale, factor) || outer.shift != 0 ||
        !is_pair(outer.layer, Eltwise::Operation::sum) ||
        !op<Eltwise>(outer.layer)->coefficients.empty())
      return -1;
    for (const std::size_t first : {std::size_t{0}, std::size_t{1}}) {
      const int x = input(outer.layer, first);
      const Line cube = line(input(outer.layer, 1 - first));
      if (!is_near(cube.scale, 0.044715) || cube.shift != 0) continue;
      const bool is_power = is(cube.layer, Function::power) && op<Activation>(cube.layer)->a == 3 &&
                            input(cube.layer) == x;
      const bool is_products =
          is_product(cube.layer) &&
          ((input(cube.layer, 0) == x && is_square_of(input(cube.layer, 1), x)) ||
           (input(cube.layer, 1) == x && is_square_of(input(cube.layer, 0), x)));
      if (is_power || is_products) return x;
    }
    return -1;
  }

  // x times a function of x: SiLU, hard swish, Mish.
  bool gated(int at) {
    const Line root = line(at);
    if (!is_product(root.layer) || root.shift != 0) return false;
    if (root.layer != at && readers(root.layer) != 1) return false;
    for (const std::size_t first : {std::size_t{0}, std::size_t{1}}) {
      const int x = input(root.layer, first);
      const Line gate = line(input(root.layer, 1 - first));
      if (gate.shift != 0) continue;
      const double scale = root.scale * gate.scale;
      if (is(gate.layer, Function::sigmoid) && is_near(scale, 1)) {
        const Line inside = line(input(gate.layer));
        if (inside.layer == x && inside.shift == 0)
          return become(at, Activation{Function::silu, static_cast<float>(inside.scale)}, {x}),
                 true;
      }
      const auto* sigmoid = op<Activation>(gate.layer);
      if (is(gate.layer, Function::hard_sigmoid) && is_near(scale, 1) && input(gate.layer) == x &&
          is_near(sigmoid->a, 1. / 6) && sigmoid->b == 0.5f)
        return become(at, Activation{Function::hard_swish}, {x}), true;
      if (const auto* relu = op<Relu>(gate.layer); relu != nullptr && relu->ceiling == 6 &&
                                                   relu->negative_slope == 0 &&
                                                   is_near(scale, 1. / 6)) {
        const Line inside = line(input(gate.layer));
        if (inside.layer == x && inside.scale == 1 && inside.shift == 3)
          return become(at, Activation{Function::hard_swish}, {x}), true;
      }
      if (is(gate.layer, Function::tanh) && is_near(scale, 1) &&
          is(input(gate.layer), Function::softplus) && input(input(gate.layer)) == x)
        return become(at, Activation{Function::mish}, {x}), true;
    }
    return false;
  }

  // The layer of which this is the mean over channels, or -1.
  int mean_source(int at) const {
    const auto* conv = op<Convolution>(at);
    if (conv == nullptr || conv->bias || conv->window != Window{} || conv->groups != 1 ||
        conv->weights->shape()[0] != 1)
      return -1;
    const auto weight = uniform(conv->weights);
    const auto count = static_cast<double>(conv->weights->size());
    return weight && is_near(*weight * count, 1) ? input(at) : -1;
  }

  // (x - mean) / sqrt(mean of (x - mean)^2 + epsilon)
  bool layer_norm(int at) {
    if (!is_product(at)) return false;
    for (const std::size_t first : {std::size_t{0}, std::size_t{1}}) {
      const int centred = input(at, first);
      if (!is_difference(centred) || mean_source(input(centred, 1)) != input(centred, 0)) continue;

      // One over the root, in one power or two
      double power = 1;
      int inner = input(at, 1 - first);
      while (is(inner, Function::power)) {
        power *= op<Activation>(inner)->a;
        inner = input(inner);
      }
      const Line variance = line(inner);
      if (power != -0.5 || variance.scale != 1) continue;
      const int squares = mean_source(variance.layer);
      if (squares < 0 || !is_square_of(squares, centred)) continue;
      Normalize normalize;
      normalize.over = Normalize::Over::pixel;
      normalize.epsilon = static_cast<float>(variance.shift);
      become(at, normalize, {input(centred, 0)});
      return true;
    }
    return false;
  }

  // Scales and shifts after a normalization that nothing else reads become its own.
  bool scaled_norm(int at) {
    const auto* affine = op<Affine>(at);
    if (affine == nullptr) return false;
    const int before = input(at);
    const auto* norm = op<Normalize>(before);
    if (norm == nullptr || readers(before) != 1) return false;
    const std::int64_t count = affine->scale->size();
    if ((norm->scale && norm->scale->size() != count) ||
        (norm->shift && norm->shift->size() != count))
      return false;
    Normalize whole = *norm;
    Tensor scale({count}), shift({count});
    for (std::int64_t c = 0; c < count; ++c) {
      scale[c] = (*affine->scale)[c] * (norm->scale ? (*norm->scale)[c] : 1);
      shift[c] = (*affine->scale)[c] * (norm->shift ? (*norm->shift)[c] : 0) + (*affine->shift)[c];
    }
    whole.scale = std::make_shared<const Tensor>(std::move(scale));
    whole.shift = std::make_shared<const Tensor>(std::move(shift));
    become(at, whole, {input(before)});
    return true;
  }

  // The size of a window over channels that a convolution averages, or 0.
  int averaged_channels(int at) const {
    const auto* conv = op<Convolution>(at);
    if (conv == nullptr || conv->bias || conv->window != Window{} || conv->groups != 1) return 0;
    const Tensor& weights = *conv->weights;
    const std::int64_t count = weights.shape()[0];
    if (weights.shape()[1] != count || count < 2) return 0;
    std::int64_t half = 0;
    while (half + 1 < count && weights[half + 1] == weights[0]) ++half;
    const std::int64_t size = 2 * half + 1;
    if (!is_near(static_cast<double>(weights[0]) * static_cast<double>(size), 1)) return 0;
    for (std::int64_t out = 0; out < count; ++out)
      for (std::int64_t in = 0; in < count; ++in)
        if (weights[out * count + in] != (std::abs(in - out) <= half ? weights[0] : 0)) return 0;
    return static_cast<int>(size);
  }

  // x / (k + alpha * mean of neighbours' squares)^beta
  bool lrn(int at) {
    if (!is_product(at)) return false;
    for (const std::size_t first : {std::size_t{0}, std::size_t{1}}) {
      const int x = input(at, first);
      double power = 1;
      int inner = input(at, 1 - first);
      while (is(inner, Function::power)) {
        power *= op<Activation>(inner)->a;
        inner = input(inner);
      }
      if (power >= 0) continue;
      const Line mean = line(inner);
      const int size = averaged_channels(mean.layer);
      if (size == 0 || mean.shift <= 0 || !is_square_of(input(mean.layer), x)) continue;
      Lrn lrn;
      lrn.size = size;
      lrn.alpha = static_cast<float>(mean.scale / size);
      lrn.beta = static_cast<float>(-power);
      lrn.k = static_cast<float>(mean.shift);
      become(at, lrn, {x});
      return true;
    }
    return false;
  }

  // Channels of a layer, each with a scale and a shift.
  struct Channels {
    int layer = -1;
    std::vector<int> which;
    std::vector<double> scale, shift;
  };

  std::optional<Channels> taken_channels(int at) const {
    std::vector<std::pair<double, double>> lines;  // of each channel, from here on
    for (int steps = 0; steps < 16; ++steps) {
      if (const auto* select = op<SelectChannels>(at)) {
        Channels result{input(at), select->channels, {}, {}};
        lines.resize(select->channels.size(), {1, 0});
        for (const auto& [scale, shift] : lines) {
          result.scale.push_back(scale);
          result.shift.push_back(shift);
        }
        return result;
      }
      const auto* affine = op<Affine>(at);
      if (affine == nullptr) return std::nullopt;
      lines.resize(static_cast<std::size_t>(affine->scale->size()), {1, 0});
      for (std::size_t c = 0; c < lines.size(); ++c) {
        const auto channel = static_cast<std::int64_t>(c);
        lines[c].second += lines[c].first * static_cast<double>((*affine->shift)[channel]);
        lines[c].first *= static_cast<double>((*affine->scale)[channel]);
      }
      at = input(at);
    }
    return std::nullopt;
  }

  bool rejoined(int at) {
    if (op<Concat>(at) == nullptr) return false;
    Channels all;
    for (const int from : layer(at).inputs) {
      const auto part = taken_channels(from);
      if (!part || (all.layer >= 0 && part->layer != all.layer)) return false;
      all.layer = part->layer;
      all.which.insert(all.which.end(), part->which.begin(), part->which.end());
      all.scale.insert(all.scale.end(), part->scale.begin(), part->scale.end());
      all.shift.insert(all.shift.end(), part->shift.begin(), part->shift.end());
    }
    const bool is_plain =
        std::all_of(all.scale.begin(), all.scale.end(), [](double s) { return s == 1; }) &&
        std::all_of(all.shift.begin(), all.shift.end(), [](double s) { return s == 0; });
    if (is_plain) return become(at, SelectChannels{all.which}, {all.layer}), true;

    // In their order: scales alone. Only the input's number of channels is known here
    const auto* source = op<Input>(all.layer);
    if (source == nullptr || static_cast<int>(all.which.size()) != source->channels) return false;
    for (std::size_t c = 0; c < all.which.size(); ++c)
      if (all.which[c] != static_cast<int>(c)) return false;
    const auto count = static_cast<std::int64_t>(all.which.size());
    Tensor scale({count}), shift({count});
    for (std::int64_t c = 0; c < count; ++c) {
      scale[c] = static_cast<float>(all.scale[static_cast<std::size_t>(c)]);
      shift[c] = static_cast<float>(all.shift[static_cast<std::size_t>(c)]);
    }
    become(at,
           Affine{std::make_shared<const Tensor>(std::move(scale)),
                  std::make_shared<const Tensor>(std::move(shift))},
           {all.layer});
    return true;
  }

  // Removes the layers that only parts of groups read, the last first.
  void drop() {
    std::vector<bool> goes(graph_.layers.size(), false);
    for (std::size_t i = graph_.layers.size(); i-- > 1;) {
      if (!inside_[i] || readers_[i] > 0) continue;
      goes[i] = true;
      for (const int read : graph_.layers[i].inputs) {
        --readers_[static_cast<std::size_t>(read)];
        inside_[static_cast<std::size_t>(read)] = inside_[static_cast<std::size_t>(read)] ||
                                                  readers_[static_cast<std::size_t>(read)] == 0;
      }
    }
    std::vector<int> places(graph_.layers.size(), -1);
    std::vector<Layer> layers;
    for (std::size_t i = 0; i < graph_.layers.size(); ++i) {
      if (goes[i]) continue;
      places[i] = static_cast<int>(layers.size());
      layers.push_back(std::move(graph_.layers[i]));
      for (int& read : layers.back().inputs) read = places[static_cast<std::size_t>(read)];
    }
    graph_.layers = std::move(layers);
    std::map<std::string, int, std::less<>> aliases;
    for (const auto& [name, index] : graph_.aliases)
      if (places[static_cast<std::size_t>(index)] >= 0)
        aliases.emplace(name, places[static_cast<std::size_t>(index)]);
    graph_.aliases = std::move(aliases);
  }

  Graph& graph_;
  std::vector<int> readers_;  // how many each layer has
  std::vector<bool> inside_;  // of a group that became one layer
};

}  // namespace

void simplify(Graph& graph, const std::vector<int>& kept, const std::vector<int>& spare) {
  Simplifier(graph).run(kept, spare);
}

}  // namespace reverie::onnx
