// Every field of every layer type, and what is wrong with each.
#include "reverie/model/formats/caffe/caffe_ops.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reverie/model/formats/caffe/caffe_network_fixture.h"

namespace reverie::caffe {
namespace {

// One layer 'l' upon the input, with blobs of these shapes.
Graph one_layer(const std::string& type, const std::string& settings,
                const std::vector<std::vector<std::int64_t>>& blobs = {}) {
  TestNetwork net =
      on_data("layer { name: 'l' type: '" + type + "' bottom: 'data' top: 'l' " + settings + " }");
  for (const auto& extents : blobs) net.add_blob("l", extents);
  return net.read().graph;
}

std::string unknown(const std::string& type, const std::string& settings) {
  return op_of<UnknownLayer>(one_layer(type, settings), "l").type;
}

TEST(CaffeConvolution, ReadsEveryWayToStateAWindow) {
  const auto window = [](const std::string& settings, std::int64_t h, std::int64_t w) {
    const Graph graph = one_layer(
        "Convolution", "convolution_param { num_output: 4 bias_term: false " + settings + " }",
        {{4, 3, h, w}});
    return op_of<Convolution>(graph, "l").window;
  };
  Window plain;
  plain.kernel_h = plain.kernel_w = 5;
  EXPECT_EQ(window("kernel_size: 5", 5, 5), plain);

  Window full;
  full.kernel_h = 3, full.kernel_w = 5;
  full.stride_h = 2, full.stride_w = 1;
  full.dilation_h = 1, full.dilation_w = 4;
  full.padding.top = full.padding.bottom = 1;
  full.padding.left = full.padding.right = 6;
  EXPECT_EQ(window("kernel_size: 3 kernel_size: 5 stride: 2 stride: 1 pad: 1 pad: 6 dilation: 1 "
                   "dilation: 4",
                   3, 5),
            full);
  EXPECT_EQ(window("kernel_h: 3 kernel_w: 5 stride_h: 2 stride_w: 1 pad_h: 1 pad_w: 6 dilation: 1 "
                   "dilation: 4",
                   3, 5),
            full);
}

TEST(CaffeConvolution, ReadsWeightsInTheirOrder) {
  const Graph graph =
      one_layer("Convolution", "convolution_param { num_output: 6 kernel_size: 1 group: 3 }",
                {{6, 1, 1, 1}, {6}});
  const auto& conv = op_of<Convolution>(graph, "l");
  EXPECT_EQ(conv.groups, 3);
  EXPECT_EQ(conv.weights->shape(), (Shape{6, 1, 1, 1}));
  for (int i = 0; i < 6; ++i) EXPECT_EQ((*conv.weights)[i], 1 + i);
  EXPECT_EQ(conv.bias->shape(), (Shape{6}));
  EXPECT_FALSE(conv.relu);
}

TEST(CaffeConvolution, RefusesWhatMakesNoSense) {
  const auto reading = [](const std::string& settings,
                          const std::vector<std::vector<std::int64_t>>& blobs) {
    return [=] { one_layer("Convolution", "convolution_param { " + settings + " }", blobs); };
  };
  const std::string good = "num_output: 4 kernel_size: 3 ";
  expect_error<BadModel>(reading(good, {{4, 3, 5, 5}, {4}}),
                         {"layer 'l' (Convolution): blob 0 has shape [4,3,5,5]", "net.caffemodel",
                          "makes it [4,3,3,3]"});
  expect_error<BadModel>(reading(good, {{4, 3, 3, 3}, {5}}),
                         {"layer 'l' (Convolution): blob 1 has shape [5]", "makes it [4]"});
  expect_error<BadModel>(reading(good, {{4, 3, 3, 3}}), {"has 1 blobs for it, expected 2"});
  expect_error<BadModel>(reading(good, {}), {"has no weights of this name"});
  expect_error<BadModel>(reading("num_output: 4", {{4, 3, 3, 3}, {4}}), {"kernel height is 0"});
  expect_error<BadModel>(reading("kernel_size: 3", {{4, 3, 3, 3}, {4}}), {"num_output is 0"});
  expect_error<BadModel>(reading(good + "stride: 0", {{4, 3, 3, 3}, {4}}), {"stride is 0"});
  expect_error<BadModel>(reading(good + "pad: 4000000000", {{4, 3, 3, 3}, {4}}),
                         {"padding is 4000000000"});
  expect_error<BadModel>(reading(good + "group: 2", {{4, 3, 3, 3}, {4}}),
                         {"2 groups do not divide 3 input and 4 output channels"});
  expect_error<BadModel>(reading(good + "group: 0", {{4, 3, 3, 3}, {4}}), {"0 groups"});
  expect_error<BadModel>(reading(good + "stride: [1, 2, 3]", {{4, 3, 3, 3}, {4}}),
                         {"stride has 3 numbers"});
}

TEST(CaffeConvolution, OtherAxesAreUnknown) {
  EXPECT_EQ(unknown("Convolution", "convolution_param { num_output: 4 kernel_size: 3 axis: 2 }"),
            "Convolution over axis 2");
  EXPECT_EQ(unknown("Convolution", "convolution_param { num_output: 4 kernel_size: [3, 3, 3] }"),
            "Convolution over 3 axes");
}

TEST(CaffeRelu, ReadsItsSlopeAndCeiling) {
  EXPECT_EQ(op_of<Relu>(one_layer("ReLU", ""), "l").negative_slope, 0);
  const auto& leaky = op_of<Relu>(one_layer("ReLU", "relu_param { negative_slope: 0.25 }"), "l");
  EXPECT_EQ(leaky.negative_slope, 0.25f);
  EXPECT_EQ(leaky.ceiling, std::numeric_limits<float>::infinity());
  EXPECT_EQ(op_of<Relu>(one_layer("ReLU6", ""), "l").ceiling, 6);
}

TEST(CaffePooling, ReadsEveryField) {
  const auto pool = [](const std::string& settings) {
    return op_of<Pool>(one_layer("Pooling", "pooling_param { " + settings + " }"), "l");
  };
  const Pool plain = pool("kernel_size: 3 stride: 2");
  EXPECT_EQ(plain.kind, Pool::Kind::max);
  EXPECT_EQ(plain.rounding, Pool::Rounding::up);
  EXPECT_TRUE(plain.count_padding);
  EXPECT_FALSE(plain.global);
  EXPECT_EQ(plain.window.stride_w, 2);

  const Pool full = pool(
      "pool: AVE kernel_h: 3 kernel_w: 5 stride_h: 2 stride_w: 3 pad_h: 1 pad_w: 4 "
      "round_mode: FLOOR");
  EXPECT_EQ(full.kind, Pool::Kind::average);
  EXPECT_EQ(full.rounding, Pool::Rounding::down);
  Window window;
  window.kernel_h = 3, window.kernel_w = 5, window.stride_h = 2, window.stride_w = 3;
  window.padding.top = window.padding.bottom = 1;
  window.padding.left = window.padding.right = 4;
  EXPECT_EQ(full.window, window);
  EXPECT_TRUE(pool("pool: AVE global_pooling: true").global);
}

TEST(CaffePooling, RefusesWhatMakesNoSense) {
  EXPECT_EQ(unknown("Pooling", "pooling_param { pool: STOCHASTIC kernel_size: 2 }"),
            "stochastic Pooling");
  expect_error<BadModel>([] { one_layer("Pooling", "pooling_param { kernel_size: 3 pad: 3 }"); },
                         {"layer 'l' (Pooling): padding 3x3 is not less than its kernel 3x3"});
  expect_error<BadModel>([] { one_layer("Pooling", ""); }, {"kernel height is 0"});
  expect_error<BadModel>([] { one_layer("Pooling", "pooling_param { kernel_size: 2 stride: 0 }"); },
                         {"stride is 0"});
}

TEST(CaffeLrn, DividesAlphaByTheSize) {
  const Graph graph = one_layer("LRN", "lrn_param { local_size: 3 alpha: 0.6 beta: 0.5 k: 2 }");
  const auto& lrn = op_of<Lrn>(graph, "l");
  EXPECT_EQ(lrn.size, 3);
  EXPECT_FLOAT_EQ(lrn.alpha, 0.2f);
  EXPECT_EQ(lrn.beta, 0.5f);
  EXPECT_EQ(lrn.k, 2);
  EXPECT_EQ(unknown("LRN", "lrn_param { norm_region: WITHIN_CHANNEL }"), "LRN within channels");
  expect_error<BadModel>([] { one_layer("LRN", "lrn_param { local_size: 4 }"); },
                         {"local_size is 4, expected an odd number"});
}

TEST(CaffeConcat, JoinsChannelsOnly) {
  for (const char* settings : {"", "concat_param { axis: 1 }", "concat_param { concat_dim: 1 }",
                               "concat_param { axis: -3 }"})
    EXPECT_NO_THROW(op_of<Concat>(one_layer("Concat", settings), "l")) << settings;
  EXPECT_EQ(unknown("Concat", "concat_param { axis: 2 }"), "Concat over axis 2");
}

TEST(CaffeEltwise, ReadsOperationAndCoefficients) {
  const auto eltwise = [](const std::string& settings) {
    return op_of<Eltwise>(one_layer("Eltwise", "eltwise_param { " + settings + " }"), "l");
  };
  EXPECT_EQ(eltwise("").operation, Eltwise::Operation::sum);
  EXPECT_EQ(eltwise("operation: PROD").operation, Eltwise::Operation::product);
  EXPECT_EQ(eltwise("operation: MAX").operation, Eltwise::Operation::maximum);
  EXPECT_EQ(eltwise("coeff: -2").coefficients, std::vector<float>{-2});
  expect_error<BadModel>([&] { eltwise("coeff: 1 coeff: 2"); }, {"2 coefficients for 1 inputs"});
  expect_error<BadModel>([&] { eltwise("operation: MAX coeff: 1"); }, {"coeff is for sums only"});
}

TEST(CaffeBatchNorm, FreezesItsStatistics) {
  // Blobs 1,2,3 (mean), 1,2,3 (variance), 1 (factor)
  const Graph graph = one_layer("BatchNorm", "batch_norm_param { eps: 0.5 }", {{3}, {3}, {1}});
  const auto& affine = op_of<Affine>(graph, "l");
  for (int c = 0; c < 3; ++c) {
    const double scale = 1 / std::sqrt(c + 1 + 0.5);
    EXPECT_FLOAT_EQ((*affine.scale)[c], static_cast<float>(scale));
    EXPECT_FLOAT_EQ((*affine.shift)[c], static_cast<float>(-(c + 1) * scale));
  }
}

TEST(CaffeBatchNorm, DividesByItsFactor) {
  TestNetwork net = on_data("layer { name: 'l' type: 'BatchNorm' bottom: 'data' top: 'l' }");
  net.add_blob("l", {3}, 10);
  net.add_blob("l", {3}, 20);
  net.add_blob("l", {1}, 4);
  const auto graph = net.read().graph;
  const auto& affine = op_of<Affine>(graph, "l");
  EXPECT_FLOAT_EQ((*affine.scale)[0], 1 / std::sqrt(5 + 1e-5f));
  EXPECT_FLOAT_EQ((*affine.shift)[0], -2.5f / std::sqrt(5 + 1e-5f));
}

TEST(CaffeBatchNorm, RefusesWhatMakesNoSense) {
  EXPECT_EQ(unknown("BatchNorm", "batch_norm_param { use_global_stats: false }"),
            "BatchNorm over the batch");
  TestNetwork net = on_data("layer { name: 'l' type: 'BatchNorm' bottom: 'data' top: 'l' }");
  net.add_blob("l", {3});
  net.add_blob("l", {3}, -2);
  net.add_blob("l", {1});
  expect_error<BadModel>([&] { net.read(); }, {"layer 'l' (BatchNorm): channel 0 has variance -2"});
}

TEST(CaffeScale, ReadsScaleAndShift) {
  const Graph with = one_layer("Scale", "scale_param { bias_term: true }", {{3}, {3}});
  EXPECT_EQ((*op_of<Affine>(with, "l").shift)[2], 3);
  const Graph without = one_layer("Scale", "", {{3}});
  EXPECT_EQ((*op_of<Affine>(without, "l").scale)[2], 3);
  EXPECT_EQ((*op_of<Affine>(without, "l").shift)[2], 0);
  EXPECT_EQ(unknown("Scale", "scale_param { axis: 0 }"), "Scale over axis 0, 1 axes");
  EXPECT_EQ(unknown("Scale", "bottom: 'data'"), "Scale by a second input");
  expect_error<BadModel>([] { one_layer("Scale", "", {{4}}); }, {"blob 0 has shape [4]", "[3]"});
}

TEST(CaffePower, IsAffineWithoutAPower) {
  const Graph graph = one_layer("Power", "power_param { scale: 2 shift: -1 }");
  EXPECT_EQ((*op_of<Affine>(graph, "l").scale)[2], 2);
  EXPECT_EQ((*op_of<Affine>(graph, "l").shift)[0], -1);
  EXPECT_EQ(unknown("Power", "power_param { power: 2 }"), "Power");
}

TEST(CaffeInnerProduct, ReadsBothOrdersOfItsWeights) {
  const Graph plain =
      one_layer("InnerProduct", "inner_product_param { num_output: 2 }", {{2, 6}, {2}});
  EXPECT_EQ(op_of<InnerProduct>(plain, "l").weights->shape(), (Shape{2, 6}));
  EXPECT_EQ((*op_of<InnerProduct>(plain, "l").weights)[6], 7);
  EXPECT_EQ((*op_of<InnerProduct>(plain, "l").bias)[1], 2);

  const Graph turned =
      one_layer("InnerProduct",
                "inner_product_param { num_output: 2 transpose: true bias_term: false }", {{6, 2}});
  EXPECT_EQ(op_of<InnerProduct>(turned, "l").weights->shape(), (Shape{2, 6}));
  EXPECT_EQ((*op_of<InnerProduct>(turned, "l").weights)[1], 3);
  EXPECT_EQ((*op_of<InnerProduct>(turned, "l").weights)[6], 2);
  EXPECT_EQ(op_of<InnerProduct>(turned, "l").bias, nullptr);
}

TEST(CaffeInnerProduct, RefusesWeightsOfAnotherNetwork) {
  const auto reading = [](std::vector<std::int64_t> extents) {
    return [=] {
      one_layer("InnerProduct", "inner_product_param { num_output: 2 bias_term: false }",
                {extents});
    };
  };
  expect_error<BadModel>(reading({2, 7}), {"blob 0 has shape [2,7]", "makes it [2,n x 3]"});
  expect_error<BadModel>(reading({6, 2}), {"blob 0 has shape [6,2]", "makes it [2,6]"});
  EXPECT_EQ(unknown("InnerProduct", "inner_product_param { num_output: 2 axis: 2 }"),
            "InnerProduct over axis 2");
}

TEST(CaffeSoftmax, IsOverChannels) {
  EXPECT_NO_THROW(op_of<Softmax>(one_layer("Softmax", ""), "l"));
  EXPECT_EQ(unknown("Softmax", "softmax_param { axis: 2 }"), "Softmax over axis 2");
}

TEST(CaffeOps, WhatHasNoInputIsUnknown) {
  TestNetwork net = on_data("layer { name: 'l' type: 'ReLU' top: 'l' }");
  EXPECT_EQ(op_of<UnknownLayer>(net.read().graph, "l").type, "ReLU");
}

}  // namespace
}  // namespace reverie::caffe
