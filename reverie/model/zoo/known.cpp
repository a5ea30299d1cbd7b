#include "reverie/model/zoo/known.h"

#include <algorithm>
#include <vector>

namespace reverie {
namespace {

using Names = std::string_view[];

constexpr Names reverie_signature = {"3b/output", "4c/concat", "4c/output"};
constexpr Names reverie_layers = {"3b/output", "4a/output", "4b/output", "4c/output"};
constexpr Names googlenet_signature = {"conv1/7x7_s2", "inception_4c/output"};
constexpr Names googlenet_layers = {
    "conv2/3x3",           "inception_3a/output", "inception_3b/5x5_reduce", "inception_3b/output",
    "inception_4a/output", "inception_4b/output", "inception_4c/output",     "inception_4d/output",
    "inception_4e/output", "inception_5a/output"};
constexpr Names inception5h_signature = {"conv2d0_pre_relu", "mixed3a_3x3_bottleneck", "mixed4c"};
constexpr Names inception5h_layers = {"conv2d2", "mixed3a", "mixed3b", "mixed4a", "mixed4b",
                                      "mixed4c", "mixed4d", "mixed4e", "mixed5a"};
constexpr Names inception_v3_signature = {"mixed3", "mixed10", "mixed9_0"};
constexpr Names inception_v3_layers = {"mixed0", "mixed1", "mixed2", "mixed3",
                                       "mixed4", "mixed5", "mixed6", "mixed7"};
constexpr Names squeezenet_signature = {"fire2/squeeze1x1", "fire9/concat"};
constexpr Names squeezenet_layers = {"fire4/concat", "fire5/concat", "fire6/concat",
                                     "fire7/concat", "fire8/concat", "fire9/concat"};
constexpr Names vgg_signature = {"conv1_2", "conv4_3", "conv5_3"};
constexpr Names vgg_layers = {"conv3_1", "conv3_3", "conv4_1", "conv4_2",
                              "conv4_3", "conv5_1", "conv5_2", "conv5_3"};

constexpr Names keras_vgg_signature = {"block1_conv2", "block4_conv3", "block5_conv3"};
constexpr Names keras_vgg_layers = {"block3_conv1", "block3_conv3", "block4_conv1", "block4_conv2",
                                    "block4_conv3", "block5_conv1", "block5_conv2", "block5_conv3"};
constexpr Names old_resnet_signature = {"res2a_branch2a", "res5c_branch2c", "activation_40"};
constexpr Names old_resnet_layers = {"activation_10", "activation_16", "activation_22",
                                     "activation_28", "activation_34", "activation_40"};
constexpr Names resnet_signature = {"conv2_block1_1_conv", "conv5_block3_out"};
constexpr Names resnet_layers = {"conv2_block3_out", "conv3_block2_out", "conv3_block4_out",
                                 "conv4_block2_out", "conv4_block4_out", "conv4_block6_out"};
constexpr Names released_v3_signature = {"mixed_3/join", "mixed_8/join"};
constexpr Names released_v3_layers = {"mixed/join",   "mixed_1/join", "mixed_2/join",
                                      "mixed_3/join", "mixed_4/join", "mixed_5/join",
                                      "mixed_6/join", "mixed_7/join"};

constexpr InputTransform vgg_input{{2, 1, 0}, {103.939f, 116.779f, 123.68f}, {1, 1, 1}};

// Sources: golden values of the original notebook for GoogLeNet; the programs and readmes that the
// others were published with.
constexpr KnownNetwork known_networks[] = {
    {"reverie", reverie_signature, {}, "4c/output", reverie_layers},
    {"googlenet", googlenet_signature, caffe_input, "inception_4c/output", googlenet_layers},
    {"inception5h",
     inception5h_signature,
     {{0, 1, 2}, {117, 117, 117}, {1, 1, 1}},
     "mixed4c",
     inception5h_layers},
    {"inception_v3", inception_v3_signature, signed_input, "mixed5", inception_v3_layers},
    {"squeezenet",
     squeezenet_signature,
     {{2, 1, 0}, {104, 117, 123}, {1, 1, 1}},
     "fire7/concat",
     squeezenet_layers},
    {"vgg", vgg_signature, vgg_input, "conv4_3", vgg_layers},
    {"vgg", keras_vgg_signature, vgg_input, "block4_conv3", keras_vgg_layers},
    {"resnet", old_resnet_signature, vgg_input, "activation_34", old_resnet_layers},
    {"resnet", resnet_signature, vgg_input, "conv4_block4_out", resnet_layers},
    // Its graph scales the picture itself
    {"inception_v3", released_v3_signature, {}, "mixed_5/join", released_v3_layers},
};

constexpr std::array<std::string_view, 2> known_aliases[] = {
    {"googlenet", "bvlc_googlenet"},
    {"inception5h", "tensorflow_inception_graph"},
    {"inception_v3", "inception_v3_weights_tf_dim_ordering_tf_kernels_notop"},
    {"squeezenet", "squeezenet_v1.1"},
    {"vgg16", "VGG_ILSVRC_16_layers"},
    {"vgg19", "VGG_ILSVRC_19_layers"},
    {"places365-googlenet", "googlenet_places365"},
    {"vgg16", "vgg16_weights_tf_dim_ordering_tf_kernels_notop"},
    {"vgg19", "vgg19_weights_tf_dim_ordering_tf_kernels_notop"},
    {"resnet50", "resnet50_weights_tf_dim_ordering_tf_kernels_notop"},
};

// Where the picture ends and the classifier begins, or something that cannot run.
bool ends_the_picture(const Layer& layer) {
  if (const auto* pool = std::get_if<Pool>(&layer.op))
    return pool->global || pool->window.kernel_h > 4;
  return std::holds_alternative<InnerProduct>(layer.op) ||
         std::holds_alternative<Softmax>(layer.op) ||
         std::holds_alternative<UnknownLayer>(layer.op);
}

}  // namespace

const KnownNetwork* recognize(const Graph& graph) {
  for (const KnownNetwork& known : known_networks)
    if (std::all_of(known.signature_layers.begin(), known.signature_layers.end(),
                    [&](std::string_view mark) { return graph.find(mark) >= 0; }))
      return &known;
  return nullptr;
}

std::string guess_default_layer(const Graph& graph) {
  std::vector<bool> usable;
  std::vector<std::size_t> joins, rectified, any;
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const Layer& layer = graph.layers[i];
    usable.push_back(!ends_the_picture(layer) &&
                     std::all_of(layer.inputs.begin(), layer.inputs.end(), [&](int input) {
                       return usable[static_cast<std::size_t>(input)];
                     }));
    if (!usable.back() || layer.inputs.empty()) continue;
    any.push_back(i);
    if (std::holds_alternative<Relu>(layer.op)) rectified.push_back(i);
    if (std::holds_alternative<Concat>(layer.op) || std::holds_alternative<Eltwise>(layer.op))
      joins.push_back(i);
  }
  for (const auto* choice : {&joins, &rectified, &any})
    if (!choice->empty()) return graph.layers[(*choice)[(choice->size() - 1) * 2 / 3]].name;
  return "";
}

std::span<const std::array<std::string_view, 2>> name_aliases() { return known_aliases; }

}  // namespace reverie
