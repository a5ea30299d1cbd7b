// lower_bound.cpp: the least time that each convolution could take by itself.
#include <algorithm>
#include <chrono>
#include <optional>

#include "reverie/base/error.h"
#include "reverie/graph/passes.h"
#include "reverie/graph/shapes.h"
#include "reverie/plan/bench.h"
#include "reverie/plan/cpu/kernels/winograd.h"
#include "reverie/plan/cpu/onednn/convolution.h"
#include "reverie/plan/cpu/processor.h"
#include "reverie/plan/cpu/weights.h"
#include "reverie/plan/cpu/winograd_plan.h"

namespace reverie {
namespace cpu {
namespace {

struct Best {
  double ms = 0;
  std::string algorithm;
};

// Times the ways to run one convolution, on arrays of its size.
class FastestOf {
 public:
  FastestOf(const OnednnContext& onednn, bool half, int runs)
      : onednn_(onednn), half_(half), runs_(runs) {}

  void start() { best_.reset(); }
  const Best& best() const { return *best_; }

  // Every way that applies to this form of the convolution. Of its inputs `used_channels` count;
  // the picture itself is float32 in every precision.
  void try_all(ConvolutionSpec spec, int used_channels, bool of_picture = false) {
    for (const Element element : {Element::f32, Element::bf16}) {
      if (element == Element::bf16 && (!half_ || of_picture)) continue;
      spec.element = element;
      direct(spec);
      if (winograd_possible(spec)) {
        ours(spec, used_channels);
        spec.onednn_winograd = true;
        direct(spec);
        spec.onednn_winograd = false;
      }
    }
  }

 private:
  static std::size_t bytes(std::int64_t channels, std::int64_t height, std::int64_t width) {
    return static_cast<std::size_t>(channels * height * width) * sizeof(float);
  }

  std::size_t input_bytes(const ConvolutionSpec& s) const {
    return bytes(s.in_channels, s.in_height, s.in_width);
  }
  std::size_t output_bytes(const ConvolutionSpec& s) const {
    return bytes(s.out_channels, s.out_height, s.out_width);
  }

  void direct(const ConvolutionSpec& spec) {
    try {
      const ConvolutionPrimitive primitive(onednn_, spec);
      dnnl::memory weights(primitive.weights_desc(), onednn_.engine), bias;
      std::fill_n(static_cast<std::byte*>(weights.get_data_handle()),
                  api::bytes(primitive.weights_desc()), std::byte{0});
      const bool back = spec.backward_data;
      ConvolutionStep step(onednn_, primitive, weights, bias, {0, 0}, {1, 0}, {2, 0});
      time(step, back ? output_bytes(spec) : input_bytes(spec),
           back ? input_bytes(spec) : output_bytes(spec), primitive.scratch_bytes());
    } catch (const Unsupported&) {
      // Another way will do
    }
  }

  void ours(const ConvolutionSpec& spec, int used_channels) {
    const KernelTable& table = kernels(spec.element, spec.lanes);
    Winograd a = winograd_arguments(spec, used_channels, thread_count());
    const std::vector<float> weights(
        static_cast<std::size_t>(winograd_positions * spec.out_channels * used_channels));
    a.weights = weights.data();
    KernelStep<Winograd> step(table.winograd, a, a.slots, 1);
    step.info.algorithm = std::string("own:") + table.instruction_set + " winograd";
    step.connect(step.arguments.input, {0, 0});
    step.connect(step.arguments.output, {1, 0});
    step.connect(step.arguments.scratch, {2, 0});
    const std::int64_t floats = winograd_scratch_floats(a.chunk_tiles, used_channels, spec.lanes);
    time(step, input_bytes(spec), output_bytes(spec),
         static_cast<std::size_t>(floats * a.slots) * sizeof(float));
  }

  void time(Step& step, std::size_t in, std::size_t out, std::size_t work) {
    const ArenaMemory input(in), output(out), scratch(work + 1);
    std::fill_n(input.data(), input.bytes(), std::byte{0});
    std::fill_n(output.data(), output.bytes(), std::byte{0});
    step.bind({input.data(), output.data(), scratch.data()});
    step.run();
    for (int run = 0; run < runs_; ++run) {
      const auto begin = std::chrono::steady_clock::now();
      step.run();
      const std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - begin;
      if (!best_ || ms.count() < best_->ms) best_ = Best{ms.count(), step.info.algorithm};
    }
  }

  const OnednnContext& onednn_;
  bool half_;
  int runs_;
  std::optional<Best> best_;
};

int whole_blocks(std::int64_t channels, int lanes) {
  return static_cast<int>((channels + lanes - 1) / lanes) * lanes;
}

// The forms of one convolution that are timed.
struct Forms {
  ConvolutionSpec ahead;
  std::optional<ConvolutionSpec> ahead_by_phases, back_by_phases;
  int phase_channels = 0;
};

Forms forms_of(const Convolution& conv, const Shape& in, const Shape& out, int lanes) {
  const Window& w = conv.window;
  const Padding padding = resolve_padding(w, in.height(), in.width());
  Forms f;
  ConvolutionSpec& s = f.ahead;
  s.lanes = lanes;
  s.plain_input = in.channels() == 3;
  s.in_channels = s.plain_input ? 3 : whole_blocks(in.channels(), lanes);
  s.in_height = in.height();
  s.in_width = in.width();
  s.out_channels = whole_blocks(out.channels(), lanes);
  s.out_height = out.height();
  s.out_width = out.width();
  s.set_window(w, padding);

  const Phases p = make_phases(w, padding, in, out);
  if (!s.plain_input || !p.possible || (w.stride_h == 1 && w.stride_w == 1)) return f;
  f.phase_channels = p.stride_h * p.stride_w * 3;
  ConvolutionSpec phased = s;
  phased.plain_input = false;
  phased.kernel_h = p.kernel_h;
  phased.kernel_w = p.kernel_w;
  phased.stride_h = phased.stride_w = 1;
  ConvolutionSpec ahead = phased;
  ahead.in_channels = whole_blocks(f.phase_channels, lanes);
  ahead.in_height = out.height() + p.kernel_h - 1;
  ahead.in_width = out.width() + p.kernel_w - 1;
  ahead.top = ahead.left = ahead.bottom = ahead.right = 0;
  f.ahead_by_phases = ahead;
  ConvolutionSpec back = phased;
  back.in_channels = s.out_channels;
  back.in_height = out.height();
  back.in_width = out.width();
  back.out_channels = whole_blocks(f.phase_channels, lanes);
  back.out_height = p.rows;
  back.out_width = p.columns;
  back.top = p.top;
  back.left = p.left;
  back.bottom = p.bottom;
  back.right = p.right;
  f.back_by_phases = back;
  return f;
}

void time_backward(FastestOf& fastest, const Forms& f, int out_channels) {
  if (f.back_by_phases) fastest.try_all(*f.back_by_phases, out_channels);
  ConvolutionSpec ahead = f.ahead;
  if (ahead.plain_input) {
    ahead.plain_input = false;
    ahead.in_channels = ahead.lanes;
  }
  const ConvolutionSpec back = turned(ahead);
  if (ahead.stride_h == 1 && ahead.stride_w == 1 && back.top >= 0 && back.left >= 0 &&
      back.bottom >= 0 && back.right >= 0)
    fastest.try_all(back, out_channels);
  ahead.backward_data = true;
  fastest.try_all(ahead, out_channels);
}

}  // namespace
}  // namespace cpu

std::vector<FloorReport> measure_floor(const Graph& graph, const std::vector<int>& targets,
                                       std::int64_t height, std::int64_t width, Precision precision,
                                       int runs) {
  using namespace cpu;
  const PassResult prepared = prepare(graph, targets);
  const std::vector<Shape> shapes = infer_shapes(prepared.graph, height, width);
  const OnednnContext onednn;
  const int lanes = widest_lanes();
  FastestOf fastest(onednn, precision == Precision::half && has_bf16() && lanes == 16, runs);
  std::vector<FloorReport> reports;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const Layer& layer = prepared.graph.layers[i];
    const auto* conv = std::get_if<Convolution>(&layer.op);
    if (!conv || conv->groups != 1) continue;
    const Shape& in = shapes[static_cast<std::size_t>(layer.inputs[0])];
    const Forms forms = forms_of(*conv, in, shapes[i], lanes);
    const double gflop = 2e-9 * static_cast<double>(conv->weights->size()) *
                         static_cast<double>(shapes[i].height() * shapes[i].width());
    fastest.start();
    fastest.try_all(forms.ahead, static_cast<int>(forms.ahead.in_channels),
                    forms.ahead.plain_input);
    if (forms.ahead_by_phases) fastest.try_all(*forms.ahead_by_phases, forms.phase_channels, true);
    reports.push_back({layer.name, "forward", fastest.best().algorithm, fastest.best().ms, gflop});
    fastest.start();
    time_backward(fastest, forms, static_cast<int>(forms.ahead.out_channels));
    reports.push_back({layer.name, "backward", fastest.best().algorithm, fastest.best().ms, gflop});
  }
  return reports;
}

}  // namespace reverie
