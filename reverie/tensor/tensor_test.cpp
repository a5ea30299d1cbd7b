#include "reverie/tensor/tensor.h"

#include <gtest/gtest.h>

namespace reverie {
namespace {

TEST(Tensor, IsZeroedAlignedAndInCOrder) {
  Tensor t({2, 3, 4});
  EXPECT_EQ(t.size(), 24);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(t.data()) % tensor_alignment, 0u);
  for (float v : t.elements()) EXPECT_EQ(v, 0.f);
  t.view().at(1, 2, 3) = 5.f;
  EXPECT_EQ(t[23], 5.f);
  EXPECT_EQ(t.view().plane(1)[11], 5.f);
}

// Memory that another array has left is zeroed too, to the last element.
TEST(Tensor, IsZeroedWhereverItLies) {
  for (int round = 0; round < 4; ++round) {
    Tensor t({7, 11});
    for (float v : t.elements()) ASSERT_EQ(v, 0.f) << round;
    for (float& v : t.elements()) v = 1;
  }
}

TEST(Tensor, CopiesByNameOnly) {
  Tensor t({3});
  Tensor copy = t.clone();
  t[0] = 1.f;
  EXPECT_EQ(copy[0], 0.f);
  static_assert(!std::is_copy_constructible_v<Tensor>);
}

TEST(Tensor, ShapesCompareAndPrint) {
  EXPECT_EQ((Shape{3, 2}).to_string(), "[3,2]");
  EXPECT_EQ((Shape{3, 2}), (Shape{3, 2}));
  EXPECT_NE((Shape{3, 2}), (Shape{3, 2, 1}));
}

}  // namespace
}  // namespace reverie
