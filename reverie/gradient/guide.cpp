#include "reverie/gradient/guide.h"

#include <limits>

#include "reverie/base/threads.h"

namespace reverie {
namespace {

constexpr int rows = 4;      // positions of the picture at a time: their sums stay in registers
constexpr int columns = 64;  // positions of the guide at a time

struct Best {
  float product[rows];
  std::int64_t position[rows];
};

// The best matches of `rows` positions, starting at `first` (those past the end repeat the last
// one).
Best best_matches(ConstView features, ConstView guide, const std::vector<int>& channels,
                  std::int64_t first) {
  const std::int64_t positions = features.size() / features.shape().channels();
  const std::int64_t guide_positions = guide.size() / guide.shape().channels();
  Best best;
  std::fill_n(best.product, rows, -std::numeric_limits<float>::infinity());
  std::fill_n(best.position, rows, std::int64_t{0});
  for (std::int64_t j0 = 0; j0 < guide_positions; j0 += columns) {
    const int width = static_cast<int>(std::min<std::int64_t>(columns, guide_positions - j0));
    float sums[rows][columns] = {};
    for (int c : channels) {
      const float* x = features.data() + c * positions;
      const float* y = guide.data() + c * guide_positions + j0;
      for (int r = 0; r < rows; ++r) {
        const float factor = x[std::min(first + r, positions - 1)];
        for (int j = 0; j < width; ++j) sums[r][j] += factor * y[j];
      }
    }
    for (int r = 0; r < rows; ++r)
      for (int j = 0; j < width; ++j)
        if (sums[r][j] > best.product[r]) {
          best.product[r] = sums[r][j];
          best.position[r] = j0 + j;
        }
  }
  return best;
}

}  // namespace

double match_guide(ConstView features, ConstView guide, const std::vector<int>& channels,
                   double weight, View output_grad, const PositionOptions& options) {
  const std::int64_t width = features.shape().width();
  const std::int64_t positions = features.size() / features.shape().channels();
  const std::int64_t guide_positions = guide.size() / guide.shape().channels();
  const std::int64_t blocks = (positions + rows - 1) / rows;
  std::vector<double> products(static_cast<std::size_t>(blocks));
  parallel_for(blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) {
      const std::int64_t first = block * rows;
      const Best best = best_matches(features, guide, channels, first);
      for (int r = 0; r < rows && first + r < positions; ++r) {
        const std::int64_t position = first + r;
        const float position_weight =
            options.weights.empty() ? 1 : options.weights[static_cast<std::size_t>(position)];
        if (!options.counted || options.counted->contain(position / width, position % width))
          products[static_cast<std::size_t>(block)] += position_weight * best.product[r];
        for (int c : channels)
          output_grad[c * positions + position] += position_weight * static_cast<float>(weight) *
                                                   guide[c * guide_positions + best.position[r]];
      }
    }
  });
  double sum = 0;
  for (double product : products) sum += product;
  return weight * sum;
}

}  // namespace reverie
