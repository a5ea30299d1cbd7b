// A caffemodel with its own description inside.
#include "fuzz/bytes.h"
#include "fuzz/graph_check.h"
#include "reverie/model/formats/caffe/caffe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reverie;
  return fuzz::run([&] {
    CaffeFiles files;
    files.caffemodel = fuzz::as_bytes(data, size);
    files.caffemodel_name = "x";
    fuzz::check_graph(read_caffe(files).graph);
  });
}
