// image_job.h: pictures that are dreamed, one after the other, with one recipe.
#pragma once

#include <memory>
#include <optional>

#include "reverie/job/document.h"
#include "reverie/job/source_picture.h"

namespace reverie {

// The network is opened for the first picture, when that has been read.
class ImageDreams {
 public:
  ImageDreams(JobContext& context, DreamSetup setup, const OutputSpec& output);

  // Dreams `source` and writes it to image.output. Nothing when cancelled before there was anything
  // to keep. Errors: as open_network, Dreamer and write_image; BadModel when another network was
  // expected.
  std::optional<ImageReport> dream(const PlannedImage& image, const SourcePicture& source);

 private:
  void open();
  DreamResult dreamed(const SourcePicture& source);

  JobContext& context_;
  DreamSetup setup_;
  OutputSpec output_;
  DreamDocument document_;  // what is the same for all pictures
  std::unique_ptr<Dreamer> dreamer_;
};

JobResult run_images(JobContext& context);
JobResult run_sweep(JobContext& context);

}  // namespace reverie
