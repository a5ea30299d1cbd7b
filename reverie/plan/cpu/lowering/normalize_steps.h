// normalize_steps.h: the steps of layers that subtract a mean and divide by a deviation.
#pragma once

#include "reverie/plan/cpu/lowering/gradients.h"
#include "reverie/plan/cpu/lowering/value_forms.h"

namespace reverie::cpu {

void write_normalize_forward(const SizedNetwork& network, ProgramWriter& writer, ValueForms& values,
                             int layer, const Normalize& normalize);
void write_normalize_backward(const SizedNetwork& network, ProgramWriter& writer,
                              ValueForms& values, Gradients& gradients, int layer,
                              const Normalize& normalize);

}  // namespace reverie::cpu
