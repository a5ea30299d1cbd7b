// program_writer.h: the program that is being made: its steps in order, and the buffers they work
// in.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "reverie/plan/cpu/kernel_step.h"
#include "reverie/plan/cpu/lowering/sized_network.h"
#include "reverie/plan/program/program.h"

namespace reverie::cpu {

// Items that one thread takes at a time, of kernels whose items are single vectors.
constexpr std::int64_t vectors_per_task = 4096;

class ProgramWriter {
 public:
  // float_storage: whose values are float32 while other elements are not; or -1. The network must
  // outlive the writer.
  ProgramWriter(const SizedNetwork& network, int float_storage);

  // Steps are forward ones until this is called, then backward ones.
  void begin_backward() { steps_ = &program_->backward; }

  // ---- Buffers: every value has one of its storage's, its gradient another
  BufferRef activation(const BlockRange& range) const;
  BufferRef grad(const BlockRange& range);
  BufferRef scratch(std::size_t bytes) { return {planner_.add(bytes), 0}; }
  BufferRef scratch_floats(std::int64_t count);
  // For a value like this one, in the elements.
  BufferRef scratch_like(const Value& value);

  // Lets the gradient of one whole storage lie where that of another does.
  void share_grad(const BlockRange& range, const BlockRange& with);

  bool holds_floats(const BlockRange& range) const { return range.storage == float_storage_; }
  int value_bytes(const BlockRange& range) const;

  // ---- Steps
  void record(std::unique_ptr<Step> step, const std::string& layer, const std::string& action);

  // A kernel of ours over `items`, of which a thread takes `grain` at least. layer: the one that it
  // belongs to, or -1.
  template <class Arguments>
  KernelStep<Arguments>& emit(Kernel<Arguments> kernel, const Arguments& arguments,
                              std::int64_t items, std::int64_t grain, int layer,
                              const std::string& action);

  // The same for an export or an import, whose plain channels are `logical`: per physical channel
  // the plain one, or -1.
  template <class Arguments>
  KernelStep<Arguments>& emit_plain(Kernel<Arguments> kernel, const Arguments& arguments,
                                    std::int64_t items, std::int64_t grain, int layer,
                                    const std::string& action, std::vector<int> logical);

  // The addresses that the caller of a run gives, and the targets' tensors.
  Program& program() { return *program_; }

  // Places every buffer. Returns the bytes that all need together.
  std::size_t place_buffers();
  // Allocates them and gives each step its addresses. Once.
  std::unique_ptr<Program> finish();

 private:
  std::size_t block_bytes(int storage, int element_bytes) const;

  const SizedNetwork& network_;
  const int float_storage_;
  ArenaPlanner planner_;
  std::vector<int> activation_buffers_, grad_buffers_;  // per storage; gradients -1 until used
  std::unique_ptr<Program> program_ = std::make_unique<Program>();
  std::vector<std::unique_ptr<Step>>* steps_ = &program_->forward;
};

template <class Arguments>
KernelStep<Arguments>& ProgramWriter::emit(Kernel<Arguments> kernel, const Arguments& arguments,
                                           std::int64_t items, std::int64_t grain, int layer,
                                           const std::string& action) {
  auto step = std::make_unique<KernelStep<Arguments>>(kernel, arguments, items, grain);
  auto& result = *step;
  result.info.algorithm = std::string("own:") + network_.kernels.instruction_set;
  record(std::move(step), layer < 0 ? std::string() : network_.layer(layer).name, action);
  return result;
}

template <class Arguments>
KernelStep<Arguments>& ProgramWriter::emit_plain(Kernel<Arguments> kernel,
                                                 const Arguments& arguments, std::int64_t items,
                                                 std::int64_t grain, int layer,
                                                 const std::string& action,
                                                 std::vector<int> logical) {
  auto& step = emit(kernel, arguments, items, grain, layer, action);
  step.indices = std::move(logical);
  step.arguments.logical = step.indices.data();
  return step;
}

}  // namespace reverie::cpu
