#include "reverie/plan/program/layout.h"

#include <algorithm>
#include <numeric>

namespace reverie::program {
namespace {

class Arranger {
 public:
  Arranger(const Graph& graph, const std::vector<Shape>& shapes, int lanes) : graph_(graph) {
    layout_.lanes = lanes;
    layout_.values.resize(graph.layers.size());
    layout_.copied.resize(graph.layers.size());
    first_selected_.assign(graph.layers.size(), -1);
    for (std::size_t i = 0; i < shapes.size(); ++i) layout_.values[i].shape = shapes[i];
  }

  Layout run() {
    for (std::size_t i = 0; i < graph_.layers.size(); ++i) place_channels(i);
    for (std::size_t i = graph_.layers.size(); i-- > 0;)
      if (is<Concat>(i)) house_branches(i);
    find_siblings();
    for (std::size_t i = 0; i < graph_.layers.size(); ++i) house_rest(i);
    put_in_order();
    return std::move(layout_);
  }

 private:
  Value& value(std::size_t layer) { return layout_.values[layer]; }
  Value& value(int layer) { return value(static_cast<std::size_t>(layer)); }
  const Layer& layer(std::size_t i) const { return graph_.layers[i]; }
  template <class Op>
  bool is(std::size_t i) const {
    return std::holds_alternative<Op>(layer(i).op);
  }
  int blocks_for(std::int64_t channels) const {
    return static_cast<int>((channels + layout_.lanes - 1) / layout_.lanes);
  }

  // Which physical channel each logical one has, within the value
  void place_channels(std::size_t i) {
    Value& v = value(i);
    const auto& inputs = layer(i).inputs;
    const Layer& self = layer(i);
    const auto keep = [&](int input) {
      v.place = value(input).place;
      v.blocks = value(input).blocks;
    };
    const auto keep_first = [&] { keep(inputs[0]); };
    if (std::holds_alternative<Concat>(self.op)) {
      for (int input : inputs) {
        for (int place : value(input).place) v.place.push_back(v.blocks * layout_.lanes + place);
        v.blocks += value(input).blocks;
      }
    } else if (std::holds_alternative<Pool>(self.op) || std::holds_alternative<Relu>(self.op) ||
               std::holds_alternative<Affine>(self.op) ||
               std::holds_alternative<Activation>(self.op) ||
               std::holds_alternative<Prelu>(self.op) ||
               std::holds_alternative<Normalize>(self.op) ||
               std::holds_alternative<Resize>(self.op) || std::holds_alternative<Pad>(self.op) ||
               std::holds_alternative<Softmax>(self.op)) {
      keep_first();
    } else if (std::holds_alternative<Eltwise>(self.op) && same_place(largest(i))) {
      keep(largest(i)[0]);
    } else if (convolves_each_channel_alone(i)) {
      keep_first();
    } else if (!places_selection(i)) {
      const auto* conv = std::get_if<Convolution>(&self.op);
      const Grouping kind =
          conv ? grouping(*conv, value(inputs[0]), layout_.lanes) : Grouping::dense;
      if (kind == Grouping::depthwise) {
        keep_first();
      } else if (kind == Grouping::sliced) {
        const int each = static_cast<int>(v.shape.channels()) / conv->groups;
        const int each_blocks = blocks_for(each);
        for (int c = 0; c < v.shape.channels(); ++c)
          v.place.push_back(c / each * each_blocks * layout_.lanes + c % each);
        v.blocks = conv->groups * each_blocks;
      } else {
        v.place.resize(static_cast<std::size_t>(v.shape.channels()));
        std::iota(v.place.begin(), v.place.end(), 0);
        v.blocks = blocks_for(v.shape.channels());
      }
    }
  }

  // A selection of exactly the channels in some neighbouring blocks of its input, in their order,
  // can lie in the input itself
  bool places_selection(std::size_t i) {
    const auto* select = std::get_if<SelectChannels>(&layer(i).op);
    if (!select || layer(i).inputs[0] == 0) return false;
    const std::vector<int>& place = value(layer(i).inputs[0]).place;
    const auto place_of = [&](int channel) { return place[static_cast<std::size_t>(channel)]; };
    const int first = place_of(select->channels.front()) / layout_.lanes;
    const int end = place_of(select->channels.back()) / layout_.lanes + 1;
    const auto is_inside = [&](int p) {
      return p >= first * layout_.lanes && p < end * layout_.lanes;
    };
    const auto inside = std::count_if(place.begin(), place.end(), is_inside);
    if (inside != static_cast<std::ptrdiff_t>(select->channels.size())) return false;
    std::vector<int> moved;
    for (int channel : select->channels) {
      const int here = place_of(channel) - first * layout_.lanes;
      if (!is_inside(place_of(channel)) || (!moved.empty() && here <= moved.back())) return false;
      moved.push_back(here);
    }
    value(i).place = std::move(moved);
    value(i).blocks = end - first;
    first_selected_[i] = first;
    return true;
  }

  bool convolves_each_channel_alone(std::size_t i) const {
    const auto* conv = std::get_if<TransposedConvolution>(&layer(i).op);
    return conv && is_depthwise(*conv);
  }

  // The inputs of an Eltwise that say where its channels go: those as large as its value, or with
  // as many channels where all others broadcast
  std::vector<int> largest(std::size_t i) {
    std::vector<int> whole, with_channels;
    for (int input : layer(i).inputs) {
      if (value(input).shape == value(i).shape) whole.push_back(input);
      if (value(input).shape.channels() == value(i).shape.channels())
        with_channels.push_back(input);
    }
    return whole.empty() ? with_channels : whole;
  }

  bool same_place(const std::vector<int>& inputs) {
    return std::all_of(inputs.begin(), inputs.end(), [&](int input) {
      return value(input).place == value(inputs[0]).place &&
             value(input).blocks == value(inputs[0]).blocks;
    });
  }

  int add_storage(std::size_t i) {
    const Value& v = value(i);
    layout_.storages.push_back({v.blocks, v.shape.height(), v.shape.width()});
    return static_cast<int>(layout_.storages.size()) - 1;
  }

  // Gives each branch its part of the concat, where it has no place yet
  void house_branches(std::size_t i) {
    Value& whole = value(i);
    if (whole.storage < 0) whole.storage = add_storage(i);
    int block = whole.first_block;
    for (int input : layer(i).inputs) {
      Value& branch = value(input);
      const bool copy = branch.storage >= 0 || input == 0;
      layout_.copied[i].push_back(copy);
      if (!copy) {
        branch.storage = whole.storage;
        branch.first_block = block;
      }
      block += branch.blocks;
    }
  }

  // What no concat holds: a selection lies in its input where it can, all else by itself
  void house_rest(std::size_t i) {
    const bool can_lie_in_input = first_selected_[i] >= 0 && value(i).storage < 0;
    if (is<SelectChannels>(i)) layout_.copied[i] = {!can_lie_in_input};
    if (can_lie_in_input) {
      const Value& input = value(layer(i).inputs[0]);
      value(i).storage = input.storage;
      value(i).first_block = input.first_block + first_selected_[i];
    }
    if (value(i).storage < 0) value(i).storage = add_storage(i);
  }

  const Convolution* one_by_one(std::size_t i) const {
    const auto* conv = std::get_if<Convolution>(&layer(i).op);
    if (!conv || conv->groups != 1) return nullptr;
    const Window& w = conv->window;
    const bool single = w.kernel_h == 1 && w.kernel_w == 1 && w.stride_h == 1 && w.stride_w == 1;
    const Padding& p = w.padding;
    return single && p.top == 0 && p.left == 0 && p.bottom == 0 && p.right == 0 ? conv : nullptr;
  }

  // Puts 1x1 convolutions that read the same value side by side. One of them may lie in a concat,
  // at the beginning of its storage: the others then go before it.
  void find_siblings() {
    sibling_of_.assign(graph_.layers.size(), -1);
    for (std::size_t i = 1; i < graph_.layers.size(); ++i) {
      const Convolution* first = one_by_one(i);
      if (!first || sibling_of_[i] >= 0 || layer(i).inputs[0] == 0) continue;
      std::vector<std::size_t> free;
      std::optional<std::size_t> housed;
      for (std::size_t j = i; j < graph_.layers.size(); ++j) {
        const Convolution* conv = one_by_one(j);
        if (!conv || conv->relu != first->relu || layer(j).inputs != layer(i).inputs) continue;
        if (value(j).storage < 0)
          free.push_back(j);
        else if (!housed && value(j).first_block == 0)
          housed = j;
      }
      if (free.empty() || free.size() + (housed ? 1 : 0) < 2) continue;
      join(free, housed);
    }
  }

  void join(const std::vector<std::size_t>& free, std::optional<std::size_t> housed) {
    int before = 0;
    for (std::size_t j : free) before += value(j).blocks;
    int storage;
    if (housed) {
      storage = value(*housed).storage;
      for (Value& v : layout_.values)
        if (v.storage == storage) v.first_block += before;
      layout_.storages[static_cast<std::size_t>(storage)].blocks += before;
    } else {
      storage = add_storage(free[0]);
      layout_.storages[static_cast<std::size_t>(storage)].blocks = before;
    }
    int block = 0;
    std::vector<std::size_t> members = free;
    for (std::size_t j : free) {
      value(j).storage = storage;
      value(j).first_block = block;
      block += value(j).blocks;
    }
    if (housed) members.push_back(*housed);
    const std::size_t leader = *std::min_element(members.begin(), members.end());
    for (std::size_t j : members) sibling_of_[j] = static_cast<int>(leader);
    groups_.push_back(members);
  }

  // Inputs first; among those that could run, pools first, so that their gradients come last: they
  // can apply the mask of the value that they read.
  void put_in_order() {
    const std::size_t count = graph_.layers.size();
    std::vector<bool> done(count, false);
    std::size_t left = count;
    while (left > 0) {
      std::size_t next = count;
      for (std::size_t i = 0; i < count; ++i) {
        if (done[i] || !ready(i, done)) continue;
        if (next == count) next = i;
        if (is<Pool>(i)) {
          next = i;
          break;
        }
      }
      Group group{{static_cast<int>(next)}};
      for (const auto& members : groups_)
        if (std::find(members.begin(), members.end(), next) != members.end()) {
          group.layers.clear();
          for (std::size_t j : members) group.layers.push_back(static_cast<int>(j));
        }
      for (int j : group.layers) done[static_cast<std::size_t>(j)] = true;
      left -= group.layers.size();
      layout_.order.push_back(std::move(group));
    }
  }

  bool ready(std::size_t i, const std::vector<bool>& done) const {
    const auto& inputs = layer(i).inputs;
    return std::all_of(inputs.begin(), inputs.end(),
                       [&](int input) { return done[static_cast<std::size_t>(input)]; });
  }

  const Graph& graph_;
  Layout layout_;
  std::vector<int> first_selected_;  // per selection of whole blocks: the first; else -1
  std::vector<int> sibling_of_;
  std::vector<std::vector<std::size_t>> groups_;
};

}  // namespace

Grouping grouping(const Convolution& conv, const Value& input, int lanes) {
  if (conv.groups == 1) return Grouping::dense;
  const int in = static_cast<int>(input.place.size());
  if (conv.groups == in && conv.out_channels() == in) return Grouping::depthwise;

  // Sliced when each group's input is a run of whole blocks
  const int each = in / conv.groups;
  if (each % lanes != 0) return Grouping::dense;
  for (int c = 0; c < in; ++c) {
    const int start = input.place[static_cast<std::size_t>(c / each * each)];
    if (start % lanes != 0 || input.place[static_cast<std::size_t>(c)] != start + c % each)
      return Grouping::dense;
  }
  return Grouping::sliced;
}

bool is_depthwise(const TransposedConvolution& conv) {
  return conv.groups == conv.weights->shape()[0] && conv.weights->shape()[1] == 1;
}

Layout make_layout(const Graph& graph, const std::vector<Shape>& shapes, int lanes) {
  return Arranger(graph, shapes, lanes).run();
}

std::vector<int> logical_channels(const Value& value, int lanes) {
  std::vector<int> logical(static_cast<std::size_t>(value.blocks * lanes), -1);
  for (std::size_t c = 0; c < value.place.size(); ++c)
    logical[static_cast<std::size_t>(value.place[c])] = static_cast<int>(c);
  return logical;
}

bool in_order(const Value& value) {
  for (std::size_t c = 0; c < value.place.size(); ++c)
    if (value.place[c] != static_cast<int>(c)) return false;
  return true;
}

}  // namespace reverie::program
