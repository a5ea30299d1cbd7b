#include "reverie/plan/cpu/onednn/convolution.h"

#include <fmt/format.h>

#include <string_view>

#include "reverie/base/error.h"

namespace reverie::cpu {
namespace {

using Desc = dnnl::memory::desc;
using Tag = dnnl::memory::format_tag;
using Type = dnnl::memory::data_type;

Desc picture(std::int64_t channels, std::int64_t height, std::int64_t width, Type type, Tag tag) {
  return Desc({1, channels, height, width}, type, tag);
}

std::size_t round_up(std::size_t bytes) { return (bytes + 4095) / 4096 * 4096; }

}  // namespace

void ConvolutionSpec::set_window(const Window& window, const Padding& padding) {
  kernel_h = window.kernel_h;
  kernel_w = window.kernel_w;
  stride_h = window.stride_h;
  stride_w = window.stride_w;
  dilation_h = window.dilation_h;
  dilation_w = window.dilation_w;
  top = padding.top;
  left = padding.left;
  bottom = padding.bottom;
  right = padding.right;
}

double ConvolutionSpec::flops() const {
  return 2.0 * static_cast<double>(out_channels * (in_channels / groups)) * kernel_h * kernel_w *
         static_cast<double>(out_height * out_width);
}

ConvolutionSpec turned(const ConvolutionSpec& s) {
  ConvolutionSpec t = s;
  std::swap(t.in_channels, t.out_channels);
  std::swap(t.in_height, t.out_height);
  std::swap(t.in_width, t.out_width);
  t.top = s.dilation_h * (s.kernel_h - 1) - s.top;
  t.left = s.dilation_w * (s.kernel_w - 1) - s.left;
  t.bottom = static_cast<int>(s.in_height - s.out_height) + s.dilation_h * (s.kernel_h - 1) - t.top;
  t.right = static_cast<int>(s.in_width - s.out_width) + s.dilation_w * (s.kernel_w - 1) - t.left;
  t.relu.reset();
  t.bias = false;
  return t;
}

ConvolutionPrimitive::ConvolutionPrimitive(const OnednnContext& onednn, const ConvolutionSpec& spec)
    : spec_(spec) {
  using dnnl::algorithm;
  if (spec.onednn_winograd) {
    if (try_make(onednn, algorithm::convolution_winograd, false)) return;
    throw Unsupported("oneDNN has no Winograd kernel for this convolution");
  }
  if (try_make(onednn, algorithm::convolution_direct, false)) return;
  if (try_make(onednn, algorithm::convolution_direct, true)) return;
  throw Unsupported(fmt::format("oneDNN has no kernel for a {}x{} convolution of {} to {} channels",
                                spec.kernel_h, spec.kernel_w, spec.in_channels, spec.out_channels));
}

bool ConvolutionPrimitive::try_make(const OnednnContext& onednn, dnnl::algorithm algorithm,
                                    bool any_layout) {
  const ConvolutionSpec& s = spec_;
  const Type type = s.element == Element::f32 ? Type::f32 : Type::bf16;
  const Tag blocked = s.lanes == 16 ? Tag::nChw16c : Tag::nChw8c;
  const Desc input =
      picture(s.in_channels, s.in_height, s.in_width, type, s.plain_input ? Tag::nchw : blocked);
  const Desc output = picture(s.out_channels, s.out_height, s.out_width, type, blocked);
  const Tag free = any_layout ? Tag::any : blocked;

  api::ConvolutionArguments a;
  a.algorithm = algorithm;
  a.source = picture(s.in_channels, s.in_height, s.in_width, type,
                     any_layout ? Tag::any : (s.plain_input ? Tag::nchw : blocked));
  a.destination = picture(s.out_channels, s.out_height, s.out_width, type, free);
  a.weights = s.groups == 1
                  ? Desc({s.out_channels, s.in_channels, s.kernel_h, s.kernel_w}, type, Tag::any)
                  : Desc({s.groups, s.out_channels / s.groups, s.in_channels / s.groups, s.kernel_h,
                          s.kernel_w},
                         type, Tag::any);
  if (s.bias) a.bias = Desc({s.out_channels}, Type::f32, Tag::x);
  a.strides = {s.stride_h, s.stride_w};
  a.dilations = {s.dilation_h - 1, s.dilation_w - 1};
  a.before = {s.top, s.left};
  a.after = {s.bottom, s.right};

  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  dnnl::post_ops ops;
  accumulates_ = s.accumulate && !any_layout && !s.backward_data;
  if (accumulates_) ops.append_sum(1.f);
  if (s.relu) api::append_relu(ops, *s.relu);
  attr.set_post_ops(ops);

  const auto keep = [&](const auto& pd, const Desc& from, const Desc& to) {
    algorithm_ = pd.impl_info_str();
    weights_ = pd.weights_desc();
    scratch_ = pd.scratchpad_desc();
    source_ = from;
    destination_ = to;
  };
  if (s.backward_data) {
    const auto pd = api::convolution_backward_data(onednn.engine, a, attr);
    if (!pd) return false;
    keep(pd, output, input);
    kernel_source_ = pd.diff_dst_desc();
    kernel_destination_ = pd.diff_src_desc();
    if (!any_layout && std::string_view(algorithm_).substr(0, 3) == "ref") return false;
    make_ = [pd] { return dnnl::convolution_backward_data(pd); };
  } else {
    const auto pd = api::convolution_forward(onednn.engine, a, attr);
    if (!pd) return false;
    keep(pd, input, output);
    bias_ = pd.bias_desc();
    kernel_source_ = pd.src_desc();
    kernel_destination_ = pd.dst_desc();
    if (!any_layout && std::string_view(algorithm_).substr(0, 3) == "ref") return false;
    make_ = [pd] { return dnnl::convolution_forward(pd); };
  }

  // Move to the kernel's own layout and back
  const auto reorder = [&](const Desc& from, const Desc& to) {
    dnnl::primitive_attr plain;
    plain.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return dnnl::reorder::primitive_desc(onednn.engine, from, onednn.engine, to, plain);
  };
  before_.reset();
  after_.reset();
  if (kernel_source_ != source_) before_ = reorder(source_, kernel_source_);
  if (kernel_destination_ != destination_) after_ = reorder(kernel_destination_, destination_);
  return true;
}

std::size_t ConvolutionPrimitive::scratch_bytes() const {
  std::size_t bytes = round_up(api::bytes(scratch_));
  if (before_) bytes += round_up(api::bytes(kernel_source_));
  if (after_) bytes += round_up(api::bytes(kernel_destination_));
  return bytes;
}

ConvolutionStep::ConvolutionStep(const OnednnContext& onednn, const ConvolutionPrimitive& primitive,
                                 const dnnl::memory& weights, const dnnl::memory& bias,
                                 BufferRef source, BufferRef destination, BufferRef scratch)
    : onednn_(onednn),
      primitive_(primitive),
      source_ref_(source),
      destination_ref_(destination),
      scratch_ref_(scratch),
      weights_(weights),
      bias_(bias) {
  info.algorithm = primitive.algorithm();
  info.flops = primitive.spec_.flops();
}

dnnl::memory ConvolutionStep::at(const Desc& desc) {
  return dnnl::memory(desc, onednn_.engine, DNNL_MEMORY_NONE);
}

void ConvolutionStep::bind(const std::vector<std::byte*>& bases) {
  const ConvolutionPrimitive& p = primitive_;
  std::byte* scratch = resolve(scratch_ref_, bases);
  const auto place = [&](const Desc& desc, std::byte* where) {
    dnnl::memory memory = at(desc);
    memory.set_data_handle(where);
    return memory;
  };
  source_ = place(p.source_, resolve(source_ref_, bases));
  destination_ = place(p.destination_, resolve(destination_ref_, bases));
  const auto take = [&](const Desc& desc) {
    dnnl::memory memory = place(desc, scratch);
    scratch += round_up(api::bytes(desc));
    return memory;
  };
  if (!api::empty(p.scratch_)) scratch_ = take(p.scratch_);
  kernel_source_ = p.before_ ? take(p.kernel_source_) : source_;
  kernel_destination_ = p.after_ ? take(p.kernel_destination_) : destination_;

  // The calls, with their arguments as the C interface takes them
  const bool back = p.spec_.backward_data;
  calls_.clear();
  if (p.before_)
    calls_.push_back({dnnl::reorder(*p.before_),
                      {{DNNL_ARG_FROM, source_.get()}, {DNNL_ARG_TO, kernel_source_.get()}}});
  Call call{p.make_(), {}};
  call.arguments.push_back({back ? DNNL_ARG_DIFF_DST : DNNL_ARG_SRC, kernel_source_.get()});
  call.arguments.push_back({DNNL_ARG_WEIGHTS, weights_.get()});
  if (bias_) call.arguments.push_back({DNNL_ARG_BIAS, bias_.get()});
  call.arguments.push_back({back ? DNNL_ARG_DIFF_SRC : DNNL_ARG_DST, kernel_destination_.get()});
  if (scratch_) call.arguments.push_back({DNNL_ARG_SCRATCHPAD, scratch_.get()});
  calls_.push_back(std::move(call));
  if (p.after_)
    calls_.push_back(
        {dnnl::reorder(*p.after_),
         {{DNNL_ARG_FROM, kernel_destination_.get()}, {DNNL_ARG_TO, destination_.get()}}});
}

void ConvolutionStep::run() {
  for (const Call& call : calls_) {
    const dnnl_status_t status =
        dnnl_primitive_execute(call.primitive.get(), onednn_.stream.get(),
                               static_cast<int>(call.arguments.size()), call.arguments.data());
    if (status != dnnl_success)
      throw DeviceFailure(fmt::format("layer '{}': oneDNN's {} failed with status {}", info.layer,
                                      info.algorithm, static_cast<int>(status)));
  }
}

std::vector<int> ConvolutionStep::buffers() const {
  std::vector<int> all{source_ref_.buffer, destination_ref_.buffer};
  if (!scratch_ref_.none()) all.push_back(scratch_ref_.buffer);
  return all;
}

}  // namespace reverie::cpu
