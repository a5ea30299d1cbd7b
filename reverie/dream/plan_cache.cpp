#include "reverie/dream/plan_cache.h"

#include <map>
#include <utility>
#include <vector>

namespace reverie {
namespace {

using PlanSize = std::pair<std::int64_t, std::int64_t>;
using Shelf = std::multimap<PlanSize, std::unique_ptr<Plan>>;

// A plan that goes back to the shelf.
class PooledPlan : public Plan {
 public:
  PooledPlan(PlanSize size, std::unique_ptr<Plan> plan, const std::shared_ptr<Shelf>& shelf)
      : size_(size), plan_(std::move(plan)), shelf_(shelf) {}
  ~PooledPlan() override {
    if (const auto shelf = shelf_.lock()) shelf->emplace(size_, std::move(plan_));
  }

  const Shape& canvas_shape() const override { return plan_->canvas_shape(); }
  int targets() const override { return plan_->targets(); }
  const Shape& target_shape(int target) const override { return plan_->target_shape(target); }
  bool forward(ConstView canvas, const CancelToken* cancel) override {
    return plan_->forward(canvas, cancel);
  }
  ConstView activation(int target) const override { return plan_->activation(target); }
  View output_grad(int target) override { return plan_->output_grad(target); }
  bool backward(View grad, const CancelToken* cancel) override {
    return plan_->backward(grad, cancel);
  }
  std::size_t memory_bytes() const override { return plan_->memory_bytes(); }

 private:
  PlanSize size_;
  std::unique_ptr<Plan> plan_;
  std::weak_ptr<Shelf> shelf_;  // none when the compiler is gone: the plan goes, too
};

class CachingCompiler : public Compiler {
 public:
  explicit CachingCompiler(std::unique_ptr<Compiler> compiler) : compiler_(std::move(compiler)) {}

  std::unique_ptr<Plan> compile(std::int64_t height, std::int64_t width) override {
    const PlanSize size{height, width};
    const auto kept = shelf_->find(size);
    if (kept == shelf_->end())
      return std::make_unique<PooledPlan>(size, compiler_->compile(height, width), shelf_);
    auto plan = std::move(kept->second);
    shelf_->erase(kept);
    return std::make_unique<PooledPlan>(size, std::move(plan), shelf_);
  }
  std::size_t plan_bytes(std::int64_t height, std::int64_t width) override {
    return compiler_->plan_bytes(height, width);
  }
  const Graph& graph() const override { return compiler_->graph(); }
  const std::vector<int>& targets() const override { return compiler_->targets(); }
  Precision precision() const override { return compiler_->precision(); }

 private:
  std::unique_ptr<Compiler> compiler_;
  std::shared_ptr<Shelf> shelf_ = std::make_shared<Shelf>();
};

}  // namespace

std::unique_ptr<Compiler> caching_compiler(std::unique_ptr<Compiler> compiler) {
  return std::make_unique<CachingCompiler>(std::move(compiler));
}

}  // namespace reverie
