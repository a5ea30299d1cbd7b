// Makes a picture, a zoom, and a dreamed video of that zoom, as the command line does.
#include <reverie/base/error.h>
#include <reverie/job/job.h>

#include <cstdio>

using namespace reverie;

class Printed : public Events {
  void message(const std::string& line) override { std::printf("%s\n", line.c_str()); }
};

int main(int argc, char** argv) try {
  const std::string photo = argc > 1 ? argv[1] : "photo.jpg";
  Printed events;
  CancelToken cancel;  // set by another thread, or a signal

  JobSpec image = job_of_kind(JobKind::image, {photo});
  image.recipe.iterations = 2;
  image.output = {.path = "picture.png", .overwrite = true};
  for (const ImageReport& report : run(image, events, cancel).images)
    std::printf("%s: objective %g\n", report.output.c_str(), report.objective);

  // A job is plain data, with a form in JSON
  const JobSpec zoom = job_from_json(
      R"({"kind": "zoom", "inputs": ["picture.png"], "recipe": {"iterations": 1},
          "zoom": {"frames": 4}, "output": {"path": "zoom.mp4", "overwrite": true}})",
      "zoom");
  for (const VideoReport& report : run(zoom, events, cancel).videos)
    std::printf("%s: %d frames\n", report.output.c_str(), report.frames);

  JobSpec video = job_of_kind(JobKind::video, {"zoom.mp4"});
  video.recipe.iterations = 1;
  video.output = {.path = "video.mp4", .overwrite = true};
  std::printf("%s\n", result_to_json(run(video, events, cancel)).c_str());
} catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
