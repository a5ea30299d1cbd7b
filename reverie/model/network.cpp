#include "reverie/model/network.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "reverie/base/error.h"
#include "reverie/base/file/checksum.h"
#include "reverie/base/file/mapped_file.h"
#include "reverie/model/embedded.h"
#include "reverie/model/formats/caffe/caffe.h"
#include "reverie/model/formats/keras/keras.h"
#include "reverie/model/formats/native/native.h"
#include "reverie/model/formats/onnx/onnx.h"
#include "reverie/model/formats/tensorflow/tensorflow.h"
#include "reverie/model/formats/wire.h"
#include "reverie/model/locate.h"
#include "reverie/model/zoo/known.h"
#include "reverie/model/zoo/zoo.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;

Network from_native(std::span<const std::byte> bytes, const std::string& file,
                    const NetworkOptions& options) {
  NativeNetwork native = read_native(bytes, file);
  Network network;
  network.graph = std::move(native.graph);
  if (options.input_transform) network.graph.transform = *options.input_transform;
  network.default_layer = std::move(native.default_layer);
  network.description = std::move(native.description);
  network.looks = std::move(native.looks);
  return network;
}

// What the network expects of its input: as the user says, else as is known, else as its file says,
// else as is usual for such files.
void choose_transform(Graph& graph, const std::optional<InputTransform>& stated,
                      const InputTransform& usual, const std::string& file,
                      const NetworkOptions& options, const NoticeSink& notices) {
  const KnownNetwork* known = recognize(graph);
  if (options.input_transform) {
    graph.transform = *options.input_transform;
  } else if (const ZooNetwork* published = published_as(file)) {
    graph.transform = published->transform;
  } else if (known != nullptr) {
    graph.transform = known->transform;
  } else if (stated) {
    graph.transform = *stated;
  } else {
    graph.transform = usual;
    notify(notices, fmt::format("'{}' does not say what input it expects; guessed: {}", file,
                                describe(usual)));
  }
}

Network from_caffe(const fs::path& path, std::span<const std::byte> bytes,
                   const NetworkOptions& options, const NoticeSink& notices) {
  const fs::path prototxt = options.prototxt.empty() ? locate_prototxt(path) : options.prototxt;
  CaffeFiles files;
  files.caffemodel = bytes;
  files.caffemodel_name = path.string();
  std::optional<MappedFile> description;
  if (!prototxt.empty()) {
    description.emplace(prototxt);
    files.prototxt = wire::as_text(description->bytes());
    files.prototxt_name = prototxt.string();
  } else {
    notify(notices, fmt::format("no .prototxt beside '{}': its own training description is used",
                                path.string()));
  }
  CaffeNetwork caffe = read_caffe(files);
  choose_transform(caffe.graph, caffe.transform, caffe_input, path.string(), options, notices);
  Network network;
  network.graph = std::move(caffe.graph);
  return network;
}

Network from_tensorflow(const fs::path& path, std::span<const std::byte> bytes,
                        const NetworkOptions& options, const NoticeSink& notices) {
  TensorFlowNetwork read = read_tensorflow(bytes, path.string());
  choose_transform(read.graph, read.transform, signed_input, path.string(), options, notices);
  Network network;
  network.graph = std::move(read.graph);
  return network;
}

// PyTorch's way of giving pictures to its classifiers: scaled to 0..1, then by mean and deviation.
constexpr InputTransform torch_input{
    {0, 1, 2}, {123.675f, 116.28f, 103.53f}, {1 / 58.395f, 1 / 57.12f, 1 / 57.375f}};

Network from_onnx(const fs::path& path, std::span<const std::byte> bytes,
                  const NetworkOptions& options, const NoticeSink& notices) {
  OnnxNetwork read = read_onnx(bytes, path.string());
  choose_transform(read.graph, std::nullopt, read.channels_last ? signed_input : torch_input,
                   path.string(), options, notices);
  Network network;
  network.graph = std::move(read.graph);
  return network;
}

Network from_keras(const fs::path& path, const NetworkOptions& options, const NoticeSink& notices) {
  KerasNetwork read = read_keras(path);
  choose_transform(read.graph, read.transform, signed_input, path.string(), options, notices);
  Network network;
  network.graph = std::move(read.graph);
  return network;
}

// What a zip archive of this name is, and what to do.
std::string describe_archive(const fs::path& path) {
  const fs::path extension = path.extension();
  if (extension == ".pt" || extension == ".pth" || extension == ".ckpt")
    return "a PyTorch file, which holds weights without their network; write it as ONNX by "
           "torch.onnx.export";
  if (extension == ".keras") return "a Keras 3 archive; save the model as .h5";
  return "a zip archive; unpack it and name the network inside";
}

Network from_file(const fs::path& path, const NetworkOptions& options, const NoticeSink& notices) {
  const MappedFile file(path);
  if (file.bytes().empty()) throw BadModel(fmt::format("'{}' is empty", path.string()));
  switch (recognize_format(file.bytes(), path)) {
    case ModelFormat::caffe:
      return from_caffe(path, file.bytes(), options, notices);
    case ModelFormat::native:
      return from_native(file.bytes(), path.string(), options);
    case ModelFormat::tensorflow:
      return from_tensorflow(path, file.bytes(), options, notices);
    case ModelFormat::keras:
      return from_keras(path, options, notices);
    case ModelFormat::onnx:
      return from_onnx(path, file.bytes(), options, notices);
    case ModelFormat::zip:
      throw Unsupported(fmt::format("'{}' is {}", path.string(), describe_archive(path)));
    case ModelFormat::prototxt:
      throw BadModel(
          fmt::format("'{}' is a network's description without weights; name the .caffemodel and "
                      "give this as --prototxt",
                      path.string()));
    default:
      throw BadModel(
          fmt::format("'{}' is not a network file that Reverie recognises; it reads "
                      ".caffemodel, .pb, .h5, .onnx and its own .safetensors",
                      path.string()));
  }
}

// What is known of the network besides its file.
void add_knowledge(Network& network) {
  // By its own names first: with its family's it looks like its other members, too
  const KnownNetwork* known = recognize(network.graph);
  add_family_aliases(network.graph);
  if (known == nullptr) known = recognize(network.graph);
  for (const Look& look : network.looks) network.good_layers.push_back(look.layer);
  if (known != nullptr && network.good_layers.empty())
    network.good_layers.assign(known->good_layers.begin(), known->good_layers.end());
  if (network.default_layer.empty())
    network.default_layer =
        known != nullptr ? std::string(known->default_layer) : guess_default_layer(network.graph);
}

void check_finite(const std::string& layer, const Weights& weights, const char* what,
                  std::set<const Tensor*>& seen, Verification& found) {
  if (!weights || !seen.insert(weights.get()).second) return;
  found.parameters += static_cast<std::uint64_t>(weights->size());
  for (std::int64_t i = 0; i < weights->size(); ++i)
    if (!std::isfinite((*weights)[i]))
      throw BadModel(
          fmt::format("layer '{}': number {} of its {} is {}", layer, i, what, (*weights)[i]));
}

void check_weights(const Graph& graph, Verification& found) {
  std::set<const Tensor*> seen;
  for (const Layer& layer : graph.layers) {
    const auto check = [&](const Weights& weights, const char* what) {
      check_finite(layer.name, weights, what, seen, found);
    };
    ++found.layers;
    if (const auto* conv = std::get_if<Convolution>(&layer.op)) {
      check(conv->weights, "weights");
      check(conv->bias, "bias");
    } else if (const auto* product = std::get_if<InnerProduct>(&layer.op)) {
      check(product->weights, "weights");
      check(product->bias, "bias");
    } else if (const auto* affine = std::get_if<Affine>(&layer.op)) {
      check(affine->scale, "scale");
      check(affine->shift, "shift");
    } else if (std::holds_alternative<UnknownLayer>(layer.op)) {
      ++found.unknown_layers;
    }
  }
}

}  // namespace

Network open_network(const std::string& name, const NetworkOptions& options,
                     const NoticeSink& notices) {
  if (name.empty() || name == embedded_name) {
    Network network = from_native(embedded_network(), "the network inside", options);
    network.name = embedded_name;
    add_knowledge(network);
    return network;
  }
  const fs::path path = locate_weights(name, options);
  Network network = from_file(path, options, notices);
  network.file = path;
  network.name = network_name(path);
  if (network.graph.name.empty()) network.graph.name = network.name;
  add_knowledge(network);
  return network;
}

std::string checksum(const Network& network) {
  if (network.file.empty()) return sha256(embedded_network());
  return sha256(MappedFile(network.file).bytes());
}

void save_network(const Network& network, const fs::path& path, WeightsType type) {
  const native::StoredType stored = type == WeightsType::float16    ? native::StoredType::f16
                                    : type == WeightsType::bfloat16 ? native::StoredType::bf16
                                                                    : native::StoredType::f32;
  write_native({network.graph, network.default_layer, network.description, network.looks}, path,
               stored);
}

Verification verify_network(const Network& network) {
  Verification found;
  check_weights(network.graph, found);

  // Compare with the releases of that name or size
  std::optional<MappedFile> file;
  if (!network.file.empty()) file.emplace(network.file);
  const auto bytes = file ? file->bytes() : embedded_network();
  found.bytes = bytes.size();
  found.sha256 = sha256(bytes);
  const ZooNetwork* const named = published_as(network.file);
  for (const ZooNetwork& release : zoo()) {
    const ZooFile& weights = weights_of(release);
    const bool has_name = &release == named;
    if (!has_name && weights.bytes != bytes.size()) continue;
    const std::string wrong = mismatch(weights, bytes);
    if (wrong.empty())
      found.published = release.title;
    else
      found.doubt =
          fmt::format("'{}' has the {} of {} but {}; it is damaged or another file",
                      network.file.string(), has_name ? "name" : "size", weights.name, wrong);
  }
  return found;
}

}  // namespace reverie
