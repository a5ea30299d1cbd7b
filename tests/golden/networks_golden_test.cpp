// Activations and gradients of TensorFlow's and Keras' networks against a float64 port that follows
// TensorFlow's semantics; and the fast plan against the reference in double.
#include <gtest/gtest.h>

#include "reverie/gradient/gradient.h"
#include "tests/golden/golden.h"

namespace reverie {
namespace {

using namespace golden;
namespace fs = std::filesystem;

struct Case {
  const char* network;  // its folder, and what its recorded arrays begin with
  const char* layer;
  int stride;              // of the recorded activation's rows and columns
  double slope_tolerance;  // relative L2
};

// On this picture a few maxima of the stand-in's pools change hands between float32 and float64
constexpr Case cases[] = {
    {"inception5h_standin", "conv2d2", 2, 5e-3},
    {"inception5h_standin", "mixed3b", 2, 5e-3},
    {"inception5h_standin", "mixed4c", 1, 5e-3},
    {"inception5h_standin", "mixed5b", 1, 5e-3},
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
  const Frame picture = read_still(data / "golden/sky320x240_input.png");

  auto objective = std::make_shared<const BoundObjective>(
      bind({{{golden_case.layer, {}, 1, {}}}}, network.graph));
  const auto compiler = make_compiler(network.graph, objective->layers, precision);
  Gradient gradient(compiler->compile(picture.height(), picture.width()), objective);
  Tensor slope(picture.colour.shape());
  gradient.run(picture.colour, slope);

  const std::string stem = std::string(golden_case.network) + "_sky320x240_" + golden_case.layer;
  const Tensor expected_act = read_npy(data / "golden" / (stem + "_act.npy"));
  const Tensor act = subsampled(gradient.plan().activation(0), golden_case.stride);
  const Worst worst = worst_difference(act, expected_act);
  EXPECT_LE(worst.difference, 1e-5 * largest(expected_act)) << "at index " << worst.index;

  const Tensor expected_slope = read_npy(data / "golden" / (stem + "_grad.npy"));
  EXPECT_LE(relative_l2(slope, expected_slope), golden_case.slope_tolerance)
      << "worst at index " << worst_difference(slope, expected_slope).index;
  std::printf("  %-32s activation %.1e of its maximum, gradient %.1e relative L2\n", stem.c_str(),
              worst.difference / largest(expected_act), relative_l2(slope, expected_slope));
}

INSTANTIATE_TEST_SUITE_P(Layers, NetworksGolden,
                         ::testing::Combine(::testing::ValuesIn(cases),
                                            ::testing::Values(Precision::exact, Precision::fast)));

}  // namespace
}  // namespace reverie
