#include <cmath>

#include "reverie/plan/reference/activations.h"
#include "reverie/plan/reference/broadcast.h"
#include "reverie/plan/reference/normalize.h"
#include "reverie/plan/reference/reference.h"
#include "reverie/plan/reference/resample.h"
#include "reverie/plan/reference/windows.h"

namespace reverie::reference {
namespace {

class Backward {
 public:
  Backward(const Graph& graph, const std::vector<Array>& values,
           const std::vector<Array>& output_grads)
      : graph_(graph), values_(values) {
    for (std::size_t i = 0; i < values.size(); ++i)
      grads_.push_back(i < output_grads.size() && !output_grads[i].empty()
                           ? output_grads[i].clone()
                           : Array(values[i].shape()));
  }

  Array run() {
    for (layer_ = graph_.layers.size() - 1; layer_ > 0; --layer_)
      std::visit([this](const auto& op) { through(op); }, graph_.layers[layer_].op);
    return through_transform();
  }

 private:
  std::size_t source(std::size_t i) const {
    return static_cast<std::size_t>(graph_.layers[layer_].inputs[i]);
  }
  std::size_t inputs() const { return graph_.layers[layer_].inputs.size(); }
  const Array& x(std::size_t i = 0) const { return values_[source(i)]; }
  Array& dx(std::size_t i = 0) { return grads_[source(i)]; }
  const Array& y() const { return values_[layer_]; }
  const Array& dy() const { return grads_[layer_]; }

  void through(const Convolution& conv) {
    const Cells cells(conv.window, x().shape());
    const std::int64_t in_per_group = x().shape().channels() / conv.groups;
    const std::int64_t out_per_group = y().shape().channels() / conv.groups;
    const auto to = dx().view();
    for (std::int64_t o = 0; o < y().shape().channels(); ++o) {
      const std::int64_t first = o / out_per_group * in_per_group;
      for (std::int64_t h = 0; h < y().shape().height(); ++h)
        for (std::int64_t w = 0; w < y().shape().width(); ++w) {
          double grad = dy().view().at(o, h, w);
          // The sign of a leaky ReLU's output is that of its input
          if (conv.relu && !(y().view().at(o, h, w) > 0)) grad *= *conv.relu;
          if (grad == 0) continue;
          cells.each(h, w, [&](int kh, int kw, std::int64_t ih, std::int64_t iw) {
            for (std::int64_t i = 0; i < in_per_group; ++i)
              to.at(first + i, ih, iw) += weight(conv, o, i, kh, kw) * grad;
          });
        }
    }
  }

  void through(const Relu& relu) {
    for (std::int64_t i = 0; i < y().size(); ++i) {
      const double factor = !(x()[i] > 0) ? relu.negative_slope : x()[i] < relu.ceiling ? 1.0 : 0.0;
      dx()[i] += factor * dy()[i];
    }
  }

  void through(const Pool& pool) {
    const Cells cells = pool_cells(pool, x().shape());
    const auto from = x().view();
    const auto to = dx().view();
    for (std::int64_t c = 0; c < y().shape().channels(); ++c)
      for (std::int64_t h = 0; h < y().shape().height(); ++h)
        for (std::int64_t w = 0; w < y().shape().width(); ++w) {
          const double grad = dy().view().at(c, h, w);
          if (pool.kind == Pool::Kind::average) {
            const double part = grad / average_divisor(pool, cells, h, w);
            cells.each(h, w, [&](int, int, std::int64_t ih, std::int64_t iw) {
              to.at(c, ih, iw) += part;
            });
            continue;
          }
          bool found = false;
          cells.each(h, w, [&](int, int, std::int64_t ih, std::int64_t iw) {
            if (found || from.at(c, ih, iw) != y().view().at(c, h, w)) return;
            to.at(c, ih, iw) += grad;
            found = true;
          });
        }
  }

  // y_c = x_c s_c^-b:  dx_j = dy_j s_j^-b - 2 a b x_j sum over windows c that hold j of dy_c x_c
  // s_c^(-b-1)
  void through(const Lrn& lrn) {
    const std::int64_t channels = y().shape().channels();
    for (std::int64_t h = 0; h < y().shape().height(); ++h)
      for (std::int64_t w = 0; w < y().shape().width(); ++w)
        for (std::int64_t c = 0; c < channels; ++c) {
          const double s = lrn_sum(lrn, x(), c, h, w);
          const double grad = dy().view().at(c, h, w);
          dx().view().at(c, h, w) += grad * std::pow(s, -double{lrn.beta});
          const double common = -2.0 * lrn.alpha * lrn.beta * grad * x().view().at(c, h, w) *
                                std::pow(s, -double{lrn.beta} - 1);
          const std::int64_t first = std::max<std::int64_t>(c - (lrn.size - 1) / 2, 0);
          const std::int64_t last = std::min(c + lrn.size / 2, channels - 1);
          for (std::int64_t j = first; j <= last; ++j)
            dx().view().at(j, h, w) += common * x().view().at(j, h, w);
        }
  }

  void through(const Concat&) {
    std::int64_t offset = 0;
    for (std::size_t i = 0; i < inputs(); ++i) {
      for (std::int64_t k = 0; k < dx(i).size(); ++k) dx(i)[k] += dy()[offset + k];
      offset += dx(i).size();
    }
  }

  void through(const SelectChannels& select) {
    for (std::int64_t c = 0; c < y().shape().channels(); ++c) {
      const auto from = dy().view().plane(c);
      const auto to = dx().view().plane(select.channels[static_cast<std::size_t>(c)]);
      for (std::int64_t i = 0; i < to.size(); ++i) to[i] += from[i];
    }
  }

  void through(const Eltwise& eltwise) {
    std::vector<Broadcast> sources;
    for (std::size_t k = 0; k < inputs(); ++k) sources.emplace_back(x(k).shape(), y().shape());
    for (std::int64_t i = 0; i < y().size(); ++i) {
      bool found = false;
      for (std::size_t k = 0; k < inputs(); ++k) {
        double factor = 1;
        if (eltwise.operation == Eltwise::Operation::sum) {
          if (!eltwise.coefficients.empty()) factor = eltwise.coefficients[k];
        } else if (eltwise.operation == Eltwise::Operation::product) {
          for (std::size_t other = 0; other < inputs(); ++other)
            if (other != k) factor *= x(other)[sources[other](i)];
        } else {
          factor = !found && x(k)[sources[k](i)] == y()[i] ? 1 : 0;
          found |= factor != 0;
        }
        dx(k)[sources[k](i)] += factor * dy()[i];
      }
    }
  }

  void through(const Affine& affine) {
    for (std::int64_t c = 0; c < y().shape().channels(); ++c)
      for (std::int64_t i = 0; i < y().view().plane(c).size(); ++i)
        dx().view().plane(c)[i] += double{(*affine.scale)[c]} * dy().view().plane(c)[i];
  }

  void through(const Normalize& normalize) { add_normalized_grads(normalize, x(), dy(), dx()); }

  void through(const TransposedConvolution& conv) {
    add_transposed_convolution_grads(conv, dy(), dx());
  }

  void through(const Resize& resize) {
    add_resampled_grads(plane_map(resize, x().shape(), y().shape()), dy(), dx());
  }
  void through(const Pad& pad) {
    add_resampled_grads(plane_map(pad, x().shape(), y().shape()), dy(), dx());
  }

  void through(const DepthToSpace& depth) { add_depth_to_space_grads(depth, dy(), dx()); }

  void through(const InnerProduct& product) {
    const std::int64_t row = x().size();
    for (std::int64_t o = 0; o < y().size(); ++o)
      for (std::int64_t i = 0; i < row; ++i)
        dx()[i] += double{(*product.weights)[o * row + i]} * dy()[o];
  }

  // Where nothing is asked, an infinite derivative does not count
  void through(const Activation& activation) {
    for (std::int64_t i = 0; i < y().size(); ++i)
      if (dy()[i] != 0) dx()[i] += derivative_of(activation, x()[i]) * dy()[i];
  }

  void through(const Prelu& prelu) {
    for (std::int64_t c = 0; c < y().shape().channels(); ++c) {
      const auto from = x().view().plane(c);
      for (std::int64_t i = 0; i < from.size(); ++i)
        dx().view().plane(c)[i] +=
            (from[i] > 0 ? 1.0 : (*prelu.slope)[c]) * dy().view().plane(c)[i];
    }
  }

  void through(const Softmax&) {
    const std::int64_t plane = y().shape().height() * y().shape().width();
    for (std::int64_t p = 0; p < plane; ++p) {
      double mean = 0;
      for (std::int64_t i = p; i < y().size(); i += plane) mean += y()[i] * dy()[i];
      for (std::int64_t i = p; i < y().size(); i += plane) dx()[i] += y()[i] * (dy()[i] - mean);
    }
  }

  void through(const Input&) {}
  void through(const UnknownLayer&) {}

  // The adjoint of the input transform: network channel c came from canvas channel order[c]
  Array through_transform() const {
    Array grad(grads_[0].shape());
    for (std::size_t c = 0; c < 3; ++c) {
      const auto from = grads_[0].view().plane(static_cast<std::int64_t>(c));
      const auto to = grad.view().plane(graph_.transform.order[c]);
      for (std::int64_t i = 0; i < to.size(); ++i) to[i] += from[i] * graph_.transform.scale[c];
    }
    return grad;
  }

  const Graph& graph_;
  const std::vector<Array>& values_;
  std::vector<Array> grads_;
  std::size_t layer_ = 0;
};

}  // namespace

Array backward(const Graph& graph, const std::vector<Array>& values,
               const std::vector<Array>& output_grads) {
  return Backward(graph, values, output_grads).run();
}

}  // namespace reverie::reference
