#include "reverie/model/formats/onnx/array.h"

#include <gtest/gtest.h>

#include <limits>

namespace reverie::onnx {
namespace {

Array integers(Axes extents, std::vector<std::int64_t> values) {
  return Array::of(std::move(extents), std::move(values));
}
const Array six = integers({2, 3}, {0, 1, 2, 3, 4, 5});

TEST(Array, Fills) {
  EXPECT_EQ(filled({2, 2}, integers({}, {7}))->integers, (Axes{7, 7, 7, 7}));
  EXPECT_EQ(filled({}, integers({}, {7}))->integers, (Axes{7}));
  EXPECT_EQ(filled({0, 9}, integers({}, {7}))->integers, (Axes{}));
  EXPECT_FALSE(filled({-1}, integers({}, {7})));
  EXPECT_FALSE(filled({1 << 20, 1 << 20, 1 << 30}, integers({}, {7})));
}

TEST(Array, Concatenates) {
  EXPECT_EQ(
      concatenated({integers({2}, {1, 2}), integers({0}, {}), integers({1}, {3})}, 0)->integers,
      (Axes{1, 2, 3}));
  const auto wide = concatenated({six, integers({2, 1}, {8, 9})}, -1);
  EXPECT_EQ(wide->extents, (Axes{2, 4}));
  EXPECT_EQ(wide->integers, (Axes{0, 1, 2, 8, 3, 4, 5, 9}));
  EXPECT_FALSE(concatenated({six, integers({2, 1}, {8, 9})}, 0));
  EXPECT_FALSE(concatenated({six, integers({2}, {8, 9})}, 0));
  EXPECT_FALSE(concatenated({integers({}, {1}), integers({}, {2})}, 0));
  EXPECT_FALSE(concatenated({}, 0));
}

TEST(Array, Transposes) {
  const auto turned = transposed(six, {1, 0});
  EXPECT_EQ(turned->extents, (Axes{3, 2}));
  EXPECT_EQ(turned->integers, (Axes{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(transposed(six, {})->integers, turned->integers);
  EXPECT_FALSE(transposed(six, {1, 1}));
  EXPECT_FALSE(transposed(six, {0, 2}));
}

TEST(Array, Slices) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  const auto slice = [](std::int64_t start, std::int64_t end, std::int64_t step) {
    return sliced(integers({5}, {0, 1, 2, 3, 4}), {start}, {end}, {0}, {step})->integers;
  };
  EXPECT_EQ(slice(1, 3, 1), (Axes{1, 2}));
  EXPECT_EQ(slice(0, most, 2), (Axes{0, 2, 4}));
  EXPECT_EQ(slice(-2, most, 1), (Axes{3, 4}));
  EXPECT_EQ(slice(-9, -4, 1), (Axes{0}));
  EXPECT_EQ(slice(-1, -most, -1), (Axes{4, 3, 2, 1, 0}));
  EXPECT_EQ(slice(most, 0, -2), (Axes{4, 2}));
  EXPECT_EQ(slice(3, 1, 1), (Axes{}));
  EXPECT_EQ(slice(-most, -most, -1), (Axes{}));
  const auto part = sliced(six, {-1, 1}, {-most, 3}, {0, 1}, {-1, 1});
  EXPECT_EQ(part->extents, (Axes{2, 2}));
  EXPECT_EQ(part->integers, (Axes{4, 5, 1, 2}));
  EXPECT_FALSE(sliced(six, {0}, {1}, {0}, {0}));
  EXPECT_FALSE(sliced(six, {0}, {1}, {2}, {1}));
  EXPECT_FALSE(sliced(six, {0}, {1}, {0}, {std::numeric_limits<std::int64_t>::min()}));
  EXPECT_FALSE(sliced(six, {0}, {1, 2}, {0}, {1}));
}

TEST(Array, ChangesShapes) {
  EXPECT_EQ(reshaped({2, 3}, {-1}), (Axes{6}));
  EXPECT_EQ(reshaped({2, 3}, {0, 3, 1}), (Axes{2, 3, 1}));
  EXPECT_EQ(reshaped({}, {1, 1}), (Axes{1, 1}));
  EXPECT_FALSE(reshaped({2, 3}, {4}));
  EXPECT_FALSE(reshaped({2, 3}, {-1, 4}));
  EXPECT_FALSE(reshaped({2, 3}, {-1, -1}));
  EXPECT_FALSE(reshaped({2, 3}, {-1, 0, 0}));
  EXPECT_FALSE(reshaped({1}, {std::int64_t{1} << 62, 4}));
  EXPECT_EQ(unsqueezed({8}, {1, 2}), (Axes{8, 1, 1}));
  EXPECT_EQ(unsqueezed({8}, {-1, 0}), (Axes{1, 8, 1}));
  EXPECT_FALSE(unsqueezed({8}, {2}));
  EXPECT_FALSE(unsqueezed({8}, {1, 1}));
  EXPECT_EQ(squeezed({1, 8, 1}, {}), (Axes{8}));
  EXPECT_EQ(squeezed({1, 8, 1}, {-1}), (Axes{1, 8}));
  EXPECT_FALSE(squeezed({1, 8, 1}, {1}));
}

}  // namespace
}  // namespace reverie::onnx
