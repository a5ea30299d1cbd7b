// One network in two programs' files: the same numbers come out.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "reverie/plan/plan.h"
#include "tests/golden/golden.h"

namespace reverie {
namespace {

using namespace golden;

// A layer's value on a picture.
Tensor value(const Network& network, const char* layer, ConstView canvas) {
  const auto compiler = make_compiler(network.graph, {network.graph.find(layer)}, Precision::exact);
  const auto plan = compiler->compile(canvas.shape().height(), canvas.shape().width());
  plan->forward(canvas);
  return Tensor::copy_of(plan->activation(0));
}

Tensor cropped(ConstView whole, std::int64_t left, std::int64_t top, std::int64_t side) {
  Tensor part({3, side, side});
  for (std::int64_t c = 0; c < 3; ++c)
    for (std::int64_t y = 0; y < side; ++y)
      for (std::int64_t x = 0; x < side; ++x)
        part.view().at(c, y, x) = whole.at(c, top + y, left + x);
  return part;
}

// The Keras file ends before the classifier, so that its features go where Caffe's classifier would
// read them. At 239 px Caffe's pools, which round up, and Keras', which round down, agree.
TEST(TwoForms, SqueezeNetSeesTheSameCat) {
  REVERIE_NEEDS(data / "models/squeezenet_v1.1_keras");
  REVERIE_NEEDS(data / "photos/skimage_chelsea.png");
  const Network caffe = open_network((data / "models/squeezenet_v1.1").string());
  const Network keras = open_network((data / "models/squeezenet_v1.1_keras").string());
  const Image cat = read_image(data / "photos/skimage_chelsea.png");
  const Tensor canvas = cropped(cat.color, 106, 30, 239);

  const Tensor from_caffe = value(caffe, "fire9/concat", canvas);
  const Tensor from_keras = value(keras, "fire9/concat", canvas);
  EXPECT_EQ(worst_difference(from_keras, from_caffe).difference, 0);

  // ImageNet's tabby, tiger cat and Egyptian cat before all else
  const Tensor probability = value(caffe, "prob", canvas);
  std::vector<int> order(1000);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](int a, int b) { return probability[a] > probability[b]; });
  order.resize(3);
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, (std::vector<int>{281, 282, 285}));
}

}  // namespace
}  // namespace reverie
