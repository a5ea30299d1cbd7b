#include "reverie/plan/reference/resample.h"

#include "reverie/plan/reference/windows.h"

namespace reverie::reference {
namespace {

// Calls visit(input cell, weight) for all summands of an output of one axis.
template <class Visit>
void for_each_summand(const AxisMap& map, std::int64_t output, Visit&& visit) {
  const auto o = static_cast<std::size_t>(output);
  for (auto t = static_cast<std::size_t>(map.begin[o]);
       t < static_cast<std::size_t>(map.begin[o + 1]); ++t)
    visit(map.cells[t], double{map.weights[t]});
}

// Calls visit(c, y, x, input y, input x, weight) for all summands of all outputs.
template <class Visit>
void for_each_summand(const PlaneMap& map, const Shape& out, Visit&& visit) {
  for (std::int64_t c = 0; c < out.channels(); ++c)
    for (std::int64_t h = 0; h < out.height(); ++h)
      for (std::int64_t w = 0; w < out.width(); ++w)
        for_each_summand(map.rows, h, [&](int ih, double by_row) {
          for_each_summand(map.columns, w, [&](int iw, double by_column) {
            visit(c, h, w, ih, iw, by_row * by_column);
          });
        });
}

// Calls visit(in, h, w, out, oh, ow, weight) for every cell of the input and every one of the value
// that it adds to.
template <class Visit>
void for_each_product(const TransposedConvolution& conv, const Shape& in, const Shape& out,
                      Visit&& visit) {
  const Cells cells(conv.window, out);
  const Shape& shape = conv.weights->shape();
  const std::int64_t in_per_group = in.channels() / conv.groups;
  for (std::int64_t i = 0; i < in.channels(); ++i)
    for (std::int64_t o = 0; o < shape[1]; ++o)
      for (std::int64_t h = 0; h < in.height(); ++h)
        for (std::int64_t w = 0; w < in.width(); ++w)
          cells.each(h, w, [&](int kh, int kw, std::int64_t oh, std::int64_t ow) {
            visit(i, h, w, i / in_per_group * shape[1] + o, oh, ow,
                  double{(*conv.weights)[((i * shape[1] + o) * shape[2] + kh) * shape[3] + kw]});
          });
}

// Calls visit(c, y, x, input c, input y, input x) for every cell of the value, [C,h,w] of `out`.
template <class Visit>
void for_each_move(const DepthToSpace& depth, const Shape& out, Visit&& visit) {
  const int block = depth.block;
  for (std::int64_t c = 0; c < out.channels(); ++c)
    for (std::int64_t h = 0; h < out.height(); ++h)
      for (std::int64_t w = 0; w < out.width(); ++w) {
        const std::int64_t row = h % block, column = w % block;
        const std::int64_t from = depth.order == DepthToSpace::Order::depth_first
                                      ? (row * block + column) * out.channels() + c
                                      : (c * block + row) * block + column;
        visit(c, h, w, from, h / block, w / block);
      }
}

}  // namespace

Array resampled(const PlaneMap& map, const Array& x, const Shape& shape) {
  Array y(shape);
  for_each_summand(map, shape, [&](auto c, auto h, auto w, auto ih, auto iw, double weight) {
    y.view().at(c, h, w) += weight * x.view().at(c, ih, iw);
  });
  return y;
}

void add_resampled_grads(const PlaneMap& map, const Array& dy, Array& dx) {
  const auto to = dx.view();
  for_each_summand(map, dy.shape(), [&](auto c, auto h, auto w, auto ih, auto iw, double weight) {
    to.at(c, ih, iw) += weight * dy.view().at(c, h, w);
  });
}

Array transposed_convolution(const TransposedConvolution& conv, const Array& x,
                             const Shape& shape) {
  Array y(shape);
  if (conv.bias)
    for (std::int64_t c = 0; c < shape.channels(); ++c)
      for (double& v : y.view().plane(c).elements()) v = (*conv.bias)[c];
  for_each_product(conv, x.shape(), shape,
                   [&](auto i, auto h, auto w, auto o, auto oh, auto ow, double weight) {
                     y.view().at(o, oh, ow) += weight * x.view().at(i, h, w);
                   });
  return y;
}

void add_transposed_convolution_grads(const TransposedConvolution& conv, const Array& dy,
                                      Array& dx) {
  const auto to = dx.view();
  for_each_product(conv, dx.shape(), dy.shape(),
                   [&](auto i, auto h, auto w, auto o, auto oh, auto ow, double weight) {
                     to.at(i, h, w) += weight * dy.view().at(o, oh, ow);
                   });
}

Array depth_to_space(const DepthToSpace& depth, const Array& x, const Shape& shape) {
  Array y(shape);
  for_each_move(depth, shape, [&](auto c, auto h, auto w, auto ic, auto ih, auto iw) {
    y.view().at(c, h, w) = x.view().at(ic, ih, iw);
  });
  return y;
}

void add_depth_to_space_grads(const DepthToSpace& depth, const Array& dy, Array& dx) {
  const auto to = dx.view();
  for_each_move(depth, dy.shape(), [&](auto c, auto h, auto w, auto ic, auto ih, auto iw) {
    to.at(ic, ih, iw) += dy.view().at(c, h, w);
  });
}

}  // namespace reverie::reference
