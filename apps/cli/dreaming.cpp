#include "apps/cli/dreaming.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <filesystem>

#include "reverie/base/error.h"
#include "reverie/base/version.h"
#include "reverie/codec/image/image_file.h"

namespace reverie::cli {
namespace {

std::string subject(const SourceFile& source) {
  return source.identity.name == "-" ? "standard input" : source.identity.name;
}

}  // namespace

void add_output_options(Command command, OutputArguments& output, const char* path_help) {
  constexpr const char* group = "Output";
  command.add("-o,--output", output.path, path_help).form("PATH").group(group);
  command.add("--format", output.format, "png, jpg, webp or tif [by the file's extension]")
      .form("NAME")
      .one_of({"png", "jpg", "webp", "tif"})
      .group(group);
  command
      .add("--bits", output.bits,
           "per colour: 8; 16 for PNG and TIFF; 32 for TIFF in floating point [8]")
      .form("N")
      .one_of({8, 16, 32})
      .mark(output.given_bits)
      .group(group);
  command.add("--quality", output.quality, "of JPEG and WebP, 1 to 100 [95]")
      .form("N")
      .range(1, 100)
      .mark(output.given_quality)
      .group(group);
  command.add_flag("--overwrite", output.overwrite, "replace existing files").group(group);
}

Dreams::Dreams(Recipe recipe, NetworkOptions network, MachineArguments machine,
               OutputArguments output, Session& session)
    : recipe_(std::move(recipe)),
      network_options_(std::move(network)),
      machine_(std::move(machine)),
      output_(std::move(output)),
      session_(session) {
  document_.tiling.plan_memory = machine_.plan_memory();
}

void Dreams::expect_network(const DreamDocument& earlier) { expected_ = earlier; }

void Dreams::tile_as(const DreamDocument& earlier) {
  if (earlier.tiling.plan_memory > 0) document_.tiling = earlier.tiling;
}

void Dreams::find_guides_at(std::vector<GuideSpec> guides) { guides_ = std::move(guides); }

void Dreams::find_mask_at(const std::string& path) { mask_file_ = path; }

void Dreams::open(const NoticeSink& notices) {
  Network network = open_network_of(recipe_, network_options_, notices);
  document_.version = version();
  document_.network.name = network.name;
  document_.network.file = network.file.filename().string();
  document_.network.sha256 = checksum(network);
  Recipe recipe = recipe_;
  if (guides_) recipe.guide = *guides_;
  if (!mask_file_.empty()) recipe.mask = mask_file_;
  if (expected_) {
    const auto& expected = expected_->network;
    if (document_.network.sha256 != expected.sha256)
      throw BadModel(fmt::format(
          "the dream was made with another '{}' (SHA-256 {:.12}..., here {:.12}...); --model names "
          "the network to use",
          expected.name, expected.sha256, document_.network.sha256));
    if (recipe.layers.empty())
      for (const std::string& layer : expected.layers)
        recipe.layers.push_back(parse_layer_spec(layer));
  }
  for (const LayerSpec& spec : resolved_layers(network, layers_to_dream(recipe, network)))
    document_.network.layers.push_back(to_string(spec));
  session_.terminal.detail(fmt::format("network {}, dreaming on {}", document_.network.name,
                                       fmt::join(document_.network.layers, " ")));
  dreamer_ =
      std::make_unique<Dreamer>(std::move(network), recipe, machine_.chosen_device(), notices);

  // The dreamer has read these; only what identifies them is needed here
  for (const GuideSpec& guide : recipe.guide)
    document_.guides.push_back(read_source(guide.file, {}).identity);
  if (!recipe.mask.empty()) document_.mask = read_source(recipe.mask, {}).identity;
}

DreamDocument Dreams::document(const SourceFile& source) const {
  DreamDocument document = document_;
  document.source = source.identity;
  document.output = {output_.bits, output_.quality};
  document.recipe = recipe_;
  return document;
}

std::optional<Outcome> Dreams::dream(const Job& job, const SourceFile& source) {
  const auto begin = std::chrono::steady_clock::now();
  Terminal& terminal = session_.terminal;
  if (!dreamer_) open(terminal.notices());

  // Dream
  DreamControl control;
  control.cancel = &session_.cancel;
  control.notices = terminal.notices();
  DreamVariation variation;
  variation.plan_memory = document_.tiling.plan_memory;
  variation.tile = document_.tiling.tile;
  control.progress = [&](const DreamProgress& at) {
    terminal.progress({subject(source), at.octave + 1, at.octaves, at.iteration + 1, at.iterations,
                       at.objective, at.fraction, at.seconds_left});
  };
  DreamResult result = dreamer_->dream(source.frame, control, variation);
  terminal.end_progress();
  if (result.cancelled && result.octaves_finished == 0) return std::nullopt;

  // Write, with everything that is needed to do it again
  ImageOptions options = image_options(output_);
  if (job.output == "-" && options.format.empty()) options.format = "png";
  DreamDocument carried = document(source);
  carried.tiling.tile = result.tile;
  options.recipe = document_to_json(carried, -1);
  write_image(job.output, result.frame, options, terminal.notices());
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  return Outcome{job.input,
                 job.output,
                 result.frame.width(),
                 result.frame.height(),
                 result.octaves_finished,
                 result.objective,
                 elapsed.count(),
                 result.cancelled};
}

Json to_json(const Outcome& outcome) {
  return Json{{"input", outcome.input},     {"output", outcome.output},
              {"width", outcome.width},     {"height", outcome.height},
              {"octaves", outcome.octaves}, {"objective", outcome.objective},
              {"seconds", outcome.seconds}, {"cancelled", outcome.cancelled}};
}

std::string summary(const Outcome& outcome) {
  return fmt::format("{}: {}x{}, {}", outcome.output == "-" ? "standard output" : outcome.output,
                     outcome.width, outcome.height, duration_text(outcome.seconds));
}

}  // namespace reverie::cli
