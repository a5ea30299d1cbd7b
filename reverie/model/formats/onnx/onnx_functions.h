// onnx_functions.h: functions that an ONNX file defines, put in place of the nodes that call them.
#pragma once

#include <string>

#include "reverie/model/formats/onnx/onnx_model.h"

namespace reverie::onnx {

// Replaces the calls in model.nodes, those within functions too. Values inside a function get the
// call's name before their own. A call that cannot be replaced (functions nested deeper than 16, or
// more nodes than a file may have) stays as it is: a node of a kind that no reader knows.
void inline_functions(Model& model);

}  // namespace reverie::onnx
