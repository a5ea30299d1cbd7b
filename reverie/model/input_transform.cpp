#include "reverie/model/input_transform.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace reverie {
namespace {

bool all_same(const std::array<float, 3>& values) {
  return values[0] == values[1] && values[0] == values[2];
}

}  // namespace

std::string describe(const InputTransform& transform) {
  std::string words;
  for (const int channel : transform.order) words += "RGB"[channel];
  const auto list = [](const std::array<float, 3>& values) {
    return all_same(values) ? fmt::format("{:.6g}", values[0])
                            : fmt::format("{:.6g}", fmt::join(values, ", "));
  };
  if (transform.mean != std::array<float, 3>{0, 0, 0}) words += " minus " + list(transform.mean);
  if (transform.scale != std::array<float, 3>{1, 1, 1}) words += " times " + list(transform.scale);
  return words;
}

}  // namespace reverie
