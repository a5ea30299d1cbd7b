// step_pictures.h: pictures that show a dream while it grows.
#pragma once

#include <filesystem>
#include <string>

#include "reverie/codec/image/image_file.h"
#include "reverie/job/job_spec.h"

namespace reverie {

// One file that is rewritten with every fifth step, and one for every Nth, as the output says.
class StepPictures {
 public:
  // path: of the dream. The preview is replaced; check_preview has seen that it may be. Errors: as
  // check_image_output, of the first step that is kept; BadJob for steps of a dream that goes to
  // standard output.
  StepPictures(const OutputSpec& output, const std::string& path, const ImageOptions& form);

  // canvas: [3,h,w] display units, after one more step. Errors: as write_image.
  void show(ConstView canvas);

 private:
  // "sky.0010.dream.png" for the tenth step of "sky.dream.png"
  std::filesystem::path path_of_step(int step) const;

  std::filesystem::path path_, preview_;
  int save_every_;
  ImageOptions form_;
  int steps_ = 0;
};

}  // namespace reverie
