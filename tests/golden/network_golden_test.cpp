// The network inside against PyTorch in float64: activations and gradients of its heads. The
// numbers are in the repository (tests/golden/network, made by tools/golden_network.py), so a bare
// clone proves them.
//
// ReLUs at zero and equal samples of a max pool: the picture was drawn so that in float64 none
// comes near to a choice that float32 may make otherwise, but for exact ties of zeros and of copies
// of one number. Those answer alike whichever is taken.
#include <fstream>
#include <nlohmann/json.hpp>

#include "reverie/gradient/gradient.h"
#include "tests/golden/choices.h"

namespace reverie::golden {
namespace {

const std::filesystem::path folder =
    std::filesystem::path(REVERIE_SOURCE_DIR) / "tests/golden/network";
constexpr double rounding = 1e-5;  // of the greatest value, or of the norm

nlohmann::json facts() {
  std::ifstream file(folder / "network.json");
  return nlohmann::json::parse(file);
}

std::vector<std::string> heads() {
  const auto layers = facts().at("layers").get<std::vector<std::string>>();
  EXPECT_GE(layers.size(), 3u);
  return layers;
}

// A head's numbers: "4c/output", "gradient".
Tensor recorded(std::string layer, const std::string& what) {
  std::replace(layer.begin(), layer.end(), '/', '_');
  return read_npy(folder / (layer + "." + what + ".npy"));
}

Tensor narrowed(const reference::Array& wide) {
  Tensor narrow(wide.shape());
  std::transform(wide.elements().begin(), wide.elements().end(), narrow.elements().begin(),
                 [](double v) { return static_cast<float>(v); });
  return narrow;
}

void expect_near(ConstView found, ConstView expected, const std::string& what) {
  const Worst worst = worst_difference(found, expected);
  EXPECT_LE(worst.difference, rounding * largest(expected)) << what << " at " << worst.index;
  EXPECT_LE(relative_l2(found, expected), rounding) << what;
}

TEST(NetworkGolden, IsOfTheNetworkInside) {
  EXPECT_EQ(checksum(open_network("")), facts().at("sha256").get<std::string>())
      << "the network was replaced: run tools/golden_network.py and commit " << folder;
}

TEST(NetworkGolden, PlansAgreeWithPyTorch) {
  const Network network = open_network("");
  const Tensor picture = read_npy(folder / "picture.npy");
  for (const std::string& layer : heads()) {
    const auto bound = std::make_shared<const BoundObjective>(
        bind(Objective{{{layer, {}, 1, {}}}}, network.graph));
    const auto compiler = make_compiler(network.graph, bound->layers, Precision::exact);
    const auto plan = compiler->compile(picture.shape().height(), picture.shape().width());
    plan->forward(picture);
    expect_near(plan->activation(0), recorded(layer, "activation"), layer + " activation");

    Gradient gradient(compiler->compile(picture.shape().height(), picture.shape().width()), bound);
    Tensor grad(picture.shape());
    gradient.run(picture, grad);
    expect_near(grad, recorded(layer, "gradient"), layer + " gradient");
  }
}

TEST(NetworkGolden, TheReferenceAgreesWithPyTorch) {
  const Network network = open_network("");
  const Tensor picture = read_npy(folder / "picture.npy");
  for (const std::string& layer : heads()) {
    const PassResult below = prune(network.graph, {network.graph.find(layer)});
    const auto values = reference::forward(below.graph, widened(picture));
    const auto target = static_cast<std::size_t>(below.targets.front());
    expect_near(narrowed(values[target]), recorded(layer, "activation"), layer + " activation");
    std::vector<reference::Array> output_grads(values.size());
    output_grads[target] = values[target].clone();
    const Tensor grad = narrowed(reference::backward(below.graph, values, output_grads));
    expect_near(grad, recorded(layer, "gradient"), layer + " gradient");
  }
}

}  // namespace
}  // namespace reverie::golden
