#include "reverie/plan/cpu/lowering/resample_steps.h"

namespace reverie::cpu {
namespace {

template <class Number>
void append(std::vector<Number>& to, const std::vector<Number>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

KernelStep<Resample>& emit_resample(const SizedNetwork& network, ProgramWriter& writer,
                                    const PlaneMap& map, int blocks, const Shape& in,
                                    BufferRef from, int layer, const std::string& action) {
  Resample a;
  a.blocks = blocks;
  a.height = map.rows.outputs();
  a.width = map.columns.outputs();
  a.in_height = static_cast<int>(in.height());
  a.in_width = static_cast<int>(in.width());
  auto& step =
      writer.emit(network.kernels.resample, a, std::int64_t{a.blocks} * a.height, 1, layer, action);
  step.indices = map.rows.begin;
  append(step.indices, map.rows.cells);
  step.more_indices = map.columns.begin;
  append(step.more_indices, map.columns.cells);
  step.numbers = map.rows.weights;
  step.more_numbers = map.columns.weights;
  step.arguments.row_begin = step.indices.data();
  step.arguments.row_cells = step.indices.data() + map.rows.begin.size();
  step.arguments.column_begin = step.more_indices.data();
  step.arguments.column_cells = step.more_indices.data() + map.columns.begin.size();
  step.arguments.row_weights = step.numbers.data();
  step.arguments.column_weights = step.more_numbers.data();
  step.connect(step.arguments.input, from);
  return step;
}

}  // namespace reverie::cpu
