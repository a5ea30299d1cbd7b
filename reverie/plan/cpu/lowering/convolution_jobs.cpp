#include "reverie/plan/cpu/lowering/convolution_jobs.h"

#include <fmt/format.h>

#include "reverie/graph/shapes.h"

namespace reverie::cpu {
namespace {

// The places of channels first..first + count among all, as -1 elsewhere, counted from `base`.
std::vector<int> slice(const std::vector<int>& place, int first, int count, int base) {
  std::vector<int> part(place.size(), -1);
  for (int c = first; c < first + count; ++c)
    part[static_cast<std::size_t>(c)] = place[static_cast<std::size_t>(c)] - base;
  return part;
}

// One job per group of the layer's channels.
std::vector<ConvolutionJob> sliced_jobs(const SizedNetwork& network, int i) {
  const int lanes = network.layout.lanes;
  const auto& conv = std::get<Convolution>(network.layer(i).op);
  const int input = network.layer(i).inputs[0];
  const Value& in = network.value(input);
  const Value& out = network.value(i);
  const int ins = static_cast<int>(in.place.size()) / conv.groups;
  const int outs = static_cast<int>(out.place.size()) / conv.groups;
  std::vector<ConvolutionJob> jobs;
  for (int g = 0; g < conv.groups; ++g) {
    const int in_base = in.place[static_cast<std::size_t>(g * ins)];
    const int out_base = out.place[static_cast<std::size_t>(g * outs)];
    ConvolutionJob job{
        {},
        &conv,
        fmt::format("{}#{}", network.layer(i).name, g),
        input,
        {in.storage, in.first_block + in_base / lanes, ins / lanes},
        {out.storage, out.first_block + out_base / lanes, (outs + lanes - 1) / lanes},
        false};
    job.weights.parts.push_back({&conv, slice(out.place, g * outs, outs, out_base),
                                 slice(in.place, g * ins, ins, in_base)});
    jobs.push_back(std::move(job));
  }
  return jobs;
}

// All layers of the group side by side.
ConvolutionJob joined_job(const SizedNetwork& network, const Group& group, bool depthwise) {
  const int first = group.layers[0];
  const int input = network.layer(first).inputs[0];
  ConvolutionJob job{{},
                     &std::get<Convolution>(network.layer(first).op),
                     "",
                     input,
                     network.range(input),
                     network.range(first),
                     depthwise};
  job.to.count = 0;
  for (int i : group.layers) {
    const Value& out = network.value(i);
    std::vector<int> place = out.place;
    for (int& p : place) p += job.to.count * network.layout.lanes;
    job.weights.parts.push_back({&std::get<Convolution>(network.layer(i).op), std::move(place),
                                 network.value(input).place});
    job.to.count += out.blocks;
    job.name += (job.name.empty() ? "" : " + ") + network.layer(i).name;
  }
  return job;
}

}  // namespace

std::vector<ConvolutionJob> convolution_jobs(const SizedNetwork& network, const Group& group) {
  const int lanes = network.layout.lanes;
  const Layer& first = network.layer(group.layers[0]);
  const Grouping kind =
      grouping(std::get<Convolution>(first.op), network.value(first.inputs[0]), lanes);
  std::vector<ConvolutionJob> jobs;
  if (kind == Grouping::sliced)
    jobs = sliced_jobs(network, group.layers[0]);
  else
    jobs.push_back(joined_job(network, group, kind == Grouping::depthwise));
  for (ConvolutionJob& job : jobs) {
    job.weights.in_channels = job.from.count * lanes;
    job.weights.out_channels = job.to.count * lanes;
  }
  return jobs;
}

ConvolutionSpec forward_spec(const SizedNetwork& network, const ConvolutionJob& job) {
  const Storage& in = network.storage(job.from.storage);
  const Storage& out = network.storage(job.to.storage);
  ConvolutionSpec spec;
  spec.in_channels = job.weights.in_channels;
  spec.in_height = in.height;
  spec.in_width = in.width;
  spec.out_channels = job.weights.out_channels;
  spec.out_height = out.height;
  spec.out_width = out.width;
  spec.set_window(job.conv->window, resolve_padding(job.conv->window, in.height, in.width));
  spec.groups = job.depthwise ? static_cast<int>(spec.in_channels) : 1;
  spec.bias = true;
  spec.relu = job.conv->relu;
  spec.element = network.settings.element;
  spec.lanes = network.layout.lanes;
  return spec;
}

double logical_flops(const WeightSource& source, std::int64_t pixels) {
  double flops = 0;
  for (const auto& part : source.parts)
    for (int out : part.out_place)
      if (out >= 0)
        flops += 2.0 * static_cast<double>(pixels) *
                 static_cast<double>(part.conv->weights->size() / part.conv->out_channels());
  return flops;
}

std::string weights_name(const ConvolutionJob& job, const std::string& form) {
  return identity(job.weights) + (job.depthwise ? "/depthwise " : "/") + form;
}

}  // namespace reverie::cpu
