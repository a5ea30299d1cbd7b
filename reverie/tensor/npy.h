// npy.h: arrays in NumPy's .npy files, to inspect activations and gradients in other programs.
#pragma once

#include <filesystem>
#include <string>

#include "reverie/base/api.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

// Writes float32, little-endian, C order, format version 1.0. The file appears whole or not at all.
// Errors: FileFailure.
void write_npy(const std::filesystem::path& path, ConstView array);

// The bytes of such a file.
std::string npy_bytes(ConstView array);

// Reads float32 or float64 (narrowed), little-endian, C order, rank up to 5.
// Errors: FileFailure; BadShape for another type, order or rank, or a file that ends early.
Tensor read_npy(const std::filesystem::path& path);
// The same from the bytes of a file; `name` is for messages.
Tensor read_npy(const std::string& bytes, const std::string& name);

}  // namespace reverie
