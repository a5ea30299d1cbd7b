// Activations and gradients of BVLC GoogLeNet against real Caffe's, computed in float64 and cast.
#include <gtest/gtest.h>

#include "reverie/gradient/gradient.h"
#include "tests/golden/choices.h"
#include "tests/golden/golden.h"

namespace reverie {
namespace {

using namespace golden;

struct Case {
  const char* file;  // the recorded arrays, <file>_act.npy and <file>_grad.npy
  const char* layer;
  int stride;  // of the recorded activation's rows and columns
};

constexpr Case cases[] = {
    {"sky320x240_conv2_3x3_prerelu", "conv2/3x3/pre_relu", 2},
    {"sky320x240_conv2_3x3_postrelu", "conv2/3x3", 2},
    {"sky320x240_inception_3b_output", "inception_3b/output", 2},
    {"sky320x240_inception_4c_output", "inception_4c/output", 1},
    {"sky320x240_inception_4d_3x3_reduce_prerelu", "inception_4d/3x3_reduce/pre_relu", 1},
    {"sky320x240_inception_4d_3x3_reduce_postrelu", "inception_4d/3x3_reduce", 1},
    {"sky320x240_inception_5b_output", "inception_5b/output", 1},
};

class GoogLeNetGolden : public ::testing::TestWithParam<std::tuple<Case, Precision>> {};

TEST_P(GoogLeNetGolden, AgreesWithCaffe) {
  const auto& [golden_case, precision] = GetParam();
  const auto folder = data / "golden";
  REVERIE_NEEDS(folder / "golden.json");
  const Network network = googlenet();
  const Image picture = read_image(folder / "sky320x240_input.png");

  auto objective = std::make_shared<const BoundObjective>(
      bind({{{golden_case.layer, {}, 1, {}}}}, network.graph));
  const auto compiler = make_compiler(network.graph, objective->layers, precision);
  Gradient gradient(compiler->compile(picture.height(), picture.width()), objective);
  Tensor grad(picture.color.shape());
  gradient.run(picture.color, grad);

  const Tensor expected_act = read_npy(folder / (std::string(golden_case.file) + "_act.npy"));
  const Tensor act = subsampled(gradient.plan().activation(0), golden_case.stride);
  const Worst worst = worst_difference(act, expected_act);
  EXPECT_LE(worst.difference, 1e-5 * largest(expected_act)) << "at index " << worst.index;

  const Tensor expected_grad =
      channels_reversed(read_npy(folder / (std::string(golden_case.file) + "_grad.npy")));
  const double error = relative_l2(grad, expected_grad);
  std::printf("  %-46s activation %.1e of its maximum, gradient %.1e relative L2\n",
              golden_case.file, worst.difference / largest(expected_act), error);

  // The picture was chosen so that rounding decides nothing in four engines; on a processor of
  // another kind its order of summation may still decide a tie or two the other way
  if (error > 1e-4) {
    EXPECT_LE(error, 5e-3) << "at " << worst_difference(grad, expected_grad).index;
    const Tensor own = grad_of_own_choices(network.graph, network.graph.find(golden_case.layer),
                                           precision, picture.color);
    EXPECT_LE(relative_l2(grad, own), 1e-5) << "at " << worst_difference(grad, own).index;
    std::printf("  %-46s and %.1e given how this processor decides ties\n", "",
                relative_l2(grad, own));
  }
}

INSTANTIATE_TEST_SUITE_P(Layers, GoogLeNetGolden,
                         ::testing::Combine(::testing::ValuesIn(cases),
                                            ::testing::Values(Precision::exact, Precision::fast)));

TEST(GoogLeNetGolden, ClassifiesAsCaffeDoes) {
  const auto folder = data / "golden";
  REVERIE_NEEDS(folder / "sky224_prob.npy");
  const Network network = googlenet();
  const Image picture = read_image(folder / "sky224_input.png");
  const auto compiler =
      make_compiler(network.graph, {network.graph.find("prob")}, Precision::exact);
  const auto plan = compiler->compile(224, 224);
  plan->forward(picture.color);
  const Tensor expected = read_npy(folder / "sky224_prob.npy");
  ASSERT_EQ(plan->activation(0).size(), expected.size());
  for (std::int64_t i = 0; i < expected.size(); ++i)
    ASSERT_NEAR(plan->activation(0)[i], expected[i], 1e-5) << i;
}

}  // namespace
}  // namespace reverie
