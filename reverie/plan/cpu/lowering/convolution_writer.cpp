#include "reverie/plan/cpu/lowering/convolution_writer.h"

#include "reverie/plan/cpu/kernels/winograd.h"
#include "reverie/plan/cpu/lowering/convolution_choice.h"
#include "reverie/plan/cpu/winograd_plan.h"

namespace reverie::cpu {
namespace {

// A list of float32 as oneDNN describes it.
dnnl::memory::desc float_list(std::int64_t count) {
  return {{count}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::a};
}

}  // namespace

void ConvolutionWriter::write(const ConvolutionCall& call) {
  if (winograd_pays(call.spec, network_.settings.precision))
    write_winograd(call, static_cast<int>(call.spec.in_channels));
  else
    write_onednn(call);
}

void ConvolutionWriter::write_winograd(const ConvolutionCall& call, int used_channels) {
  const ConvolutionSpec& spec = call.spec;
  const int outs = static_cast<int>(spec.out_channels);
  Winograd a = winograd_arguments(spec, used_channels, thread_count());
  if (store_) {
    const auto floats = [&](const char* form, std::int64_t count,
                            const std::function<Tensor()>& make) {
      const dnnl::memory kept = store_->get(call.weights_name + form, float_list(count), make);
      return static_cast<const float*>(kept.get_data_handle());
    };
    a.weights = floats("/winograd", std::int64_t{winograd_positions} * outs * used_channels, [&] {
      return winograd_weights(call.weights(), spec.kernel_h, outs,
                              static_cast<int>(spec.in_channels), used_channels, spec.lanes);
    });
    if (spec.bias) a.bias = floats("/bias", outs, call.bias);
  }
  const KernelTable& table =
      spec.element == Element::f32 ? network_.float_kernels : network_.kernels;
  auto& step = writer_.emit(table.winograd, a, a.slots, 1, -1, call.action);
  step.info.layer = call.layer;
  step.info.algorithm += " winograd";
  step.info.flops = call.flops;
  step.connect(step.arguments.input, call.from);
  connect_destination(step, step.arguments.output, call.to);
  const std::int64_t floats = winograd_scratch_floats(a.chunk_tiles, used_channels, spec.lanes);
  step.connect(step.arguments.scratch, writer_.scratch_floats(floats * a.slots));
}

void ConvolutionWriter::write_onednn(const ConvolutionCall& call) {
  const ConvolutionSpec& spec = call.spec;
  ConvolutionPrimitive primitive(onednn_, spec);
  dnnl::memory weights, bias;
  if (store_) weights = store_->get(call.weights_name, primitive.weights_desc(), call.weights);
  if (store_ && spec.bias)
    bias = store_->get(call.weights_name + "/bias", float_list(spec.out_channels), call.bias);
  BufferRef work;
  if (primitive.scratch_bytes() > 0) work = writer_.scratch(primitive.scratch_bytes());

  // A kernel that cannot add writes aside
  const bool aside = spec.accumulate && !primitive.accumulates();
  const std::int64_t count = spec.backward_data
                                 ? spec.in_channels * spec.in_height * spec.in_width
                                 : spec.out_channels * spec.out_height * spec.out_width;
  const BufferRef into =
      aside ? writer_.scratch(static_cast<std::size_t>(count * network_.kernels.element_bytes))
            : call.to.at;
  auto step =
      std::make_unique<ConvolutionStep>(onednn_, primitive, weights, bias, call.from, into, work);
  step->info.flops = call.flops;
  writer_.record(std::move(step), call.layer, call.action);
  if (!aside) return;
  Combine add;
  add.accumulate = true;
  auto& sum = writer_.emit(network_.kernels.combine, add, count / network_.layout.lanes,
                           vectors_per_task, -1, "add");
  sum.connect(sum.arguments.input, into);
  sum.connect(sum.arguments.output, call.to.at);
}

}  // namespace reverie::cpu
