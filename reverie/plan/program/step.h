// step.h: one action of a compiled program, with everything prepared so that running it is a call.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reverie/plan/program/arena.h"

namespace reverie::program {

// What a step is, for reports.
struct StepInfo {
  std::string layer;
  std::string action;     // "forward", "backward", ...
  std::string algorithm;  // the kernel's own name
  double flops = 0;
};

class Step {
 public:
  virtual ~Step() = default;

  // Called once, when the buffers have their addresses: buffer i begins at bases[i].
  virtual void bind(const std::vector<std::byte*>& bases) = 0;
  virtual void run() = 0;

  // The buffers that it reads or writes.
  virtual std::vector<int> buffers() const = 0;

  StepInfo info;
};

inline std::byte* resolve(const BufferRef& ref, const std::vector<std::byte*>& bases) {
  return ref.none() ? nullptr : bases[static_cast<std::size_t>(ref.buffer)] + ref.offset;
}

}  // namespace reverie::program
