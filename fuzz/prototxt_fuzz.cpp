// A description, with weights for layers named a to d that fit now and then.
#include "fuzz/bytes.h"
#include "fuzz/graph_check.h"
#include "reverie/model/formats/caffe/caffe.h"
#include "reverie/model/formats/caffe/caffe.pb.h"

namespace {

std::string make_weights() {
  reverie::caffe_proto::NetParameter net;
  for (const char* name : {"a", "b", "c", "d"}) {
    auto* layer = net.add_layer();
    layer->set_name(name);
    const bool first = name[0] == 'a';
    auto* blob = layer->add_blobs();
    for (const int extent : {2, first ? 3 : 2, 1, 1}) blob->mutable_shape()->add_dim(extent);
    for (int i = 0; i < (first ? 6 : 4); ++i) blob->add_data(1);
    auto* bias = layer->add_blobs();
    bias->mutable_shape()->add_dim(2);
    bias->add_data(1);
    bias->add_data(2);
  }
  return net.SerializeAsString();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reverie;
  static const std::string weights = make_weights();
  return fuzz::run([&] {
    CaffeFiles files;
    files.caffemodel = std::as_bytes(std::span(weights.data(), weights.size()));
    files.caffemodel_name = "w";
    files.prototxt = fuzz::as_text(data, size);
    files.prototxt_name = "x";
    fuzz::check_graph(read_caffe(files).graph);
  });
}
