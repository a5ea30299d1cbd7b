// job.h: the entrance for applications: run() takes a JobSpec, reports events while it works, and
// returns a result.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/base/cancel.h"
#include "reverie/dream/files_on_disk.h"
#include "reverie/job/job_spec.h"
#include "reverie/model/fetch/fetch.h"
#include "reverie/tensor/tensor.h"

namespace REVERIE_API reverie {

// The progress of a job.
struct JobProgress {
  enum class Unit { octave, frame, channel };
  Unit unit = Unit::octave;  // what is counted: octaves of a picture, or frames or channels
  std::string subject;       // the picture, video or layer at work
  int done = 0, total = 0;   // frames or channels; total 0: unknown
  int octave = 0, octaves = 0, iteration = 0, iterations = 0;  // of a picture; counted from 1
  double objective = 0;                                        // of a picture
  double fraction = 0;                                         // of the subject that is done, 0..1
  double per_second = 0;                                       // frames; 0 while unknown
  double seconds_left = -1;                                    // negative while unknown
};

// A picture that was dreamed and written.
struct ImageReport {
  std::string input, output;  // "-": standard input, standard output
  std::int64_t width = 0, height = 0;
  int octaves = 0;  // finished
  double objective = 0, seconds = 0;
  bool cancelled = false;  // before all octaves were finished
};

// A zoom or a video, written up to its last finished frame.
struct VideoReport {
  std::string output;
  std::string folder;  // of a faithful recursive zoom: where its frames are
  int frames = 0;      // in the video
  int resumed = 0;     // how many of them an earlier run had made
  std::int64_t width = 0, height = 0;
  double fps = 0;
  int scenes = 0;  // begun now
  std::int64_t skipped_packets = 0;
  int measured = 0;                        // pairs of frames whose flicker was measured
  double flicker = 0, source_flicker = 0;  // means over them, in grey levels
  double seconds = 0;
  bool cancelled = false;
};

// A sheet of pictures: a sweep or an atlas.
struct SheetReport {
  std::string input, output;  // empty output: channels were ranked, without a sheet
  std::int64_t width = 0, height = 0;
  int cells = 0, finished = 0;
  std::string model, layer;  // of an atlas
  // Of an atlas, in their order; with responses where channels were ranked.
  std::vector<std::pair<int, std::optional<double>>> channels;
  bool cancelled = false;  // nothing is written where `finished` is 0
};

struct JobFailure {
  std::string input, error;
};

struct JobResult {
  std::vector<ImageReport> images;
  std::vector<VideoReport> videos;
  std::vector<SheetReport> sheets;
  std::vector<JobFailure> failures;  // of single pictures; the others were dreamed
  int inputs = 0;                    // number of pictures to dream
  bool cancelled = false;            // the lists above name what was written
};

// Receives a job's events. Every function does nothing by default. Called on the thread of run(),
// except message() and debug(), which are called from any thread, one call at a time.
class Events {
 public:
  virtual ~Events() = default;

  // A remark for the user, one line.
  virtual void message(const std::string& line) { (void)line; }
  // A detail, one line.
  virtual void debug(const std::string& line) { (void)line; }
  virtual void progress(const JobProgress& progress) { (void)progress; }
  // The canvas after a step or a frame, [3,h,w] display units; valid during the call.
  virtual void preview(const JobProgress& progress, ConstView canvas) {
    (void)progress;
    (void)canvas;
  }
  virtual void image_finished(const ImageReport& report) { (void)report; }
  virtual void failed(const JobFailure& failure) { (void)failure; }
  // The channels of an atlas are ranked; their sheet, if requested, follows later.
  virtual void channels_ranked(const SheetReport& report) { (void)report; }
  // Whether a missing network may be downloaded, and the progress of the download.
  virtual bool may_download(const ZooNetwork& network) {
    (void)network;
    return false;
  }
  virtual void downloading(const FetchProgress& progress) { (void)progress; }
};

// Does the job: reads, dreams, writes. Finished work is kept when `cancel` is set or an error ends
// the job; running the same zoom, video or atlas again resumes it.
// Errors: BadJob; BadRecipe; as read_image, open_network, Dreamer, write_image, VideoReader and
// VideoWriter. A failed picture among several is a JobFailure in the result. `files` opens what the
// recipe names; the job's inputs are paths.
JobResult run(const JobSpec& spec, Events& events, const CancelToken& cancel,
              std::shared_ptr<const RecipeFiles> files = files_on_disk());

// One picture to dream on, and its output. `error` says why it cannot be done, if that is known
// before the work begins.
struct PlannedImage {
  std::string input, output, error;
  bool is_there = false;  // the output exists, and is to be left
};

// The pictures of an `image`, `sweep` or `redo` job: folders are replaced by the pictures in them,
// by name, without hidden files and Reverie's own (.dream.). A folder's own folders appear in the
// output folder, too, which is made. Of inputs that would have one output, the later ones keep
// their extension in its name. Notices: what is passed over in folders. Errors: BadJob when one
// output is named for several inputs.
std::vector<PlannedImage> planned_images(const JobSpec& spec, const NoticeSink& notices = {});

// A report as a JSON object.
std::string report_to_json(const ImageReport& report);
std::string report_to_json(const VideoReport& report);
std::string report_to_json(const SheetReport& report);
std::string result_to_json(const JobResult& result);

}  // namespace reverie
