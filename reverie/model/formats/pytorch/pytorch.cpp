#include "reverie/model/formats/pytorch/pytorch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "reverie/base/error.h"
#include "reverie/model/formats/pytorch/modules.h"

namespace reverie {
namespace {

PytorchNetwork read(pytorch::Checkpoint checkpoint) {
  // DistributedDataParallel, torch.compile and training programs put a name in front of all
  constexpr int max_prefixes = 4;
  checkpoint.modernise();
  std::vector<std::string> names = checkpoint.names();
  for (int i = 0; i <= max_prefixes; ++i) {
    pytorch::Modules modules(checkpoint);
    if (const pytorch::Writer write = recognise(modules)) return write(modules);
    if (!checkpoint.strip()) break;
  }
  const std::size_t count = names.size();
  names.resize(std::min<std::size_t>(count, 3));
  throw Unsupported(
      fmt::format("'{}' holds weights without their network, of an architecture that is not known "
                  "({} tensors: {} ...); {}",
                  checkpoint.file(), count, fmt::join(names, ", "), pytorch::export_advice));
}

}  // namespace

PytorchNetwork read_pytorch(const ZipArchive& archive) {
  return read(pytorch::Checkpoint(archive));
}

PytorchNetwork read_pytorch(std::span<const std::byte> bytes, const std::string& file) {
  return read(pytorch::Checkpoint(bytes, file));
}

}  // namespace reverie
