#include "reverie/job/atlas_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "reverie/atlas/atlas.h"
#include "reverie/atlas/ranking.h"
#include "reverie/atlas/sheet.h"
#include "reverie/base/error.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/job/networks.h"
#include "reverie/job/outputs.h"

namespace reverie {
namespace {

constexpr int max_at_first = 64;     // channels, when none are named
constexpr int max_ranked_px = 1024;  // the longer side of a picture that channels are ranked by

// A channel of the sheet, with its response to the picture where there is one.
using Chosen = std::pair<int, std::optional<double>>;

std::string label_of(const Chosen& chosen) {
  const auto& [channel, response] = chosen;
  return response ? fmt::format("{}: {:.3g}", channel, *response) : fmt::format("{}", channel);
}

// One sheet in the making.
class Atlas {
 public:
  explicit Atlas(JobContext& context)
      : context_(context), spec_(context.spec), output_(context.spec.output) {
    if (!spec_.recipe.layers.empty()) layer_ = spec_.recipe.layers[0];
  }

  JobResult make() {
    if (!output_.path.empty()) choose_output();
    JobResult result;
    result.inputs = 1;
    result.cancelled = !context_.ensure_network(spec_.recipe.model);
    if (result.cancelled) return result;
    const Network network = context_.open_network(spec_.recipe);
    if (layer_.name.empty()) layer_.name = default_layer_of(network, context_.notices());
    layer_ = resolved_layers(network, {layer_})[0];
    choose_output();
    SheetReport report;
    report.model = network.name;
    report.layer = layer_.name;

    // Which respond
    if (spec_.atlas.top) {
      report.channels = top_channels(network);
      context_.events.channels_ranked(report);
    }

    // The sheet
    if (!output_.path.empty()) draw(network, report);
    result.cancelled = report.cancelled;
    result.sheets.push_back(std::move(report));
    return result;
  }

 private:
  // Errors: CodecFailure, FileFailure, for what is known to fail before the work begins.
  void choose_output() {
    if (output_.path.empty() && !spec_.atlas.top) {
      std::string name = layer_.name;
      std::replace(name.begin(), name.end(), '/', '_');
      output_.path =
          fmt::format("{}.atlas.{}", name, output_.format.empty() ? "png" : output_.format);
    }
    if (!output_.path.empty()) check_image_output(output_.path, image_form(output_));
  }

  std::vector<Chosen> top_channels(const Network& network) const {
    const TopChannels& top = *spec_.atlas.top;
    const Image photo = read_image(top.photo, context_.notices());
    const bool is_large = std::max(photo.width(), photo.height()) > max_ranked_px;
    const Image sized = sized_for_dream(
        photo, is_large ? std::optional(WantedSize{.longest = max_ranked_px}) : std::nullopt);
    ChannelRanker ranker(network, {layer_.name}, spec_.recipe.precision, spec_.machine.device);
    ranker.look(sized.color);
    std::vector<Chosen> chosen;
    const std::vector<int>& among = layer_.channels;
    for (const ChannelResponse& response : ranker.ranked(0, top.at))
      if (among.empty() || std::find(among.begin(), among.end(), response.channel) != among.end())
        chosen.emplace_back(response.channel, response.value);
    chosen.resize(std::min(chosen.size(), static_cast<std::size_t>(top.count)));
    return chosen;
  }

  std::vector<Chosen> named_channels(std::int64_t there_are) const {
    std::vector<int> channels = layer_.channels;
    if (channels.empty()) {
      const std::int64_t count =
          spec_.atlas.all_channels ? there_are : std::min<std::int64_t>(there_are, max_at_first);
      channels.resize(static_cast<std::size_t>(count));
      std::iota(channels.begin(), channels.end(), 0);
      if (count < there_are)
        context_.message(
            fmt::format("showing the first {} of {} channels; --channels chooses others, or all",
                        count, there_are));
    }
    std::vector<Chosen> chosen;
    for (int channel : channels) chosen.emplace_back(channel, std::nullopt);
    return chosen;
  }

  // Those that are empty were not finished when it was cancelled.
  std::vector<Tensor> ascended_features(const Network& network, FeatureNetwork& prepared,
                                        const std::vector<Chosen>& chosen) const {
    const AtlasSettings& settings = spec_.atlas.settings;
    const std::string& folder = spec_.atlas.cache;
    const FeatureCache cache(folder.empty() ? atlas_cache_folder() : std::filesystem::path(folder),
                             {checksum(network), describe(network.graph.transform), layer_.name,
                              settings, spec_.recipe.precision});
    context_.debug(fmt::format("finished channels are kept in {}", cache.folder().string()));
    const auto begin = std::chrono::steady_clock::now();
    AtlasControl control;
    control.cancel = &context_.cancel;
    control.progress = [&](int finished, int missing) {
      JobProgress progress;
      progress.unit = JobProgress::Unit::channel;
      progress.subject = layer_.name;
      progress.done = finished;
      progress.total = missing;
      progress.fraction = static_cast<double>(finished) / missing;
      progress.seconds_left = seconds_since(begin) / finished * (missing - finished);
      context_.events.progress(progress);
    };
    std::vector<int> channels;
    for (const auto& [channel, response] : chosen) channels.push_back(channel);
    return make_atlas(prepared, channels, settings, cache, control);
  }

  void draw(const Network& network, SheetReport& report) const {
    FeatureNetwork prepared(network, layer_.name, spec_.recipe.precision, spec_.machine.device);
    if (!spec_.atlas.top) report.channels = named_channels(prepared.channels());
    std::vector<Tensor> features = ascended_features(network, prepared, report.channels);
    report.cells = static_cast<int>(features.size());
    report.finished = static_cast<int>(std::count_if(features.begin(), features.end(),
                                                     [](const Tensor& f) { return !f.empty(); }));
    report.cancelled = report.finished < report.cells;
    if (report.cancelled) {
      context_.message(fmt::format(
          "interrupted; {} of {} channels are kept; run the same command again to go on",
          report.finished, report.cells));
      return;
    }
    std::vector<SheetCell> cells;
    for (std::size_t i = 0; i < features.size(); ++i)
      cells.push_back({std::move(features[i]), label_of(report.channels[i])});
    const int square = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(cells.size()))));
    const int columns = spec_.atlas.columns;
    const Image sheet = contact_sheet(cells, columns > 0 ? columns : square);
    write_image(output_.path, sheet, image_form(output_), context_.notices());
    report.output = output_.path;
    report.width = sheet.width();
    report.height = sheet.height();
  }

  JobContext& context_;
  const JobSpec& spec_;
  OutputSpec output_;
  LayerSpec layer_;
};

}  // namespace

JobResult run_atlas(JobContext& context) { return Atlas(context).make(); }

}  // namespace reverie
