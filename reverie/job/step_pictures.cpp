#include "reverie/job/step_pictures.h"

#include <fmt/format.h>

#include <algorithm>

namespace reverie {
namespace {

constexpr int preview_every = 5;  // steps

ImageOptions replacing() {
  ImageOptions options;
  options.overwrite = true;
  return options;
}

}  // namespace

StepPictures::StepPictures(const OutputSpec& output, const std::string& path,
                           const ImageOptions& form)
    : path_(path), preview_(output.preview), save_every_(output.save_every), form_(form) {
  if (save_every_ > 0 && path == "-")
    throw BadJob("steps of a picture on standard output cannot be kept; name a file with --output");
  if (save_every_ > 0) check_image_output(path_of_step(save_every_), form_);
  if (!preview_.empty()) check_image_output(preview_, replacing());
}

void StepPictures::show(ConstView canvas) {
  ++steps_;
  const bool is_kept = save_every_ > 0 && steps_ % save_every_ == 0;
  const bool is_shown = !preview_.empty() && steps_ % preview_every == 1;
  if (!is_kept && !is_shown) return;
  Image picture;
  picture.color = Tensor(canvas.shape());
  std::copy(canvas.elements().begin(), canvas.elements().end(), picture.color.elements().begin());
  if (is_kept) write_image(path_of_step(steps_), picture, form_);
  if (is_shown) write_image(preview_, picture, replacing());
}

std::filesystem::path StepPictures::path_of_step(int step) const {
  const std::filesystem::path stem = path_.stem();
  const bool is_dream = stem.extension() == ".dream";
  const std::string name =
      fmt::format("{}.{:04}{}{}", is_dream ? stem.stem().string() : stem.string(), step,
                  is_dream ? ".dream" : "", path_.extension().string());
  return path_.parent_path() / name;
}

}  // namespace reverie
