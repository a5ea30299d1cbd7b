// Numbers that a frozen graph computes from its constants, such as a batch norm's scale.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "reverie/model/formats/tensorflow/values.h"

namespace reverie::tensorflow {
namespace {

constexpr std::int64_t max_folded = 1 << 22;  // numbers

using Unary = double (*)(double);
using Binary = double (*)(double, double);

Unary unary(const std::string& op) {
  if (op == "Rsqrt") return [](double x) { return 1 / std::sqrt(x); };
  if (op == "Sqrt") return [](double x) { return std::sqrt(x); };
  if (op == "Square") return [](double x) { return x * x; };
  if (op == "Neg") return [](double x) { return -x; };
  if (op == "Reciprocal" || op == "Inv") return [](double x) { return 1 / x; };
  if (op == "Exp") return [](double x) { return std::exp(x); };
  if (op == "Floor") return [](double x) { return std::floor(x); };
  return nullptr;
}

Binary binary(const std::string& op) {
  if (op == "Add" || op == "AddV2" || op == "BiasAdd")
    return [](double a, double b) { return a + b; };
  if (op == "Sub") return [](double a, double b) { return a - b; };
  if (op == "Mul") return [](double a, double b) { return a * b; };
  if (op == "RealDiv" || op == "Div") return [](double a, double b) { return a / b; };
  if (op == "Maximum") return [](double a, double b) { return std::max(a, b); };
  if (op == "Minimum") return [](double a, double b) { return std::min(a, b); };
  if (op == "Pow") return [](double a, double b) { return std::pow(a, b); };
  return nullptr;
}

Value of(std::vector<std::int64_t> extents, std::vector<double> values, DataType type) {
  Constant constant;
  constant.type = type;
  constant.extents = std::move(extents);
  constant.values = std::move(values);
  Value value;
  value.constant = std::make_shared<const Constant>(std::move(constant));
  return value;
}

// Whether the smaller shape repeats along the larger one's outer axes: its extents, without ones in
// front, are the larger one's last.
bool repeats(const Constant& small, const Constant& large) {
  auto a = small.extents.rbegin();
  auto b = large.extents.rbegin();
  for (; a != small.extents.rend() && b != large.extents.rend() && *a == *b; ++a, ++b) {
  }
  return std::all_of(a, small.extents.rend(), [](std::int64_t extent) { return extent == 1; });
}

std::optional<Value> combine(Binary op, const Constant& a, const Constant& b) {
  const bool a_is_large =
      a.count() > b.count() || (a.count() == b.count() && a.extents.size() >= b.extents.size());
  const Constant& large = a_is_large ? a : b;
  const Constant& small = a_is_large ? b : a;
  if (small.count() == 0 || !repeats(small, large)) return std::nullopt;
  const std::vector<double> left = a.numbers(), right = b.numbers();
  std::vector<double> result(static_cast<std::size_t>(large.count()));
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = op(left[i % left.size()], right[i % right.size()]);
  return of(large.extents, std::move(result), large.type);
}

// Dropout: uniform random numbers count as 0, so that floor(keep + random), the mask, is left as
// keep, and x / keep * keep is x. The later form asks whether random >= rate: expected 1 - rate.
std::optional<Value> expectation(const Node& node, const std::vector<Value>& inputs) {
  if (node.op == "RandomUniform") {
    Value value = of({}, {0}, DataType::float32);
    value.is_random = true;
    return value;
  }
  const bool any_random =
      std::any_of(inputs.begin(), inputs.end(), [](const Value& input) { return input.is_random; });
  if (!any_random) return std::nullopt;
  if (node.op == "Floor" || node.op == "Cast") return inputs[0];
  if (node.op != "GreaterEqual" || inputs.size() != 2 || !inputs[1].constant ||
      inputs[1].constant->count() != 1)
    return std::nullopt;
  Value value = of({}, {1 - inputs[1].constant->numbers()[0]}, DataType::float32);
  value.is_random = true;
  return value;
}

// Several constants side by side: shapes, as a rule.
std::optional<Value> join(const std::vector<Value>& inputs, std::size_t count) {
  std::vector<double> all;
  for (std::size_t i = 0; i < count; ++i) {
    const std::vector<double> part = inputs[i].constant->numbers();
    all.insert(all.end(), part.begin(), part.end());
  }
  const auto size = static_cast<std::int64_t>(all.size());
  return of({size}, std::move(all), inputs[0].constant->type);
}

std::optional<Value> reshape(const Constant& constant, const Constant& shape) {
  Constant reshaped = constant;
  reshaped.extents.clear();
  std::int64_t known = 1;
  if (shape.count() > 8) return std::nullopt;
  for (const double extent : shape.numbers()) {
    if (!(extent >= -1 && extent <= static_cast<double>(max_folded))) return std::nullopt;
    reshaped.extents.push_back(static_cast<std::int64_t>(extent));
    if (extent > 0) known *= reshaped.extents.back();
    if (known > max_folded) return std::nullopt;
  }
  for (std::int64_t& extent : reshaped.extents)
    if (extent < 0) extent = constant.count() / known;
  if (reshaped.count() != constant.count()) return std::nullopt;
  Value value;
  value.constant = std::make_shared<const Constant>(std::move(reshaped));
  return value;
}

}  // namespace

std::optional<Value> fold(const Node& node, const std::vector<Value>& inputs) {
  if (auto expected = expectation(node, inputs)) return expected;
  if (inputs.empty()) return std::nullopt;
  bool is_random = false;
  std::int64_t total = 0;
  for (const Value& input : inputs) {
    if (!input.constant || (total += input.constant->count()) > max_folded) return std::nullopt;
    is_random = is_random || input.is_random;
  }

  std::optional<Value> result;
  if (const Unary op = unary(node.op); op != nullptr && inputs.size() == 1) {
    std::vector<double> values = inputs[0].constant->numbers();
    std::transform(values.begin(), values.end(), values.begin(), op);
    result = of(inputs[0].constant->extents, std::move(values), inputs[0].constant->type);
  } else if (const Binary two = binary(node.op); two != nullptr && inputs.size() == 2) {
    result = combine(two, *inputs[0].constant, *inputs[1].constant);
  } else if (node.op == "Reshape" && inputs.size() == 2) {
    result = reshape(*inputs[0].constant, *inputs[1].constant);
  } else if (node.op == "Pack") {
    result = join(inputs, inputs.size());
  } else if (node.op == "ConcatV2" && inputs.size() > 1) {
    result = join(inputs, inputs.size() - 1);
  }
  if (result) result->is_random = is_random;
  return result;
}

}  // namespace reverie::tensorflow
