#include "reverie/plan/cpu/lowering/builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "reverie/base/error.h"
#include "reverie/graph/shapes.h"

namespace reverie::cpu {
namespace {

// Fills a run of bytes with zeros.
class ClearStep : public Step {
 public:
  ClearStep(BufferRef ref, std::size_t bytes) : ref_(ref), bytes_(bytes) {}
  void bind(const std::vector<std::byte*>& bases) override { data_ = resolve(ref_, bases); }
  void run() override {
    parallel_for(static_cast<std::int64_t>(bytes_), 1 << 16,
                 [this](std::int64_t begin, std::int64_t end) {
                   std::memset(data_ + begin, 0, static_cast<std::size_t>(end - begin));
                 });
  }
  std::vector<int> buffers() const override { return {ref_.buffer}; }

 private:
  BufferRef ref_;
  std::size_t bytes_;
  std::byte* data_ = nullptr;
};

}  // namespace

ProgramBuilder::ProgramBuilder(const Graph& graph, const std::vector<int>& targets,
                               std::int64_t height, std::int64_t width,
                               const ProgramSettings& settings, const OnednnContext& onednn,
                               WeightStore* store)
    : graph_(graph),
      targets_(targets),
      shapes_(infer_shapes(graph, height, width)),
      settings_(settings),
      onednn_(onednn),
      store_(store),
      kernels_(kernels(settings.element, settings.lanes)),
      float_kernels_(kernels(Element::f32, settings.lanes)),
      layout_(make_layout(graph, shapes_, settings.lanes)),
      program_(std::make_unique<Program>()) {
  extra_.assign(graph.layers.size(), -1);
  count_contributions();
  float_storage_ = storage_of_floats();
  for (int s = 0; s < static_cast<int>(layout_.storages.size()); ++s) {
    const auto blocks = static_cast<std::size_t>(storage(s).blocks);
    activation_buffers_.push_back(planner_.add(blocks * block_bytes(s, value_bytes(s))));
    grad_buffers_.push_back(-1);
  }
}

std::unique_ptr<Program> ProgramBuilder::build() {
  for (int target : targets_) {
    program_->activations.emplace_back(shapes_[static_cast<std::size_t>(target)]);
    program_->output_grads.emplace_back(shapes_[static_cast<std::size_t>(target)]);
  }
  lower();

  // Give every buffer its address
  program_->arena = ArenaMemory(place_buffers());
  std::vector<std::byte*> bases;
  for (int b = 0; b < planner_.count(); ++b)
    bases.push_back(program_->arena.data() + planner_.offset(b));
  for (auto* steps : {&program_->forward, &program_->backward})
    for (auto& step : *steps) step->bind(bases);
  return std::move(program_);
}

ProgramBytes ProgramBuilder::measure() {
  // Targets without memory: their addresses are not used before a program runs
  program_->activations.resize(targets_.size());
  program_->output_grads.resize(targets_.size());
  lower();
  ProgramBytes bytes{ArenaMemory::whole_pages(place_buffers()), 0};
  for (int target : targets_)
    bytes.targets += 2 * sizeof(float) *
                     static_cast<std::size_t>(shapes_[static_cast<std::size_t>(target)].elements());
  return bytes;
}

void ProgramBuilder::lower() {
  steps_ = &program_->forward;
  for (const Group& group : layout_.order) forward(group);

  steps_ = &program_->backward;
  for (std::size_t g = layout_.order.size(); g-- > 0;) backward(layout_.order[g]);
}

// Says when each buffer is in use and returns the bytes that all of them need together.
std::size_t ProgramBuilder::place_buffers() {
  // What both passes use stays until the end, so that backward can run again
  const int forward_steps = static_cast<int>(program_->forward.size());
  const int end = forward_steps + static_cast<int>(program_->backward.size());
  int time = 0;
  for (const auto* steps : {&program_->forward, &program_->backward})
    for (const auto& step : *steps) {
      for (int buffer : step->buffers()) {
        planner_.touch(buffer, time);
        if (time >= forward_steps && planner_.first(buffer) < forward_steps)
          planner_.touch(buffer, end);
      }
      ++time;
    }
  return planner_.place();
}

ProgramBuilder::Range ProgramBuilder::range(int i) const {
  return {value(i).storage, value(i).first_block, value(i).blocks};
}

std::int64_t ProgramBuilder::vectors(const Range& r) const {
  return storage(r.storage).height * storage(r.storage).width * r.count;
}

std::size_t ProgramBuilder::block_bytes(int s, int element_bytes) const {
  return static_cast<std::size_t>(storage(s).height * storage(s).width * layout_.lanes *
                                  element_bytes);
}

int ProgramBuilder::value_bytes(int s) const {
  return (s == float_storage_ ? float_kernels_ : kernels_).element_bytes;
}

// In `half` the first layer's output stays in float32 until it is pooled, since neighbours that
// bfloat16 cannot tell apart would send the gradient astray. For that a max-pool must be all that
// reads it.
int ProgramBuilder::storage_of_floats() const {
  if (settings_.element == Element::f32) return -1;
  for (int i = 0; i < static_cast<int>(graph_.layers.size()); ++i) {
    const auto* pool = std::get_if<Pool>(&layer(i).op);
    if (!pool || pool->kind != Pool::Kind::max) continue;
    const int input = layer(i).inputs[0];
    const auto* conv = std::get_if<Convolution>(&layer(input).op);
    if (conv && layer(input).inputs[0] == 0 &&
        grouping(*conv, value(0), layout_.lanes) == Grouping::dense && closes_relu(input) &&
        fills_storage(input) && value(input).place == value(i).place)
      return value(input).storage;
  }
  return -1;
}

BufferRef ProgramBuilder::activation(const Range& r) const {
  return {activation_buffers_[static_cast<std::size_t>(r.storage)],
          block_bytes(r.storage, value_bytes(r.storage)) * static_cast<std::size_t>(r.first)};
}

BufferRef ProgramBuilder::grad(const Range& r) {
  const std::size_t block = block_bytes(r.storage, kernels_.element_bytes);
  int& buffer = grad_buffers_[static_cast<std::size_t>(r.storage)];
  if (buffer < 0)
    buffer = planner_.add(block * static_cast<std::size_t>(storage(r.storage).blocks));
  return {buffer, block * static_cast<std::size_t>(r.first)};
}

BufferRef ProgramBuilder::scratch(std::size_t bytes) { return {planner_.add(bytes), 0}; }

void ProgramBuilder::record(std::unique_ptr<Step> step, const std::string& name,
                            const std::string& action, const std::string& algorithm) {
  step->info.layer = name;
  step->info.action = action;
  if (!algorithm.empty()) step->info.algorithm = algorithm;
  steps_->push_back(std::move(step));
}

// Where the picture lies, as the network wants it: made by whoever asks first. Planes are float32
// in every precision, blocks are of the elements.
BufferRef ProgramBuilder::input_form(bool blocked) {
  bool& made = blocked ? blocked_input_ : plain_made_;
  const Shape& shape = value(0).shape;
  if (!blocked && plain_input_ < 0)
    plain_input_ = planner_.add(static_cast<std::size_t>(shape.elements()) * sizeof(float));
  const BufferRef where = blocked ? activation(range(0)) : BufferRef{plain_input_, 0};
  if (made) return where;
  made = true;
  ReadCanvas read;
  read.canvas = &program_->canvas;
  read.blocked = blocked;
  set_transform(read);
  const KernelTable& table = blocked ? kernels_ : float_kernels_;
  auto& step = emit(table.read_canvas, read, shape.height(), 1, 0, "forward");
  step.connect(step.arguments.output, where);
  return where;
}

// How many layers, and targets, will add to the gradient of each block
void ProgramBuilder::count_contributions() {
  for (const Storage& s : layout_.storages)
    blocks_.emplace_back(static_cast<std::size_t>(s.blocks));
  const auto add = [&](int i) {
    const Range r = range(i);
    for (int b = r.first; b < r.first + r.count; ++b)
      ++blocks_[static_cast<std::size_t>(r.storage)][static_cast<std::size_t>(b)].total;
  };
  for (const Group& group : layout_.order) {
    const int first = group.layers[0];
    const auto& inputs = layer(first).inputs;
    const auto& copied = layout_.copied[static_cast<std::size_t>(first)];
    for (std::size_t k = 0; k < inputs.size(); ++k)
      if (copied.empty() || copied[k]) add(inputs[k]);
    for (int i : group.layers)
      if (const auto* conv = std::get_if<Convolution>(&layer(i).op)) {
        const Range r = range(i);
        for (int b = r.first; b < r.first + r.count; ++b)
          blocks_[static_cast<std::size_t>(r.storage)][static_cast<std::size_t>(b)].relu =
              conv->relu;
      }
  }
  for (int target : targets_) add(target);
  for (auto& states : blocks_)
    for (BlockState& state : states) state.remaining = state.total;
}

bool ProgramBuilder::sole_contribution(int i) const {
  const Range r = range(i);
  const auto& states = blocks_[static_cast<std::size_t>(r.storage)];
  return std::all_of(states.begin() + r.first, states.begin() + r.first + r.count,
                     [](const BlockState& state) { return state.total == 1; });
}

// The gradient of the ReLU that ends every block of the range, if one and the same does.
std::optional<float> ProgramBuilder::relu_of(const Range& r) const {
  const auto& states = blocks_[static_cast<std::size_t>(r.storage)];
  const std::optional<float> relu = states[static_cast<std::size_t>(r.first)].relu;
  for (int b = r.first; b < r.first + r.count; ++b)
    if (states[static_cast<std::size_t>(b)].relu != relu) return std::nullopt;
  return relu;
}

void ProgramBuilder::clear(const Range& r) {
  const std::size_t bytes =
      static_cast<std::size_t>(vectors(r) * layout_.lanes * kernels_.element_bytes);
  record(std::make_unique<ClearStep>(grad(r), bytes), "", "clear", "own");
  for (int b = r.first; b < r.first + r.count; ++b)
    blocks_[static_cast<std::size_t>(r.storage)][static_cast<std::size_t>(b)].started = true;
}

ProgramBuilder::GradDestination ProgramBuilder::claim_grad(int i, bool can_mask) {
  const Range r = range(i);
  auto& states = blocks_[static_cast<std::size_t>(r.storage)];
  bool any = false, all = true, last = true;
  for (int b = r.first; b < r.first + r.count; ++b) {
    BlockState& state = states[static_cast<std::size_t>(b)];
    any = any || state.started;
    all = all && state.started;
    last = --state.remaining == 0 && last;
  }

  // A part that holds something and a part that does not: make the rest zero
  if (any && !all)
    for (int b = r.first; b < r.first + r.count; ++b)
      if (!states[static_cast<std::size_t>(b)].started) clear({r.storage, b, 1});

  GradDestination destination;
  destination.grad = grad(r);
  destination.accumulate = any;
  const std::optional<float> relu = relu_of(r);
  const bool mask = can_mask && last && relu;
  if (mask) {
    destination.mask = activation(r);
    destination.mask_grad = *relu;
  }
  for (int b = r.first; b < r.first + r.count; ++b) {
    states[static_cast<std::size_t>(b)].started = true;
    states[static_cast<std::size_t>(b)].masked = mask;
  }
  return destination;
}

// Makes the gradient of a range ready to be read: every block written, and masked by its ReLU.
void ProgramBuilder::complete(const Range& r, bool mask) {
  auto& states = blocks_[static_cast<std::size_t>(r.storage)];
  for (int b = r.first; b < r.first + r.count; ++b)
    if (!states[static_cast<std::size_t>(b)].started) clear({r.storage, b, 1});
  for (int b = r.first; mask && b < r.first + r.count; ++b) {
    if (states[static_cast<std::size_t>(b)].masked || !states[static_cast<std::size_t>(b)].relu)
      continue;

    // A run of blocks with the same ReLU
    Range run{r.storage, b, 0};
    const float relu = *states[static_cast<std::size_t>(b)].relu;
    for (; b < r.first + r.count && !states[static_cast<std::size_t>(b)].masked &&
           states[static_cast<std::size_t>(b)].relu == relu;
         ++b, ++run.count)
      states[static_cast<std::size_t>(b)].masked = true;
    --b;
    auto& step = emit(kernels_.combine, Combine{}, vectors(run), 4096, -1, "mask");
    step.connect(step.arguments.input, grad(run));
    step.connect(step.arguments.output, grad(run));
    step.connect(step.arguments.mask.value, activation(run));
    step.arguments.mask.grad = relu;
  }
}

PoolGeometry ProgramBuilder::geometry(int i) const {
  const auto& pool = std::get<Pool>(layer(i).op);
  const Shape& in = value(layer(i).inputs[0]).shape;
  const Shape& out = value(i).shape;
  PoolGeometry g;
  g.blocks = value(i).blocks;
  g.height = static_cast<int>(in.height());
  g.width = static_cast<int>(in.width());
  g.out_height = static_cast<int>(out.height());
  g.out_width = static_cast<int>(out.width());
  if (pool.global) {
    g.kernel_h = g.height;
    g.kernel_w = g.width;
    return g;
  }
  const Padding padding = resolve_padding(pool.window, in.height(), in.width());
  g.kernel_h = pool.window.kernel_h;
  g.kernel_w = pool.window.kernel_w;
  g.stride_h = pool.window.stride_h;
  g.stride_w = pool.window.stride_w;
  g.dilation_h = pool.window.dilation_h;
  g.dilation_w = pool.window.dilation_w;
  g.top = padding.top;
  g.left = padding.left;
  return g;
}

// Per row and column of an average pool's output, the taps that its divisor counts.
void ProgramBuilder::divisors(int i, std::vector<int>& rows, std::vector<int>& columns) const {
  const auto& pool = std::get<Pool>(layer(i).op);
  const PoolGeometry g = geometry(i);
  const Padding padding = pool.global ? Padding{} : resolve_padding(pool.window, g.height, g.width);
  const auto count = [&](int windows, int kernel, int stride, int dilation, int before, int extent,
                         int after) {
    std::vector<int> taps;
    for (int o = 0; o < windows; ++o) {
      int inside = 0;
      for (int k = 0; k < kernel; ++k) {
        const int at = o * stride - before + k * dilation;
        inside += pool.count_padding ? at < extent + after : at >= 0 && at < extent;
      }
      taps.push_back(std::max(inside, 1));
    }
    return taps;
  };
  rows = count(g.out_height, g.kernel_h, g.stride_h, g.dilation_h, g.top, g.height, padding.bottom);
  columns =
      count(g.out_width, g.kernel_w, g.stride_w, g.dilation_w, g.left, g.width, padding.right);
}

// For each physical channel of `to`, the physical channel of `from` with the same logical one.
std::vector<int> ProgramBuilder::moves(const Value& from, const Value& to) const {
  std::vector<int> source(static_cast<std::size_t>(to.blocks * layout_.lanes), -1);
  for (std::size_t c = 0; c < to.place.size(); ++c)
    source[static_cast<std::size_t>(to.place[c])] = from.place[c];
  return source;
}

BufferRef ProgramBuilder::borrowed_grad(const Value& like) {
  return scratch(static_cast<std::size_t>(like.pixels() * like.blocks * layout_.lanes *
                                          kernels_.element_bytes));
}

BufferRef ProgramBuilder::in_place_of(int i, std::size_t input, const Value& like) {
  const int from = layer(i).inputs[input];
  const Value& v = value(from);
  if (from == 0) input_form(true);
  if (v.place == like.place && v.blocks == like.blocks) return activation(range(from));
  const auto key = std::make_pair(i, input);
  if (const auto found = copies_.find(key); found != copies_.end()) return found->second;
  const BufferRef copy = borrowed_grad(like);
  copies_[key] = copy;
  Repack repack;
  repack.blocks = like.blocks;
  repack.height = static_cast<int>(v.shape.height());
  repack.width = static_cast<int>(v.shape.width());
  auto& step = emit(kernels_.repack, repack, like.blocks * v.shape.height(), 1, i, "repack");
  step.indices = moves(v, like);
  step.arguments.source = step.indices.data();
  step.connect(step.arguments.input, activation(range(from)));
  step.connect(step.arguments.output, copy);
  return copy;
}

void ProgramBuilder::return_grad(int i, std::size_t input, const Value& like, BufferRef from) {
  const int to = layer(i).inputs[input];
  const Value& v = value(to);
  const GradDestination destination = claim_grad(to, true);
  Repack repack;
  repack.blocks = v.blocks;
  repack.height = static_cast<int>(v.shape.height());
  repack.width = static_cast<int>(v.shape.width());
  repack.accumulate = destination.accumulate;
  repack.mask.grad = destination.mask_grad;
  auto& step = emit(kernels_.repack, repack, v.blocks * v.shape.height(), 1, i, "repack");
  step.indices = moves(like, v);
  step.arguments.source = step.indices.data();
  step.connect(step.arguments.input, from);
  step.connect(step.arguments.output, destination.grad);
  step.connect(step.arguments.mask.value, destination.mask);
}

std::unique_ptr<Program> build_program(const Graph& graph, const std::vector<int>& targets,
                                       std::int64_t height, std::int64_t width,
                                       const ProgramSettings& settings, const OnednnContext& onednn,
                                       WeightStore& store) {
  return ProgramBuilder(graph, targets, height, width, settings, onednn, &store).build();
}

ProgramBytes program_bytes(const Graph& graph, const std::vector<int>& targets, std::int64_t height,
                           std::int64_t width, const ProgramSettings& settings,
                           const OnednnContext& onednn) {
  return ProgramBuilder(graph, targets, height, width, settings, onednn, nullptr).measure();
}

}  // namespace reverie::cpu
