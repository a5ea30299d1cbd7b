// Descriptions of models: models inside models, and the forms of Keras 2 and 3.
#include <algorithm>

#include "reverie/model/formats/keras/keras_weights_fixture.h"

namespace reverie::keras {
namespace {

using Names = std::vector<std::string>;

std::string layer(const std::string& type, const std::string& name, const std::string& nodes,
                  const std::string& config = "") {
  return R"({"class_name":")" + type + R"(","name":")" + name + R"(","config":{"name":")" + name +
         "\"" + (config.empty() ? "" : "," + config) + R"(},"inbound_nodes":)" + nodes + "}";
}

std::string model(const std::string& name, const std::string& layers, const std::string& input,
                  const std::string& output, const std::string& nodes = "[]") {
  return layer("Functional", name, nodes,
               "\"layers\":[" + layers + R"(],"input_layers":[[")" + input +
                   R"(",0,0]],"output_layers":[[")" + output + R"(",0,0]])");
}

// A call of Keras 3.
std::string call(const Names& from) {
  std::string args;
  for (const std::string& name : from)
    args +=
        (args.empty() ? "" : ",") +
        (R"({"class_name":"__keras_tensor__","config":{"keras_history":[")" + name + "\",0,0]}}");
  return R"([{"args":[)" + (from.size() > 1 ? "[" + args + "]" : args) + R"(],"kwargs":{}}])";
}

const LayerSpec& find(const std::vector<LayerSpec>& specs, const std::string& name) {
  for (const LayerSpec& spec : specs)
    if (spec.name == name) return spec;
  throw std::runtime_error("no layer " + name);
}

const std::string inner_layers = layer("InputLayer", "input_1", "[]") + "," +
                                 layer("Conv2D", "c1", R"([[["input_1",0,0,{}]]])") + "," +
                                 layer("ReLU", "r", R"([[["c1",0,0,{}]]])");

TEST(KerasDescriptions, AModelInsideAnother) {
  // As Keras 2 writes it, which counts the calls of a model from 1
  for (const char* number : {"0", "1"}) {
    const std::string text =
        model("outer",
              layer("InputLayer", "input_2", "[]") + "," +
                  model("base", inner_layers, "input_1", "r", R"([[["input_2",0,0,{}]]])") + "," +
                  layer("Conv2D", "c2", std::string(R"([[["base",)") + number + ",0,{}]]]"),
              "input_2", "c2");
    const std::vector<LayerSpec> specs = parse_description(text, "net.h5");
    EXPECT_EQ(find(specs, "base/c1").inputs, (Names{"input_2"}));
    EXPECT_EQ(find(specs, "base/c1").weights, "base/c1");
    EXPECT_EQ(find(specs, "base/r").inputs, (Names{"base/c1"}));
    EXPECT_EQ(find(specs, "base").inputs, (Names{"base/r"}));
    EXPECT_EQ(find(specs, "c2").inputs, (Names{"base/r"}));
    // The plain names, which no other layer has
    EXPECT_EQ(find(specs, "c1").type, "Identity");
    EXPECT_EQ(find(specs, "c1").inputs, (Names{"base/c1"}));
  }
}

TEST(KerasDescriptions, ALayerThatIsUsedTwice) {
  const std::string text =
      model("outer",
            layer("InputLayer", "i", "[]") + "," + layer("ReLU", "r", R"([[["i",0,0,{}]]])") + "," +
                model("base", inner_layers, "input_1", "r", R"([[["i",0,0,{}]],[["r",0,0,{}]]])") +
                "," + layer("Add", "sum", R"([[["base",1,0,{}],["base",2,0,{}]]])"),
            "i", "sum");
  const std::vector<LayerSpec> specs = parse_description(text, "net.h5");
  EXPECT_EQ(find(specs, "base/c1").inputs, (Names{"i"}));
  EXPECT_EQ(find(specs, "base:1/c1").inputs, (Names{"r"}));
  EXPECT_EQ(find(specs, "base:1/c1").weights, "base/c1");
  EXPECT_EQ(find(specs, "sum").inputs, (Names{"base/r", "base:1/r"}));
  // "r" is a layer outside, too
  EXPECT_EQ(find(specs, "r").type, "ReLU");
}

TEST(KerasDescriptions, SequencesInsideAndAround) {
  const std::string base =
      R"({"class_name":"Sequential","config":{"name":"base","layers":[
          {"class_name":"InputLayer","config":{"name":"x"}},
          {"class_name":"Conv2D","config":{"name":"c"}},{"class_name":"Conv2D","config":{"name":"d"}}]}})";
  const std::string text = R"({"class_name":"Sequential","config":{"name":"top","layers":[)" +
                           base + R"(,{"class_name":"Conv2D","config":{"name":"c"}}]}})";
  const std::vector<LayerSpec> specs = parse_description(text, "net.keras", WeightNames::by_class);
  EXPECT_EQ(specs[0].type, "InputLayer");
  EXPECT_EQ(find(specs, "base/c").inputs, (Names{"base_input"}));
  EXPECT_EQ(find(specs, "base/d").weights, "layers/sequential/layers/conv2d_1");
  EXPECT_EQ(find(specs, "c").inputs, (Names{"base/d"}));
  EXPECT_EQ(find(specs, "c").weights, "layers/conv2d");
}

TEST(KerasDescriptions, OfKeras3) {
  const auto operation = [](const std::string& type, const std::string& name,
                            const std::string& args) {
    return R"({"module":"keras.src.ops.numpy","class_name":")" + type + R"(","config":{"name":")" +
           name + R"("},"name":")" + name + R"(","inbound_nodes":[{"args":)" + args +
           R"(,"kwargs":{}}]})";
  };
  const auto tensor = [](const std::string& name) {
    return R"({"class_name":"__keras_tensor__","config":{"keras_history":[")" + name + "\",0,0]}}";
  };
  const std::string text = layer(
      "Functional", "m", "[]",
      "\"layers\":[" + layer("InputLayer", "i", "[]") + "," +
          operation("TrueDivide", "t", "[" + tensor("i") + ",4]") + "," +
          operation("Subtract", "s", "[1," + tensor("t") + "]") + "," +
          operation("Subtract", "v", "[" + tensor("s") + ",[1,2,3]]") + "," +
          operation("Silu", "silu", "[" + tensor("v") + "]") + "," +
          operation("Multiply", "product", "[" + tensor("silu") + "," + tensor("v") + "]") + "," +
          layer("BatchNormalization", "a", call({"product"})) + "," +
          layer("Conv2DTranspose", "b", call({"a"})) + "," + layer("Add", "sum", call({"a", "b"})) +
          "],\"input_layers\":[\"i\",0,0]," + "\"output_layers\":[\"sum\",0,0]");
  const std::vector<LayerSpec> specs = parse_description(text, "net.keras", WeightNames::by_class);
  EXPECT_EQ(find(specs, "t").type, "Rescaling");
  EXPECT_EQ(find(specs, "t").config["scale"], 0.25);
  EXPECT_EQ(find(specs, "s").config["scale"], -1);
  EXPECT_EQ(find(specs, "s").config["offset"], 1);
  EXPECT_EQ(find(specs, "v").config["offset"], (nlohmann::json{-1, -2, -3}));
  EXPECT_EQ(find(specs, "silu").config["activation"], "silu");
  EXPECT_EQ(find(specs, "product").inputs, (Names{"silu", "v"}));
  EXPECT_EQ(find(specs, "product").type, "Multiply");
  EXPECT_EQ(find(specs, "a").weights, "layers/batch_normalization");
  EXPECT_EQ(find(specs, "b").weights, "layers/conv2d_transpose");
  EXPECT_EQ(find(specs, "sum").inputs, (Names{"a", "b"}));
}

TEST(KerasDescriptions, OperationsOfTensorFlow) {
  const std::string text = model(
      "m",
      layer("InputLayer", "i", "[]") + "," +
          layer("TFOpLambda", "d", R"([["i",0,0,{"y":2.0,"name":null}]])",
                R"("function":"math.truediv")") +
          "," +
          layer("TFOpLambda", "a", R"([["d",0,0,{"y":["i",0,0],"name":null}]])",
                R"("function":"__operators__.add")") +
          "," +
          layer("TFOpLambda", "r", R"([["a",0,0,{"name":null}]])", R"("function":"nn.relu6")") +
          "," +
          layer("TFOpLambda", "n", R"([["_CONSTANT_VALUE",-1,1.0,{"y":["r",0,0],"name":null}]])",
                R"("function":"math.subtract")") +
          "," + layer("TFOpLambda", "odd", R"([["n",0,0,{}]])", R"("function":"strings.join")"),
      "i", "odd");
  const std::vector<LayerSpec> specs = parse_description(text, "net.h5");
  EXPECT_EQ(find(specs, "d").config["scale"], 0.5);
  EXPECT_EQ(find(specs, "a").type, "Add");
  EXPECT_EQ(find(specs, "a").inputs, (Names{"d", "i"}));
  EXPECT_EQ(find(specs, "r").config["activation"], "relu6");
  EXPECT_EQ(find(specs, "n").config["scale"], -1);
  EXPECT_EQ(find(specs, "odd").type, "strings.join");
}

TEST(KerasDescriptions, ModelsInModelsWithoutEnd) {
  std::string text = inner_layers;
  for (int i = 0; i < 30; ++i)
    text = layer("InputLayer", "input_1", "[]") + "," +
           model("m", text, "input_1", i == 0 ? "r" : "m", R"([[["input_1",0,0,{}]]])");
  const std::string deep = model("top", text, "input_1", "m");
  expect_error<BadModel>([&] { parse_description(deep, "net.h5"); }, {"in models without end"});

  // Each uses the one inside twice
  std::string wide = inner_layers;
  for (int i = 0; i < 14; ++i)
    wide = layer("InputLayer", "input_1", "[]") + "," +
           model("m", wide, "input_1", i == 0 ? "r" : "m",
                 R"([[["input_1",0,0,{}]],[["input_1",0,0,{}]]])");
  const std::string many = model("top", wide, "input_1", "m");
  expect_error<BadModel>([&] { parse_description(many, "net.h5"); }, {"too many layers"});
}

}  // namespace
}  // namespace reverie::keras
