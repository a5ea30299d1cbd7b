// onnx_numbers.h: the numbers of an ONNX file, in all the types and forms that it may have them.
#pragma once

#include <string>
#include <vector>

#include "reverie/model/formats/onnx/onnx_model.h"
#include "reverie/tensor/tensor.h"

namespace reverie::onnx {

// Bits of one number in raw data.
std::size_t width_of(DataType type);

// The product of the extents. Errors: BadModel when it is more than the constant's data can hold.
std::int64_t size_of(const Constant& constant, const std::string& file);

// As float32, integers too; the extents are those of the tensor's shape, without any one number.
// Errors: BadModel when there are fewer or more numbers than extents say; Unsupported for types
// that are not numbers, more than five axes, or numbers in another file.
Tensor floats_of(const Constant& constant, const std::string& file);

// As integers; the numbers of uint64 above 2^63 as negative ones. Errors: as floats_of, and
// Unsupported for types that are not integers.
std::vector<std::int64_t> integers_of(const Constant& constant, const std::string& file);

}  // namespace reverie::onnx
