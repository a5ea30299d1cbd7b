// resample_steps.h: the steps of layers whose rows and columns are weighted sums of the input's,
// and of those that make pixels of channels.
#pragma once

#include "reverie/graph/axis_map.h"
#include "reverie/plan/cpu/lowering/gradients.h"
#include "reverie/plan/cpu/lowering/value_forms.h"

namespace reverie::cpu {

// One step by this map, from and to pictures of so many blocks; its output is left to be connected.
KernelStep<Resample>& emit_resample(const SizedNetwork& network, ProgramWriter& writer,
                                    const PlaneMap& map, int blocks, const Shape& in,
                                    BufferRef from, int layer, const std::string& action);

// mapped: a Resize or a Pad.
template <class Mapped>
void write_resample_forward(const SizedNetwork& network, ProgramWriter& writer, ValueForms& values,
                            int layer, const Mapped& mapped) {
  const Value& value = network.value(layer);
  const Shape& in = network.value(network.layer(layer).inputs[0]).shape;
  auto& step = emit_resample(network, writer, plane_map(mapped, in, value.shape), value.blocks, in,
                             values.input(layer, 0, value), layer, "forward");
  step.connect(step.arguments.output, writer.activation(network.range(layer)));
}

template <class Mapped>
void write_resample_backward(const SizedNetwork& network, ProgramWriter& writer,
                             Gradients& gradients, int layer, const Mapped& mapped) {
  const Value& value = network.value(layer);
  const int input = network.layer(layer).inputs[0];
  const Shape& in = network.value(input).shape;
  const PlaneMap back = transposed(plane_map(mapped, in, value.shape), in);
  const Destination to = gradients.claim(input);
  auto& step = emit_resample(network, writer, back, value.blocks, value.shape,
                             writer.grad(network.range(layer)), layer, "backward");
  connect_destination(step, step.arguments.output, to);
}

void write_rearrange_forward(const SizedNetwork& network, ProgramWriter& writer, ValueForms& values,
                             int layer, const DepthToSpace& depth);
void write_rearrange_backward(const SizedNetwork& network, ProgramWriter& writer,
                              Gradients& gradients, int layer, const DepthToSpace& depth);

}  // namespace reverie::cpu
