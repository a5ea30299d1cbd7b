#include "fuzz/bytes.h"
#include "fuzz/graph_check.h"
#include "reverie/model/formats/native/native.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reverie;
  return fuzz::run([&] { fuzz::check_graph(read_native(fuzz::as_bytes(data, size), "x").graph); });
}
