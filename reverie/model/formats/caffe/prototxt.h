// prototxt.h: a Caffe network's description, from text or from the weights file, in its current
// form.
#pragma once

#include <string>
#include <string_view>

#include "reverie/model/formats/caffe/caffe.pb.h"

namespace reverie::caffe {

// Parses a .prototxt. Legacy `layers` come back as `layer`; fields that are not in caffe.proto are
// ignored. `file` is for messages. Errors: BadModel with line and column where it does not parse;
// BadModel for a file that is not text or has no layers; Unsupported for the form of 2013.
caffe_proto::NetParameter parse_prototxt(std::string_view text, const std::string& file);

// The same from CaffeWeights::description.
caffe_proto::NetParameter parse_description(const std::string& serialized, const std::string& file);

// Whether the layer takes part when the network is used rather than trained.
bool is_included(const caffe_proto::LayerParameter& layer);

}  // namespace reverie::caffe
