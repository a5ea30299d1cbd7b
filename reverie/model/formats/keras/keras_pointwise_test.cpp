// Layers of today's networks: activations, normalisations, sizes.
#include "reverie/graph/shapes.h"
#include "reverie/model/formats/keras/keras_weights_fixture.h"

namespace reverie::keras {
namespace {

using Json = nlohmann::json;
using Numbers = std::vector<float>;
using Function = Activation::Function;

// input -> x, the layer on trial.
struct Trial {
  std::vector<LayerSpec> layers{{"InputLayer", "input", {}, Json::object()}};
  InventedWeights weights;
  int version = 3;

  Trial& add(const char* type, const std::string& name, Json config = Json::object(),
             std::vector<std::string> inputs = {"input"}) {
    layers.push_back({type, name, std::move(inputs), std::move(config)});
    return *this;
  }
  Trial& arrays(const std::string& layer, std::vector<std::pair<std::string, Extents>> all) {
    weights.layers[layer] = std::move(all);
    return *this;
  }
  Graph build() const { return keras::build(layers, weights, version); }
};

Activation activation(const std::string& name, int version = 3) {
  Trial trial;
  trial.version = version;
  return op_of<Activation>(trial.add("Activation", "x", {{"activation", name}}).build(), "x");
}

TEST(KerasActivations, ByName) {
  const std::pair<const char*, Function> all[] = {{"sigmoid", Function::sigmoid},
                                                  {"tanh", Function::tanh},
                                                  {"swish", Function::silu},
                                                  {"silu", Function::silu},
                                                  {"hard_swish", Function::hard_swish},
                                                  {"hard_silu", Function::hard_swish},
                                                  {"gelu", Function::gelu},
                                                  {"elu", Function::elu},
                                                  {"softplus", Function::softplus},
                                                  {"softsign", Function::softsign},
                                                  {"mish", Function::mish},
                                                  {"exponential", Function::exp}};
  for (const auto& [name, function] : all) EXPECT_EQ(activation(name).function, function) << name;
  EXPECT_FLOAT_EQ(activation("selu").a, 1.6732632f);
  EXPECT_FLOAT_EQ(activation("selu").b, 1.050701f);
}

TEST(KerasActivations, HardSigmoidChangedItsSlope) {
  EXPECT_FLOAT_EQ(activation("hard_sigmoid", 2).a, 0.2f);
  EXPECT_FLOAT_EQ(activation("hard_sigmoid", 3).a, 1 / 6.f);
}

TEST(KerasActivations, LayersAndFunctionsAsObjects) {
  Trial trial;
  trial.add("ELU", "elu", {{"alpha", 0.5}}).add("Clip", "clip", {{"minimum", -1}, {"maximum", 2}});
  trial.add("Activation", "x", {{"activation", {{"class_name", "function"}, {"config", "relu6"}}}});
  trial.add("PReLU", "p").arrays("p", {{"p/alpha:0", {1, 1, 3}}});
  trial.add("PReLU", "q").arrays("q", {{"q/alpha:0", {8, 8, 3}}});
  const Graph graph = trial.build();
  EXPECT_EQ(op_of<Activation>(graph, "elu").a, 0.5f);
  EXPECT_EQ(op_of<Activation>(graph, "clip").b, 2);
  EXPECT_EQ(op_of<Relu>(graph, "x").ceiling, 6);
  EXPECT_EQ(numbers(op_of<Prelu>(graph, "p").slope), (Numbers{0, 1, 2}));
  EXPECT_EQ(op_of<UnknownLayer>(graph, "q").type, "PReLU with a slope for each pixel");
}

TEST(KerasNormalisation, OverChannelsGroupsAndTheInput) {
  Trial trial;
  trial.add("LayerNormalization", "l", {{"axis", {-1}}, {"epsilon", 0.5}})
      .arrays("l", {{"gamma", {3}}, {"beta", {3}}});
  trial.add("LayerNormalization", "odd", {{"axis", {1, 2, 3}}});
  trial.add("GroupNormalization", "g", {{"groups", -1}, {"center", false}})
      .arrays("g", {{"g/gamma:0", {3}}});
  trial.add("Normalization", "n", {{"mean", {1, 2, 3}}, {"variance", {4, 4, 0.25}}});
  trial.add("Normalization", "learned")
      .arrays("learned", {{"mean", {3}}, {"variance", {3}}, {"count", {}}});
  trial.add("Rescaling", "r", {{"scale", {1, 2, 3}}, {"offset", -1}});
  trial.add("LayerScale", "s").arrays("s", {{"0", {3}}});
  const Graph graph = trial.build();
  EXPECT_EQ(op_of<Normalize>(graph, "l").over, Normalize::Over::pixel);
  EXPECT_EQ(op_of<Normalize>(graph, "l").epsilon, 0.5f);
  EXPECT_EQ(numbers(op_of<Normalize>(graph, "l").shift), (Numbers{0, 1, 2}));
  EXPECT_EQ(op_of<UnknownLayer>(graph, "odd").type,
            "LayerNormalization over other axes than the channels");
  EXPECT_EQ(op_of<Normalize>(graph, "g").groups, 3);
  EXPECT_EQ(op_of<Normalize>(graph, "g").over, Normalize::Over::plane);
  EXPECT_EQ(op_of<Normalize>(graph, "g").shift, nullptr);
  EXPECT_EQ(numbers(op_of<Affine>(graph, "n").scale), (Numbers{0.5f, 0.5f, 2}));
  EXPECT_EQ(numbers(op_of<Affine>(graph, "n").shift), (Numbers{-0.5f, -1, -6}));
  EXPECT_EQ(numbers(op_of<Affine>(graph, "learned").shift)[1], -1);
  EXPECT_EQ(numbers(op_of<Affine>(graph, "r").scale), (Numbers{1, 2, 3}));
  EXPECT_EQ(numbers(op_of<Affine>(graph, "r").shift), (Numbers{-1, -1, -1}));
  EXPECT_EQ(numbers(op_of<Affine>(graph, "s").scale), (Numbers{0, 1, 2}));
}

TEST(KerasSizes, TransposedConvolutionsGiveAsManyCellsAsKeras) {
  struct Case {
    const char* padding;
    int kernel, stride;
    std::int64_t cells;  // of 5
  };
  for (const Case& c : {Case{"same", 3, 2, 10}, Case{"same", 4, 2, 10}, Case{"same", 1, 2, 10},
                        Case{"valid", 3, 2, 11}, Case{"valid", 2, 3, 15}, Case{"valid", 4, 1, 8}}) {
    Trial trial;
    trial.add("Conv2DTranspose", "x",
              {{"filters", 2},
               {"kernel_size", c.kernel},
               {"strides", c.stride},
               {"padding", c.padding},
               {"use_bias", false}});
    trial.arrays("x", {{"kernel", {c.kernel, c.kernel, 2, 3}}});
    const Graph graph = trial.build();
    EXPECT_EQ(infer_shapes(graph, 5, 5).back(), (Shape{2, c.cells, c.cells}))
        << c.padding << c.kernel << c.stride;
    const auto conv = op_of<TransposedConvolution>(graph, "x");
    EXPECT_EQ(conv.weights->shape(), (Shape{3, 2, c.kernel, c.kernel}));
    EXPECT_EQ((*conv.weights)[c.kernel * c.kernel], 3);  // of input 0 to output 1
  }
}

TEST(KerasSizes, UpsamplingCroppingAndReshaping) {
  Trial trial;
  trial.add("UpSampling2D", "up", {{"size", {2, 3}}});
  trial.add("UpSampling2D", "soft", {{"interpolation", "bilinear"}}, {"up"});
  trial.add("UpSampling2D", "odd", {{"interpolation", "lanczos3"}});
  trial.add("Cropping2D", "crop", {{"cropping", {{1, 0}, {2, 3}}}}, {"soft"});
  trial.add("Resizing", "first", {{"height", 180}, {"width", 180}});
  trial.add("GlobalAveragePooling2D", "mean", {{"keepdims", true}});
  trial.add("Reshape", "shaped", {{"target_shape", {1, 1, 3}}}, {"mean"});
  trial.add("Reshape", "other", {{"target_shape", {3, -1}}}, {"up"});
  const Graph graph = trial.build();
  const std::vector<Shape> shapes = infer_shapes(
      [&] {
        Graph known = graph;
        std::erase_if(known.layers, [](const Layer& layer) {
          return std::holds_alternative<UnknownLayer>(layer.op);
        });
        return known;
      }(),
      4, 4);
  EXPECT_EQ(op_of<Resize>(graph, "up").method, Resize::Method::nearest);
  EXPECT_EQ(op_of<Resize>(graph, "soft").coordinates, Resize::Coordinates::half_pixel);
  EXPECT_EQ(op_of<UnknownLayer>(graph, "odd").type, "UpSampling2D lanczos3");
  const auto crop = op_of<Convolution>(graph, "crop");
  EXPECT_EQ(crop.weights->shape(), (Shape{3, 1, 2, 6}));
  EXPECT_EQ((*crop.weights)[1 * 6 + 2], 1);  // the second row, the third column
  EXPECT_EQ(shapes[3], (Shape{3, 15, 19}));
  EXPECT_EQ(graph.find("first"), 0);
  EXPECT_EQ(graph.find("shaped"), graph.find("mean"));
  EXPECT_EQ(op_of<UnknownLayer>(graph, "other").type, "Reshape");
}

TEST(KerasInputs, AFirstLayerThatRescalesTellsTheRange) {
  const auto stated = [](const char* type, Json config) {
    Trial trial;
    trial.add("RandomFlip", "flip").add(type, "x", std::move(config), {"flip"});
    return stated_input(trial.build(), trial.layers);
  };
  const InputTransform raw;
  EXPECT_EQ(stated("Rescaling", {{"scale", 1 / 255.0}}), raw);
  EXPECT_EQ(stated("Rescaling", {{"scale", 1 / 127.5}, {"offset", -1}}), raw);
  EXPECT_EQ(stated("Rescaling", {{"offset", {-123.7, -116.8, -103.9}}}), raw);
  ASSERT_TRUE(stated("Rescaling", {{"scale", 2}, {"offset", -1}}));
  EXPECT_FLOAT_EQ(stated("Rescaling", {{"scale", 2}, {"offset", -1}})->scale[0], 1 / 255.f);
  EXPECT_FALSE(stated("Activation", {{"activation", "tanh"}}));
}

}  // namespace
}  // namespace reverie::keras
