#include "reverie/job/job_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "reverie/base/text.h"
#include "reverie/codec/video/video_write.h"
#include "reverie/recipe/recipe_json.h"
#include "reverie/recipe/recipe_options.h"

namespace reverie {
namespace {

using Json = nlohmann::ordered_json;

template <class Names, class T>
const char* name_in(const Names& names, T value) {
  for (const auto& [name, named] : names)
    if (named == value) return name;
  return "";
}

// ---- Validation

void require_one_input(const JobSpec& spec, const char* what) {
  std::error_code ignored;
  if (spec.inputs.size() != 1 || std::filesystem::is_directory(spec.inputs[0], ignored))
    throw BadJob(what);
}

// What a user who names a guide has to name, too. Errors: BadJob.
void require_layer_for_guide(const Recipe& recipe) {
  if (!recipe.guide.empty() && recipe.layers.empty())
    throw BadJob(
        "a guide needs a layer in which to match it: name one with --layer (reverie layers lists "
        "them)");
}

// Errors: BadJob.
void validate_atlas(const JobSpec& spec) {
  if (spec.recipe.layers.size() > 1)
    throw BadJob("atlas: --layer is given more than once, expected one layer");
  if (spec.recipe.layers.empty()) return;
  const LayerSpec& layer = spec.recipe.layers[0];
  if (!(layer == LayerSpec{layer.name, layer.channels}))
    throw BadJob(fmt::format("atlas: --layer is '{}', expected NAME or NAME:CHANNELS alone",
                             to_string(layer)));
}

void validate_output(const OutputSpec& output) {
  if (output.quality && (*output.quality < 1 || *output.quality > 100))
    throw BadJob(fmt::format("quality is {}, expected 1 to 100", *output.quality));
  if (output.bits && *output.bits != 8 && *output.bits != 10 && *output.bits != 16 &&
      *output.bits != 32)
    throw BadJob(fmt::format("bits is {}, expected 8, 10, 16 or 32", *output.bits));
  const auto is_codec = [&](const auto& named) { return output.codec == named.first; };
  if (std::none_of(video_codec_names.begin(), video_codec_names.end(), is_codec))
    throw BadJob(fmt::format("no codec '{}'", one_line(output.codec)));
  if (output.keep_state != "auto" && output.keep_state != "yes" && output.keep_state != "no")
    throw BadJob(
        fmt::format("keep_state is '{}', expected auto, yes or no", one_line(output.keep_state)));
}

// ---- JSON out

template <class T>
void add_unless(Json& tree, const char* key, const T& value, const T& fallback) {
  if (value != fallback) tree[key] = value;
}

Json output_tree(const OutputSpec& output) {
  const OutputSpec none;
  Json tree = Json::object();
  add_unless(tree, "path", output.path, none.path);
  add_unless(tree, "format", output.format, none.format);
  if (output.bits) tree["bits"] = *output.bits;
  if (output.quality) tree["quality"] = *output.quality;
  add_unless(tree, "codec", output.codec, none.codec);
  add_unless(tree, "preview", output.preview, none.preview);
  add_unless(tree, "save_every", output.save_every, none.save_every);
  add_unless(tree, "keep_state", output.keep_state, none.keep_state);
  add_unless(tree, "overwrite", output.overwrite, none.overwrite);
  add_unless(tree, "skip_existing", output.skip_existing, none.skip_existing);
  add_unless(tree, "strip", output.strip, none.strip);
  add_unless(tree, "no_source_path", output.no_source_path, none.no_source_path);
  return tree;
}

Json machine_tree(const MachineSpec& machine) {
  Json tree = Json::object();
  add_unless(tree, "threads", machine.threads, 0);
  if (machine.device != Device::automatic) tree["device"] = to_string(machine.device);
  add_unless(tree, "memory", machine.plan_memory, default_plan_memory);
  return tree;
}

Json atlas_tree(const AtlasSpec& atlas) {
  Json tree = Json::object();
  describe_atlas(atlas.settings, [&](const auto& value, const Label& label, const auto&) {
    tree[label.name] = value;
  });
  add_unless(tree, "all_channels", atlas.all_channels, false);
  if (atlas.top) {
    Json top{{"photo", atlas.top->photo}, {"count", atlas.top->count}};
    if (atlas.top->at) top["at"] = {atlas.top->at->x, atlas.top->at->y};
    tree["top"] = top;
  }
  add_unless(tree, "columns", atlas.columns, 0);
  add_unless(tree, "cache", atlas.cache, std::string());
  return tree;
}

Json redo_tree(const RedoSpec& redo) {
  Json tree = Json::object();
  add_unless(tree, "source", redo.source, std::string());
  if (!redo.changes.empty()) tree["changes"] = Json::parse(redo.changes);
  add_unless(tree, "any_network", redo.any_network, false);
  return tree;
}

Json history_tree(const DreamHistory& history) {
  return Json{{"id", history.id}, {"parent", history.parent}, {"basis", history.basis}};
}

// ---- JSON in

// Reads members of an object, and in the end complains of those that nobody has asked for.
class ObjectReader {
 public:
  // Errors: BadRecipe when it is no object.
  ObjectReader(const Json& tree, std::string origin) : tree_(tree), origin_(std::move(origin)) {
    if (!tree.is_object()) throw BadRecipe(origin_ + ": expected an object");
  }

  // The member of that name, or null where there is none.
  const Json* find(const char* key) {
    known_.emplace_back(key);
    const auto at = tree_.find(key);
    return at == tree_.end() ? nullptr : &*at;
  }
  std::string origin(const char* key) const { return fmt::format("{}: {}", origin_, key); }

  void read(const char* key, std::string& value) {
    if (const Json* json = find(key)) {
      require(json->is_string(), key, *json, "a text");
      value = json->get<std::string>();
    }
  }
  void read(const char* key, bool& value) {
    if (const Json* json = find(key)) {
      require(json->is_boolean(), key, *json, "true or false");
      value = json->get<bool>();
    }
  }
  template <class Integer>
  void read_whole(const char* key, Integer& value, std::uint64_t low, std::uint64_t high) {
    const Json* json = find(key);
    if (!json) return;
    require(json->is_number_unsigned() && json->get<std::uint64_t>() >= low &&
                json->get<std::uint64_t>() <= high,
            key, *json, fmt::format("a whole number, {} to {}", low, high));
    value = json->get<Integer>();
  }
  void read_whole(const char* key, std::optional<int>& value, std::uint64_t low,
                  std::uint64_t high) {
    int whole = -1;
    read_whole(key, whole, low, high);
    if (whole >= 0) value = whole;
  }
  void read(const char* key, std::vector<std::string>& values) {
    const Json* json = find(key);
    if (!json) return;
    const bool are_texts =
        json->is_array() &&
        std::all_of(json->begin(), json->end(), [](const Json& item) { return item.is_string(); });
    require(are_texts, key, *json, "a list of texts");
    values = json->get<std::vector<std::string>>();
  }
  template <class Names, class T>
  void read_name(const char* key, const Names& names, T& value) {
    const Json* json = find(key);
    if (!json) return;
    std::string expected;
    for (const auto& [name, named] : names) {
      if (json->is_string() && json->get<std::string>() == name) {
        value = named;
        return;
      }
      expected += (expected.empty() ? "one of " : ", ") + std::string(name);
    }
    require(false, key, *json, expected);
  }

  // Errors: BadRecipe, with the nearest known key.
  void finish() const {
    for (const auto& [key, value] : tree_.items())
      if (std::find(known_.begin(), known_.end(), key) == known_.end())
        throw BadRecipe(
            fmt::format("{}: no key '{}'{}", origin_, one_line(key), nearest_note(key, known_)));
  }

  void require(bool is_right, const char* key, const Json& found,
               const std::string& expected) const {
    if (is_right) return;
    std::string text = found.is_array() ? "a list"
                       : found.is_object()
                           ? "an object"
                           : found.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > 40) text = text.substr(0, 37) + "...";
    throw BadRecipe(fmt::format("{}: {} is {}, expected {}", origin_, key, text, expected));
  }

 private:
  const Json& tree_;
  std::string origin_;
  std::vector<std::string> known_;
};

OutputSpec output_from(const Json& tree, const std::string& origin) {
  OutputSpec output;
  ObjectReader reader(tree, origin);
  reader.read("path", output.path);
  reader.read("format", output.format);
  reader.read_whole("bits", output.bits, 8, 32);
  reader.read_whole("quality", output.quality, 1, 100);
  reader.read("codec", output.codec);
  reader.read("preview", output.preview);
  reader.read_whole("save_every", output.save_every, 0, 1000000);
  reader.read("keep_state", output.keep_state);
  reader.read("overwrite", output.overwrite);
  reader.read("skip_existing", output.skip_existing);
  reader.read("strip", output.strip);
  reader.read("no_source_path", output.no_source_path);
  reader.finish();
  return output;
}

MachineSpec machine_from(const Json& tree, const std::string& origin) {
  MachineSpec machine;
  ObjectReader reader(tree, origin);
  reader.read_whole("threads", machine.threads, 0, 1024);
  if (const Json* device = reader.find("device")) {
    reader.require(device->is_string(), "device", *device, "a text such as auto, cpu or gpu:1");
    try {
      machine.device = parse_device(device->get<std::string>());
    } catch (const DeviceFailure& error) {
      throw BadRecipe(fmt::format("{}: {}", reader.origin("device"), error.what()));
    }
  }
  reader.read_whole("memory", machine.plan_memory, 1, std::uint64_t{1} << 50);
  reader.finish();
  return machine;
}

TopChannels top_from(const Json& tree, const std::string& origin) {
  TopChannels top;
  ObjectReader reader(tree, origin);
  reader.read("photo", top.photo);
  reader.read_whole("count", top.count, 1, 4096);
  if (const Json* at = reader.find("at")) {
    const bool is_place =
        at->is_array() && at->size() == 2 && at->at(0).is_number() && at->at(1).is_number();
    reader.require(is_place, "at", *at, "[X, Y], each 0 to 1");
    top.at = Place{at->at(0).get<double>(), at->at(1).get<double>()};
  }
  reader.finish();
  return top;
}

AtlasSpec atlas_from(const Json& tree, const std::string& origin) {
  AtlasSpec atlas;
  ObjectReader reader(tree, origin);
  describe_atlas(atlas.settings, [&](auto& value, const Label& label, const auto& range) {
    reader.read_whole(label.name, value, static_cast<std::uint64_t>(range.low),
                      static_cast<std::uint64_t>(range.high));
  });
  reader.read("all_channels", atlas.all_channels);
  if (const Json* top = reader.find("top")) atlas.top = top_from(*top, reader.origin("top"));
  reader.read_whole("columns", atlas.columns, 0, 1000);
  reader.read("cache", atlas.cache);
  reader.finish();
  return atlas;
}

RedoSpec redo_from(const Json& tree, const std::string& origin) {
  RedoSpec redo;
  ObjectReader reader(tree, origin);
  reader.read("source", redo.source);
  if (const Json* changes = reader.find("changes")) {
    reader.require(changes->is_object(), "changes", *changes, "an object with settings");
    redo.changes = changes->dump();
  }
  reader.read("any_network", redo.any_network);
  reader.finish();
  return redo;
}

DreamHistory history_from(const Json& tree, const std::string& origin) {
  DreamHistory history;
  ObjectReader reader(tree, origin);
  reader.read("id", history.id);
  reader.read("parent", history.parent);
  reader.read("basis", history.basis);
  reader.finish();
  return history;
}

Json parsed(std::string_view text, const std::string& origin) {
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::exception&) {
    throw BadRecipe(fmt::format("{}: not JSON", origin));
  }
}

}  // namespace

std::size_t parse_bytes(const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  std::string unit(stop, end);
  std::transform(unit.begin(), unit.end(), unit.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (unit.size() == 2 && unit[1] == 'B') unit.pop_back();
  static const std::map<std::string, double> factors{{"", 1},    {"B", 1},   {"K", 1e3},
                                                     {"M", 1e6}, {"G", 1e9}, {"T", 1e12}};
  const auto factor = factors.find(unit);
  if (error != std::errc() || factor == factors.end() || !(value > 0) || value > 1e15)
    throw BadJob(fmt::format("--memory is '{}', expected a size like 700M or 2G", text));
  constexpr double least = 1e6;
  if (value * factor->second < least)
    throw BadJob(fmt::format("--memory is '{}', which is too little, expected 1M to 1000T", text));
  return static_cast<std::size_t>(value * factor->second);
}

JobSpec job_of_kind(JobKind kind, std::vector<std::string> inputs) {
  JobSpec spec;
  spec.kind = kind;
  spec.inputs = std::move(inputs);
  if (kind == JobKind::zoom) spec.recipe = zoom_recipe();
  if (kind == JobKind::video) spec.recipe = video_recipe();
  return spec;
}

void validate(const JobSpec& spec) {
  validate(spec.recipe);
  validate_output(spec.output);
  if (spec.machine.threads < 0 || spec.machine.threads > 1024)
    throw BadJob(fmt::format("threads is {}, expected 1 to 1024", spec.machine.threads));
  switch (spec.kind) {
    case JobKind::image:
      if (spec.inputs.empty()) throw BadJob("inputs is empty, expected at least one picture");
      require_layer_for_guide(spec.recipe);
      break;
    case JobKind::zoom:
      require_one_input(spec, "a zoom takes one picture, not several or a folder");
      require_layer_for_guide(spec.recipe);
      validate(spec.zoom);
      break;
    case JobKind::video:
      if (spec.inputs.empty()) throw BadJob("inputs is empty, expected at least one video");
      require_layer_for_guide(spec.recipe);
      validate(spec.video);
      break;
    case JobKind::atlas:
      validate_atlas(spec);
      break;
    case JobKind::sweep:
      require_one_input(spec, "--sweep takes one picture, not several or a folder");
      break;
    case JobKind::redo:
      if (spec.inputs.size() != 1) throw BadJob("redo takes one dream");
      break;
  }
  if (spec.kind != JobKind::zoom || spec.recipe.preset != "recursive" || !spec.recipe.faithful)
    if (!spec.name.empty())
      throw BadJob("--name needs --preset recursive --faithful; elsewhere name the output with -o");
}

std::string job_to_json(const JobSpec& spec, int indent) {
  const auto add_object = [](Json& tree, const char* key, Json part) {
    if (!part.empty()) tree[key] = std::move(part);
  };
  Json tree{{"kind", name_in(job_kind_names, spec.kind)}, {"inputs", spec.inputs}};
  add_unless(tree, "recursive", spec.recursive, false);
  if (spec.kind != JobKind::redo) tree["recipe"] = Json::parse(recipe_to_json(spec.recipe));
  if (spec.kind != JobKind::redo) tree["chosen"] = spec.chosen;
  if (spec.kind == JobKind::zoom) tree["zoom"] = Json::parse(zoom_to_json(spec.zoom));
  if (spec.kind == JobKind::video) tree["video"] = Json::parse(video_to_json(spec.video));
  if (spec.kind == JobKind::atlas) add_object(tree, "atlas", atlas_tree(spec.atlas));
  if (spec.kind == JobKind::sweep) tree["sweep"] = spec.sweep;
  if (spec.kind == JobKind::redo) add_object(tree, "redo", redo_tree(spec.redo));
  add_unless(tree, "measure_flicker", spec.measure_flicker, false);
  add_unless(tree, "name", spec.name, std::string());
  add_object(tree, "output", output_tree(spec.output));
  add_object(tree, "machine", machine_tree(spec.machine));
  if (spec.history != DreamHistory{}) tree["history"] = history_tree(spec.history);
  add_unless(tree, "prototxt", spec.prototxt, std::string());
  add_unless(tree, "mirror", spec.mirror, std::string());
  return tree.dump(indent, ' ', false, Json::error_handler_t::replace);
}

JobSpec job_from_json(std::string_view text, const std::string& origin) {
  const Json tree = parsed(text, origin);
  ObjectReader reader(tree, origin);
  JobKind kind = JobKind::image;
  reader.read_name("kind", job_kind_names, kind);
  if (!tree.contains("kind"))
    throw BadRecipe(origin + ": no \"kind\", expected image, zoom, video, atlas, sweep or redo");
  JobSpec spec = job_of_kind(kind, {});
  reader.read("inputs", spec.inputs);
  reader.read("recursive", spec.recursive);
  const auto part = [&](const char* key, auto read) {
    if (const Json* json = reader.find(key)) read(*json, reader.origin(key));
  };
  part("recipe", [&](const Json& json, const std::string& where) {
    spec.recipe = recipe_from_json(json.dump(), where, spec.recipe);
    for (const auto& [name, value] : json.items()) spec.chosen.push_back(name);
  });
  reader.read("chosen", spec.chosen);
  // Settings are named with '-', keys with '_'
  for (std::string& name : spec.chosen) std::replace(name.begin(), name.end(), '_', '-');
  part("zoom", [&](const Json& json, const std::string& where) {
    spec.zoom = zoom_from_json(json.dump(), where);
  });
  part("video", [&](const Json& json, const std::string& where) {
    spec.video = video_from_json(json.dump(), where);
  });
  part("atlas",
       [&](const Json& json, const std::string& where) { spec.atlas = atlas_from(json, where); });
  reader.read("sweep", spec.sweep);
  part("redo",
       [&](const Json& json, const std::string& where) { spec.redo = redo_from(json, where); });
  reader.read("measure_flicker", spec.measure_flicker);
  reader.read("name", spec.name);
  part("output",
       [&](const Json& json, const std::string& where) { spec.output = output_from(json, where); });
  part("machine", [&](const Json& json, const std::string& where) {
    spec.machine = machine_from(json, where);
  });
  part("history", [&](const Json& json, const std::string& where) {
    spec.history = history_from(json, where);
  });
  reader.read("prototxt", spec.prototxt);
  reader.read("mirror", spec.mirror);
  reader.finish();
  return spec;
}

}  // namespace reverie
