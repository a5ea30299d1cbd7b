#include "reverie/dream/dreamer.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "reverie/base/error.h"
#include "reverie/dream/engine_options.h"
#include "reverie/dream/objective_terms.h"
#include "reverie/dream/plan_cache.h"
#include "reverie/image/resample.h"
#include "reverie/octave/mask.h"
#include "reverie/octave/wrap.h"

namespace reverie {
namespace {

// Photographs are resized by an antialiased kernel; the pyramid inside a dream has its own.
constexpr Resampler for_photographs = Resampler::lanczos;

void mix_in(ConstView source, double weight, View canvas) {
  const auto factor = static_cast<float>(weight);
  for (std::int64_t i = 0; i < canvas.size(); ++i) canvas[i] += factor * (source[i] - canvas[i]);
}

}  // namespace

Image sized_for_dream(const Image& source, const std::optional<WantedSize>& size) {
  const auto [width, height] = fitted_size(size, source.width(), source.height());
  if (width == source.width() && height == source.height()) return source.clone();
  Image sized;
  sized.color = resampled(source.color, height, width, for_photographs);
  if (!source.alpha.empty()) sized.alpha = resampled(source.alpha, height, width, for_photographs);
  // The kernel's lobes overshoot at hard edges
  for (Tensor* tensor : {&sized.color, &sized.alpha}) {
    if (tensor->empty()) continue;
    for (float& v : tensor->elements()) v = std::min(std::max(v, 0.f), 255.f);
  }
  return sized;
}

Dreamer::Dreamer(Network network, const Recipe& recipe, Device device, const NoticeSink& notices,
                 std::shared_ptr<const RecipeFiles> files)
    : Dreamer(network, prepare_network(network.graph, device), recipe, notices, std::move(files)) {}

Dreamer::Dreamer(Network network, std::shared_ptr<PreparedNetwork> prepared, const Recipe& recipe,
                 const NoticeSink& notices, std::shared_ptr<const RecipeFiles> files)
    : network_(std::move(network)),
      recipe_((validate(recipe), recipe)),
      mask_(recipe_, *files, notices) {
  objective_ = objective_of(recipe_, network_, notices, *files);
  bound_ = std::make_shared<const BoundObjective>(bind(objective_, network_.graph));
  compiler_ = prepared->make_compiler(bound_->layers, recipe_.precision);
  if (compiler_->precision() != recipe_.precision)
    notify(notices, fmt::format("precision {} is not available on this processor; computing in {}",
                                to_string(recipe_.precision), to_string(compiler_->precision())));
  if (!recipe_.guide.empty()) attach_guides(notices, *files);
}

Dreamer::~Dreamer() = default;
Dreamer::Dreamer(Dreamer&&) noexcept = default;
Dreamer& Dreamer::operator=(Dreamer&&) noexcept = default;

std::vector<std::string> Dreamer::layer_names() const {
  std::vector<std::string> names;
  for (int layer : bound_->layers)
    names.push_back(network_.graph.layers[static_cast<std::size_t>(layer)].name);
  return names;
}

// Looks at each guide once, at its own size, and gives a copy of each term the features that it
// shall match.
void Dreamer::attach_guides(const NoticeSink& notices, const RecipeFiles& files) {
  BoundObjective guided{bound_->layers, {}};
  for (const GuideSpec& spec : recipe_.guide) {
    const Image guide = files.picture(spec.file, notices);
    const auto plan = compiler_->compile(guide.height(), guide.width());
    plan->forward(guide.color);
    for (auto term : bound_->terms) {
      term.guide = std::make_shared<const Tensor>(
          visible_features(plan->activation(term.target), guide, spec.file));
      term.weight *= spec.weight;
      guided.terms.push_back(std::move(term));
    }
  }
  bound_ = std::make_shared<const BoundObjective>(std::move(guided));
}

void Dreamer::cache_plans() { compiler_ = caching_compiler(std::move(compiler_)); }

DreamResult Dreamer::dream(const Image& source, const DreamControl& control,
                           const DreamVariation& variation) {
  const Recipe& recipe = variation.recipe ? *variation.recipe : recipe_;
  Image start = sized_for_dream(source, recipe.size);
  if (recipe.wrap) make_seamless(start.color);
  OctaveOptions options = octave_options(recipe, variation);
  const int iterations = options.ascent.iterations;
  const auto began = std::chrono::steady_clock::now();

  DreamResult result;
  OctaveHooks hooks;
  hooks.notices = control.notices;
  hooks.cancel = control.cancel;
  hooks.context = [&](int octave, int iteration) {
    return step_context(recipe, {variation.frame, octave, iteration, iterations});
  };
  hooks.after_step = [&](const OctaveProgress& at, const Step& step, ConstView canvas) {
    result.objective = step.objective;
    if (!control.progress && !control.observe) return;
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began;
    const DreamProgress progress{
        at.octave,      at.octaves,    step.iteration,
        iterations,     at.size.width, at.size.height,
        step.objective, at.fraction,   spent.count() * (1 - at.fraction) / at.fraction};
    if (control.progress) control.progress(progress);
    if (control.observe) control.observe(progress, canvas);
  };

  options.mask = mask_.at(start.height(), start.width(), recipe);
  Tensor first = start_canvas(recipe, start.color, variation.frame);
  if (!options.mask.empty()) mix_by_mask(start.color, options.mask, first);
  OctaveResult dreamed = run_octaves(first, *compiler_, bound_, options, hooks);
  if (recipe.blend > 0) mix_in(start.color, recipe.blend, dreamed.canvas);
  result.cancelled = dreamed.cancelled;
  result.tile = dreamed.tile;
  result.octaves_finished = dreamed.octaves_finished;
  result.frame = {std::move(dreamed.canvas), std::move(start.alpha)};
  return result;
}

}  // namespace reverie
