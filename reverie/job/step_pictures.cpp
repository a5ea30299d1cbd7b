#include "reverie/job/step_pictures.h"

#include <fmt/format.h>

#include <algorithm>

#include "reverie/video/video_output.h"

namespace reverie {
StepPictures::StepPictures(const OutputSpec& output, const std::string& path,
                           const ImageOptions& form)
    : path_(path), preview_(output.preview), save_every_(output.save_every), form_(form) {
  if (save_every_ > 0 && path == "-")
    throw BadJob("steps of a picture on standard output cannot be kept; name a file with --output");
  if (save_every_ > 0) check_image_output(path_of_step(save_every_), form_);
}

void StepPictures::show(ConstView canvas) {
  if (save_every_ == 0 && preview_.empty()) return;
  Image picture;
  picture.color = Tensor(canvas.shape());
  std::copy(canvas.elements().begin(), canvas.elements().end(), picture.color.elements().begin());
  show_preview(preview_, steps_, picture);
  ++steps_;
  if (save_every_ > 0 && steps_ % save_every_ == 0)
    write_image(path_of_step(steps_), picture, form_);
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
