// reverie atlas
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <numeric>

#include "apps/cli/dreaming.h"
#include "apps/cli/fetching.h"
#include "apps/cli/interrupt.h"
#include "reverie/base/error.h"
#include "reverie/codec/still.h"
#include "reverie/run/atlas.h"
#include "reverie/run/sheet.h"

namespace reverie::cli {
namespace {

constexpr int most_at_first = 64;     // channels, when none are named
constexpr int usual_count = 16;       // of channels that answer to a picture
constexpr int longest_ranked = 1024;  // px, of a picture that channels are ranked by

struct AtlasCommand {
  RecipeArguments recipe;
  SettingArguments typed;  // of the features
  std::string channels;
  std::vector<std::string> top;  // PHOTO, or PHOTO and X,Y
  int count = 0;                 // 0: as many as are usual
  int columns = 0;               // 0: as square as it gets
  std::string cache;
  NetworkOptions network;
  FetchArguments fetch;
  MachineArguments machine;
  OutputArguments output;
};

AtlasSettings typed_settings(const AtlasCommand& typed) {
  AtlasSettings settings;
  try {
    typed.typed.for_each([&](const std::string& name, const std::vector<std::string>& texts) {
      set_option(settings, name, texts);
    });
  } catch (const BadRecipe& error) {
    throw UsageError(error.what());
  }
  return settings;
}

// The one layer that was typed, unresolved; no name for the network's default. Its channels are
// those of --channels, too. Errors: UsageError.
LayerSpec typed_layer(const AtlasCommand& typed, const Recipe& recipe) {
  if (recipe.layers.size() > 1) throw UsageError("atlas: --layer names one layer at a time");
  LayerSpec spec = recipe.layers.empty() ? LayerSpec{} : recipe.layers[0];
  LayerSpec plain{spec.name, spec.channels};
  if (!(spec == plain))
    throw UsageError(
        fmt::format("atlas: --layer '{}' has more than a name and channels", to_string(spec)));
  if (typed.channels.empty() || typed.channels == "all") return spec;
  if (!spec.channels.empty())
    throw UsageError("channels are named both in --layer and in --channels; leave one out");
  try {
    spec.channels = parse_layer_spec("channels:" + typed.channels).channels;
  } catch (const BadRecipe&) {
    throw UsageError(fmt::format(
        "--channels is '{}', expected numbers and ranges such as 0-63,70, or all", typed.channels));
  }
  return spec;
}

Place typed_place(const std::string& text) {
  try {
    return *parse_layer_spec("place@at=" + text).at;
  } catch (const BadRecipe&) {
    throw UsageError(fmt::format(
        "--top: '{}' is not a place: X,Y, each 0 to 1, from the left and the top", text));
  }
}

// A channel on the sheet.
struct Chosen {
  int channel;
  std::string label;
};

std::vector<Chosen> named_channels(const LayerSpec& spec, std::int64_t there_are, bool all,
                                   Terminal& terminal) {
  std::vector<int> channels = spec.channels;
  if (channels.empty()) {
    channels.resize(static_cast<std::size_t>(
        all ? there_are : std::min<std::int64_t>(there_are, most_at_first)));
    std::iota(channels.begin(), channels.end(), 0);
    if (static_cast<std::int64_t>(channels.size()) < there_are)
      terminal.say(fmt::format("the first {} of {} channels; --channels names others, or all",
                               channels.size(), there_are));
  }
  std::vector<Chosen> chosen;
  for (int channel : channels) chosen.push_back({channel, fmt::format("{}", channel)});
  return chosen;
}

// The channels that answer most, printed.
std::vector<Chosen> top_channels(const AtlasCommand& typed, const Recipe& recipe,
                                 const Network& network, const LayerSpec& spec,
                                 Terminal& terminal) {
  std::optional<Place> at;
  if (typed.top.size() > 1) at = typed_place(typed.top[1]);
  const Frame photo = read_still(typed.top[0], terminal.notices());
  const bool is_large = std::max(photo.width(), photo.height()) > longest_ranked;
  const Frame sized = sized_for_dream(photo, is_large ? fmt::format("{}", longest_ranked) : "");
  std::vector<Answer> answers = rank_channels(network, spec.name, sized.colour, at,
                                              recipe.precision, typed.machine.chosen_device());
  if (!spec.channels.empty())
    std::erase_if(answers, [&](const Answer& answer) {
      return std::find(spec.channels.begin(), spec.channels.end(), answer.channel) ==
             spec.channels.end();
    });
  answers.resize(std::min(answers.size(),
                          static_cast<std::size_t>(typed.count > 0 ? typed.count : usual_count)));

  std::vector<Chosen> chosen;
  Json list = Json::array();
  std::string table = fmt::format("RANK  CHANNEL  ANSWER of {}\n", spec.name);
  for (const Answer& answer : answers) {
    chosen.push_back({answer.channel, fmt::format("{}: {:.3g}", answer.channel, answer.value)});
    list.push_back(Json{{"channel", answer.channel}, {"answer", answer.value}});
    table += fmt::format("{:>4}  {:>7}  {:.4g}\n", chosen.size(), answer.channel, answer.value);
  }
  if (terminal.json && typed.output.path.empty())
    terminal.print(Json{{"model", network.name}, {"layer", spec.name}, {"top", list}});
  else if (!terminal.json && typed.output.path != "-")
    terminal.print(table);
  return chosen;
}

// The sheet; nothing when it was interrupted. What is finished is in the cache.
std::optional<Frame> make_sheet(const AtlasCommand& typed, const Recipe& recipe,
                                const Network& network, const std::string& layer,
                                FeatureNetwork& prepared, const std::vector<Chosen>& chosen,
                                Session& session) {
  const AtlasSettings settings = typed_settings(typed);
  const FeatureCache cache(
      typed.cache.empty() ? atlas_cache_folder() : std::filesystem::path(typed.cache),
      {checksum(network), describe(network.graph.transform), layer, settings, recipe.precision});
  session.terminal.detail(fmt::format("finished channels are in {}", cache.folder().string()));

  const auto begin = std::chrono::steady_clock::now();
  AtlasControl control;
  control.cancel = &session.cancel;
  control.progress = [&](int finished, int missing) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    session.terminal.progress(FilmStatus{
        layer, finished, missing, 0, spent.count() / finished * (missing - finished), "channel"});
  };
  std::vector<int> channels;
  for (const Chosen& one : chosen) channels.push_back(one.channel);
  std::vector<Tensor> features = make_atlas(prepared, channels, settings, cache, control);
  session.terminal.end_progress();

  std::vector<SheetCell> cells;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (features[i].empty()) {
      session.terminal.say(
          fmt::format("interrupted; {} of {} channels are kept, and the same command goes on",
                      std::count_if(features.begin(), features.end(),
                                    [](const Tensor& f) { return !f.empty(); }),
                      chosen.size()));
      return {};
    }
    cells.push_back({std::move(features[i]), chosen[i].label});
  }
  const int square = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(cells.size()))));
  return contact_sheet(cells, typed.columns > 0 ? typed.columns : square);
}

int atlas(AtlasCommand typed, Session& session) {
  Terminal& terminal = session.terminal;
  Recipe recipe = typed.recipe.apply_to(Recipe{});
  LayerSpec spec = typed_layer(typed, recipe);
  typed_settings(typed);
  if (typed.top.size() > 1) typed_place(typed.top[1]);
  if (typed.top.empty() && typed.count > 0)
    throw UsageError("--count goes with --top; --channels says which channels are shown");
  typed.machine.apply();
  if (terminal.json && typed.output.path == "-")
    throw UsageError("--json and a picture cannot both go to standard output; name a file with -o");
  if (!typed.output.path.empty())
    check_still_output(typed.output.path, still_options(typed.output));
  watch_interrupts(session.cancel);
  if (!obtain_network(recipe.model, typed.network, typed.fetch, session)) return interrupted;
  const Network network = open_network_of(recipe, typed.network, terminal.notices());
  if (spec.name.empty()) spec.name = network.default_layer;
  spec = resolved_layers(network, {spec})[0];

  // Which channels, and where to
  std::optional<FeatureNetwork> prepared;
  std::vector<Chosen> chosen;
  if (!typed.top.empty()) {
    chosen = top_channels(typed, recipe, network, spec, terminal);
    if (typed.output.path.empty()) return done;
  }
  prepared.emplace(network, spec.name, recipe.precision, typed.machine.chosen_device());
  if (typed.top.empty())
    chosen = named_channels(spec, prepared->channels(), typed.channels == "all", terminal);
  if (typed.output.path.empty()) {
    std::string name = spec.name;
    std::replace(name.begin(), name.end(), '/', '_');
    typed.output.path =
        fmt::format("{}.atlas.{}", name, typed.output.format.empty() ? "png" : typed.output.format);
    check_still_output(typed.output.path, still_options(typed.output));
  }

  const auto sheet = make_sheet(typed, recipe, network, spec.name, *prepared, chosen, session);
  if (!sheet) return interrupted;
  write_still(typed.output.path, *sheet, still_options(typed.output), terminal.notices());
  if (terminal.json) {
    Json channels = Json::array();
    for (const Chosen& one : chosen) channels.push_back(one.channel);
    terminal.print(Json{{"model", network.name},
                        {"layer", spec.name},
                        {"channels", channels},
                        {"output", typed.output.path},
                        {"width", sheet->width()},
                        {"height", sheet->height()}});
  }
  terminal.say(fmt::format("{}: {} channels of {}", typed.output.path, chosen.size(), spec.name));
  return done;
}

}  // namespace

void add_atlas(CLI::App& program, Session& session) {
  CLI::App* command = program.add_subcommand(
      "atlas", "a sheet of what each channel of a layer looks for, or who answers to a picture");
  const auto typed = std::make_shared<AtlasCommand>();
  constexpr const char* group = "The atlas";
  command
      ->add_option("--channels", typed->channels,
                   wrapped("which, numbers and ranges such as 0-63,70, or all [the first 64]"))
      ->type_name("LIST")
      ->take_last()
      ->group(group);
  command
      ->add_option(
          "--top", typed->top,
          wrapped("print the channels that answer most to a picture, or to the place X,Y of "
                  "it (0 to 1, from the left and the top); with -o their sheet, too; a "
                  "picture longer than 1024 px is made smaller first"))
      ->type_name("PHOTO [X,Y]")
      ->type_size(1)
      ->expected(1, 2)
      ->group(group);
  command->add_option("--count", typed->count, "how many of them (1 to 4096) [16]")
      ->type_name("N")
      ->take_last()
      ->check(CLI::Range(1, 4096).description(""))
      ->group(group);
  typed->typed.add_to(*command, atlas_options(), group);
  command
      ->add_option("--columns", typed->columns, "of the sheet (1 to 1000) [as square as it gets]")
      ->type_name("N")
      ->take_last()
      ->check(CLI::Range(1, 1000).description(""))
      ->group(group);
  command
      ->add_option("--cache", typed->cache,
                   wrapped("folder for finished channels, which are never climbed twice "
                           "[$XDG_CACHE_HOME/reverie/atlas]"))
      ->type_name("FOLDER")
      ->take_last()
      ->group(group);
  add_output_options(*command, typed->output);
  command->get_option("--output")
      ->description(wrapped("file, or - for standard output [the layer's name + .atlas.png in the "
                            "current folder]"));
  typed->recipe.add_to(*command, {"model", "input-transform", "layer", "precision"});
  add_prototxt_option(*command, typed->network);
  typed->fetch.add_consent_to(*command);
  typed->machine.add_to(*command);
  add_speech_options(*command, session.terminal);
  command->allow_extras();
  command->callback(
      [typed, &session] { session.action = [typed, &session] { return atlas(*typed, session); }; });
}

}  // namespace reverie::cli
