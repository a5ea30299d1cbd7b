#include "reverie/plan/cpu/weights.h"

#include <fmt/format.h>

#include "reverie/base/threads.h"

namespace reverie::cpu {
namespace {

// Calls visit(physical out, physical in, ky, kx, weight) for every weight, from all threads.
template <class Visit>
void for_each_weight(const WeightSource& source, Visit&& visit) {
  for (const WeightSource::Part& part : source.parts) {
    const Tensor& weights = *part.conv->weights;
    const std::int64_t outs = weights.shape()[0], ins = weights.shape()[1];
    const std::int64_t kernel_h = weights.shape()[2], kernel_w = weights.shape()[3];
    const std::int64_t per_group = outs / part.conv->groups;
    const auto visit_output = [&](std::int64_t o) {
      const int out = part.out_place[static_cast<std::size_t>(o)];
      if (out < 0) return;
      for (std::int64_t i = 0; i < ins; ++i) {
        const int in = part.in_place[static_cast<std::size_t>(o / per_group * ins + i)];
        if (in < 0) continue;
        const float* kernel = weights.data() + (o * ins + i) * kernel_h * kernel_w;
        for (std::int64_t ky = 0; ky < kernel_h; ++ky)
          for (std::int64_t kx = 0; kx < kernel_w; ++kx)
            visit(out, in, ky, kx, kernel[ky * kernel_w + kx]);
      }
    };
    parallel_for(outs, 16, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t o = begin; o < end; ++o) visit_output(o);
    });
  }
}

// Places as runs of consecutive ones: "0+64 -1x3".
std::string runs_of(const std::vector<int>& place) {
  std::string text;
  for (std::size_t begin = 0, end = 0; begin < place.size(); begin = end) {
    const int step = place[begin] < 0 ? 0 : 1;
    for (end = begin + 1; end < place.size() && place[end] == place[end - 1] + step;) ++end;
    text += fmt::format("{}{}{} ", place[begin], step == 0 ? 'x' : '+', end - begin);
  }
  return text;
}

}  // namespace

std::string identity(const WeightSource& source) {
  std::string name = fmt::format("{}<-{}", source.out_channels, source.in_channels);
  for (const WeightSource::Part& part : source.parts)
    name += fmt::format("|{},{} in {}:{}<-{}", static_cast<const void*>(part.conv->weights.get()),
                        static_cast<const void*>(part.conv->bias.get()), part.conv->groups,
                        runs_of(part.out_place), runs_of(part.in_place));
  return name;
}

Tensor forward_weights(const WeightSource& source) {
  const Window& w = source.parts[0].conv->window;
  Tensor plain({std::int64_t{source.out_channels} * source.in_channels * w.kernel_h * w.kernel_w});
  for_each_weight(source, [&](int out, int in, std::int64_t ky, std::int64_t kx, float weight) {
    const std::int64_t kernel = std::int64_t{out} * source.in_channels + in;
    plain[(kernel * w.kernel_h + ky) * w.kernel_w + kx] = weight;
  });
  return plain;
}

Tensor turned_weights(const WeightSource& source) {
  const Window& w = source.parts[0].conv->window;
  Tensor plain({std::int64_t{source.out_channels} * source.in_channels * w.kernel_h * w.kernel_w});
  for_each_weight(source, [&](int out, int in, std::int64_t ky, std::int64_t kx, float weight) {
    const std::int64_t kernel = std::int64_t{in} * source.out_channels + out;
    const std::int64_t row = kernel * w.kernel_h + w.kernel_h - 1 - ky;
    plain[row * w.kernel_w + w.kernel_w - 1 - kx] = weight;
  });
  return plain;
}

Tensor biases(const WeightSource& source) {
  Tensor plain({source.out_channels});
  for (const WeightSource::Part& part : source.parts) {
    if (!part.conv->bias) continue;
    for (std::size_t o = 0; o < part.out_place.size(); ++o)
      if (part.out_place[o] >= 0)
        plain[part.out_place[o]] = (*part.conv->bias)[static_cast<std::int64_t>(o)];
  }
  return plain;
}

Tensor depthwise_weights(const Convolution& conv, const std::vector<int>& place, int channels,
                         bool turned) {
  const int taps = conv.window.kernel_h * conv.window.kernel_w;
  Tensor plain({std::int64_t{channels} * taps});
  for (std::size_t c = 0; c < place.size(); ++c)
    for (int tap = 0; tap < taps; ++tap)
      plain[place[c] * taps + (turned ? taps - 1 - tap : tap)] =
          (*conv.weights)[static_cast<std::int64_t>(c) * taps + tap];
  return plain;
}

Phases make_phases(const Window& window, const Padding& padding, const Shape& input,
                   const Shape& output) {
  Phases p{};
  p.stride_h = window.stride_h;
  p.stride_w = window.stride_w;
  p.kernel_h = (window.kernel_h + p.stride_h - 1) / p.stride_h;
  p.kernel_w = (window.kernel_w + p.stride_w - 1) / p.stride_w;
  p.first_y = padding.top / p.stride_h;
  p.first_x = padding.left / p.stride_w;
  const int last_y = static_cast<int>(input.height() - 1 + padding.top) / p.stride_h;
  const int last_x = static_cast<int>(input.width() - 1 + padding.left) / p.stride_w;
  p.rows = last_y - p.first_y + 1;
  p.columns = last_x - p.first_x + 1;
  p.top = p.kernel_h - 1 - p.first_y;
  p.left = p.kernel_w - 1 - p.first_x;
  p.bottom = last_y - static_cast<int>(output.height() - 1);
  p.right = last_x - static_cast<int>(output.width() - 1);
  p.possible = window.dilation_h == 1 && window.dilation_w == 1 && p.top >= 0 && p.left >= 0 &&
               p.bottom >= 0 && p.right >= 0;
  return p;
}

Tensor phase_weights(const WeightSource& source, const Phases& p, int phase_channels) {
  Tensor plain({std::int64_t{phase_channels} * source.out_channels * p.kernel_h * p.kernel_w});
  for_each_weight(source, [&](int out, int in, std::int64_t ky, std::int64_t kx, float weight) {
    const std::int64_t phase = ky % p.stride_h * p.stride_w + kx % p.stride_w;
    const std::int64_t kernel = (phase * 3 + in) * source.out_channels + out;
    const std::int64_t row = kernel * p.kernel_h + p.kernel_h - 1 - ky / p.stride_h;
    plain[row * p.kernel_w + p.kernel_w - 1 - kx / p.stride_w] = weight;
  });
  return plain;
}

Tensor forward_phase_weights(const WeightSource& source, const Phases& p, int phase_channels) {
  Tensor plain({std::int64_t{phase_channels} * source.out_channels * p.kernel_h * p.kernel_w});
  for_each_weight(source, [&](int out, int in, std::int64_t ky, std::int64_t kx, float weight) {
    const std::int64_t phase = ky % p.stride_h * p.stride_w + kx % p.stride_w;
    const std::int64_t kernel = std::int64_t{out} * phase_channels + phase * 3 + in;
    const std::int64_t row = kernel * p.kernel_h + ky / p.stride_h;
    plain[row * p.kernel_w + kx / p.stride_w] = weight;
  });
  return plain;
}

}  // namespace reverie::cpu
