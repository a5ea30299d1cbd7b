// windows.h: which input cells a window covers, and a few sums that forward and backward share.
#pragma once

#include <algorithm>

#include "reverie/graph/shapes.h"
#include "reverie/plan/reference/reference.h"

namespace reverie::reference {

// The input cells under one window position, without those in the padding, in scan order.
class Cells {
 public:
  Cells(const Window& window, const Shape& input)
      : window_(window),
        padding_(resolve_padding(window, input.height(), input.width())),
        height_(input.height()),
        width_(input.width()) {}

  // Calls visit(kernel row, kernel column, input row, input column).
  template <class Visit>
  void each(std::int64_t h, std::int64_t w, Visit visit) const {
    for (int kh = 0; kh < window_.kernel_h; ++kh)
      for (int kw = 0; kw < window_.kernel_w; ++kw) {
        const std::int64_t ih = h * window_.stride_h - padding_.top + kh * window_.dilation_h;
        const std::int64_t iw = w * window_.stride_w - padding_.left + kw * window_.dilation_w;
        if (ih >= 0 && ih < height_ && iw >= 0 && iw < width_) visit(kh, kw, ih, iw);
      }
  }

  // The cells that Caffe and PyTorch divide an average by: those in the padding count, those past
  // it do not.
  double padded_count(std::int64_t h, std::int64_t w) const {
    const auto inside = [](std::int64_t first, int kernel, int dilation, std::int64_t end) {
      int count = 0;
      for (int k = 0; k < kernel; ++k) count += first + k * dilation < end ? 1 : 0;
      return count;
    };
    return inside(h * window_.stride_h - padding_.top, window_.kernel_h, window_.dilation_h,
                  height_ + padding_.bottom) *
           inside(w * window_.stride_w - padding_.left, window_.kernel_w, window_.dilation_w,
                  width_ + padding_.right);
  }

 private:
  const Window window_;
  const Padding padding_;
  const std::int64_t height_, width_;
};

inline Cells pool_cells(const Pool& pool, const Shape& input) {
  if (!pool.global) return Cells(pool.window, input);
  Window whole;
  whole.kernel_h = static_cast<int>(input.height());
  whole.kernel_w = static_cast<int>(input.width());
  return Cells(whole, input);
}

inline double average_divisor(const Pool& pool, const Cells& cells, std::int64_t h,
                              std::int64_t w) {
  if (pool.count_padding) return cells.padded_count(h, w);
  double count = 0;
  cells.each(h, w, [&](int, int, std::int64_t, std::int64_t) { ++count; });
  return count;
}

inline double weight(const Convolution& conv, std::int64_t out, std::int64_t in, int kh, int kw) {
  const Shape& shape = conv.weights->shape();
  return (*conv.weights)[((out * shape[1] + in) * shape[2] + kh) * shape[3] + kw];
}

// k + alpha * (sum of squares over the window of channels around c).
inline double lrn_sum(const Lrn& lrn, const Array& x, std::int64_t c, std::int64_t h,
                      std::int64_t w) {
  const std::int64_t first = std::max<std::int64_t>(c - (lrn.size - 1) / 2, 0);
  const std::int64_t last = std::min(c + lrn.size / 2, x.shape().channels() - 1);
  double squares = 0;
  for (std::int64_t i = first; i <= last; ++i)
    squares += x.view().at(i, h, w) * x.view().at(i, h, w);
  return lrn.k + lrn.alpha * squares;
}

}  // namespace reverie::reference
