// value_forms.h: values in the form that a kernel wants them in, made by whoever asks first.
#pragma once

#include <map>
#include <utility>

#include "reverie/plan/cpu/lowering/program_writer.h"

namespace reverie::cpu {

class ValueForms {
 public:
  ValueForms(const SizedNetwork& network, ProgramWriter& writer)
      : network_(network), writer_(writer) {}

  // The picture as the network wants it: three planes of float32 in every precision, or blocks of
  // the elements.
  BufferRef picture_planes();
  BufferRef picture_blocks();

  // A layer's value; the picture in blocks if that is layer 0.
  BufferRef value(int layer);

  // The value that layer `reader` reads as its input number k, with its channels where `like` has
  // them; a copy where they lie elsewhere.
  BufferRef input(int reader, std::size_t k, const Value& like);

  // The value that an Eltwise reads as its input number k, as large as its own value; a copy where
  // it has one channel, row or column for many.
  BufferRef broadcast(int reader, std::size_t k);

  // True when input k of an Eltwise has one number for each channel, and others have more.
  bool is_per_channel(int reader, std::size_t k) const;

  // The first input of an Eltwise that is as large as its own value, or 0.
  std::size_t first_whole(int reader) const;

  // The value with its channels where `like` has them.
  static Value in_places(Value value, const Value& like) {
    value.place = like.place;
    value.blocks = like.blocks;
    return value;
  }

  // Where a layer's forward steps keep what its backward steps read: which tap of a max-pool won.
  BufferRef make_kept(int layer, std::size_t bytes);
  BufferRef kept(int layer) const { return kept_.at(layer); }

 private:
  void read_picture(const KernelTable& table, bool blocked, BufferRef to);

  const SizedNetwork& network_;
  ProgramWriter& writer_;
  BufferRef planes_;
  bool blocks_made_ = false;
  std::map<std::pair<int, std::size_t>, BufferRef> copies_, expanded_;
  std::map<int, BufferRef> kept_;
};

// For each physical channel of `to`, the physical channel of `from` with the same logical one.
std::vector<int> channel_moves(const Value& from, const Value& to, int lanes);

}  // namespace reverie::cpu
