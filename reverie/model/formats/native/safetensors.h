// safetensors.h: the container of named arrays that .safetensors files are. docs/formats/native.md
// has it byte by byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "reverie/tensor/tensor.h"

namespace reverie::native {

// The number format in a file. In memory numbers are always float32.
enum class StoredType { f32, f16, bf16 };

// "F32", "F16", "BF16", as in the file.
const char* to_string(StoredType type);

struct StoredArray {
  StoredType type = StoredType::f32;
  Shape shape;
  std::span<const std::byte> bytes;
};

// A parsed file; a view of the bytes that it was made from.
struct Container {
  std::map<std::string, std::string> metadata;
  std::map<std::string, StoredArray> arrays;
};

// Whether the bytes begin like such a file.
bool looks_like_safetensors(std::span<const std::byte> bytes);

// Errors: BadModel for a damaged file: lengths, offsets, shapes and sizes that do not fit together,
// naming the array; Unsupported for element types other than the three.
Container parse_container(std::span<const std::byte> bytes, const std::string& file);

// Widened to float32: exact for all three types.
Tensor to_tensor(const StoredArray& array);

struct NamedArray {
  std::string name;
  StoredType type = StoredType::f32;
  ConstView values;
};

// Writes a file whole or not at all, the arrays in this order. Numbers are rounded to nearest even
// for the narrow types. Errors: FileFailure.
void write_container(const std::filesystem::path& path,
                     const std::map<std::string, std::string>& metadata,
                     const std::vector<NamedArray>& arrays);

// IEEE binary16 and bfloat16, to and from float32.
float half_to_float(std::uint16_t half);
std::uint16_t float_to_half(float value);
float bfloat16_to_float(std::uint16_t bits);
std::uint16_t float_to_bfloat16(float value);

}  // namespace reverie::native
