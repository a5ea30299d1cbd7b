// locate.h: from what a user types to files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "reverie/model/network.h"

namespace reverie {

enum class ModelFormat { caffe, native, tensorflow, keras, onnx, zip, prototxt, other };

// By the first bytes, and where they leave a choice by the file's extension.
ModelFormat recognize_format(std::span<const std::byte> bytes, const std::filesystem::path& path);

// The weights file that `name` means: a path to a file or folder, or a name in the weights folder.
// Errors: FileFailure, saying where it looked and what there is.
std::filesystem::path locate_weights(const std::string& name, const NetworkOptions& options);

// The description that belongs to a .caffemodel: of the same stem, else deploy.prototxt, else the
// only .prototxt in its folder; empty when there is none. Errors: FileFailure when there are
// several and none of them is called so.
std::filesystem::path locate_prototxt(const std::filesystem::path& caffemodel);

// What a network is called whose weights are in this file.
std::string network_name(const std::filesystem::path& weights);

}  // namespace reverie
