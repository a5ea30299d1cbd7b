#include "apps/cli/atlas_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "reverie/atlas/atlas.h"
#include "reverie/atlas/sheet.h"
#include "reverie/base/error.h"
#include "reverie/codec/image/image_file.h"

namespace reverie::cli {
namespace {

constexpr int max_at_first = 64;      // channels, when none are named
constexpr int longest_ranked = 1024;  // px, of a picture that channels are ranked by

// A channel of the sheet.
struct Chosen {
  int channel;
  std::optional<double> answer;  // to the picture, where there is one

  std::string label() const {
    return answer ? fmt::format("{}: {:.3g}", channel, *answer) : fmt::format("{}", channel);
  }
};

std::vector<Chosen> named_channels(const AtlasTask& task, std::int64_t there_are,
                                   Terminal& terminal) {
  std::vector<int> channels = task.layer.channels;
  if (channels.empty()) {
    const std::int64_t count =
        task.all_channels ? there_are : std::min<std::int64_t>(there_are, max_at_first);
    channels.resize(static_cast<std::size_t>(count));
    std::iota(channels.begin(), channels.end(), 0);
    if (count < there_are)
      terminal.say(fmt::format("the first {} of {} channels; --channels names others, or all",
                               count, there_are));
  }
  std::vector<Chosen> chosen;
  for (int channel : channels) chosen.push_back({channel, {}});
  return chosen;
}

std::vector<Chosen> top_channels(const AtlasTask& task, const Network& network,
                                 Terminal& terminal) {
  const TopQuestion& top = *task.top;
  const Image photo = read_image(top.photo, terminal.notices());
  const bool is_large = std::max(photo.width(), photo.height()) > longest_ranked;
  const Image sized = sized_for_dream(
      photo, is_large ? std::optional(WantedSize{.longest = longest_ranked}) : std::nullopt);
  std::vector<Chosen> chosen;
  const std::vector<int>& among = task.layer.channels;
  for (const Answer& answer : rank_channels(network, task.layer.name, sized.color, top.at,
                                            task.recipe.precision, task.machine.chosen_device()))
    if (among.empty() || std::find(among.begin(), among.end(), answer.channel) != among.end())
      chosen.push_back({answer.channel, answer.value});
  chosen.resize(std::min(chosen.size(), static_cast<std::size_t>(top.count)));
  return chosen;
}

std::string table(const std::vector<Chosen>& chosen, const std::string& layer) {
  std::string text = fmt::format("RANK  CHANNEL  ANSWER of {}\n", layer);
  for (std::size_t i = 0; i < chosen.size(); ++i)
    text += fmt::format("{:>4}  {:>7}  {:.4g}\n", i + 1, chosen[i].channel, *chosen[i].answer);
  return text;
}

// What --json prints: the channels by number, or with their answers, and the sheet where there is
// one.
Json report(const AtlasTask& task, const std::string& network, const std::vector<Chosen>& chosen,
            const Image* sheet) {
  Json object{{"model", network}, {"layer", task.layer.name}};
  Json& list = object[task.top ? "top" : "channels"] = Json::array();
  for (const Chosen& one : chosen)
    list.push_back(one.answer ? Json{{"channel", one.channel}, {"answer", *one.answer}}
                              : Json(one.channel));
  if (!sheet) return object;
  object["output"] = task.output.path;
  object["width"] = sheet->width();
  object["height"] = sheet->height();
  return object;
}

// The features of the channels; those that are empty were not finished when it was interrupted.
std::vector<Tensor> ascend_features(const AtlasTask& task, const Network& network,
                                    FeatureNetwork& prepared, const std::vector<Chosen>& chosen,
                                    Session& session) {
  const FeatureCache cache(task.cache, {checksum(network), describe(network.graph.transform),
                                        task.layer.name, task.settings, task.recipe.precision});
  session.terminal.detail(fmt::format("finished channels are in {}", cache.folder().string()));
  const auto begin = std::chrono::steady_clock::now();
  AtlasControl control;
  control.cancel = &session.cancel;
  control.progress = [&](int finished, int missing) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    const double left = spent.count() / finished * (missing - finished);
    session.terminal.progress(VideoStatus{task.layer.name, finished, missing, 0, left, "channel"});
  };
  std::vector<int> channels;
  for (const Chosen& one : chosen) channels.push_back(one.channel);
  std::vector<Tensor> features = make_atlas(prepared, channels, task.settings, cache, control);
  session.terminal.end_progress();
  return features;
}

// Nothing when a feature is missing; says so.
std::optional<Image> lay_out(std::vector<Tensor> features, const std::vector<Chosen>& chosen,
                             int columns, Terminal& terminal) {
  const auto is_missing = [](const Tensor& feature) { return feature.empty(); };
  if (const auto missing = std::count_if(features.begin(), features.end(), is_missing)) {
    terminal.say(
        fmt::format("interrupted; {} of {} channels are kept, and the same command goes on",
                    static_cast<std::ptrdiff_t>(features.size()) - missing, features.size()));
    return {};
  }
  std::vector<SheetCell> cells;
  for (std::size_t i = 0; i < chosen.size(); ++i)
    cells.push_back({std::move(features[i]), chosen[i].label()});
  const int square = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(cells.size()))));
  return contact_sheet(cells, columns > 0 ? columns : square);
}

// Errors: CodecFailure, FileFailure, for what is known to fail before the work begins.
void choose_output(AtlasTask& task) {
  OutputArguments& output = task.output;
  if (output.path.empty() && !task.top) {
    std::string name = task.layer.name;
    std::replace(name.begin(), name.end(), '/', '_');
    output.path = fmt::format("{}.atlas.{}", name, output.format.empty() ? "png" : output.format);
  }
  if (!output.path.empty()) check_image_output(output.path, image_options(output));
}

}  // namespace

int make_atlas_sheet(AtlasTask task, Session& session) {
  Terminal& terminal = session.terminal;
  if (!task.output.path.empty()) choose_output(task);
  if (!obtain_network(task.recipe.model, task.network, task.fetch, session)) return interrupted;
  const Network network = open_network_of(task.recipe, task.network, terminal.notices());
  if (task.layer.name.empty()) task.layer.name = network.default_layer;
  task.layer = resolved_layers(network, {task.layer})[0];
  choose_output(task);

  // Who answers
  std::vector<Chosen> chosen;
  if (task.top) {
    chosen = top_channels(task, network, terminal);
    if (!terminal.json && task.output.path != "-") terminal.print(table(chosen, task.layer.name));
    if (task.output.path.empty()) {
      if (terminal.json) terminal.print(report(task, network.name, chosen, nullptr));
      return done;
    }
  }

  // The sheet
  FeatureNetwork prepared(network, task.layer.name, task.recipe.precision,
                          task.machine.chosen_device());
  if (!task.top) chosen = named_channels(task, prepared.channels(), terminal);
  const auto sheet = lay_out(ascend_features(task, network, prepared, chosen, session), chosen,
                             task.columns, terminal);
  if (!sheet) return interrupted;
  write_image(task.output.path, *sheet, image_options(task.output), terminal.notices());
  if (terminal.json) terminal.print(report(task, network.name, chosen, &*sheet));
  terminal.say(
      fmt::format("{}: {} channels of {}", task.output.path, chosen.size(), task.layer.name));
  return done;
}

}  // namespace reverie::cli
