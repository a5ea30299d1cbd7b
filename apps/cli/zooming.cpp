#include "apps/cli/zooming.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <filesystem>

#include "reverie/base/error.h"
#include "reverie/codec/film_write.h"
#include "reverie/codec/still.h"
#include "reverie/run/film_parts.h"
#include "reverie/run/version.h"
#include "reverie/run/zoom.h"

namespace reverie::cli {
namespace {

namespace fs = std::filesystem;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// One film in the making.
class ZoomFilm {
 public:
  ZoomFilm(const ZoomTask& task, Session& session)
      : task_(task), session_(session), terminal_(session.terminal) {
    Network network = open_network_of(task.recipe, task.network, terminal_.notices());
    describe_all(network);
    Recipe recipe = task.found;
    if (!climbed_.empty()) recipe.layers = climbed_;
    zoom_ = std::make_unique<Zoom>(std::move(network), recipe, task.settings, task.source.frame,
                                   task.machine.chosen_device(), terminal_.notices());
    // A loop mixes frames at the end, so its folder is filled only then
    const bool straight = task.output.is_folder() && task.settings.loop == 0;
    parts_ = std::make_unique<FilmParts>(parts_place(task.output.path, straight), document_,
                                         task.output.overwrite);
    resumed_ = parts_->frames();
    if (resumed_ > 0)
      terminal_.say(fmt::format("going on after {} frames that are finished", resumed_));
  }

  int make() {
    const auto begin = std::chrono::steady_clock::now();
    const int wanted = task_.settings.frames + task_.settings.loop;
    while (parts_->frames() < wanted && !session_.cancel.cancelled()) {
      next_frame();
      const int made = parts_->frames() - resumed_;
      const double pace = made / seconds_since(begin);
      terminal_.progress(FilmStatus{task_.output.path, parts_->frames(), wanted, pace,
                                    (wanted - parts_->frames()) / pace});
    }
    terminal_.end_progress();
    const bool complete = parts_->frames() >= wanted;
    const int frames = std::min(parts_->frames(), task_.settings.frames);
    write_film(frames, complete);
    if (complete) parts_->remove_state();
    report(frames, complete, seconds_since(begin));
    return complete ? done : interrupted;
  }

 private:
  // What the film carries, and by which its parts are known again.
  void describe_all(const Network& network) {
    document_.version = version();
    document_.network.name = network.name;
    document_.network.file = network.file.filename().string();
    document_.network.sha256 = checksum(network);
    if (task_.expected) {
      const auto& expected = task_.expected->network;
      if (document_.network.sha256 != expected.sha256)
        throw BadModel(fmt::format(
            "the film was made with another '{}' (SHA-256 {:.12}..., here {:.12}...); --model "
            "names the network to use",
            expected.name, expected.sha256, document_.network.sha256));
      if (task_.recipe.layers.empty() && task_.settings.wander == 0)
        for (const std::string& layer : expected.layers)
          climbed_.push_back(parse_layer_spec(layer));
    }
    Recipe recipe = task_.recipe;
    if (!climbed_.empty()) recipe.layers = climbed_;
    for (const LayerSpec& spec : resolved_layers(network, layers_to_dream(recipe, network)))
      document_.network.layers.push_back(to_string(spec));
    document_.source = task_.source.identity;
    for (const GuideSpec& guide : task_.found.guide)
      document_.guides.push_back(read_source(guide.file, {}).identity);
    if (!task_.found.mask.empty()) document_.mask = read_source(task_.found.mask, {}).identity;
    document_.output = {8, task_.output.quality};
    document_.zoom = task_.settings;
    document_.recipe = task_.recipe;
    terminal_.detail(fmt::format("network {}, dreaming on {}", document_.network.name,
                                 fmt::join(document_.network.layers, " ")));
  }

  void next_frame() {
    if (parts_->frames() == 0) {
      parts_->canvas() = Tensor::copy_of(zoom_->first());
    } else {
      DreamControl control;
      control.notices = parts_->frames() - resumed_ < 2 ? terminal_.notices() : NoticeSink();
      if (const std::size_t limit = task_.machine.memory_limit()) control.memory_limit = limit;
      zoom_->advance(parts_->canvas(), parts_->frames(), control);
    }
    parts_->finish_frame();
    show_preview();
  }

  void show_preview() const {
    constexpr int every = 5;  // frames
    if (task_.output.preview.empty() || parts_->frames() % every != 1) return;
    StillOptions options;
    options.overwrite = true;
    Frame frame;
    frame.colour = parts_->canvas().clone();
    write_still(task_.output.preview, frame, options);
  }

  // A frame of the finished film; in a loop the first ones come out of those past the end.
  Frame final_frame(int frame, bool complete) const {
    Frame picture = parts_->read(frame);
    const double share = complete ? loop_share(task_.settings, frame) : 0;
    if (share == 0) return picture;
    const Frame beyond = parts_->read(task_.settings.frames + frame);
    for (std::int64_t i = 0; i < picture.colour.size(); ++i)
      picture.colour[i] += static_cast<float>(share) * (beyond.colour[i] - picture.colour[i]);
    return picture;
  }

  void write_film(int frames, bool complete) const {
    if (task_.output.is_folder()) {
      if (task_.settings.loop > 0 && complete) write_folder(frames);
      return;
    }
    FilmOptions options;
    options.fps = task_.settings.fps;
    options.quality = task_.output.quality;
    options.recipe = document_to_json(document_, -1);
    options.overwrite = true;
    const Shape& shape = zoom_->first().shape();
    const fs::path path(task_.output.path);
    const fs::path unnamed = parts_->film_path(path.extension().string());
    FilmWriter film(unnamed, shape.width(), shape.height(), options, terminal_.notices());
    for (int frame = 0; frame < frames; ++frame) film.add(final_frame(frame, complete));
    film.finish();
    std::error_code error;
    fs::rename(unnamed, path, error);
    if (error)
      throw FileFailure(fmt::format("{}: cannot be written ({})", path.string(), error.message()));
  }

  void write_folder(int frames) const {
    fs::create_directories(task_.output.path);
    StillOptions options;
    options.overwrite = true;
    options.recipe = document_to_json(document_, -1);
    for (int frame = 0; frame < frames; ++frame)
      write_still(fs::path(task_.output.path) / parts_->frame_path(frame).filename(),
                  final_frame(frame, true), options);
  }

  void report(int frames, bool complete, double seconds) const {
    const Shape& shape = zoom_->first().shape();
    if (terminal_.json)
      terminal_.print(Json{{"output", task_.output.path},
                           {"frames", frames},
                           {"resumed", resumed_},
                           {"width", shape.width()},
                           {"height", shape.height()},
                           {"fps", task_.settings.fps},
                           {"seconds", seconds},
                           {"cancelled", !complete}});
    if (complete)
      terminal_.say(fmt::format("{}: {} frames of {}x{}, {}", task_.output.path, frames,
                                shape.width(), shape.height(), duration_text(seconds)));
    else
      terminal_.say(fmt::format("interrupted; {} frames kept in '{}', and the same command goes on",
                                frames, task_.output.path));
  }

  const ZoomTask& task_;
  Session& session_;
  Terminal& terminal_;
  DreamDocument document_;
  std::vector<LayerSpec> climbed_;  // by the film that is made again, where the recipe names none
  std::unique_ptr<Zoom> zoom_;
  std::unique_ptr<FilmParts> parts_;
  int resumed_ = 0;  // frames that were there
};

bool holds_frames(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->path().filename().string().starts_with("frame_")) return true;
  return false;
}

}  // namespace

void FilmOutput::add_to(CLI::App& command) {
  constexpr const char* group = "Output";
  command
      .add_option("-o,--output", path,
                  wrapped("film (.mp4, .webm, .mkv, .mov, .avi, .gif) or folder for frames [the "
                          "input's stem + .dream.mp4 in the current folder]"))
      ->type_name("PATH")
      ->take_last()
      ->group(group);
  command.add_option("--quality", quality, "of the film, 1 to 100 [90]")
      ->type_name("N")
      ->take_last()
      ->check(CLI::Range(1, 100).description(""))
      ->group(group);
  command.add_option("--preview", preview, "picture that shows every fifth frame meanwhile")
      ->type_name("FILE")
      ->take_last()
      ->group(group);
  command.add_flag("--overwrite", overwrite, "replace existing files, begin anew")->group(group);
}

bool FilmOutput::is_folder() const {
  std::error_code ignored;
  return path.ends_with('/') || fs::is_directory(path, ignored) ||
         fs::path(path).extension().empty();
}

void check_zoom_output(const FilmOutput& output) {
  // Parts of a film that was begun allow it to be finished; whether they are of this one, they tell
  std::error_code ignored;
  const bool is_begun = fs::exists(parts_place(output.path, false).state / "zoom.json", ignored);
  const bool replace = output.overwrite || is_begun;
  if (!output.is_folder()) {
    FilmOptions options;
    options.overwrite = replace;
    check_film_output(output.path, options);
  } else if (!replace && holds_frames(output.path)) {
    throw FileFailure(
        fmt::format("{}: holds frames already; choose another folder or ask to "
                    "overwrite them (--overwrite)",
                    output.path));
  }
  if (!output.preview.empty()) {
    StillOptions options;
    options.overwrite = replace;
    check_still_output(output.preview, options);
  }
}

int make_zoom(const ZoomTask& task, Session& session) { return ZoomFilm(task, session).make(); }

}  // namespace reverie::cli
