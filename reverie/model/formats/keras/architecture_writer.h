// architecture_writer.h: how architectures whose files do not say how their layers connect are
// written.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reverie/model/formats/keras/keras_layers.h"

namespace reverie::keras {

using Names = std::vector<std::string>;

// Writes specs one after the other; each layer reads the last unless told otherwise.
class Writer {
 public:
  const std::string& add(const char* type, const std::string& name,
                         nlohmann::json config = nlohmann::json::object(), Names inputs = {});
  void convolution(const std::string& name, std::int64_t filters, std::array<int, 2> kernel,
                   const char* padding, nlohmann::json more = nlohmann::json::object(),
                   Names inputs = {});
  void activation(const std::string& name, const char* what = "relu");
  void pool(const char* type, const std::string& name, int size, int stride, const char* padding,
            Names inputs = {});
  // As many classes as the file has.
  void dense(const WeightSource& weights, const std::string& name, const char* activation);
  const std::string& last() const { return last_; }
  void go_back_to(const std::string& name) { last_ = name; }
  std::vector<LayerSpec> take() { return std::move(specs_); }

 private:
  std::vector<LayerSpec> specs_;
  std::string last_;
};

bool has(const Names& layers, std::string_view name);

// "input_1" as the file calls it.
std::string input_name(const Names& layers);

// Whether the layers are those of a MobileNet or an EfficientNet, and that. Errors: BadModel.
bool is_mobile(const Names& layers);
Architecture mobile(const Names& layers, const WeightSource& weights);

}  // namespace reverie::keras
