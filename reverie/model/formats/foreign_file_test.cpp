#include "reverie/model/formats/foreign_file.h"

#include <gtest/gtest.h>

namespace reverie {
namespace {

using namespace std::literals;

std::string describe(std::string_view content) {
  return foreign_content(std::as_bytes(std::span(content)));
}

TEST(ForeignFiles, AGitLfsPointerSaysWhatItStandsFor) {
  const std::string line = describe(
      "version https://git-lfs.github.com/spec/v1\n"
      "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n");
  EXPECT_NE(line.find("Git LFS pointer"), std::string::npos) << line;
  EXPECT_NE(line.find("12345 bytes"), std::string::npos) << line;
  EXPECT_NE(line.find("sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393;"),
            std::string::npos)
      << line;
  EXPECT_NE(line.find("git lfs pull"), std::string::npos) << line;
  EXPECT_NE(describe("version https://git-lfs.github.com/spec/v1\n").find("of ? bytes"),
            std::string::npos);
}

TEST(ForeignFiles, ByTheirContent) {
  const std::pair<std::string_view, const char*> all[] = {
      {"<!DOCTYPE html>\n<html>", "web page"},
      {"\n\n <HTML lang=en>", "web page"},
      {"\xef\xbb\xbf<html>", "web page"},
      {"<?xml version='1.0'?><html xmlns='x'>", "web page"},
      {"<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code>", "error message"},
      {"<?xml version=\"1.0\"?><net name=\"x\" version=\"11\">", "OpenVINO"},
      {"\x1c\0\0\0TFL3\0\0"sv, "TensorFlow Lite"},
      {"GGUF\x03\0\0\0"sv, "GGUF"},
      {"\x04\0\0\0\x01\0\0\0\x03\0\0\0V 1\x0d\0\0\0nn.Sequential"sv, "Torch7"},
      {"4\n1\n3\nV 1\n13\nnn.Sequential\n", "Torch7"},
      {"\x20\0\0\0ORTM"sv, "ONNX Runtime"},
      {"ftrt\0\0"sv, "TensorRT"},
      {"[net]\nbatch=1\n", "Darknet"},
      {"\x1f\x8b\x08\0"sv, "gzip"},
      {"\x93NUMPY\x01\0"sv, "NumPy"},
      {"\x89PNG\r\n", "picture"},
      {"{\"format\": \"layers-model\", \"modelTopology\": {}}", "TensorFlow.js"},
      {"{\"class_name\": \"Functional\", \"config\": {}}", "without weights"},
      {"node {\n  name: \"x\"\n}", "GraphDef as text"},
      {"\xff\xfen\0a\0"sv, "UTF-16"},
      {"\xfe\xff\0n\0a"sv, "UTF-16"},
  };
  for (const auto& [content, what] : all)
    EXPECT_NE(describe(content).find(what), std::string::npos) << what << ": " << describe(content);
  const std::string tar = std::string(257, 'x') + "ustar" + std::string(300, '\0');
  EXPECT_NE(describe(tar).find("tar archive"), std::string::npos);
  EXPECT_NE(describe(std::string(5000, '\0')).find("zeros only"), std::string::npos);
}

TEST(ForeignFiles, NetworksAreNone) {
  for (const std::string_view content :
       {"name: 'net' layer { name: 'a' }"sv, "\xef\xbb\xbfname: 'net'"sv,
        "\x08\x07\x12\x07pytorch"sv, "\x89HDF\r\n\x1a\n"sv, "PK\x03\x04"sv, "\x0a\x05input"sv,
        "\x80\x02\x8a\x0a"sv, "\x40\0\0\0\0\0\0\0{\"__metadata__\":{}"sv, ""sv, "\0\0\0\0"sv,
        "  \n"sv})
    EXPECT_EQ(describe(content), "");
}

TEST(ForeignFiles, ByTheirNames) {
  EXPECT_NE(foreign_name("yolov3.weights").find("Darknet"), std::string::npos);
  EXPECT_NE(foreign_name("Net.MLMODEL").find("Core ML"), std::string::npos);
  EXPECT_NE(foreign_name("model.ckpt.data-00000-of-00001").find("checkpoint"), std::string::npos);
  EXPECT_EQ(foreign_name("net.caffemodel"), "");
}

}  // namespace
}  // namespace reverie
