#include "reverie/gradient/guide.h"

#include <algorithm>
#include <limits>

#include "reverie/base/threads.h"

namespace reverie {
namespace {

// The products of a few positions of both stay in registers, those of a block in cache: each block
// of the guide is read once for a block of the picture.
constexpr int few_rows = 4, few_columns = 8;
constexpr std::int64_t block_rows = 256, block_columns = 256;  // positions

// The features of a run of positions, `few` positions side by side: [run / few][channels][few].
// Positions past the end repeat the last one.
template <int few>
void pack(ConstView features, const std::vector<int>& channels, std::int64_t first,
          std::int64_t count, std::vector<float>& packed) {
  const std::int64_t positions = features.size() / features.shape().channels();
  packed.resize(static_cast<std::size_t>((count + few - 1) / few * few) * channels.size());
  float* to = packed.data();
  for (std::int64_t i = first; i < first + count; i += few)
    for (int c : channels)
      for (int k = 0; k < few; ++k)
        *to++ = features[c * positions + std::min(i + k, positions - 1)];
}

struct Products {
  float at[few_rows][few_columns];
};

Products products_of(const float* x, const float* y, std::size_t channels) {
  Products sums{};
  for (std::size_t c = 0; c < channels; ++c, x += few_rows, y += few_columns)
    for (int r = 0; r < few_rows; ++r)
      for (int j = 0; j < few_columns; ++j) sums.at[r][j] += x[r] * y[j];
  return sums;
}

struct Match {
  float product = -std::numeric_limits<float>::infinity();
  std::int64_t position = 0;  // of the guide
};

// The best matches of `count` positions, from `first` on.
std::vector<Match> best_matches(ConstView features, ConstView guide,
                                const std::vector<int>& channels, std::int64_t first,
                                std::int64_t count) {
  const std::int64_t guide_positions = guide.size() / guide.shape().channels();
  std::vector<Match> best(static_cast<std::size_t>((count + few_rows - 1) / few_rows * few_rows));
  std::vector<float> x, y;
  pack<few_rows>(features, channels, first, count, x);
  for (std::int64_t j0 = 0; j0 < guide_positions; j0 += block_columns) {
    const std::int64_t width = std::min(block_columns, guide_positions - j0);
    pack<few_columns>(guide, channels, j0, width, y);
    for (std::int64_t r0 = 0; r0 < count; r0 += few_rows)
      for (std::int64_t j = 0; j < width; j += few_columns) {
        const Products products =
            products_of(x.data() + r0 * static_cast<std::int64_t>(channels.size()),
                        y.data() + j * static_cast<std::int64_t>(channels.size()), channels.size());
        for (int r = 0; r < few_rows; ++r)
          for (int k = 0; k < few_columns && j + k < width; ++k)
            if (Match& match = best[static_cast<std::size_t>(r0 + r)];
                products.at[r][k] > match.product)
              match = {products.at[r][k], j0 + j + k};
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
  const std::int64_t blocks = (positions + block_rows - 1) / block_rows;
  std::vector<double> products(static_cast<std::size_t>(blocks));
  parallel_for(blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) {
      const std::int64_t first = block * block_rows;
      const std::int64_t count = std::min(block_rows, positions - first);
      const std::vector<Match> best = best_matches(features, guide, channels, first, count);
      for (std::int64_t r = 0; r < count; ++r) {
        const std::int64_t position = first + r;
        const Match& match = best[static_cast<std::size_t>(r)];
        const float position_weight =
            options.weights.empty() ? 1 : options.weights[static_cast<std::size_t>(position)];
        if (!options.counted || options.counted->contain(position / width, position % width))
          products[static_cast<std::size_t>(block)] += position_weight * match.product;
        for (int c : channels)
          output_grad[c * positions + position] += position_weight * static_cast<float>(weight) *
                                                   guide[c * guide_positions + match.position];
      }
    }
  });
  double sum = 0;
  for (double product : products) sum += product;
  return weight * sum;
}

}  // namespace reverie
