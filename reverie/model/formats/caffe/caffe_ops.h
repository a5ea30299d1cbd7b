// caffe_ops.h: one Caffe layer to one op of a Graph.
#pragma once

#include <cstdint>
#include <vector>

#include "reverie/graph/layer.h"
#include "reverie/model/formats/caffe/caffe.pb.h"
#include "reverie/model/formats/caffe/caffe_weights.h"

namespace reverie::caffe {

// The op that a layer is, with its weights. What cannot run becomes an UnknownLayer, whose type
// says why.
//
// channels  of each value that the layer reads; -1 where a layer below is unknown
// Errors: BadModel for invalid settings and for weights that are missing or do not fit, naming
// layer, blob and both shapes.
Op make_op(const caffe_proto::LayerParameter& layer, const std::vector<std::int64_t>& channels,
           const CaffeWeights& weights);

}  // namespace reverie::caffe
