#include "reverie/model/formats/keras/architecture_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "reverie/base/error.h"

namespace reverie::keras {

using Json = nlohmann::json;

const std::string& Writer::add(const char* type, const std::string& name, Json config,
                               Names inputs) {
  if (inputs.empty() && !specs_.empty()) inputs = {last_};
  specs_.push_back({type, name, std::move(inputs), std::move(config)});
  last_ = name;
  return last_;
}

void Writer::convolution(const std::string& name, std::int64_t filters, std::array<int, 2> kernel,
                         const char* padding, Json more, Names inputs) {
  Json config{{"filters", filters}, {"kernel_size", kernel}, {"padding", padding}};
  config.update(more);
  add("Conv2D", name, std::move(config), std::move(inputs));
}

void Writer::activation(const std::string& name, const char* what) {
  add("Activation", name, {{"activation", what}});
}

void Writer::pool(const char* type, const std::string& name, int size, int stride,
                  const char* padding, Names inputs) {
  add(type, name,
      {{"pool_size", {size, size}}, {"strides", {stride, stride}}, {"padding", padding}},
      std::move(inputs));
}

void Writer::dense(const WeightSource& weights, const std::string& name, const char* activation) {
  const Names arrays = weights.arrays(name);
  const Extents kernel = arrays.empty() ? Extents{} : weights.extents(name, arrays[0]);
  if (kernel.size() != 2)
    throw BadModel(fmt::format("'{}' has no matrix for layer '{}'", weights.name(), name));
  add("Dense", name, {{"units", kernel[1]}, {"activation", activation}});
}

bool has(const Names& layers, std::string_view name) {
  return std::find(layers.begin(), layers.end(), name) != layers.end();
}

std::string input_name(const Names& layers) {
  const auto found = std::find_if(layers.begin(), layers.end(), [](const std::string& name) {
    return name.starts_with("input");
  });
  return found == layers.end() ? "input_1" : *found;
}

}  // namespace reverie::keras
