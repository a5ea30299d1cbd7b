// find_prototxt.h: the description beside a Caffe network's weights.
#pragma once

#include <filesystem>

namespace reverie {

// The description that belongs to a .caffemodel: of the same stem, else deploy.prototxt, else the
// only .prototxt in its folder; empty when there is none. Errors: FileFailure when there are
// several and none has one of these names.
std::filesystem::path find_prototxt(const std::filesystem::path& caffemodel);

}  // namespace reverie
