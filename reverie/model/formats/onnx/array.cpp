#include "reverie/model/formats/onnx/array.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

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

std::int64_t most_of(const Array& array) { return std::max(max_numbers, array.size()); }

std::optional<std::size_t> place_of(std::int64_t axis, std::size_t rank) {
  const auto all = static_cast<std::int64_t>(rank);
  if (axis < -all || axis >= all) return std::nullopt;
  return static_cast<std::size_t>(axis < 0 ? axis + all : axis);
}

// Calls visit(index) for every index of these extents, in C order.
template <class Visit>
void each_index(const Axes& extents, std::int64_t count, Visit&& visit) {
  std::vector<std::int64_t> index(extents.size(), 0);
  for (std::int64_t n = 0; n < count; ++n) {
    visit(index);
    for (std::size_t axis = extents.size(); axis-- > 0;) {
      if (++index[axis] < extents[axis]) break;
      index[axis] = 0;
    }
  }
}

// The array of these extents whose number at `index` is that of `from` at place(index).
template <class Place>
std::optional<Array> picked(const Array& from, const Axes& extents, std::int64_t most,
                            Place place) {
  const auto count = count_of(extents, most);
  if (!count) return std::nullopt;
  Array result;
  result.extents = extents;
  result.is_integer = from.is_integer;
  if (from.is_integer) {
    result.integers.reserve(static_cast<std::size_t>(*count));
    each_index(extents, *count, [&](const auto& index) {
      result.integers.push_back(from.integers[static_cast<std::size_t>(place(index))]);
    });
  } else {
    result.floats.reserve(static_cast<std::size_t>(*count));
    each_index(extents, *count, [&](const auto& index) {
      result.floats.push_back(from.floats[static_cast<std::size_t>(place(index))]);
    });
  }
  return result;
}

std::int64_t place_at(const Axes& extents, const std::vector<std::int64_t>& index) {
  std::int64_t place = 0;
  for (std::size_t axis = 0; axis < index.size(); ++axis)
    place = place * extents[axis] + index[axis];
  return place;
}

// Where an array of `extents`, broadcast to more axes, has the number at `index`.
std::int64_t broadcast_place(const Axes& extents, const std::vector<std::int64_t>& index) {
  const std::size_t before = index.size() - extents.size();
  std::int64_t place = 0;
  for (std::size_t axis = 0; axis < extents.size(); ++axis)
    place = place * extents[axis] + (extents[axis] == 1 ? 0 : index[before + axis]);
  return place;
}

}  // namespace

Array Array::of(Axes extents, std::vector<std::int64_t> integers) {
  Array array;
  array.extents = std::move(extents);
  array.integers = std::move(integers);
  return array;
}

Array Array::of(Axes extents, std::vector<float> floats) {
  Array array;
  array.extents = std::move(extents);
  array.floats = std::move(floats);
  array.is_integer = false;
  return array;
}

void Array::append(double number) {
  if (!is_integer) return floats.push_back(static_cast<float>(number));
  constexpr double most = 9223372036854774784.;  // the largest double below 2^63
  if (std::isnan(number)) number = 0;
  if (number > most) return integers.push_back(std::numeric_limits<std::int64_t>::max());
  integers.push_back(static_cast<std::int64_t>(std::max(number, -most)));
}

std::optional<Array> filled(const Axes& extents, const Array& number) {
  if (number.size() != 1) return std::nullopt;
  return picked(number, extents, max_numbers, [](const auto&) { return 0; });
}

std::optional<Array> concatenated(const std::vector<Array>& parts, std::int64_t axis) {
  if (parts.empty()) return std::nullopt;
  Array result;
  result.is_integer = parts[0].is_integer;
  result.extents = parts[0].extents;
  const auto along = place_of(axis, result.extents.size());
  if (!along) return std::nullopt;
  result.extents[*along] = 0;
  for (const Array& part : parts) {
    Axes others = part.extents;
    if (others.size() != result.extents.size() || part.is_integer != result.is_integer)
      return std::nullopt;
    others[*along] = result.extents[*along];
    if (others != result.extents) return std::nullopt;
    result.extents[*along] += part.extents[*along];
  }

  // Each part gives a block for each index of the axes before
  const auto before = std::accumulate(result.extents.begin(),
                                      result.extents.begin() + static_cast<std::ptrdiff_t>(*along),
                                      std::int64_t{1}, std::multiplies<>());
  const auto append = [&](auto member) {
    for (std::int64_t b = 0; b < before; ++b)
      for (const Array& part : parts) {
        const auto block = part.size() / before;
        const auto first = (part.*member).begin() + static_cast<std::ptrdiff_t>(b * block);
        (result.*member)
            .insert((result.*member).end(), first, first + static_cast<std::ptrdiff_t>(block));
      }
  };
  if (before > 0 && result.is_integer) append(&Array::integers);
  if (before > 0 && !result.is_integer) append(&Array::floats);
  return result;
}

std::optional<Array> transposed(const Array& array, Axes order) {
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
  std::vector<std::int64_t> from(rank);
  return picked(array, extents, most_of(array), [&](const std::vector<std::int64_t>& index) {
    for (std::size_t i = 0; i < rank; ++i) from[static_cast<std::size_t>(order[i])] = index[i];
    return place_at(array.extents, from);
  });
}

std::optional<Array> sliced(const Array& array, const Axes& starts, const Axes& ends,
                            const Axes& axes, const Axes& steps) {
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    return std::nullopt;
  const std::size_t rank = array.extents.size();
  constexpr std::int64_t longest = std::int64_t{1} << 32;
  Axes extents = array.extents, first(rank, 0), stride(rank, 1);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const auto axis = place_of(axes[i], rank);
    if (!axis || steps[i] == 0 || steps[i] < -longest || steps[i] > longest) return std::nullopt;
    const std::int64_t extent = array.extents[*axis], step = steps[i];
    // Bounds from the end, then within the array; one before it is a bound of steps backwards
    const auto bound = [&](std::int64_t at) {
      if (at < 0) at = std::max(at, -extent - 1) + extent;
      return step > 0 ? std::clamp<std::int64_t>(at, 0, extent)
                      : std::clamp<std::int64_t>(at, -1, std::max<std::int64_t>(extent - 1, -1));
    };
    first[*axis] = bound(starts[i]);
    stride[*axis] = step;
    const std::int64_t reach = bound(ends[i]) - first[*axis];
    extents[*axis] = std::max<std::int64_t>(
        0, step > 0 ? (reach + step - 1) / step : (-reach - step - 1) / -step);
  }
  std::vector<std::int64_t> from(rank);
  return picked(array, extents, most_of(array), [&](const std::vector<std::int64_t>& index) {
    for (std::size_t axis = 0; axis < rank; ++axis)
      from[axis] = first[axis] + index[axis] * stride[axis];
    return place_at(array.extents, from);
  });
}

std::optional<Array> gathered(const Array& array, const Array& indices, std::int64_t axis) {
  const auto along = place_of(axis, array.extents.size());
  if (!along || !indices.is_integer) return std::nullopt;
  const std::int64_t extent = array.extents[*along];
  for (const std::int64_t index : indices.integers)
    if (index < -extent || index >= extent) return std::nullopt;
  const auto place = static_cast<std::ptrdiff_t>(*along);
  const std::size_t inserted = indices.extents.size();
  Axes extents(array.extents.begin(), array.extents.begin() + place);
  extents.insert(extents.end(), indices.extents.begin(), indices.extents.end());
  extents.insert(extents.end(), array.extents.begin() + place + 1, array.extents.end());
  std::vector<std::int64_t> from(array.extents.size());
  return picked(array, extents, most_of(array), [&](const std::vector<std::int64_t>& index) {
    std::int64_t which = 0;
    for (std::size_t i = 0; i < inserted; ++i)
      which = which * indices.extents[i] + index[*along + i];
    const std::int64_t at = indices.integers[static_cast<std::size_t>(which)];
    for (std::size_t i = 0; i < from.size(); ++i)
      from[i] = i < *along    ? index[i]
                : i == *along ? (at < 0 ? at + extent : at)
                              : index[i + inserted - 1];
    return place_at(array.extents, from);
  });
}

std::optional<Array> expanded(const Array& array, const Axes& extents) {
  const auto all = broadcast(array.extents, extents);
  if (!all) return std::nullopt;
  return picked(array, *all, most_of(array),
                [&](const auto& index) { return broadcast_place(array.extents, index); });
}

std::optional<Array> tiled(const Array& array, const Axes& repeats) {
  if (repeats.size() != array.extents.size()) return std::nullopt;
  Axes extents = array.extents;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    if (repeats[i] < 0 || repeats[i] > max_numbers || extents[i] > max_numbers) return std::nullopt;
    extents[i] *= repeats[i];
  }
  std::vector<std::int64_t> from(extents.size());
  return picked(array, extents, max_numbers, [&](const std::vector<std::int64_t>& index) {
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = index[i] % array.extents[i];
    return place_at(array.extents, from);
  });
}

Array mapped(const Array& array, const Unary& function, bool is_integer) {
  Array result;
  result.extents = array.extents;
  result.is_integer = is_integer;
  for (std::int64_t i = 0; i < array.size(); ++i) result.append(function(array.at(i)));
  return result;
}

std::optional<Array> combined(const Array& a, const Array& b, const Binary& function,
                              bool is_integer) {
  const auto extents = broadcast(a.extents, b.extents);
  if (!extents) return std::nullopt;
  const auto count = count_of(*extents, std::max(most_of(a), most_of(b)));
  if (!count) return std::nullopt;
  Array result;
  result.extents = *extents;
  result.is_integer = is_integer;
  each_index(*extents, *count, [&](const auto& index) {
    result.append(
        function(a.at(broadcast_place(a.extents, index)), b.at(broadcast_place(b.extents, index))));
  });
  return result;
}

std::optional<Array> chosen(const Array& where, const Array& a, const Array& b) {
  const auto both = broadcast(a.extents, b.extents);
  const auto extents = both ? broadcast(*both, where.extents) : std::nullopt;
  if (!extents || a.is_integer != b.is_integer) return std::nullopt;
  const auto count = count_of(*extents, std::max(most_of(a), most_of(b)));
  if (!count) return std::nullopt;
  Array result;
  result.extents = *extents;
  result.is_integer = a.is_integer;
  each_index(*extents, *count, [&](const auto& index) {
    const bool first = where.at(broadcast_place(where.extents, index)) != 0;
    const Array& from = first ? a : b;
    const auto place = static_cast<std::size_t>(broadcast_place(from.extents, index));
    if (from.is_integer)
      result.integers.push_back(from.integers[place]);
    else
      result.floats.push_back(from.floats[place]);
  });
  return result;
}

std::optional<Array> reduced(const Array& array, const Axes& axes, bool keep,
                             const Reduction& reduction) {
  const std::size_t rank = array.extents.size();
  std::vector<bool> over(rank, axes.empty());
  for (const std::int64_t axis : axes) {
    const auto place = place_of(axis, rank);
    if (!place) return std::nullopt;
    over[*place] = true;
  }
  Axes kept;
  for (std::size_t i = 0; i < rank; ++i) kept.push_back(over[i] ? 1 : array.extents[i]);
  const auto count = count_of(kept, most_of(array));
  if (!count || array.size() == 0 || *count == 0) return std::nullopt;
  std::vector<double> sums(static_cast<std::size_t>(*count), reduction.start);
  each_index(array.extents, array.size(), [&, i = std::int64_t{0}](const auto& index) mutable {
    double& sum = sums[static_cast<std::size_t>(broadcast_place(kept, index))];
    sum = reduction.add(sum, array.at(i++));
  });
  Array result;
  result.is_integer = array.is_integer;
  for (std::size_t i = 0; i < rank; ++i)
    if (keep || !over[i]) result.extents.push_back(kept[i]);
  const auto each = static_cast<double>(array.size() / *count);
  for (const double sum : sums) result.append(reduction.finish ? reduction.finish(sum, each) : sum);
  return result;
}

std::optional<Axes> reshaped(const Axes& extents, const Axes& target, bool zero_is_zero) {
  constexpr std::int64_t most = std::int64_t{1} << 40;
  const auto count = count_of(extents, most);
  Axes result = target;
  std::int64_t* rest = nullptr;
  std::int64_t known = 1;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (result[i] == 0 && i < extents.size() && !zero_is_zero) result[i] = extents[i];
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

std::optional<Axes> broadcast(const Axes& a, const Axes& b) {
  Axes result(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) return std::nullopt;
    result[result.size() - 1 - i] = x == 1 ? y : x;
  }
  return result;
}

}  // namespace reverie::onnx
