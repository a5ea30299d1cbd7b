// A file of torch.save, in either form.
#include "fuzz/bytes.h"
#include "fuzz/graph_check.h"
#include "reverie/model/formats/pytorch/pytorch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reverie;
  const auto bytes = fuzz::as_bytes(data, size);
  return fuzz::run([&] {
    const bool is_old = pytorch::is_legacy_checkpoint(bytes);
    fuzz::check_graph(
        (is_old ? read_pytorch(bytes, "x") : read_pytorch(ZipArchive(bytes, "x"))).graph);
  });
}
