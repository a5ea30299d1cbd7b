// builder_convolution.cpp: convolutions and inner products, forward and backward.
#include <fmt/format.h>

#include "reverie/graph/shapes.h"
#include "reverie/plan/cpu/kernels/winograd.h"
#include "reverie/plan/cpu/lowering/builder.h"
#include "reverie/plan/cpu/winograd_plan.h"

namespace reverie::cpu {
namespace {

double logical_flops(const WeightSource& source, std::int64_t pixels) {
  double flops = 0;
  for (const auto& part : source.parts)
    for (int out : part.out_place)
      if (out >= 0)
        flops += 2.0 * static_cast<double>(pixels) *
                 static_cast<double>(part.conv->weights->size() / part.conv->out_channels());
  return flops;
}

// The places of channels first..first + count among all, as -1 elsewhere, counted from `base`.
std::vector<int> slice(const std::vector<int>& place, int first, int count, int base) {
  std::vector<int> part(place.size(), -1);
  for (int c = first; c < first + count; ++c)
    part[static_cast<std::size_t>(c)] = place[static_cast<std::size_t>(c)] - base;
  return part;
}

// How the weights of a first layer by phases are ordered.
std::string phases_name(const char* form, const Phases& p) {
  return fmt::format("/{} {}x{} of {}x{}", form, p.kernel_h, p.kernel_w, p.stride_h, p.stride_w);
}

std::string identity(const InnerProduct& product) {
  return fmt::format("{},{}", static_cast<const void*>(product.weights.get()),
                     static_cast<const void*>(product.bias.get()));
}

}  // namespace

// The name of a job's weights in one form.
std::string ProgramBuilder::key_of(const ConvolutionJob& job, const char* form) {
  return cpu::identity(job.weights) + (job.depthwise ? "/depthwise " : "/") + form;
}

std::vector<ProgramBuilder::ConvolutionJob> ProgramBuilder::jobs(const Group& group) const {
  const int lanes = layout_.lanes;
  const int first = group.layers[0];
  const int input = layer(first).inputs[0];
  const Value& in = value(input);
  const auto& conv = std::get<Convolution>(layer(first).op);
  const Grouping kind = grouping(conv, in, lanes);
  std::vector<ConvolutionJob> all;
  if (kind == Grouping::sliced) {
    const Value& out = value(first);
    const int ins = static_cast<int>(in.place.size()) / conv.groups;
    const int outs = static_cast<int>(out.place.size()) / conv.groups;
    for (int g = 0; g < conv.groups; ++g) {
      const int in_base = in.place[static_cast<std::size_t>(g * ins)];
      const int out_base = out.place[static_cast<std::size_t>(g * outs)];
      ConvolutionJob job{
          {},
          &conv,
          layer(first).name + fmt::format("#{}", g),
          input,
          {in.storage, in.first_block + in_base / lanes, ins / lanes},
          {out.storage, out.first_block + out_base / lanes, (outs + lanes - 1) / lanes},
          false};
      job.weights.parts.push_back({&conv, slice(out.place, g * outs, outs, out_base),
                                   slice(in.place, g * ins, ins, in_base)});
      all.push_back(std::move(job));
    }
  } else {
    ConvolutionJob job{
        {}, &conv, "", input, range(input), range(first), kind == Grouping::depthwise};
    job.to.count = 0;
    for (int i : group.layers) {
      std::vector<int> place = value(i).place;
      for (int& p : place) p += job.to.count * lanes;
      job.weights.parts.push_back(
          {&std::get<Convolution>(layer(i).op), std::move(place), in.place});
      job.to.count += value(i).blocks;
      job.name += (job.name.empty() ? "" : " + ") + layer(i).name;
    }
    all.push_back(std::move(job));
  }
  for (ConvolutionJob& job : all) {
    job.weights.in_channels = job.from.count * lanes;
    job.weights.out_channels = job.to.count * lanes;
  }
  return all;
}

ConvolutionSpec ProgramBuilder::spec_of(const ConvolutionJob& job) const {
  const Storage& in = storage(job.from.storage);
  const Storage& out = storage(job.to.storage);
  const Window& w = job.conv->window;
  const Padding padding = resolve_padding(w, in.height, in.width);
  ConvolutionSpec s;
  s.in_channels = job.weights.in_channels;
  s.in_height = in.height;
  s.in_width = in.width;
  s.out_channels = job.weights.out_channels;
  s.out_height = out.height;
  s.out_width = out.width;
  s.set_window(w, padding);
  s.groups = job.depthwise ? static_cast<int>(s.in_channels) : 1;
  s.bias = true;
  s.relu = job.conv->relu;
  set_elements(s);
  return s;
}

void ProgramBuilder::set_elements(ConvolutionSpec& spec) const {
  spec.element = settings_.element;
  spec.lanes = layout_.lanes;
}

bool ProgramBuilder::runs_winograd(const ConvolutionSpec& spec) const {
  return settings_.precision != Precision::exact && winograd_possible(spec) &&
         winograd_cost(spec, spec.in_channels) < 0.9 * direct_cost(spec);
}

void ProgramBuilder::run_winograd(const ConvolutionSpec& spec, int used_channels,
                                  const std::string& name, const std::string& action,
                                  const std::string& key, const std::function<Tensor()>& weights,
                                  const std::function<Tensor()>& bias, BufferRef from,
                                  const GradDestination& to, double flops) {
  const int outs = static_cast<int>(spec.out_channels);
  Winograd a = winograd_arguments(spec, used_channels, thread_count());
  if (store_) {
    const auto floats_of = [&](const std::string& which, std::int64_t count,
                               const std::function<Tensor()>& make) {
      const dnnl::memory::desc list({count}, dnnl::memory::data_type::f32,
                                    dnnl::memory::format_tag::a);
      return static_cast<const float*>(store_->get(which, list, make).get_data_handle());
    };
    a.weights =
        floats_of(key + "/winograd", std::int64_t{winograd_positions} * outs * used_channels, [&] {
          return winograd_weights(weights(), spec.kernel_h, outs,
                                  static_cast<int>(spec.in_channels), used_channels, spec.lanes);
        });
    if (spec.bias) a.bias = floats_of(key + "/bias", outs, bias);
  }
  a.accumulate = to.accumulate;
  a.mask.grad = to.mask_grad;
  const std::int64_t floats = winograd_scratch_floats(a.chunk_tiles, used_channels, spec.lanes);
  const KernelTable& table = spec.element == Element::f32 ? float_kernels_ : kernels_;
  auto& step = emit(table.winograd, a, a.slots, 1, -1, action);
  step.info.layer = name;
  step.info.algorithm += " winograd";
  step.info.flops = flops;
  step.connect(step.arguments.input, from);
  step.connect(step.arguments.output, to.grad);
  step.connect(step.arguments.mask.value, to.mask);
  step.connect(step.arguments.scratch,
               scratch(static_cast<std::size_t>(floats * a.slots) * sizeof(float)));
}

void ProgramBuilder::run_convolution(const ConvolutionSpec& spec, const std::string& name,
                                     const char* action, const std::string& key,
                                     const std::function<Tensor()>& weights,
                                     const std::function<Tensor()>& bias, BufferRef from,
                                     const GradDestination& destination, double flops) {
  if (runs_winograd(spec)) {
    run_winograd(spec, static_cast<int>(spec.in_channels), name, action, key, weights, bias, from,
                 destination, flops);
    return;
  }
  const BufferRef to = destination.grad;
  ConvolutionPrimitive primitive(onednn_, spec);
  dnnl::memory kept, kept_bias;
  if (store_) kept = store_->get(key, primitive.weights_desc(), weights);
  if (store_ && spec.bias)
    kept_bias = store_->get(
        key + "/bias",
        {{spec.out_channels}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::x}, bias);
  const bool aside = spec.accumulate && !primitive.accumulates();
  BufferRef work;
  if (primitive.scratch_bytes() > 0) work = scratch(primitive.scratch_bytes());
  const std::int64_t count = spec.backward_data
                                 ? spec.in_channels * spec.in_height * spec.in_width
                                 : spec.out_channels * spec.out_height * spec.out_width;
  const BufferRef into =
      aside ? scratch(static_cast<std::size_t>(count * kernels_.element_bytes)) : to;
  auto step =
      std::make_unique<ConvolutionStep>(onednn_, primitive, kept, kept_bias, from, into, work);
  step->info.flops = flops;
  record(std::move(step), name, action, "");
  if (!aside) return;
  Combine add;
  add.accumulate = true;
  auto& sum = emit(kernels_.combine, add, count / layout_.lanes, 4096, -1, "add");
  sum.connect(sum.arguments.input, into);
  sum.connect(sum.arguments.output, to);
}

void ProgramBuilder::forward_convolution(const ConvolutionJob& job) {
  if (job.input == 0 && !job.depthwise) return forward_first_convolution(job);
  if (job.input == 0) input_form(true);
  const ConvolutionSpec spec = spec_of(job);
  const auto weights = [&] {
    return job.depthwise ? depthwise_weights(*job.conv, job.weights.parts[0].in_place,
                                             job.weights.in_channels, false)
                         : forward_weights(job.weights);
  };
  run_convolution(
      spec, job.name, "forward", key_of(job, "forward"), weights,
      [&] { return biases(job.weights); }, activation(job.from),
      GradDestination{activation(job.to), false, {}, 0},
      logical_flops(job.weights, spec.out_height * spec.out_width));
}

// What convolves the picture sums in float32 in every precision: of a value over 64, bfloat16 keeps
// no half of a level, and a dream's steps are smaller than that.
void ProgramBuilder::forward_first_convolution(const ConvolutionJob& job) {
  const bool narrow = value_bytes(job.to.storage) != float_kernels_.element_bytes;
  const auto floats = static_cast<std::size_t>(vectors(job.to) * layout_.lanes);
  const BufferRef to = narrow ? scratch(floats * sizeof(float)) : activation(job.to);
  if (!forward_by_phases(job, to)) {
    ConvolutionSpec spec = spec_of(job);
    spec.element = Element::f32;
    // Three planes, unless something else wants blocks of it
    spec.plain_input = true;
    WeightSource planes = job.weights;
    spec.in_channels = planes.in_channels = 3;
    run_convolution(
        spec, job.name, "forward", cpu::identity(planes) + "/forward",
        [&] { return forward_weights(planes); }, [&] { return biases(planes); }, input_form(false),
        GradDestination{to, false, {}, 0}, logical_flops(planes, spec.out_height * spec.out_width));
  }
  if (!narrow) return;
  auto& step = emit(kernels_.narrow, Narrow{}, vectors(job.to), 4096, 0, "narrow");
  step.info.layer = job.name;
  step.connect(step.arguments.input, to);
  step.connect(step.arguments.output, activation(job.to));
}

// A strided first layer as a stride-1 convolution over the phases of the picture, which Winograd's
// method then speeds up. False when that does not pay.
bool ProgramBuilder::forward_by_phases(const ConvolutionJob& job, BufferRef to) {
  const Window& w = job.conv->window;
  // Elsewhere the first layer is summed directly: its values are close to each other in smooth
  // pictures, and Winograd's rounding would send a max-pool's gradient to another of them
  if (settings_.precision != Precision::half || (w.stride_h == 1 && w.stride_w == 1) ||
      w.dilation_h != 1 || w.dilation_w != 1)
    return false;
  ConvolutionSpec ahead = spec_of(job);
  ahead.element = Element::f32;
  const Padding padding = resolve_padding(w, ahead.in_height, ahead.in_width);
  Phases p{};
  p.stride_h = w.stride_h;
  p.stride_w = w.stride_w;
  p.kernel_h = (w.kernel_h + w.stride_h - 1) / w.stride_h;
  p.kernel_w = (w.kernel_w + w.stride_w - 1) / w.stride_w;
  const int used = p.stride_h * p.stride_w * 3;
  const int channels = (used + layout_.lanes - 1) / layout_.lanes * layout_.lanes;
  ConvolutionSpec spec = ahead;
  spec.in_channels = channels;
  spec.in_height = ahead.out_height + p.kernel_h - 1;
  spec.in_width = ahead.out_width + p.kernel_w - 1;
  spec.kernel_h = p.kernel_h;
  spec.kernel_w = p.kernel_w;
  spec.stride_h = spec.stride_w = 1;
  spec.top = spec.left = spec.bottom = spec.right = 0;
  ConvolutionSpec plain = ahead;
  plain.in_channels = 3;
  if (!winograd_possible(spec) || winograd_cost(spec, used) > 0.9 * direct_cost(plain))
    return false;

  ReadPhases read;
  set_transform(read);
  read.rows = static_cast<int>(spec.in_height);
  read.columns = static_cast<int>(spec.in_width);
  read.blocks = channels / layout_.lanes;
  read.stride_h = p.stride_h;
  read.stride_w = p.stride_w;
  read.top = padding.top;
  read.left = padding.left;
  read.canvas = &program_->canvas;
  const BufferRef phases =
      scratch(static_cast<std::size_t>(channels * spec.in_height * spec.in_width) * sizeof(float));
  auto& step = emit(float_kernels_.read_phases, read, read.rows, 1, 0, "forward");
  step.connect(step.arguments.output, phases);
  run_winograd(
      spec, used, job.name, "forward by phases",
      cpu::identity(job.weights) + phases_name("forward phases", p),
      [&] { return forward_phase_weights(job.weights, p, channels); },
      [&] { return biases(job.weights); }, phases, GradDestination{to, false, {}, 0},
      logical_flops(job.weights, ahead.out_height * ahead.out_width));
  return true;
}

void ProgramBuilder::backward_convolutions(const std::vector<ConvolutionJob>& all) {
  if (all[0].input == 0 && backward_by_phases(all[0])) return;
  // Our own kernel can apply the mask of the value that it gives the gradient of
  const Window& w = all[0].conv->window;
  const bool can_mask = all.size() == 1 && w.stride_h == 1 && w.stride_w == 1 &&
                        runs_winograd(turned(spec_of(all[0])));
  const GradDestination destination = claim_grad(all[0].input, can_mask);
  const Range whole = range(all[0].input);
  for (const ConvolutionJob& job : all) {
    const ConvolutionSpec ahead = spec_of(job);
    const double flops = logical_flops(job.weights, ahead.out_height * ahead.out_width);
    GradDestination to = destination;
    to.grad.offset += grad(job.from).offset - grad(whole).offset;
    const ConvolutionSpec back = turned(ahead);
    const bool stride_1 = ahead.stride_h == 1 && ahead.stride_w == 1 && back.top >= 0 &&
                          back.left >= 0 && back.bottom >= 0 && back.right >= 0;
    ConvolutionSpec spec = stride_1 ? back : ahead;
    spec.accumulate = destination.accumulate;
    spec.bias = false;
    spec.relu.reset();
    spec.backward_data = !stride_1;
    const auto weights = [&] {
      if (job.depthwise)
        return depthwise_weights(*job.conv, job.weights.parts[0].in_place, job.weights.in_channels,
                                 stride_1);
      return stride_1 ? turned_weights(job.weights) : forward_weights(job.weights);
    };
    run_convolution(spec, job.name, "backward", key_of(job, stride_1 ? "turned" : "blocked"),
                    weights, nullptr, grad(job.to), to, flops);
  }
}

// The first layer's gradient, when it has a stride. False when it is not done here.
bool ProgramBuilder::backward_by_phases(const ConvolutionJob& job) {
  const Window& w = job.conv->window;
  if (job.depthwise || (w.stride_h == 1 && w.stride_w == 1)) return false;
  const ConvolutionSpec ahead = spec_of(job);
  const Shape& in = value(0).shape;
  const Shape out{ahead.out_channels, ahead.out_height, ahead.out_width};
  const Phases p = make_phases(w, resolve_padding(w, in.height(), in.width()), in, out);
  if (!p.possible) return false;

  const int lanes = layout_.lanes;
  const int channels = (p.stride_h * p.stride_w * 3 + lanes - 1) / lanes * lanes;
  ConvolutionSpec spec;
  set_elements(spec);
  spec.in_channels = ahead.out_channels;
  spec.in_height = ahead.out_height;
  spec.in_width = ahead.out_width;
  spec.out_channels = channels;
  spec.out_height = p.rows;
  spec.out_width = p.columns;
  spec.kernel_h = p.kernel_h;
  spec.kernel_w = p.kernel_w;
  spec.top = p.top;
  spec.left = p.left;
  spec.bottom = p.bottom;
  spec.right = p.right;
  const BufferRef phases =
      scratch(static_cast<std::size_t>(channels * p.rows * p.columns * kernels_.element_bytes));
  run_convolution(
      spec, job.name, "backward by phases", cpu::identity(job.weights) + phases_name("phases", p),
      [&] { return phase_weights(job.weights, p, channels); }, nullptr, grad(job.to),
      GradDestination{phases, false, {}, 0},
      logical_flops(job.weights, ahead.out_height * ahead.out_width));

  WriteGradient a;
  a.phase_height = p.rows;
  a.phase_width = p.columns;
  a.stride_h = p.stride_h;
  a.stride_w = p.stride_w;
  const Padding padding = resolve_padding(w, in.height(), in.width());
  a.top = padding.top;
  a.left = padding.left;
  a.first_y = p.first_y;
  a.first_x = p.first_x;
  write_grad(a, phases, 0);
  return true;
}

// An inner product is a 1x1 convolution of one pixel that has all its input's elements as channels.
ProgramBuilder::Flat ProgramBuilder::flat(int i) {
  const auto& product = std::get<InnerProduct>(layer(i).op);
  Flat f;
  f.elements = static_cast<int>(value(layer(i).inputs[0]).shape.elements());
  const int lanes = layout_.lanes;
  f.blocks = (f.elements + lanes - 1) / lanes;
  f.spec.in_channels = f.blocks * lanes;
  f.spec.out_channels = value(i).blocks * lanes;
  f.spec.in_height = f.spec.in_width = f.spec.out_height = f.spec.out_width = 1;
  set_elements(f.spec);
  f.flops = 2.0 * static_cast<double>(product.weights->size());
  f.bytes = static_cast<std::size_t>(f.blocks * lanes * kernels_.element_bytes);
  f.logical.assign(static_cast<std::size_t>(f.blocks * lanes), -1);
  for (int c = 0; c < f.elements; ++c) f.logical[static_cast<std::size_t>(c)] = c;
  return f;
}

void ProgramBuilder::forward_op(int i, const InnerProduct& product) {
  Flat f = flat(i);
  const int input = layer(i).inputs[0];
  const Value& v = value(input);
  if (input == 0) input_form(true);
  const BufferRef plain = scratch(static_cast<std::size_t>(f.elements) * sizeof(float));
  const BufferRef flat_input = scratch(f.bytes);
  Export out;
  out.blocks = v.blocks;
  out.height = static_cast<int>(v.shape.height());
  out.width = static_cast<int>(v.shape.width());
  auto& unblock = emit(kernels_.export_plain, out, v.blocks * v.shape.height(), 1, i, "flatten");
  unblock.indices = logical_channels(v, layout_.lanes);
  unblock.arguments.logical = unblock.indices.data();
  unblock.connect(unblock.arguments.input, activation(range(input)));
  unblock.connect(unblock.arguments.output, plain);
  Import in;
  in.blocks = f.blocks;
  in.height = in.width = 1;
  auto& block = emit(kernels_.import_plain, in, f.blocks, 64, i, "flatten");
  block.indices = f.logical;
  block.arguments.logical = block.indices.data();
  block.connect(block.arguments.input, plain);
  block.connect(block.arguments.output, flat_input);

  f.spec.bias = true;
  const std::int64_t outs = product.weights->shape()[0];
  run_convolution(
      f.spec, layer(i).name, "forward", identity(product) + "/forward",
      [&] {
        Tensor all({f.spec.out_channels * f.spec.in_channels});
        for (std::int64_t o = 0; o < outs; ++o)
          std::copy_n(product.weights->data() + o * f.elements, f.elements,
                      all.data() + o * f.spec.in_channels);
        return all;
      },
      [&] {
        Tensor all({f.spec.out_channels});
        if (product.bias) std::copy_n(product.bias->data(), outs, all.data());
        return all;
      },
      flat_input, GradDestination{activation(range(i)), false, {}, 0}, f.flops);
}

void ProgramBuilder::backward_op(int i, const InnerProduct& product) {
  Flat f = flat(i);
  const int input = layer(i).inputs[0];
  const Value& v = value(input);
  const BufferRef flat_grad = scratch(f.bytes);
  const BufferRef plain = scratch(static_cast<std::size_t>(f.elements) * sizeof(float));
  std::swap(f.spec.in_channels, f.spec.out_channels);
  const std::int64_t outs = product.weights->shape()[0];
  run_convolution(
      f.spec, layer(i).name, "backward", identity(product) + "/turned",
      [&] {
        Tensor all({f.spec.out_channels * f.spec.in_channels});
        for (std::int64_t o = 0; o < outs; ++o)
          for (std::int64_t e = 0; e < f.elements; ++e)
            all[e * f.spec.in_channels + o] = (*product.weights)[o * f.elements + e];
        return all;
      },
      nullptr, grad(range(i)), GradDestination{flat_grad, false, {}, 0}, f.flops);

  Export out;
  out.blocks = f.blocks;
  out.height = out.width = 1;
  auto& unblock = emit(kernels_.export_plain, out, f.blocks, 64, i, "unflatten");
  unblock.indices = f.logical;
  unblock.arguments.logical = unblock.indices.data();
  unblock.connect(unblock.arguments.input, flat_grad);
  unblock.connect(unblock.arguments.output, plain);
  const GradDestination destination = claim_grad(input, true);
  Import in;
  in.blocks = v.blocks;
  in.height = static_cast<int>(v.shape.height());
  in.width = static_cast<int>(v.shape.width());
  in.accumulate = destination.accumulate;
  in.mask.grad = destination.mask_grad;
  auto& block = emit(kernels_.import_plain, in, v.blocks * v.shape.height(), 1, i, "unflatten");
  block.indices = logical_channels(v, layout_.lanes);
  block.arguments.logical = block.indices.data();
  block.connect(block.arguments.input, plain);
  block.connect(block.arguments.output, destination.grad);
  block.connect(block.arguments.mask.value, destination.mask);
}

}  // namespace reverie::cpu
