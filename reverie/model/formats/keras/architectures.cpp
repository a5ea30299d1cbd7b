// The networks of keras.applications, whose weights files do not say how their layers connect.
//
// Source: the programs that these files were published with: fchollet/deep-learning-models,
// keras-team/keras-applications, rcmalli/keras-squeezenet.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "reverie/base/error.h"
#include "reverie/model/formats/keras/architecture_writer.h"
#include "reverie/model/input_transform.h"

namespace reverie::keras {
namespace {

using Json = nlohmann::json;

constexpr InputTransform bgr_input{{2, 1, 0}, {103.939f, 116.779f, 123.68f}, {1, 1, 1}};

// BASE, BASE_1, BASE_2 ... of the file in order of their numbers, which is that of their creation;
// `count` of them, or BASE_1 to BASE_count where the file has another number.
Names numbered(const Names& layers, const std::string& base, std::size_t count) {
  std::vector<std::pair<int, std::string>> found;
  for (const std::string& name : layers) {
    if (!name.starts_with(base)) continue;
    int number = 0;
    if (name.size() > base.size()) {
      const char* begin = name.data() + base.size() + 1;
      const char* end = name.data() + name.size();
      if (name[base.size()] != '_' || std::from_chars(begin, end, number).ptr != end) continue;
    }
    found.emplace_back(number, name);
  }
  std::sort(found.begin(), found.end());
  Names names;
  for (const auto& [number, name] : found) names.push_back(name);
  if (names.size() == count) return names;
  names.clear();
  for (std::size_t i = 1; i <= count; ++i) names.push_back(fmt::format("{}_{}", base, i));
  return names;
}

// VGG -------------------------------------------------------------------------------------------

Architecture vgg(const Names& layers, const WeightSource& weights) {
  const bool deep = has(layers, "block5_conv4");
  Writer w;
  w.add("InputLayer", input_name(layers));
  constexpr int filters[] = {64, 128, 256, 512, 512};
  for (int block = 1; block <= 5; ++block) {
    const int count = block <= 2 ? 2 : deep ? 4 : 3;
    for (int i = 1; i <= count; ++i)
      w.convolution(fmt::format("block{}_conv{}", block, i), filters[block - 1], {3, 3}, "same",
                    {{"activation", "relu"}});
    w.pool("MaxPooling2D", fmt::format("block{}_pool", block), 2, 2, "valid");
  }
  if (has(layers, "fc1")) {
    w.add("Flatten", "flatten");
    w.dense(weights, "fc1", "relu");
    w.dense(weights, "fc2", "relu");
    w.dense(weights, "predictions", "softmax");
  }
  return {deep ? "vgg19" : "vgg16", w.take(), bgr_input};
}

// ResNet ----------------------------------------------------------------------------------------

// How the layers of a ResNet are called: Keras changed all names once.
struct ResNetNames {
  bool old = false;
  Names activations, additions;  // the old ones are numbered
  std::size_t blocks = 0;        // that have been named

  // part: 0 for the shortcut, 1 to 3.
  std::pair<std::string, std::string> convolution(int stage, int block, int part) const {
    if (!old)
      return {fmt::format("conv{}_block{}_{}_conv", stage, block + 1, part),
              fmt::format("conv{}_block{}_{}_bn", stage, block + 1, part)};
    const std::string tail =
        part == 0 ? fmt::format("{}{}_branch1", stage, char('a' + block))
                  : fmt::format("{}{}_branch2{}", stage, char('a' + block), char('a' + part - 1));
    return {"res" + tail, "bn" + tail};
  }
  std::string relu(int stage, int block, int part) const {
    if (old) return activations[3 * blocks + static_cast<std::size_t>(part)];
    return part == 3 ? fmt::format("conv{}_block{}_out", stage, block + 1)
                     : fmt::format("conv{}_block{}_{}_relu", stage, block + 1, part);
  }
  std::string sum(int stage, int block) const {
    return old ? additions[blocks] : fmt::format("conv{}_block{}_add", stage, block + 1);
  }
};

void write_block(Writer& w, ResNetNames& names, int stage, int block, double epsilon) {
  const std::int64_t filters = std::int64_t{64} << (stage - 2);
  const int stride = block == 0 && stage > 2 ? 2 : 1;
  const std::string input = w.last();
  const auto convolve = [&](int part, std::int64_t count, int kernel, int step) {
    const auto [conv, norm] = names.convolution(stage, block, part);
    w.convolution(conv, count, {kernel, kernel}, kernel == 1 ? "valid" : "same",
                  {{"strides", {step, step}}});
    w.add("BatchNormalization", norm, {{"epsilon", epsilon}});
  };
  std::string shortcut = input;
  if (block == 0) {
    convolve(0, 4 * filters, 1, stride);
    shortcut = w.last();
    w.go_back_to(input);
  }
  convolve(1, filters, 1, stride);
  w.activation(names.relu(stage, block, 1));
  convolve(2, filters, 3, 1);
  w.activation(names.relu(stage, block, 2));
  convolve(3, 4 * filters, 1, 1);
  const std::string deep = w.last();
  w.add("Add", names.sum(stage, block), Json::object(), {deep, shortcut});
  w.activation(names.relu(stage, block, 3));
  ++names.blocks;
}

Architecture resnet(const Names& layers, const WeightSource& weights) {
  ResNetNames names;
  names.old = has(layers, "res2a_branch2a");
  const double epsilon = names.old ? 1e-3 : 1.001e-5;

  // Count the blocks of each stage: 50, 101 and 152 layers differ in nothing else
  std::array<int, 6> blocks{};
  int total = 0;
  for (int stage = 2; stage <= 5; ++stage) {
    auto& count = blocks[static_cast<std::size_t>(stage)];
    while (has(layers, names.convolution(stage, count, 1).first)) ++count;
    total += count;
  }
  if (total > 100 || *std::min_element(blocks.begin() + 2, blocks.end()) == 0)
    throw Unsupported(
        fmt::format("'{}' holds the weights of a ResNet of {} blocks; 50, 101 and "
                    "152 layers are read",
                    weights.name(), total));
  if (names.old) {
    names.activations = numbered(layers, "activation", 1 + 3 * static_cast<std::size_t>(total));
    names.additions = numbered(layers, "add", static_cast<std::size_t>(total));
  }

  Writer w;
  w.add("InputLayer", input_name(layers));
  w.add("ZeroPadding2D", "conv1_pad", {{"padding", {{3, 3}, {3, 3}}}});
  w.convolution(names.old ? "conv1" : "conv1_conv", 64, {7, 7}, "valid", {{"strides", {2, 2}}});
  w.add("BatchNormalization", names.old ? "bn_conv1" : "conv1_bn", {{"epsilon", epsilon}});
  w.activation(names.old ? names.activations[0] : "conv1_relu");
  w.add("ZeroPadding2D", "pool1_pad", {{"padding", {{1, 1}, {1, 1}}}});
  w.pool("MaxPooling2D", names.old ? "max_pooling2d_1" : "pool1_pool", 3, 2, "valid");
  for (int stage = 2; stage <= 5; ++stage)
    for (int block = 0; block < blocks[static_cast<std::size_t>(stage)]; ++block)
      write_block(w, names, stage, block, epsilon);
  for (const char* top : {"fc1000", "probs", "predictions"})
    if (has(layers, top)) {
      w.add("GlobalAveragePooling2D", "avg_pool");
      w.dense(weights, top, "softmax");
    }
  return {fmt::format("resnet{}", 3 * total + 2), w.take(), bgr_input};
}

// SqueezeNet ------------------------------------------------------------------------------------

Architecture squeezenet(const Names& layers, const WeightSource& weights) {
  Writer w;
  w.add("InputLayer", input_name(layers));
  w.convolution("conv1", 64, {3, 3}, "valid", {{"strides", {2, 2}}});
  w.activation("relu_conv1");
  w.pool("MaxPooling2D", "pool1", 3, 2, "valid");
  for (int fire = 2; fire <= 9; ++fire) {
    const std::string base = fmt::format("fire{}/", fire);
    const int squeezed = 16 * (fire / 2), expanded = 4 * squeezed;
    w.convolution(base + "squeeze1x1", squeezed, {1, 1}, "valid");
    w.activation(base + "relu_squeeze1x1");
    const std::string squeeze = w.last();
    w.convolution(base + "expand1x1", expanded, {1, 1}, "valid");
    w.activation(base + "relu_expand1x1");
    w.convolution(base + "expand3x3", expanded, {3, 3}, "same", Json::object(), {squeeze});
    w.activation(base + "relu_expand3x3");
    w.add("Concatenate", base + "concat", {{"axis", 3}},
          {base + "relu_expand1x1", base + "relu_expand3x3"});
    if (fire == 3 || fire == 5) w.pool("MaxPooling2D", fmt::format("pool{}", fire), 3, 2, "valid");
  }
  if (has(layers, "conv10")) {
    const Names arrays = weights.arrays("conv10");
    const Extents kernel = arrays.empty() ? Extents{} : weights.extents("conv10", arrays[0]);
    w.convolution("conv10", kernel.size() == 4 ? kernel[3] : 1000, {1, 1}, "valid");
    w.activation("relu_conv10");
    w.add("GlobalAveragePooling2D", "global_average_pooling2d_1");
    w.activation("loss", "softmax");
  }
  return {"squeezenet", w.take(), bgr_input};
}

// Inception v3 ----------------------------------------------------------------------------------

class InceptionWriter {
 public:
  InceptionWriter(const Names& layers, const WeightSource& weights)
      : layers_(layers),
        weights_(weights),
        convolutions_(numbered(layers, "conv2d", 94)),
        norms_(numbered(layers, "batch_normalization", 94)),
        activations_(numbered(layers, "activation", 94)),
        averages_(numbered(layers, "average_pooling2d", 9)),
        maxima_(numbered(layers, "max_pooling2d", 4)),
        concats_(numbered(layers, "concatenate", 2)) {}

  std::vector<LayerSpec> run() {
    w_.add("InputLayer", input_name(layers_));
    stem();
    for (int i = 0; i < 3; ++i) block_a(i);
    block_b();
    constexpr int widths[] = {128, 160, 160, 192};
    for (int i = 4; i < 8; ++i) block_c(i, widths[i - 4]);
    block_d();
    for (int i = 9; i < 11; ++i) block_e(i);
    if (has(layers_, "predictions")) {
      w_.add("GlobalAveragePooling2D", "avg_pool");
      w_.dense(weights_, "predictions", "softmax");
    }
    return w_.take();
  }

 private:
  // Convolution, batch norm without a scale, ReLU; returns the last's name. In order of creation.
  std::string conv(const std::string& from, int filters, int height, int width, int stride = 1,
                   const char* padding = "same") {
    w_.go_back_to(from);
    w_.convolution(convolutions_[next_], filters, {height, width}, padding,
                   {{"strides", {stride, stride}}, {"use_bias", false}});
    w_.add("BatchNormalization", norms_[next_], {{"epsilon", 1e-3}, {"scale", false}});
    w_.activation(activations_[next_]);
    ++next_;
    return w_.last();
  }
  std::string average(const std::string& from) {
    w_.pool("AveragePooling2D", averages_[next_average_++], 3, 1, "same", {from});
    return w_.last();
  }
  std::string maximum(const std::string& from) {
    w_.pool("MaxPooling2D", maxima_[next_maximum_++], 3, 2, "valid", {from});
    return w_.last();
  }
  std::string concat(const std::string& name, Names parts) {
    return w_.add("Concatenate", name, {{"axis", 3}}, std::move(parts));
  }

  void stem() {
    const std::string a = conv(w_.last(), 32, 3, 3, 2, "valid");
    const std::string b = conv(conv(a, 32, 3, 3, 1, "valid"), 64, 3, 3);
    const std::string c = conv(maximum(b), 80, 1, 1, 1, "valid");
    maximum(conv(c, 192, 3, 3, 1, "valid"));
  }

  void block_a(int i) {
    const std::string x = w_.last();
    const std::string one = conv(x, 64, 1, 1);
    const std::string five = conv(conv(x, 48, 1, 1), 64, 5, 5);
    const std::string three = conv(conv(conv(x, 64, 1, 1), 96, 3, 3), 96, 3, 3);
    const std::string pooled = conv(average(x), i == 0 ? 32 : 64, 1, 1);
    concat(fmt::format("mixed{}", i), {one, five, three, pooled});
  }

  void block_b() {
    const std::string x = w_.last();
    const std::string three = conv(x, 384, 3, 3, 2, "valid");
    const std::string twice = conv(conv(conv(x, 64, 1, 1), 96, 3, 3), 96, 3, 3, 2, "valid");
    concat("mixed3", {three, twice, maximum(x)});
  }

  void block_c(int i, int n) {
    const std::string x = w_.last();
    const std::string one = conv(x, 192, 1, 1);
    const std::string seven = conv(conv(conv(x, n, 1, 1), n, 1, 7), 192, 7, 1);
    std::string twice = conv(conv(conv(x, n, 1, 1), n, 7, 1), n, 1, 7);
    twice = conv(conv(twice, n, 7, 1), 192, 1, 7);
    const std::string pooled = conv(average(x), 192, 1, 1);
    concat(fmt::format("mixed{}", i), {one, seven, twice, pooled});
  }

  void block_d() {
    const std::string x = w_.last();
    const std::string three = conv(conv(x, 192, 1, 1), 320, 3, 3, 2, "valid");
    std::string seven = conv(conv(conv(x, 192, 1, 1), 192, 1, 7), 192, 7, 1);
    seven = conv(seven, 192, 3, 3, 2, "valid");
    concat("mixed8", {three, seven, maximum(x)});
  }

  void block_e(int i) {
    const std::string x = w_.last();
    const auto fork = [&](const std::string& from, const std::string& name) {
      const std::string left = conv(from, 384, 1, 3), right = conv(from, 384, 3, 1);
      return concat(name, {left, right});
    };
    const std::string one = conv(x, 320, 1, 1);
    const std::string three = fork(conv(x, 384, 1, 1), fmt::format("mixed9_{}", i - 9));
    const std::string twice =
        fork(conv(conv(x, 448, 1, 1), 384, 3, 3), concats_[static_cast<std::size_t>(i - 9)]);
    const std::string pooled = conv(average(x), 192, 1, 1);
    concat(fmt::format("mixed{}", i), {one, three, twice, pooled});
  }

  const Names& layers_;
  const WeightSource& weights_;
  const Names convolutions_, norms_, activations_, averages_, maxima_, concats_;
  std::size_t next_ = 0, next_average_ = 0, next_maximum_ = 0;
  Writer w_;
};

}  // namespace

Architecture recognise_architecture(const Names& layers, const WeightSource& weights) {
  if (has(layers, "block1_conv1") && has(layers, "block5_conv3")) return vgg(layers, weights);
  if (has(layers, "res2a_branch2a") || has(layers, "conv2_block1_1_conv"))
    if (!has(layers, "conv2_block1_preact_bn")) return resnet(layers, weights);
  if (has(layers, "fire2/squeeze1x1") && has(layers, "fire9/squeeze1x1"))
    return squeezenet(layers, weights);
  if (is_mobile(layers)) return mobile(layers, weights);
  const auto convolutions =
      std::count_if(layers.begin(), layers.end(),
                    [](const std::string& name) { return name.starts_with("conv2d"); });
  if (convolutions == 94 && has(layers, "mixed10"))
    return {"inception_v3", InceptionWriter(layers, weights).run(), signed_input};
  Names some(layers.begin(),
             layers.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(layers.size(), 4)));
  throw Unsupported(fmt::format(
      "'{}' holds weights without their network, of an architecture that is not known ({} layers: "
      "{} ...); save the whole model, so that its description is inside",
      weights.name(), layers.size(), fmt::join(some, ", ")));
}

}  // namespace reverie::keras
