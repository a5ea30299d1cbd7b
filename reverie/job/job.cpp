#include "reverie/job/job.h"

#include "reverie/base/threads.h"
#include "reverie/job/atlas_job.h"
#include "reverie/job/image_job.h"
#include "reverie/job/video_job.h"

namespace reverie {

JobResult run(const JobSpec& spec, Events& events, const CancelToken& cancel,
              std::shared_ptr<const RecipeFiles> recipe_files) {
  validate(spec);
  if (spec.machine.threads > 0) set_thread_count(spec.machine.threads);
  JobContext context(spec, events, cancel, std::move(recipe_files));
  switch (spec.kind) {
    case JobKind::image:
      return run_images(context);
    case JobKind::zoom:
      return run_zoom(context);
    case JobKind::video:
      return run_video(context);
    case JobKind::atlas:
      return run_atlas(context);
    case JobKind::sweep:
      return run_sweep(context);
    case JobKind::redo:
      return run_redo(context);
  }
  throw BadJob("a job of an unknown kind");
}

}  // namespace reverie
