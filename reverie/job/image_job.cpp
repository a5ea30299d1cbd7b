#include "reverie/job/image_job.h"

#include <fmt/format.h>

#include <chrono>

#include "reverie/base/error.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/job/outputs.h"
#include "reverie/job/step_pictures.h"
#include "reverie/job/time_estimate.h"

namespace reverie {
namespace {

void dream_one(const PlannedImage& image, ImageDreams& dreams, JobContext& context,
               JobResult& result) {
  const Recipe& recipe = context.spec.recipe;
  const SourcePicture source = read_source(image.input, recipe, context.notices());
  const auto report =
      dreams.dream(image, source, reduced_size(recipe, source.image, reduced_image_px));
  result.cancelled = !report || report->cancelled;
  if (!report) {
    context.message(fmt::format(
        "interrupted before the first octave of '{}' was done; nothing is written", image.input));
    return;
  }
  result.images.push_back(*report);
  context.events.image_finished(*report);
}

}  // namespace

ImageDreams::ImageDreams(JobContext& context, DreamSetup setup, const OutputSpec& output)
    : context_(context), setup_(std::move(setup)), output_(output) {}

void ImageDreams::open() {
  check_preview(output_, output_.overwrite);
  Network network = context_.open_network(setup_.recipe);
  if (!setup_.earlier) apply_look(setup_, network, context_.spec.chosen);
  document_ = make_document(setup_, network, false, context_);
  const ImageOptions form = image_form(output_);
  document_.output = {form.bits, form.quality};
  dreamer_ =
      std::make_unique<Dreamer>(std::move(network), setup_.found, context_.spec.machine.device,
                                context_.notices(), context_.files);
}

DreamResult ImageDreams::dreamed(const SourcePicture& source, const std::optional<WantedSize>& size,
                                 const std::string& path) {
  const auto begin = std::chrono::steady_clock::now();
  StepPictures pictures(output_, path, image_form(output_));
  const std::string subject = source.identity.name == "-" ? "standard input" : source.identity.name;
  const Image sized = size ? sized_for_dream(source.image, size) : Image();
  const Image& picture = size ? sized : source.image;
  const TimeEstimate::Size at = fitted_size(setup_.recipe.size, picture.width(), picture.height());
  TimeEstimate estimate(subject,
                        size ? TimeEstimate::Size{source.image.width(), source.image.height()} : at,
                        at, context_.notices());
  DreamControl control = context_.dream_control();
  control.observe = [&](const DreamProgress& done, ConstView canvas) {
    estimate.step(done.fraction, seconds_since(begin));
    JobProgress progress = to_progress(done);
    progress.subject = subject;
    context_.events.progress(progress);
    context_.events.preview(progress, canvas);
    pictures.show(canvas);
  };
  DreamVariation variation;
  variation.plan_memory = document_.tiling.plan_memory;
  variation.tile = document_.tiling.tile;
  DreamResult result = dreamer_->dream(picture, control, variation);
  estimate.finish();
  return result;
}

std::optional<ImageReport> ImageDreams::dream(const PlannedImage& image,
                                              const SourcePicture& source,
                                              const std::optional<WantedSize>& size) {
  const auto begin = std::chrono::steady_clock::now();
  if (!dreamer_) open();
  const DreamResult dream = dreamed(source, size, image.output);
  if (dream.cancelled && dream.octaves_finished == 0) return std::nullopt;

  // Write, with everything that is needed to do it again
  DreamDocument document = document_;
  document.source = source.identity;
  if (size) document.recipe.size = size;
  OutputSpec written = output_;
  written.path = image.output;
  note_source_path(written, source.path, document.source);
  document.tiling.tile = dream.tile;
  ImageOptions options = image_form(output_);
  if (image.output == "-" && options.format.empty()) options.format = "png";
  options.recipe = document_to_json(document, -1);
  options.metadata = source.metadata;
  if (output_.strip) {
    options.metadata = {};
    options.metadata.profile = source.metadata.profile;  // without it, the colours are others
  }
  write_image(image.output, dream.frame, options, context_.notices());

  ImageReport report;
  report.input = image.input;
  report.output = image.output;
  report.width = dream.frame.width();
  report.height = dream.frame.height();
  report.octaves = dream.octaves_finished;
  report.objective = dream.objective;
  report.seconds = seconds_since(begin);
  report.cancelled = dream.cancelled;
  return report;
}

JobResult run_images(JobContext& context) {
  const JobSpec& spec = context.spec;
  std::vector<PlannedImage> images = planned_images(spec, context.notices());
  JobResult result;
  const auto left = std::erase_if(images, [](const PlannedImage& image) { return image.is_there; });
  if (left > 0)
    context.message(fmt::format("{} of {} pictures {} there already, and left as {}", left,
                                left + images.size(), left == 1 ? "was" : "were",
                                left == 1 ? "it is" : "they are"));
  result.inputs = static_cast<int>(images.size());
  if (images.empty()) return result;
  result.cancelled = !context.ensure_network(spec.recipe.model);
  if (result.cancelled) return result;
  ImageDreams dreams(context, setup_of(spec.recipe), spec.output);
  for (const PlannedImage& image : images) {
    result.cancelled = result.cancelled || context.cancel.cancelled();
    if (result.cancelled) break;
    try {
      if (!image.error.empty()) throw FileFailure(image.error);
      dream_one(image, dreams, context, result);
    } catch (const Error& error) {
      result.failures.push_back({image.input, error.what()});
      context.events.failed(result.failures.back());
    }
  }
  return result;
}

}  // namespace reverie
