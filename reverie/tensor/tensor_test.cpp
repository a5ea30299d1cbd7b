#include "reverie/tensor/tensor.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

// Memory as an earlier owner left it: every bit set. What nobody zeroes is then never zero by
// chance.
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  const std::size_t whole_units = (bytes + unit - 1) / unit * unit;
  void* const memory = std::aligned_alloc(unit, whole_units);
  if (!memory) throw std::bad_alloc();
  return std::memset(memory, 0xff, whole_units);
}
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }

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

// The tensors of this program lie in memory with every bit set (operator new above).
TEST(Tensor, IsZeroedToTheLastElement) {
  const Tensor t({7, 11});
  for (std::int64_t i = 0; i < t.size(); ++i) EXPECT_EQ(t[i], 0.f) << i;
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
