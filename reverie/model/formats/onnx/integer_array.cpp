#include "reverie/model/formats/onnx/integer_array.h"

#include <algorithm>
#include <numeric>

namespace reverie::onnx {
namespace {

// Nothing when an extent is below zero or the product is more than `most`.
std::optional<std::int64_t> count_of(const Axes& extents, std::int64_t most) {
  std::int64_t count = 1;
  for (const std::int64_t extent : extents) {
    if (extent < 0 || (extent > 0 && count > most / extent)) return std::nullopt;
    count *= extent;
  }
  return count;
}

std::optional<std::size_t> place_of(std::int64_t axis, std::size_t rank) {
  const auto all = static_cast<std::int64_t>(rank);
  if (axis < -all || axis >= all) return std::nullopt;
  return static_cast<std::size_t>(axis < 0 ? axis + all : axis);
}

// The array of these extents whose number at `index` is from(index).
template <class From>
std::optional<IntegerArray> gathered(const Axes& extents, From from) {
  const auto count = count_of(extents, max_integers);
  if (!count) return std::nullopt;
  IntegerArray result{extents, {}};
  std::vector<std::int64_t> index(extents.size(), 0);
  for (std::int64_t n = 0; n < *count; ++n) {
    result.values.push_back(from(index));
    for (std::size_t axis = extents.size(); axis-- > 0;) {
      if (++index[axis] < extents[axis]) break;
      index[axis] = 0;
    }
  }
  return result;
}

std::int64_t number_at(const IntegerArray& array, const std::vector<std::int64_t>& index) {
  std::int64_t place = 0;
  for (std::size_t axis = 0; axis < index.size(); ++axis)
    place = place * array.extents[axis] + index[axis];
  return array.values[static_cast<std::size_t>(place)];
}

}  // namespace

std::optional<IntegerArray> filled(const Axes& extents, std::int64_t value) {
  return gathered(extents, [&](const auto&) { return value; });
}

std::optional<IntegerArray> concatenated(const std::vector<IntegerArray>& parts,
                                         std::int64_t axis) {
  if (parts.empty()) return std::nullopt;
  Axes extents = parts[0].extents;
  const auto along = place_of(axis, extents.size());
  if (!along) return std::nullopt;
  extents[*along] = 0;
  for (const IntegerArray& part : parts) {
    Axes others = part.extents;
    if (others.size() != extents.size()) return std::nullopt;
    others[*along] = extents[*along];
    if (others != extents) return std::nullopt;
    if (part.extents[*along] > max_integers) return std::nullopt;
    extents[*along] += part.extents[*along];
  }
  return gathered(extents, [&](std::vector<std::int64_t> index) {
    auto part = parts.begin();
    for (; index[*along] >= part->extents[*along]; ++part) index[*along] -= part->extents[*along];
    return number_at(*part, index);
  });
}

std::optional<IntegerArray> transposed(const IntegerArray& array, Axes order) {
  const std::size_t rank = array.extents.size();
  if (order.empty())
    for (std::size_t i = 0; i < rank; ++i) order.push_back(static_cast<std::int64_t>(rank - 1 - i));
  Axes sorted = order, all(rank);
  std::sort(sorted.begin(), sorted.end());
  std::iota(all.begin(), all.end(), 0);
  if (sorted != all) return std::nullopt;
  Axes extents(rank);
  for (std::size_t i = 0; i < rank; ++i)
    extents[i] = array.extents[static_cast<std::size_t>(order[i])];
  return gathered(extents, [&](const std::vector<std::int64_t>& index) {
    std::vector<std::int64_t> from(rank);
    for (std::size_t i = 0; i < rank; ++i) from[static_cast<std::size_t>(order[i])] = index[i];
    return number_at(array, from);
  });
}

std::optional<IntegerArray> sliced(const IntegerArray& array, const Axes& starts, const Axes& ends,
                                   const Axes& axes, const Axes& steps) {
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    return std::nullopt;
  const std::size_t rank = array.extents.size();
  Axes extents = array.extents, first(rank, 0), stride(rank, 1);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const auto axis = place_of(axes[i], rank);
    if (!axis || steps[i] == 0 || steps[i] < -max_integers || steps[i] > max_integers)
      return std::nullopt;
    const std::int64_t extent = array.extents[*axis], step = steps[i];
    // Bounds from the end, then within the array; one before it is a bound of steps backwards
    const auto bound = [&](std::int64_t at) {
      if (at < 0) at = std::max(at, -extent - 1) + extent;
      return step > 0 ? std::clamp<std::int64_t>(at, 0, extent)
                      : std::clamp<std::int64_t>(at, -1, extent - 1);
    };
    first[*axis] = bound(starts[i]);
    stride[*axis] = step;
    const std::int64_t reach = bound(ends[i]) - first[*axis];
    extents[*axis] = std::max<std::int64_t>(
        0, step > 0 ? (reach + step - 1) / step : (-reach - step - 1) / -step);
  }
  return gathered(extents, [&](std::vector<std::int64_t> index) {
    for (std::size_t axis = 0; axis < rank; ++axis)
      index[axis] = first[axis] + index[axis] * stride[axis];
    return number_at(array, index);
  });
}

std::optional<Axes> reshaped(const Axes& extents, const Axes& target) {
  constexpr std::int64_t most = std::int64_t{1} << 40;
  const auto count = count_of(extents, most);
  Axes result = target;
  std::int64_t* rest = nullptr;
  std::int64_t known = 1;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (result[i] == 0 && i < extents.size()) result[i] = extents[i];
    if (result[i] == -1 && rest == nullptr) {
      rest = &result[i];
      continue;
    }
    if (result[i] < 0 || (result[i] > 0 && known > most / result[i])) return std::nullopt;
    known *= result[i];
  }
  if (!count) return std::nullopt;
  if (rest != nullptr) {
    if (known == 0 || *count % known != 0) return std::nullopt;
    *rest = *count / known;
    known *= *rest;
  }
  if (known != *count) return std::nullopt;
  return result;
}

std::optional<Axes> unsqueezed(const Axes& extents, Axes axes) {
  const std::size_t rank = extents.size() + axes.size();
  std::vector<bool> added(rank, false);
  for (const std::int64_t axis : axes) {
    const auto place = place_of(axis, rank);
    if (!place || added[*place]) return std::nullopt;
    added[*place] = true;
  }
  Axes result;
  auto next = extents.begin();
  for (std::size_t i = 0; i < rank; ++i) result.push_back(added[i] ? 1 : *next++);
  return result;
}

std::optional<Axes> squeezed(const Axes& extents, Axes axes) {
  std::vector<bool> dropped(extents.size(), false);
  for (const std::int64_t axis : axes) {
    const auto place = place_of(axis, extents.size());
    if (!place || extents[*place] != 1) return std::nullopt;
    dropped[*place] = true;
  }
  Axes result;
  for (std::size_t i = 0; i < extents.size(); ++i)
    if (axes.empty() ? extents[i] != 1 : !dropped[i]) result.push_back(extents[i]);
  return result;
}

}  // namespace reverie::onnx
