#include "reverie/plan/cpu/lowering/program_writer.h"

namespace reverie::cpu {

ProgramWriter::ProgramWriter(const SizedNetwork& network, int float_storage)
    : network_(network), float_storage_(float_storage) {
  for (int s = 0; s < static_cast<int>(network.layout.storages.size()); ++s) {
    const BlockRange whole{s, 0, network.storage(s).blocks};
    activation_buffers_.push_back(
        planner_.add(static_cast<std::size_t>(whole.count) * block_bytes(s, value_bytes(whole))));
    grad_buffers_.push_back(-1);
  }
}

std::size_t ProgramWriter::block_bytes(int s, int element_bytes) const {
  return static_cast<std::size_t>(network_.storage(s).height * network_.storage(s).width *
                                  network_.layout.lanes * element_bytes);
}

int ProgramWriter::value_bytes(const BlockRange& range) const {
  return (holds_floats(range) ? network_.float_kernels : network_.kernels).element_bytes;
}

BufferRef ProgramWriter::activation(const BlockRange& range) const {
  return {activation_buffers_[static_cast<std::size_t>(range.storage)],
          block_bytes(range.storage, value_bytes(range)) * static_cast<std::size_t>(range.first)};
}

BufferRef ProgramWriter::grad(const BlockRange& range) {
  const std::size_t block = block_bytes(range.storage, network_.kernels.element_bytes);
  int& buffer = grad_buffers_[static_cast<std::size_t>(range.storage)];
  if (buffer < 0)
    buffer = planner_.add(block * static_cast<std::size_t>(network_.storage(range.storage).blocks));
  return {buffer, block * static_cast<std::size_t>(range.first)};
}

void ProgramWriter::share_grad(const BlockRange& range, const BlockRange& with) {
  grad_buffers_[static_cast<std::size_t>(range.storage)] = grad(with).buffer;
}

BufferRef ProgramWriter::scratch_floats(std::int64_t count) {
  return scratch(static_cast<std::size_t>(count) * sizeof(float));
}

BufferRef ProgramWriter::scratch_like(const Value& value) {
  return scratch(static_cast<std::size_t>(value.pixels() * value.blocks * network_.layout.lanes *
                                          network_.kernels.element_bytes));
}

void ProgramWriter::record(std::unique_ptr<Step> step, const std::string& layer,
                           const std::string& action) {
  step->info.layer = layer;
  step->info.action = action;
  steps_->push_back(std::move(step));
}

std::size_t ProgramWriter::place_buffers() {
  // What both passes use stays until the end, so that backward can run again
  const int forward_steps = static_cast<int>(program_->forward.size());
  const int end = forward_steps + static_cast<int>(program_->backward.size());
  int time = 0;
  for (const auto* steps : {&program_->forward, &program_->backward})
    for (const auto& step : *steps) {
      for (int buffer : step->buffers()) {
        planner_.touch(buffer, time);
        if (time >= forward_steps && planner_.first(buffer) < forward_steps)
          planner_.touch(buffer, end);
      }
      ++time;
    }
  return planner_.place();
}

std::unique_ptr<Program> ProgramWriter::finish() {
  program_->arena = ArenaMemory(place_buffers());
  std::vector<std::byte*> bases;
  for (int b = 0; b < planner_.count(); ++b)
    bases.push_back(program_->arena.data() + planner_.offset(b));
  for (auto* steps : {&program_->forward, &program_->backward})
    for (auto& step : *steps) step->bind(bases);
  return std::move(program_);
}

}  // namespace reverie::cpu
