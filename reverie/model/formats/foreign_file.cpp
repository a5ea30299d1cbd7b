#include "reverie/model/formats/foreign_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "reverie/base/text.h"
#include "reverie/model/formats/wire.h"

namespace reverie {
namespace {

using Bytes = std::span<const std::byte>;
using namespace std::literals;

constexpr std::size_t head_bytes = 4096;

// A format by the bytes that its files have at one place.
struct Mark {
  std::size_t at;
  std::string_view bytes;
  const char* what;
};

constexpr const char* export_onnx = "; export the network it was made from as .onnx";

const std::vector<Mark>& marks() {
  static const std::vector<Mark> all{
      {4, "TFL3"sv, "is a TensorFlow Lite network, compressed for phones"},
      {0, "GGUF"sv, "is a GGUF file, weights of a language model"},
      {0, "lmgg"sv, "is a GGML file, weights of a language model"},
      {0, "\x04\0\0\0\x01\0\0\0\x03\0\0\0V 1"sv, "is a file of Torch7, written in Lua"},
      {0, "4\n1\n3\nV 1\n"sv, "is a file of Torch7, written in Lua"},
      {4, "ORTM"sv, "is a network in ONNX Runtime's own format"},
      {4, "ET12"sv, "is a program of ExecuTorch"},
      {0, "ftrt"sv, "is a TensorRT engine, made for one kind of graphics card"},
      {0, "ptrt"sv, "is a TensorRT engine, made for one kind of graphics card"},
      {0, "RKNN"sv, "is a network for Rockchip's processors"},
      {0, "7767517\n"sv, "is an ncnn network"},
      {0, "[net]"sv, "is the description of a Darknet network"},
      {0, "\x12\x01\0\0\0\0\0\0"sv, "holds weights of MXNet"},
  };
  return all;
}

// Formats that are no networks at all.
const std::vector<Mark>& other_marks() {
  static const std::vector<Mark> all{
      {0, "\x1f\x8b"sv, "is packed by gzip; unpack it and name the network inside"},
      {0, "BZh"sv, "is packed by bzip2; unpack it and name the network inside"},
      {0,
       "\xfd"
       "7zXZ"sv,
       "is packed by xz; unpack it and name the network inside"},
      {0, "\x28\xb5\x2f\xfd"sv, "is packed by zstd; unpack it and name the network inside"},
      {0, "7z\xbc\xaf"sv, "is a 7z archive; unpack it and name the network inside"},
      {0, "Rar!"sv, "is a RAR archive; unpack it and name the network inside"},
      {257, "ustar"sv,
       "is a tar archive; unpack it and name the network inside (a PyTorch file of this form is of "
       "before 0.1.10: load it and save net.state_dict() with a newer PyTorch)"},
      {0, "\x93NUMPY"sv, "is an array of NumPy, weights without their network"},
      {0, "MATLAB 5.0 MAT-file"sv, "is a file of MATLAB; convert the network in it to .onnx"},
      {0, "MATLAB 7.3 MAT-file"sv, "is a file of MATLAB; convert the network in it to .onnx"},
      {0, "\x89PNG"sv, "is a picture; give it as the input, and a network as --model"},
      {0, "\xff\xd8\xff"sv, "is a picture; give it as the input, and a network as --model"},
      {0, "GIF8"sv, "is a picture; give it as the input, and a network as --model"},
  };
  return all;
}

const Mark* find_mark(const std::vector<Mark>& all, std::string_view head) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Mark& mark) {
    return head.size() >= mark.at && head.substr(mark.at).starts_with(mark.bytes);
  });
  return found == all.end() ? nullptr : &*found;
}

// The word after `key` in a text.
std::string value_after(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return "?";
  const std::string_view rest = text.substr(at + key.size());
  return one_line(rest.substr(0, std::min<std::size_t>(rest.find_first_of(" \r\n"), 80)));
}

std::string describe_pointer(std::string_view text) {
  return fmt::format(
      "is a Git LFS pointer, which stands for a file of {} bytes with the {}; fetch that by git "
      "lfs "
      "pull, or by the site's download button",
      value_after(text, "\nsize "), value_after(text, "\noid "));
}

// What begins with a letter or a bracket.
std::string describe_text(std::string_view head) {
  if (head.starts_with("version https://git-lfs")) return describe_pointer(head);
  const std::string small = lower(head.substr(0, 512));
  const auto begins = [&](std::string_view what) { return small.starts_with(what); };
  const auto has = [&](std::string_view what) { return small.find(what) != std::string::npos; };
  if (begins("<!doctype html") || begins("<html") || (begins("<?xml") && has("<html")))
    return "is a web page, not a network; look at the address that it was downloaded from";
  if (begins("<?xml") && has("<net "))
    return std::string("is the description of an OpenVINO network") + export_onnx;
  if (begins("<?xml") && has("<error"))
    return "is the error message of a web server, not a network; download it again";
  if (begins("<?xml")) return "is an XML text, not a network";
  if (begins("{") && (has("graph-model") || has("layers-model") || has("modeltopology")))
    return "is the description of a TensorFlow.js network; convert the model to .onnx or .h5";
  if (begins("{") && has("\"class_name\""))
    return "is a Keras model's description without weights; save the whole model as .keras or .h5";
  if (begins("{") && has("\"nodes\"") && has("\"op\""))
    return std::string("is the description of an MXNet network") + export_onnx;
  if (begins("node {") || begins("node{"))
    return "is a GraphDef as text; write it as a binary .pb by graph.as_graph_def()"
           ".SerializeToString()";
  return "";
}

}  // namespace

std::string foreign_content(Bytes bytes) {
  std::string_view head =
      wire::as_text(bytes.first(std::min<std::size_t>(bytes.size(), head_bytes)));
  if (head.starts_with("\xff\xfe"sv) || head.starts_with("\xfe\xff"sv))
    return "is text in UTF-16, where Reverie expects UTF-8; save it in that encoding";
  if (const Mark* mark = find_mark(marks(), head)) return mark->what + std::string(export_onnx);
  if (const Mark* mark = find_mark(other_marks(), head)) return mark->what;
  if (bytes.size() >= head_bytes &&
      std::all_of(head.begin(), head.end(), [](char c) { return c == 0; }))
    return "begins with zeros only, as a download does that never finished; fetch it again";

  // Text, perhaps after a byte order mark and empty lines
  if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
  const std::size_t begin = head.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? "" : describe_text(head.substr(begin));
}

std::string foreign_name(const std::filesystem::path& path) {
  static const std::pair<const char*, const char*> names[] = {
      {".tflite", "is a TensorFlow Lite network, compressed for phones"},
      {".mlmodel", "is a Core ML network"},
      {".weights", "holds weights of Darknet without their network"},
      {".engine", "is a TensorRT engine, made for one kind of graphics card"},
      {".plan", "is a TensorRT engine, made for one kind of graphics card"},
      {".trt", "is a TensorRT engine, made for one kind of graphics card"},
      {".mnn", "is a network of MNN"},
      {".param", "is an ncnn network"},
      {".pdmodel", "is a network of PaddlePaddle"},
      {".pdparams", "holds weights of PaddlePaddle without their network"},
      {".pdiparams", "holds weights of PaddlePaddle without their network"},
      {".params", "holds weights without their network"},
      {".t7", "is a file of Torch7, written in Lua"},
      {".msgpack", "holds weights of Flax without their network"},
      {".index", "is a part of a TensorFlow checkpoint, weights without their network"},
      {".meta", "is a part of a TensorFlow checkpoint, weights without their network"},
      {".pkl", "is a Python pickle, which only the program that wrote it can open"},
  };
  const std::string name = path.filename().string();
  if (name.find(".data-0000") != std::string::npos)
    return "is a part of a TensorFlow checkpoint, weights without their network; freeze the graph "
           "into a .pb";
  for (const auto& [extension, what] : names)
    if (lower(path.extension().string()) == extension) return what + std::string(export_onnx);
  return "";
}

}  // namespace reverie
