#include "reverie/plan/cpu/compiler.h"
#include "reverie/base/error.h"
#include "reverie/plan/plan.h"

namespace reverie {

std::unique_ptr<Compiler> make_compiler(const Graph& graph, const std::vector<int>& targets,
                                        Precision precision, Device device) {
  if (device == Device::cuda)
    throw DeviceFailure("device cuda: this build of Reverie has no CUDA; use --device cpu");
  return cpu::make_compiler(graph, targets, precision);
}

}  // namespace reverie
