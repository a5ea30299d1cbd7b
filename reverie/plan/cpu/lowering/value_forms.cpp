#include "reverie/plan/cpu/lowering/value_forms.h"

namespace reverie::cpu {

void ValueForms::read_picture(const KernelTable& table, bool blocked, BufferRef to) {
  ReadCanvas read;
  read.canvas = &writer_.program().canvas;
  read.blocked = blocked;
  set_transform(read, network_);
  auto& step = writer_.emit(table.read_canvas, read, read.height, 1, 0, "forward");
  step.connect(step.arguments.output, to);
}

BufferRef ValueForms::picture_planes() {
  if (planes_.none()) {
    planes_ = writer_.scratch_floats(network_.value(0).shape.elements());
    read_picture(network_.float_kernels, false, planes_);
  }
  return planes_;
}

BufferRef ValueForms::picture_blocks() {
  const BufferRef blocks = writer_.activation(network_.range(0));
  if (!blocks_made_) read_picture(network_.kernels, true, blocks);
  blocks_made_ = true;
  return blocks;
}

BufferRef ValueForms::value(int layer) {
  return layer == 0 ? picture_blocks() : writer_.activation(network_.range(layer));
}

BufferRef ValueForms::input(int reader, std::size_t k, const Value& like) {
  const int layer = network_.layer(reader).inputs[k];
  const Value& v = network_.value(layer);
  const BufferRef from = value(layer);
  if (v.place == like.place && v.blocks == like.blocks) return from;

  const auto [copy, is_new] = copies_.try_emplace({reader, k});
  if (!is_new) return copy->second;
  const Value moved = in_places(v, like);
  copy->second = writer_.scratch_like(moved);
  Repack repack;
  set_size(repack, moved);
  auto& step = writer_.emit(network_.kernels.repack, repack, like.blocks * v.shape.height(), 1,
                            reader, "repack");
  step.indices = channel_moves(v, like, network_.layout.lanes);
  step.arguments.source = step.indices.data();
  step.connect(step.arguments.input, from);
  step.connect(step.arguments.output, copy->second);
  return copy->second;
}

BufferRef ValueForms::broadcast(int reader, std::size_t k) {
  const int layer = network_.layer(reader).inputs[k];
  const Value& v = network_.value(layer);
  const Value& like = network_.value(reader);
  if (v.shape == like.shape) return input(reader, k, like);

  const BufferRef from = value(layer);
  const auto [copy, is_new] = expanded_.try_emplace({reader, k});
  if (!is_new) return copy->second;
  copy->second = writer_.scratch_like(like);
  Expand expand;
  expand.in_height = static_cast<int>(v.shape.height());
  expand.in_width = static_cast<int>(v.shape.width());
  set_size(expand, like);
  auto& step = writer_.emit(network_.kernels.expand, expand, like.blocks * like.shape.height(), 1,
                            reader, "broadcast");
  step.indices.assign(static_cast<std::size_t>(like.blocks * network_.layout.lanes), -1);
  const bool one_channel = v.place.size() == 1;
  for (std::size_t c = 0; c < like.place.size(); ++c)
    step.indices[static_cast<std::size_t>(like.place[c])] = v.place[one_channel ? 0 : c];
  step.arguments.source = step.indices.data();
  step.connect(step.arguments.input, from);
  step.connect(step.arguments.output, copy->second);
  return copy->second;
}

bool ValueForms::is_per_channel(int reader, std::size_t k) const {
  const Shape& shape = network_.value(network_.layer(reader).inputs[k]).shape;
  const Shape& whole = network_.value(reader).shape;
  return shape != whole && shape.channels() == whole.channels() && shape.height() == 1 &&
         shape.width() == 1;
}

std::size_t ValueForms::first_whole(int reader) const {
  const auto& inputs = network_.layer(reader).inputs;
  for (std::size_t k = 0; k < inputs.size(); ++k)
    if (network_.value(inputs[k]).shape == network_.value(reader).shape) return k;
  return 0;
}

BufferRef ValueForms::make_kept(int layer, std::size_t bytes) {
  return kept_[layer] = writer_.scratch(bytes);
}

std::vector<int> channel_moves(const Value& from, const Value& to, int lanes) {
  std::vector<int> source(static_cast<std::size_t>(to.blocks * lanes), -1);
  for (std::size_t c = 0; c < to.place.size(); ++c)
    source[static_cast<std::size_t>(to.place[c])] = from.place[c];
  return source;
}

}  // namespace reverie::cpu
