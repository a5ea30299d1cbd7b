// image_job.h: dreams pictures one after the other with one recipe.
#pragma once

#include <memory>
#include <optional>

#include "reverie/job/document.h"
#include "reverie/job/source_picture.h"

namespace reverie {

// The network is opened when the first picture has been read.
class ImageDreams {
 public:
  ImageDreams(JobContext& context, DreamSetup setup, const OutputSpec& output);

  // Dreams `source` and writes it to image.output. Nothing when cancelled before an octave was
  // finished. `size`, where the recipe has none, is that of this picture alone. Errors: as
  // open_network, Dreamer and write_image; BadModel when another network was expected.
  std::optional<ImageReport> dream(const PlannedImage& image, const SourcePicture& source,
                                   const std::optional<WantedSize>& size = {});

 private:
  void open();
  DreamResult dreamed(const SourcePicture& source, const std::optional<WantedSize>& size,
                      const std::string& path);

  JobContext& context_;
  DreamSetup setup_;
  OutputSpec output_;
  DreamDocument document_;  // without the parts that differ between pictures
  std::unique_ptr<Dreamer> dreamer_;
};

JobResult run_images(JobContext& context);
JobResult run_sweep(JobContext& context);

}  // namespace reverie
