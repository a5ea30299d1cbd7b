#include "fuzz/bytes.h"
#include "fuzz/graph_check.h"
#include "reverie/model/formats/onnx/external_data.h"
#include "reverie/model/formats/onnx/onnx.h"

// Weights in another file are the input itself; locations go through the checks of a folder first.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reverie;
  const auto bytes = fuzz::as_bytes(data, size);
  onnx::FilesBeside files("/no-such-folder/net.onnx");
  const auto open = [&](const std::string& location) {
    try {
      return files.open(location);
    } catch (const FileFailure&) {
      return bytes;
    }
  };
  return fuzz::run([&] { fuzz::check_graph(read_onnx(bytes, "x", open).graph); });
}
