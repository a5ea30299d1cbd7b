#include "reverie/model/formats/format.h"

#include <fmt/format.h>

#include <algorithm>

#include "reverie/base/error.h"
#include "reverie/base/file/mapped_file.h"
#include "reverie/model/formats/caffe/caffe.h"
#include "reverie/model/formats/caffe/find_prototxt.h"
#include "reverie/model/formats/foreign_file.h"
#include "reverie/model/formats/keras/keras.h"
#include "reverie/model/formats/native/native.h"
#include "reverie/model/formats/onnx/onnx.h"
#include "reverie/model/formats/pytorch/pytorch.h"
#include "reverie/model/formats/tensorflow/tensorflow.h"
#include "reverie/model/formats/wire.h"
#include "reverie/model/input_transform.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;
using Bytes = std::span<const std::byte>;

// Reading --------------------------------------------------------------------------------------

FileContent read_caffe_file(const NetworkFile& file) {
  const fs::path prototxt = file.prototxt.empty() ? find_prototxt(file.path) : file.prototxt;
  CaffeFiles files;
  files.caffemodel = file.bytes;
  files.caffemodel_name = file.path.string();
  std::optional<MappedFile> description;
  if (!prototxt.empty()) {
    description.emplace(prototxt);
    files.prototxt = wire::as_text(description->bytes());
    files.prototxt_name = prototxt.string();
  } else {
    notify(file.notices,
           fmt::format("no .prototxt beside '{}'; using the training description inside it",
                       file.path.string()));
  }
  CaffeNetwork read = read_caffe(files);
  return {
      .graph = std::move(read.graph), .transform = read.transform, .usual_transform = caffe_input};
}

FileContent read_native_file(const NetworkFile& file) {
  NativeNetwork read = read_native(file.bytes, file.path.string());
  const InputTransform transform = read.graph.transform;
  return {.graph = std::move(read.graph),
          .transform = transform,
          .transform_is_certain = true,
          .default_layer = std::move(read.default_layer),
          .description = std::move(read.description),
          .looks = std::move(read.looks)};
}

FileContent read_tensorflow_file(const NetworkFile& file) {
  TensorFlowNetwork read = read_tensorflow(file.bytes, file.path.string());
  return {
      .graph = std::move(read.graph), .transform = read.transform, .usual_transform = signed_input};
}

FileContent keras_content(KerasNetwork read) {
  return {.graph = std::move(read.graph),
          .transform = read.transform,
          .transform_is_certain = read.transform_is_certain,
          .usual_transform = signed_input};
}

FileContent read_keras_file(const NetworkFile& file) {
  return keras_content(read_keras(file.path));
}

FileContent read_onnx_file(const NetworkFile& file) {
  OnnxNetwork read = read_onnx(file.bytes, file.path.string());
  return {.graph = std::move(read.graph),
          .transform = read.transform,
          .transform_is_certain = read.transform.has_value(),
          .usual_transform = read.channels_last ? signed_input : torch_input};
}

FileContent pytorch_content(PytorchNetwork read) {
  return {.graph = std::move(read.graph),
          .transform = read.transform,
          .transform_is_certain = true,
          .usual_transform = torch_input,
          .default_layer = std::move(read.default_layer)};
}

FileContent read_pytorch_file(const NetworkFile& file) {
  return pytorch_content(read_pytorch(file.bytes, file.path.string()));
}

FileContent read_archive(const NetworkFile& file) {
  const ZipArchive archive(file.bytes, file.path.string());
  if (is_keras_archive(archive)) return keras_content(read_keras(archive));
  if (pytorch::is_checkpoint(archive)) return pytorch_content(read_pytorch(archive));
  throw Unsupported(fmt::format("'{}' is a zip archive; unpack it and name the network inside",
                                file.path.string()));
}

FileContent refuse_prototxt(const NetworkFile& file) {
  throw BadModel(
      fmt::format("'{}' is a network's description without weights; name the .caffemodel and "
                  "give this as --prototxt",
                  file.path.string()));
}

// Recognizing ----------------------------------------------------------------------------------

bool starts_with(Bytes bytes, std::string_view text) {
  return wire::as_text(bytes).starts_with(text);
}

bool is_hdf5(Bytes bytes) { return starts_with(bytes, "\x89HDF\r\n\x1a\n"); }

bool is_zip(Bytes bytes) { return starts_with(bytes, "PK\x03\x04"); }

bool is_prototxt(Bytes bytes) {
  const auto head = wire::as_text(bytes.first(std::min<std::size_t>(bytes.size(), 4096)));
  const bool is_text = !head.empty() && std::none_of(head.begin(), head.end(), [](char c) {
    return static_cast<unsigned char>(c) < 32 && c != '\n' && c != '\r' && c != '\t';
  });
  return is_text && wire::as_text(bytes).find("layer") != std::string_view::npos;
}

// GraphDef begins with a node (a message with a name and an op), NetParameter with its name.
bool is_graph_def(Bytes bytes) {
  try {
    wire::Reader reader(bytes);
    wire::Field field;
    if (!reader.next(field) || field.number != 1 || field.type != wire::Type::bytes) return false;
    wire::Reader node(field.bytes);
    wire::Field name, op;
    return node.next(name) && node.next(op) && name.number == 1 && op.number == 2 &&
           name.type == wire::Type::bytes && op.type == wire::Type::bytes;
  } catch (const wire::Malformed&) {
    return false;
  }
}

// An ONNX model begins with its version.
bool may_be_onnx(Bytes bytes) { return starts_with(bytes, "\x08"); }

// A Caffe network begins with its name or a layer.
bool may_be_caffe(Bytes bytes) {
  return starts_with(bytes, "\x0a") || starts_with(bytes, "\x12") || starts_with(bytes, "\xa2\x06");
}

}  // namespace

std::span<const FileFormat> file_formats() {
  static const FileFormat formats[] = {
      {"Caffe", {".caffemodel"}, nullptr, may_be_caffe, read_caffe_file},
      {"Reverie", {".safetensors"}, native::looks_like_safetensors, nullptr, read_native_file},
      {"TensorFlow", {".pb"}, is_graph_def, nullptr, read_tensorflow_file},
      {"Keras", {".h5", ".hdf5", ".keras"}, is_hdf5, nullptr, read_keras_file},
      {"ONNX", {".onnx"}, nullptr, may_be_onnx, read_onnx_file},
      {"PyTorch", {".pt", ".pth"}, pytorch::is_legacy_checkpoint, nullptr, read_pytorch_file},
      {"zip", {}, is_zip, nullptr, read_archive},
      {"prototxt", {}, is_prototxt, nullptr, refuse_prototxt},
  };
  return formats;
}

const FileFormat* recognize_format(Bytes bytes, const fs::path& path) {
  const auto first = [](auto&& matches) -> const FileFormat* {
    const auto formats = file_formats();
    const auto found = std::find_if(formats.begin(), formats.end(), matches);
    return found == formats.end() ? nullptr : &*found;
  };
  const std::string extension = path.extension().string();
  const FileFormat* format = first([&](const FileFormat& candidate) {
    return candidate.is_certain != nullptr && candidate.is_certain(bytes);
  });
  if (format == nullptr)
    format = first([&](const FileFormat& candidate) {
      return std::find(candidate.extensions.begin(), candidate.extensions.end(), extension) !=
             candidate.extensions.end();
    });
  if (format == nullptr)
    format = first([&](const FileFormat& candidate) {
      return candidate.is_possible != nullptr && candidate.is_possible(bytes);
    });
  return format;
}

FileContent read_network_file(const NetworkFile& file) {
  if (file.bytes.empty()) throw BadModel(fmt::format("'{}' is empty", file.path.string()));
  const std::string name = file.path.string();
  if (const std::string what = foreign_content(file.bytes); !what.empty())
    throw BadModel(fmt::format("'{}' {}", name, what));
  const FileFormat* format = recognize_format(file.bytes, file.path);
  const std::string what = format == nullptr ? foreign_name(file.path) : "";
  if (!what.empty()) throw BadModel(fmt::format("'{}' {}", name, what));
  if (format == nullptr)
    throw BadModel(
        fmt::format("'{}' is not a network file that Reverie recognises; it reads .caffemodel, "
                    ".pb, .h5, .keras, .onnx, .pth and its own .safetensors",
                    name));
  return format->read(file);
}

std::vector<std::string_view> weights_extensions() {
  std::vector<std::string_view> extensions;
  for (const FileFormat& format : file_formats())
    extensions.insert(extensions.end(), format.extensions.begin(), format.extensions.end());
  return extensions;
}

}  // namespace reverie
