#include "reverie/model/formats/keras/keras_weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "reverie/base/error.h"

namespace reverie::keras {
namespace {

constexpr std::int64_t max_numbers = std::int64_t{1} << 28;  // of one array: a gigabyte

const char* to_string(Role role) {
  switch (role) {
    case Role::kernel:
      return "kernel";
    case Role::depthwise:
      return "depthwise kernel";
    case Role::pointwise:
      return "pointwise kernel";
    case Role::bias:
      return "bias";
    case Role::gamma:
      return "gamma";
    case Role::beta:
      return "beta";
    case Role::mean:
      return "mean";
    case Role::count:
      return "count";
    case Role::slope:
      return "slope";
    default:
      return "variance";
  }
}

// Whether a name such as "conv1/kernel:0" or, of Keras 1, "conv1_W:0" is one for this role.
bool names(const std::string& array, Role role) {
  const std::string text = array.substr(array.rfind('/') + 1);
  const auto has = [&text](std::initializer_list<const char*> words) {
    return std::any_of(words.begin(), words.end(),
                       [&](const char* word) { return text.find(word) != std::string::npos; });
  };
  switch (role) {
    case Role::kernel:
      return has({"kernel", "_W"}) && !has({"depthwise", "pointwise"});
    case Role::depthwise:
      return has({"depthwise"});
    case Role::pointwise:
      return has({"pointwise"});
    case Role::bias:
      return has({"bias"}) || text.find("_b") != std::string::npos;
    case Role::gamma:
      return has({"gamma"});
    case Role::beta:
      return has({"beta"});
    case Role::mean:
      return has({"mean"});
    case Role::count:
      return has({"count"});
    case Role::slope:
      return has({"alpha"});
    default:
      return has({"variance", "running_std", "running_var"});
  }
}

// How many folders the ends of two paths have in common.
std::size_t common_end(const std::string& a, const std::string& b) {
  std::size_t folders = 0;
  for (std::size_t i = 1; i <= a.size() && i <= b.size(); ++i) {
    if (a[a.size() - i] != b[b.size() - i]) return folders;
    const bool a_ends = i == a.size() || a[a.size() - i - 1] == '/';
    const bool b_ends = i == b.size() || b[b.size() - i - 1] == '/';
    if (a_ends && b_ends) ++folders;
  }
  return folders;
}

}  // namespace

std::vector<std::string> FileWeights::layers() const {
  const auto names = file_.texts(root_, "layer_names");
  if (!names)
    throw BadModel(
        fmt::format("'{}' is an HDF5 file but not one of Keras: it has no layer_names", name()));
  for (const std::string& layer : *names)
    if (std::any_of(layer.begin(), layer.end(), [](char c) { return c >= 0 && c < ' '; }))
      throw BadModel(fmt::format("'{}': the name of a layer is not text", name()));
  return *names;
}

// A layer that the file lists has a group of its own. That of a layer of a model inside is the
// model's, with the arrays of all its layers; the ends of their paths say whose they are.
FileWeights::Group FileWeights::group_of(const std::string& layer) const {
  if (listed_.empty())
    if (const auto names = file_.texts(root_, "layer_names"))
      listed_.insert(names->begin(), names->end());
  if (listed_.count(layer) > 0) return {layer, ""};
  for (std::size_t end = layer.rfind('/'); end != std::string::npos && end > 0;
       end = layer.rfind('/', end - 1))
    if (listed_.count(layer.substr(0, end)) > 0) return {layer.substr(0, end), layer};
  return {layer, ""};
}

std::string FileWeights::path(const std::string& group) const {
  return root_ == "/" ? "/" + group : root_ + "/" + group;
}

const std::vector<std::string>& FileWeights::arrays_of(const std::string& group) const {
  const auto found = arrays_.find(group);
  if (found != arrays_.end()) return found->second;
  std::vector<std::string> names;
  if (!group.empty() && file_.has(path(group)))
    names = file_.texts(path(group), "weight_names").value_or(names);
  return arrays_.emplace(group, std::move(names)).first->second;
}

std::vector<std::string> FileWeights::arrays(const std::string& layer) const {
  const auto [group, inner] = group_of(layer);
  const std::vector<std::string>& all = arrays_of(group);
  if (inner.empty()) return all;

  // Those whose folders have the longest end in common with the layer's
  std::vector<std::string> best;
  std::size_t longest = 1;
  for (const std::string& array : all) {
    const std::size_t length = common_end(inner, array.substr(0, array.rfind('/')));
    if (length < longest) continue;
    if (length > longest) best.clear();
    longest = length;
    best.push_back(array);
  }
  return best;
}

Extents FileWeights::extents(const std::string& layer, const std::string& array) const {
  return file_.extents(path(group_of(layer).name) + "/" + array);
}

void FileWeights::read(const std::string& layer, const std::string& array,
                       std::span<float> to) const {
  file_.read(path(group_of(layer).name) + "/" + array, to);
}

std::vector<std::string> NumberedWeights::arrays(const std::string& layer) const {
  constexpr std::size_t most = 16;
  std::vector<std::string> found;
  while (found.size() < most && file_.has("/" + layer + "/vars/" + std::to_string(found.size())))
    found.push_back(std::to_string(found.size()));
  return found;
}

Extents NumberedWeights::extents(const std::string& layer, const std::string& array) const {
  return file_.extents("/" + layer + "/vars/" + array);
}

void NumberedWeights::read(const std::string& layer, const std::string& array,
                           std::span<float> to) const {
  file_.read("/" + layer + "/vars/" + array, to);
}

LayerWeights::LayerWeights(const WeightSource& source, const std::string& layer,
                           std::vector<Role> roles)
    : source_(source), layer_(layer), roles_(std::move(roles)) {
  const std::vector<std::string> there = source.arrays(layer);
  if (there.size() != roles_.size())
    throw BadModel(fmt::format("'{}' has {} arrays for layer '{}', expected {}", source.name(),
                               there.size(), layer, roles_.size()));

  // By name, if that settles all of them
  for (const Role role : roles_) {
    const auto fits = [role](const std::string& array) { return names(array, role); };
    if (std::count_if(there.begin(), there.end(), fits) == 1)
      arrays_.push_back(*std::find_if(there.begin(), there.end(), fits));
  }
  const std::set<std::string> distinct(arrays_.begin(), arrays_.end());
  if (distinct.size() != roles_.size()) arrays_ = there;
}

const std::string& LayerWeights::array(Role role) const {
  const auto found = std::find(roles_.begin(), roles_.end(), role);
  return arrays_[static_cast<std::size_t>(found - roles_.begin())];
}

Extents LayerWeights::extents(Role role) const { return source_.extents(layer_, array(role)); }

Tensor LayerWeights::read(Role role, const Extents& expected) const {
  const Extents found = extents(role);
  std::int64_t count = 1;
  for (const std::int64_t extent : expected) {
    if (extent > 0 && count > max_numbers / extent)
      throw BadModel(fmt::format("'{}': the {} of layer '{}' would be [{}], too large",
                                 source_.name(), to_string(role), layer_,
                                 fmt::join(expected, ",")));
    count *= extent;
  }
  if (found != expected)
    throw BadModel(fmt::format("'{}': the {} of layer '{}' is [{}], expected [{}]", source_.name(),
                               to_string(role), layer_, fmt::join(found, ","),
                               fmt::join(expected, ",")));
  Tensor numbers = Tensor::uninitialized({count});
  source_.read(layer_, array(role), numbers.elements());
  return numbers;
}

}  // namespace reverie::keras
