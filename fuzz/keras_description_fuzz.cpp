// A Keras model's description, and the layers that it becomes with weights that fit none of them.
#include <string>

#include "fuzz/bytes.h"
#include "fuzz/graph_check.h"
#include "reverie/model/formats/keras/keras_layers.h"

namespace {

struct NoWeights : reverie::keras::WeightSource {
  std::string file = "x";
  const std::string& name() const override { return file; }
  std::vector<std::string> arrays(const std::string&) const override { return {}; }
  reverie::keras::Extents extents(const std::string&, const std::string&) const override {
    return {};
  }
  void read(const std::string&, const std::string&, std::span<float>) const override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reverie;
  return fuzz::run([&] {
    const std::string text(fuzz::as_text(data, size));
    const auto names = size % 2 == 0 ? keras::WeightNames::by_name : keras::WeightNames::by_class;
    const auto layers = keras::parse_description(text, "x", names);
    const Graph graph = keras::build(layers, NoWeights(), size % 3 == 0 ? 2 : 3);
    keras::stated_input(graph, layers);
    fuzz::check_graph(graph);
  });
}
