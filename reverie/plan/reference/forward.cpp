#include <algorithm>
#include <cmath>
#include <limits>

#include "reverie/graph/shapes.h"
#include "reverie/plan/reference/activations.h"
#include "reverie/plan/reference/broadcast.h"
#include "reverie/plan/reference/normalize.h"
#include "reverie/plan/reference/reference.h"
#include "reverie/plan/reference/resample.h"
#include "reverie/plan/reference/windows.h"

namespace reverie::reference {
namespace {

class Forward {
 public:
  Forward(const Graph& graph, const Array& canvas)
      : graph_(graph),
        canvas_(canvas),
        shapes_(infer_shapes(graph, canvas.shape().height(), canvas.shape().width())) {}

  std::vector<Array> run() {
    for (layer_ = 0; layer_ < graph_.layers.size(); ++layer_)
      values_.push_back(
          std::visit([this](const auto& op) { return of(op); }, graph_.layers[layer_].op));
    return std::move(values_);
  }

 private:
  const Array& input(std::size_t i = 0) const {
    return values_[static_cast<std::size_t>(graph_.layers[layer_].inputs[i])];
  }
  std::size_t inputs() const { return graph_.layers[layer_].inputs.size(); }
  Array output() const { return Array(shapes_[layer_]); }

  Array of(const Input&) const {
    Array y = output();
    const InputTransform& transform = graph_.transform;
    for (std::size_t c = 0; c < 3; ++c) {
      const auto from = canvas_.view().plane(transform.order[c]);
      const auto to = y.view().plane(static_cast<std::int64_t>(c));
      for (std::int64_t i = 0; i < to.size(); ++i)
        to[i] = (from[i] - transform.mean[c]) * transform.scale[c];
    }
    return y;
  }

  Array of(const Convolution& conv) const {
    Array y = output();
    const Array& x = input();
    const Cells cells(conv.window, x.shape());
    const std::int64_t in_per_group = x.shape().channels() / conv.groups;
    const std::int64_t out_per_group = y.shape().channels() / conv.groups;
    for (std::int64_t o = 0; o < y.shape().channels(); ++o) {
      const std::int64_t first = o / out_per_group * in_per_group;
      for (std::int64_t h = 0; h < y.shape().height(); ++h)
        for (std::int64_t w = 0; w < y.shape().width(); ++w) {
          double sum = conv.bias ? (*conv.bias)[o] : 0.0;
          cells.each(h, w, [&](int kh, int kw, std::int64_t ih, std::int64_t iw) {
            for (std::int64_t i = 0; i < in_per_group; ++i)
              sum += weight(conv, o, i, kh, kw) * x.view().at(first + i, ih, iw);
          });
          if (conv.relu && sum < 0) sum *= *conv.relu;
          y.view().at(o, h, w) = sum;
        }
    }
    return y;
  }

  Array of(const Relu& relu) const {
    Array y = output();
    for (std::int64_t i = 0; i < y.size(); ++i) {
      const double x = input()[i];
      y[i] = x > 0 ? std::min<double>(x, relu.ceiling) : relu.negative_slope * x;
    }
    return y;
  }

  Array of(const Pool& pool) const {
    Array y = output();
    const Array& x = input();
    const Cells cells = pool_cells(pool, x.shape());
    for (std::int64_t c = 0; c < y.shape().channels(); ++c)
      for (std::int64_t h = 0; h < y.shape().height(); ++h)
        for (std::int64_t w = 0; w < y.shape().width(); ++w) {
          double maximum = -std::numeric_limits<double>::infinity(), sum = 0;
          cells.each(h, w, [&](int, int, std::int64_t ih, std::int64_t iw) {
            maximum = std::max(maximum, x.view().at(c, ih, iw));
            sum += x.view().at(c, ih, iw);
          });
          y.view().at(c, h, w) =
              pool.kind == Pool::Kind::max ? maximum : sum / average_divisor(pool, cells, h, w);
        }
    return y;
  }

  Array of(const Lrn& lrn) const {
    Array y = output();
    const Array& x = input();
    for (std::int64_t c = 0; c < y.shape().channels(); ++c)
      for (std::int64_t h = 0; h < y.shape().height(); ++h)
        for (std::int64_t w = 0; w < y.shape().width(); ++w)
          y.view().at(c, h, w) =
              x.view().at(c, h, w) * std::pow(lrn_sum(lrn, x, c, h, w), -double{lrn.beta});
    return y;
  }

  Array of(const Concat&) const {
    Array y = output();
    double* to = y.data();
    for (std::size_t i = 0; i < inputs(); ++i)
      to = std::copy_n(input(i).data(), input(i).size(), to);
    return y;
  }

  Array of(const SelectChannels& select) const {
    Array y = output();
    for (std::int64_t c = 0; c < y.shape().channels(); ++c) {
      const auto from = input().view().plane(select.channels[static_cast<std::size_t>(c)]);
      std::copy_n(from.data(), from.size(), y.view().plane(c).data());
    }
    return y;
  }

  Array of(const Eltwise& eltwise) const {
    Array y = output();
    for (std::size_t k = 0; k < inputs(); ++k) {
      const Broadcast source(input(k).shape(), y.shape());
      for (std::int64_t i = 0; i < y.size(); ++i) {
        const double x = input(k)[source(i)];
        if (eltwise.operation == Eltwise::Operation::sum)
          y[i] += eltwise.coefficients.empty() ? x : eltwise.coefficients[k] * x;
        else if (k == 0)
          y[i] = x;
        else
          y[i] = eltwise.operation == Eltwise::Operation::product ? y[i] * x : std::max(y[i], x);
      }
    }
    return y;
  }

  Array of(const Affine& affine) const {
    Array y = output();
    for (std::int64_t c = 0; c < y.shape().channels(); ++c) {
      const auto from = input().view().plane(c);
      const auto to = y.view().plane(c);
      for (std::int64_t i = 0; i < to.size(); ++i)
        to[i] = double{(*affine.scale)[c]} * from[i] + (*affine.shift)[c];
    }
    return y;
  }

  Array of(const Normalize& normalize) const { return normalized(normalize, input()); }

  Array of(const TransposedConvolution& conv) const {
    return transposed_convolution(conv, input(), shapes_[layer_]);
  }

  Array of(const Resize& resize) const { return resampled_by(resize); }
  Array of(const Pad& pad) const { return resampled_by(pad); }
  template <class Mapped>
  Array resampled_by(const Mapped& op) const {
    const Shape& shape = shapes_[layer_];
    return resampled(plane_map(op, input().shape(), shape), input(), shape);
  }

  Array of(const DepthToSpace& depth) const {
    return depth_to_space(depth, input(), shapes_[layer_]);
  }

  Array of(const InnerProduct& product) const {
    Array y = output();
    const std::int64_t row = input().size();
    for (std::int64_t o = 0; o < y.size(); ++o) {
      double sum = product.bias ? (*product.bias)[o] : 0.0;
      for (std::int64_t i = 0; i < row; ++i)
        sum += double{(*product.weights)[o * row + i]} * input()[i];
      y[o] = sum;
    }
    return y;
  }

  Array of(const Activation& activation) const {
    Array y = output();
    for (std::int64_t i = 0; i < y.size(); ++i) y[i] = value_of(activation, input()[i]);
    return y;
  }

  Array of(const Prelu& prelu) const {
    Array y = output();
    for (std::int64_t c = 0; c < y.shape().channels(); ++c) {
      const auto from = input().view().plane(c);
      const auto to = y.view().plane(c);
      for (std::int64_t i = 0; i < to.size(); ++i)
        to[i] = from[i] > 0 ? from[i] : (*prelu.slope)[c] * from[i];
    }
    return y;
  }

  Array of(const Softmax&) const {
    Array y = output();
    const std::int64_t plane = y.shape().height() * y.shape().width();
    for (std::int64_t p = 0; p < plane; ++p) {
      double maximum = -std::numeric_limits<double>::infinity(), sum = 0;
      for (std::int64_t i = p; i < y.size(); i += plane) maximum = std::max(maximum, input()[i]);
      for (std::int64_t i = p; i < y.size(); i += plane)
        sum += y[i] = std::exp(input()[i] - maximum);
      for (std::int64_t i = p; i < y.size(); i += plane) y[i] /= sum;
    }
    return y;
  }

  Array of(const UnknownLayer&) const { return {}; }  // infer_shapes has refused it

  const Graph& graph_;
  const Array& canvas_;
  std::vector<Shape> shapes_;
  std::vector<Array> values_;
  std::size_t layer_ = 0;
};

}  // namespace

std::vector<Array> forward(const Graph& graph, const Array& canvas) {
  return Forward(graph, canvas).run();
}

}  // namespace reverie::reference
