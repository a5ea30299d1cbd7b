// kernel_step.h: one of our kernels as a step of a program.
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "reverie/base/threads.h"
#include "reverie/plan/cpu/kernels/kernels.h"
#include "reverie/plan/program/step.h"

namespace reverie::cpu {

using namespace program;  // the processor's programs are made of its parts

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

}  // namespace reverie::cpu
