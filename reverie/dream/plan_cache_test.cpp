#include "reverie/dream/plan_cache.h"

#include <gtest/gtest.h>

#include "reverie/model/network.h"

namespace reverie {
namespace {

// Counts what it compiles.
class Counting : public Compiler {
 public:
  Counting(std::unique_ptr<Compiler> compiler, int& count)
      : compiler_(std::move(compiler)), count_(count) {}
  std::unique_ptr<Plan> compile(std::int64_t height, std::int64_t width) override {
    ++count_;
    return compiler_->compile(height, width);
  }
  std::size_t plan_bytes(std::int64_t height, std::int64_t width) override {
    return compiler_->plan_bytes(height, width);
  }
  const Graph& graph() const override { return compiler_->graph(); }
  const std::vector<int>& targets() const override { return compiler_->targets(); }
  Precision precision() const override { return compiler_->precision(); }

 private:
  std::unique_ptr<Compiler> compiler_;
  int& count_;
};

TEST(PlanShelf, CompilesEachSizeOnceButForTwoAtATime) {
  const Network network = open_network("");
  const int layer = network.graph.find("3a/concat");
  ASSERT_GE(layer, 0);
  int count = 0;
  const auto compiler = caching_compiler(
      std::make_unique<Counting>(make_compiler(network.graph, {layer}, Precision::fast), count));
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(compiler->compile(64, 96)->canvas_shape(), (Shape{3, 64, 96}));
    EXPECT_EQ(compiler->compile(96, 64)->canvas_shape(), (Shape{3, 96, 64}));
  }
  EXPECT_EQ(count, 2);
  const auto one = compiler->compile(64, 96), two = compiler->compile(64, 96);
  EXPECT_NE(one->output_grad(0).data(), two->output_grad(0).data());
  EXPECT_EQ(count, 3);
  EXPECT_EQ(compiler->plan_bytes(64, 96), one->memory_bytes());
  EXPECT_EQ(count, 3);
}

TEST(PlanShelf, APlanOutlivesItsCompiler) {
  const Network network = open_network("");
  auto compiler = caching_compiler(
      make_compiler(network.graph, {network.graph.find("3a/concat")}, Precision::fast));
  const auto plan = compiler->compile(64, 64);
  compiler.reset();
  const Tensor canvas({3, 64, 64});
  EXPECT_TRUE(plan->forward(canvas));
}

}  // namespace
}  // namespace reverie
