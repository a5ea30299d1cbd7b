// caffe_network_fixture.h: small Caffe networks for the tests, with weights made up to fit.
#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

#include "reverie/base/error.h"
#include "reverie/model/formats/caffe/caffe.h"
#include "reverie/model/formats/caffe/caffe.pb.h"
#include "reverie/model/formats/expect_error_fixture.h"

namespace reverie::caffe {

// A prototxt and the caffemodel that goes with it.
struct TestNetwork {
  std::string prototxt;
  caffe_proto::NetParameter weights;

  CaffeNetwork read() const { return read_serialized(weights.SerializeAsString()); }

  CaffeNetwork read_serialized(const std::string& bytes) const {
    return read_caffe({prototxt, "net.prototxt",
                       std::as_bytes(std::span(bytes.data(), bytes.size())), "net.caffemodel"});
  }

  // Gives a layer a blob of that shape whose numbers are start, start + 1, ...
  void add_blob(const std::string& layer, const std::vector<std::int64_t>& extents,
                float start = 1) {
    caffe_proto::BlobProto* blob = layer_named(layer)->add_blobs();
    std::int64_t count = 1;
    for (const std::int64_t extent : extents) {
      blob->mutable_shape()->add_dim(extent);
      count *= extent;
    }
    for (std::int64_t i = 0; i < count; ++i) blob->add_data(start + static_cast<float>(i));
  }

  caffe_proto::LayerParameter* layer_named(const std::string& name) {
    for (caffe_proto::LayerParameter& layer : *weights.mutable_layer())
      if (layer.name() == name) return &layer;
    caffe_proto::LayerParameter* layer = weights.add_layer();
    layer->set_name(name);
    return layer;
  }
};

// A network of the given layers upon an input `data` of 3 channels, and something for the weights
// file to hold.
inline TestNetwork on_data(const std::string& layers) {
  TestNetwork net;
  net.prototxt = "name: 'test' input: 'data' input_dim: [1, 3, 32, 32]\n" + layers;
  net.layer_named("nothing");
  return net;
}

// The layer of that name. REQUIRES: there is one.
inline const Layer& layer_of(const Graph& graph, const std::string& name) {
  const int index = graph.find(name);
  if (index < 0) throw std::runtime_error("the graph has no layer " + name);
  return graph.layers[static_cast<std::size_t>(index)];
}

// A copy of its op.
template <class T>
T op_of(const Graph& graph, const std::string& name) {
  return std::get<T>(layer_of(graph, name).op);
}

inline std::vector<std::string> names_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const Layer& layer : graph.layers) names.push_back(layer.name);
  return names;
}

}  // namespace reverie::caffe
