// A dream that is made again from the document that it carries.
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "reverie/base/error.h"
#include "reverie/base/file/checksum.h"
#include "reverie/base/file/mapped_file.h"
#include "reverie/codec/sequence/picture_sequence.h"
#include "reverie/job/dream_file.h"
#include "reverie/job/image_job.h"
#include "reverie/job/outputs.h"
#include "reverie/job/video_job.h"

namespace reverie {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// The document with the settings that the job changes. Errors: BadRecipe.
DreamDocument changed(const DreamDocument& document, const RedoSpec& redo) {
  if (redo.changes.empty()) return document;
  const std::string origin = "the changes";
  DreamDocument next = document;
  try {
    const Json changes = Json::parse(redo.changes);
    if (!changes.is_object()) throw BadRecipe("the changes: expected an object with settings");
    Json tree = Json::parse(document_to_json(document));
    for (const auto& [key, value] : changes.items()) {
      if (key == "recipe")
        next.recipe = recipe_from_json(value.dump(), origin, document.recipe);
      else if ((key == "zoom" && document.zoom) || (key == "video" && document.video))
        tree[key].merge_patch(value);
      else
        throw BadRecipe(fmt::format("the changes: this dream has no part '{}'", key));
    }
    if (document.zoom) next.zoom = zoom_from_json(tree["zoom"].dump(), origin);
    if (document.video) next.video = video_from_json(tree["video"].dump(), origin);
  } catch (const nlohmann::json::exception& error) {
    throw BadRecipe(fmt::format("the changes: not JSON ({})", error.what()));
  }
  validate(next.recipe);
  return next;
}

// One dream that is made again.
class Redo {
 public:
  explicit Redo(JobContext& context)
      : context_(context),
        dream_(context.spec.inputs.at(0)),
        earlier_(read_dream_document(dream_)),
        wanted_(changed(earlier_, context.spec.redo)) {}

  JobResult make() {
    if (earlier_.zoom) return make_zoom_again();
    if (earlier_.video) return make_video_again();
    return make_image_again();
  }

 private:
  JobResult make_image_again() {
    // The file's form stays, too, unless the job has another
    OutputSpec output = context_.spec.output;
    if (!output.bits) output.bits = earlier_.output.bits;
    if (!output.quality) output.quality = earlier_.output.quality;
    JobSpec plan = context_.spec;
    plan.output = output;
    const PlannedImage image = planned_images(plan).at(0);
    if (!image.error.empty()) throw FileFailure(image.error);
    const SourcePicture source = read_first_source();
    JobResult result;
    result.inputs = 1;
    result.cancelled = !context_.ensure_network(wanted_.recipe.model);
    if (result.cancelled) return result;
    DreamSetup setup_now = setup({}, {});
    // Tiles that were chosen for a picture of another size say nothing
    if (source.identity.width != earlier_.source.width ||
        source.identity.height != earlier_.source.height)
      setup_now.tiling = {};
    ImageDreams dreams(context_, std::move(setup_now), output);
    const auto report = dreams.dream(image, source);
    result.cancelled = !report || report->cancelled;
    if (report)
      result.images.push_back(*report);
    else
      context_.message("interrupted before the first octave was done; nothing is written");
    return result;
  }

  JobResult make_zoom_again() {
    const OutputSpec output = video_output();
    DreamSetup setup_now =
        setup(wanted_.zoom->timeline.keyframes, earlier_.zoom->timeline.keyframes);
    find_sound(wanted_.zoom->timeline, earlier_.zoom->timeline, setup_now);
    const SourcePicture source = read_first_source();
    if (!context_.ensure_network(wanted_.recipe.model)) return cancelled();
    return make_zoom(context_, std::move(setup_now), *wanted_.zoom, source, output);
  }

  JobResult make_video_again() {
    const OutputSpec output = video_output();
    DreamSetup setup_now =
        setup(wanted_.video->timeline.keyframes, earlier_.video->timeline.keyframes);
    find_sound(wanted_.video->timeline, earlier_.video->timeline, setup_now);
    const std::string path = source_path();
    const bool is_same = video_identity(path, 0, 0).sha256 == earlier_.source.sha256;
    if (!is_same) tell_of_other_source(path, "video");
    if (!context_.ensure_network(wanted_.recipe.model)) return cancelled();
    return make_video(context_, std::move(setup_now), *wanted_.video, path,
                      is_same ? earlier_.source.name : "", output);
  }

  static JobResult cancelled() {
    JobResult result;
    result.inputs = 1;
    result.cancelled = true;
    return result;
  }

  // Errors: BadJob; as check_video_output.
  OutputSpec video_output() const {
    OutputSpec output = context_.spec.output;
    if (!output.format.empty())
      throw BadJob("--format is for pictures; a video's format follows from the extension of -o");
    if (!output.bits && earlier_.output.bits != 8) output.bits = earlier_.output.bits;
    if (!output.quality) output.quality = earlier_.output.quality;
    if (output.codec == "auto" && !earlier_.output.codec.empty())
      output.codec = earlier_.output.codec;
    const fs::path video(dream_);
    if (output.path.empty())
      output.path = video.stem().string() + ".dream" +
                    (is_video_name(video) ? video.extension().string() : ".mp4");
    check_video_output(output, earlier_.zoom.has_value());
    return output;
  }

  // A picture that the dream names: where the recipe says that it lies, beside the dream, or in the
  // current folder; else one beside the dream that has its bytes. Errors: FileFailure.
  std::string find_picture(const DreamDocument::Picture& picture, const std::string& named,
                           const std::string& remedy) const {
    const fs::path folder = fs::path(dream_).parent_path();
    std::vector<fs::path> places;
    if (!named.empty()) places.push_back(named);
    if (!picture.path.empty()) places.push_back(folder / picture.path);
    if (!picture.absolute_path.empty()) places.push_back(picture.absolute_path);
    const bool is_file = !picture.name.empty() && picture.name != "-";
    if (is_file) places.insert(places.end(), {folder / picture.name, fs::path(picture.name)});
    std::error_code ignored;
    for (const fs::path& place : places)
      if (is_file &&
          (fs::is_regular_file(place, ignored) || (earlier_.video && is_picture_sequence(place))))
        return place.lexically_normal().string();
    if (const auto same = file_with(picture, folder)) return *same;
    const std::string name = picture.name == "-" ? "standard input" : "'" + picture.name + "'";
    throw FileFailure(
        fmt::format("'{}' needs {}, which is neither where its recipe says, nor beside it, nor in "
                    "the current folder; {}",
                    dream_, name, remedy));
  }

  // A file of the folder that has the picture's bytes, whatever its name.
  static std::optional<std::string> file_with(const DreamDocument::Picture& picture,
                                              const fs::path& folder) {
    if (picture.bytes == 0) return std::nullopt;
    std::error_code ignored;
    const fs::path place = folder.empty() ? "." : folder;
    for (const auto& entry : fs::directory_iterator(place, ignored))
      if (entry.is_regular_file(ignored) && entry.file_size(ignored) == picture.bytes &&
          sha256(MappedFile(entry.path()).bytes()) == picture.sha256)
        return entry.path().lexically_normal().string();
    return std::nullopt;
  }

  std::string source_path() const {
    const std::string& named = context_.spec.redo.source;
    return named.empty() ? find_picture(earlier_.source, "", "name it with --input") : named;
  }

  // Errors: BadImage when nobody has named the source at `path`.
  void tell_of_other_source(const std::string& path, const char* what) {
    if (context_.spec.redo.source.empty())
      throw BadImage(
          fmt::format("'{0}' has changed since '{1}' was made from it; to dream on it as it is "
                      "now, add --input {0}",
                      path, dream_));
    context_.message(fmt::format("'{}' is not the {} that '{}' was made from", path, what, dream_));
  }

  // Errors: BadImage when the source is not the one that the dream was made from.
  SourcePicture read_first_source() {
    const std::string path = source_path();
    SourcePicture source = read_source(path, wanted_.recipe, context_.notices());
    if (source.identity.sha256 == earlier_.source.sha256)
      source.identity = earlier_.source;  // the same picture, perhaps under another name
    else
      tell_of_other_source(path, "picture");
    return source;
  }

  // Where the picture of a setting ("guide", "mask") lies now, which the recipe calls `named`.
  // Errors: FileFailure; BadImage when it is not the one that the dream was made with.
  std::string find_first(const DreamDocument::Picture& picture, const std::string& named,
                         const char* setting) const {
    const std::string path =
        find_picture(picture, named, fmt::format("name another with --{}", setting));
    if (context_.files->identity(path, context_.notices()).sha256 != picture.sha256)
      throw BadImage(
          fmt::format("{} '{}' has changed since '{}' was made with it", setting, path, dream_));
    return path;
  }

  // Finds the sound's file, if it is that which the dream had. Errors: FileFailure; BadImage when
  // it has changed.
  void find_sound(const TimelineSettings& wanted, const TimelineSettings& had,
                  DreamSetup& setup) const {
    const std::string& named = wanted.sound.file;
    if (named.empty() || named != had.sound.file || earlier_.sound.name.empty()) return;
    const std::string path = find_picture(earlier_.sound, named, "name another with --sound");
    if (video_identity(path, 0, 0).sha256 != earlier_.sound.sha256)
      throw BadImage(fmt::format(
          "sound '{}' has changed since '{}' was made with it; to use it as it is now, add --sound "
          "{}",
          path, dream_, fs::path(path).is_absolute() ? path : "./" + path));
    setup.found_sound = path;
    setup.known_sound = earlier_.sound;
  }

  // The guides where they lie now, if they are those that the dream had. Errors: as find_first.
  std::vector<GuideSpec> find_guides(std::vector<GuideSpec> wanted,
                                     const std::vector<GuideSpec>& had) const {
    if (wanted != had || wanted.size() != earlier_.guides.size()) return wanted;
    for (std::size_t i = 0; i < wanted.size(); ++i)
      wanted[i].file = find_first(earlier_.guides[i], wanted[i].file, "guide");
    return wanted;
  }

  // Whether it is computed in the tiles of the dream, whatever memory there is now, so that the
  // result is the same: unless what they depend on is changed.
  bool keeps_tiles() const {
    const Recipe& now = wanted_.recipe;
    const Recipe& then = earlier_.recipe;
    return now.tile == then.tile && now.tiling == then.tiling && now.size == then.size &&
           now.octaves_above == then.octaves_above && now.wrap == then.wrap;
  }

  DreamSetup setup(const std::vector<Keyframe>& timeline,
                   const std::vector<Keyframe>& old_timeline) const {
    DreamSetup setup = setup_of(wanted_.recipe, timeline);
    if (!context_.spec.redo.any_network) setup.earlier = earlier_;
    if (keeps_tiles()) setup.tiling = earlier_.tiling;
    set_guides(
        find_guides(guides_of(wanted_.recipe, timeline), guides_of(earlier_.recipe, old_timeline)),
        setup.found, setup.found_timeline);
    if (!wanted_.recipe.mask.empty() && wanted_.recipe.mask == earlier_.recipe.mask)
      setup.found.mask = find_first(earlier_.mask, wanted_.recipe.mask, "mask");
    return setup;
  }

  JobContext& context_;
  std::string dream_;
  DreamDocument earlier_, wanted_;
};

}  // namespace

JobResult run_redo(JobContext& context) { return Redo(context).make(); }

}  // namespace reverie
