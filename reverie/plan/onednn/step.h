// step.h: one action of a compiled program, with everything prepared so that running it is a call.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "reverie/base/threads.h"
#include "reverie/plan/onednn/arena.h"
#include "reverie/plan/onednn/kernels.h"

namespace reverie::onednn {

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

// One of our kernels over all its items.
template <class Arguments>
class KernelStep : public Step {
 public:
  KernelStep(Kernel<Arguments> kernel, const Arguments& given, std::int64_t items,
             std::int64_t grain)
      : arguments(given), kernel_(kernel), items_(items), grain_(grain) {}

  // `pointer` is a member of this->arguments.
  template <class Pointer>
  void connect(Pointer& pointer, const BufferRef& ref) {
    static_assert(std::is_pointer_v<Pointer>);
    places_.push_back({&pointer, ref});
  }

  void bind(const std::vector<std::byte*>& bases) override {
    for (const auto& [pointer, ref] : places_)
      *static_cast<void**>(pointer) = static_cast<void*>(resolve(ref, bases));
  }

  void run() override {
    parallel_for(items_, grain_,
                 [this](std::int64_t begin, std::int64_t end) { kernel_(arguments, begin, end); });
  }

  std::vector<int> buffers() const override {
    std::vector<int> all;
    for (const auto& place : places_)
      if (!place.second.none()) all.push_back(place.second.buffer);
    return all;
  }

  Arguments arguments;
  std::vector<int> indices, more_indices;  // tables that arguments point to
  std::vector<float> numbers, more_numbers;
  std::vector<const void*> pointers;

 private:
  Kernel<Arguments> kernel_;
  std::int64_t items_, grain_;
  std::vector<std::pair<void*, BufferRef>> places_;
};

}  // namespace reverie::onednn
