// Activations and gradients of TensorFlow's and Keras' networks against a float64 port that follows
// TensorFlow's semantics; and the fast plan against the reference in double.
#include <gtest/gtest.h>

#include "reverie/gradient/gradient.h"
#include "reverie/image/resample.h"
#include "reverie/plan/reference/compiler.h"
#include "tests/golden/choices.h"
#include "tests/golden/golden.h"

namespace reverie {
namespace {

using namespace golden;
namespace fs = std::filesystem;

struct Case {
  const char* network;  // its folder, and what its recorded arrays begin with
  const char* layer;
  int stride;             // of the recorded activation's rows and columns
  double grad_tolerance;  // relative L2
};

// On this picture a few maxima of pools and signs of ReLUs change hands between float32 and
// float64, each of which moves the gradient of a patch by as much as 1e-3; the reference below has
// none
constexpr Case cases[] = {
    {"inception5h_standin", "conv2d2", 2, 5e-3}, {"inception5h_standin", "mixed3b", 2, 5e-3},
    {"inception5h_standin", "mixed4c", 1, 5e-3}, {"inception5h_standin", "mixed5b", 1, 5e-3},
    {"inception_v3_2015", "mixed0", 2, 5e-3},    {"inception_v3_2015", "mixed3", 1, 5e-3},
    {"inception_v3_2015", "mixed5", 1, 5e-3},    {"inception_v3_2015", "mixed8", 1, 5e-3},
};

// Opens the network in a folder that unpack_networks laid out.
Network unpacked(const char* name) {
  return open_network((fs::path(REVERIE_UNPACKED) / name).string());
}

class NetworksGolden : public ::testing::TestWithParam<std::tuple<Case, Precision>> {};

TEST_P(NetworksGolden, AgreesWithTensorFlow) {
  const auto& [golden_case, precision] = GetParam();
  REVERIE_NEEDS(data / "golden/networks.json");
  REVERIE_NEEDS(fs::path(REVERIE_UNPACKED) / golden_case.network);
  const Network network = unpacked(golden_case.network);
  const Image picture = read_image(data / "golden/sky320x240_input.png");

  auto objective = std::make_shared<const BoundObjective>(
      bind({{{golden_case.layer, {}, 1, {}}}}, network.graph));
  const auto compiler = make_compiler(network.graph, objective->layers, precision);
  Gradient gradient(compiler->compile(picture.height(), picture.width()), objective);
  Tensor grad(picture.color.shape());
  gradient.run(picture.color, grad);

  const std::string stem = std::string(golden_case.network) + "_sky320x240_" + golden_case.layer;
  const Tensor expected_act = read_npy(data / "golden" / (stem + "_act.npy"));
  const Tensor act = subsampled(gradient.plan().activation(0), golden_case.stride);
  const Worst worst = worst_difference(act, expected_act);
  EXPECT_LE(worst.difference, 1e-5 * largest(expected_act)) << "at index " << worst.index;

  const Tensor expected_grad = read_npy(data / "golden" / (stem + "_grad.npy"));
  EXPECT_LE(relative_l2(grad, expected_grad), golden_case.grad_tolerance)
      << "worst at index " << worst_difference(grad, expected_grad).index;
  std::printf("  %-32s activation %.1e of its maximum, gradient %.1e relative L2\n", stem.c_str(),
              worst.difference / largest(expected_act), relative_l2(grad, expected_grad));
}

INSTANTIATE_TEST_SUITE_P(Layers, NetworksGolden,
                         ::testing::Combine(::testing::ValuesIn(cases),
                                            ::testing::Values(Precision::exact, Precision::fast)));

// The same in double, where nothing changes hands: what the file was read as is what it means.
class NetworksInDouble : public ::testing::TestWithParam<Case> {};

TEST_P(NetworksInDouble, AgreeTightlyWithTensorFlow) {
  const Case& golden_case = GetParam();
  REVERIE_NEEDS(data / "golden/networks.json");
  REVERIE_NEEDS(fs::path(REVERIE_UNPACKED) / golden_case.network);
  const Network network = unpacked(golden_case.network);
  const Image picture = read_image(data / "golden/sky320x240_input.png");
  const auto compiler =
      reference::make_compiler(network.graph, {network.graph.find(golden_case.layer)});
  const auto plan = compiler->compile(picture.height(), picture.width());
  plan->forward(picture.color);
  const ConstView act = plan->activation(0);
  std::copy_n(act.data(), act.size(), plan->output_grad(0).data());
  Tensor grad(picture.color.shape());
  plan->backward(grad);
  const std::string stem = std::string(golden_case.network) + "_sky320x240_" + golden_case.layer;
  const Tensor expected = read_npy(data / "golden" / (stem + "_grad.npy"));
  EXPECT_LE(relative_l2(grad, expected), golden_case.grad_tolerance)
      << "worst at index " << worst_difference(grad, expected).index;
  std::printf("  %-32s gradient %.1e relative L2\n", stem.c_str(), relative_l2(grad, expected));
}

INSTANTIATE_TEST_SUITE_P(Layers, NetworksInDouble,
                         ::testing::Values(Case{"inception5h_standin", "conv2d2", 2, 1e-5},
                                           Case{"inception5h_standin", "mixed4c", 1, 1e-5},
                                           Case{"inception_v3_2015", "mixed0", 2, 1e-5},
                                           Case{"inception_v3_2015", "mixed3", 1, 1e-5},
                                           Case{"inception_v3_2015", "mixed5", 1, 1e-5},
                                           Case{"inception_v3_2015", "mixed8", 1, 1e-5}));

// What is left between the fast plan and the truth once ties are decided alike, at odd sizes, too.
class NetworksAndTheirChoices
    : public ::testing::TestWithParam<std::tuple<Case, Precision, Shape>> {};

TEST_P(NetworksAndTheirChoices, AgreeWithTheReference) {
  const auto& [golden_case, precision, shape] = GetParam();
  REVERIE_NEEDS(fs::path(REVERIE_UNPACKED) / golden_case.network);
  const Network network = unpacked(golden_case.network);
  const Tensor canvas = resampled(read_image(data / "golden/sky320x240_input.png").color, shape[1],
                                  shape[2], Resampler::lanczos);

  auto objective = std::make_shared<const BoundObjective>(
      bind({{{golden_case.layer, {}, 1, {}}}}, network.graph));
  const auto compiler = make_compiler(network.graph, objective->layers, precision);
  Gradient gradient(compiler->compile(shape[1], shape[2]), objective);
  Tensor grad(canvas.shape());
  gradient.run(canvas, grad);

  const Tensor own =
      grad_of_own_choices(network.graph, network.graph.find(golden_case.layer), precision, canvas);
  EXPECT_LE(relative_l2(grad, own), golden_case.grad_tolerance);
  std::printf("  %-20s %-8s %s gradient %.1e relative L2\n", golden_case.network, golden_case.layer,
              shape.to_string().c_str(), relative_l2(grad, own));
}

INSTANTIATE_TEST_SUITE_P(
    Layers, NetworksAndTheirChoices,
    ::testing::Combine(::testing::Values(Case{"inception5h_standin", "mixed4c", 1, 1e-5},
                                         Case{"inception_v3_2015", "mixed5", 1, 1e-5}),
                       ::testing::Values(Precision::exact, Precision::fast),
                       ::testing::Values(Shape{3, 160, 192}, Shape{3, 131, 163})));

}  // namespace
}  // namespace reverie
