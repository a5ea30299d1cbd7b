// reverie models list|info|verify; fetch and convert are in files of their own
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/fetching.h"
#include "apps/cli/session.h"
#include "reverie/base/error.h"
#include "reverie/graph/network_end.h"
#include "reverie/job/network_facts.h"
#include "reverie/job/networks.h"

namespace reverie::cli {
namespace {

// A famous network that is not here.
int show_absent(const ZooNetwork& network, Terminal& terminal) {
  if (terminal.json) {
    Json object = Json::parse(zoo_network_to_json(network));
    object["here"] = false;
    terminal.print(object);
    return done;
  }
  const auto line = [&](const char* label, const std::string& text) {
    if (!text.empty()) terminal.print(fmt::format("{:15} {}\n", label, text));
  };
  line("name", network.name);
  line("", network.title);
  line("licence", network.licence);
  line("input", transform_text(network.transform));
  line("good layers", fmt::format("{}", fmt::join(network.good_layers, ", ")));
  line("note", network.remark);
  for (const ZooFile& file : network.files) {
    line("file", fmt::format("{}, {}", file.name,
                             file.bytes == 0 ? "size not published" : bytes_text(file.bytes)));
    line("", file.checksum.kind == Checksum::Kind::none
                 ? "no checksum is published"
                 : fmt::format("{} {}", to_string(file.checksum.kind), file.checksum.hex));
    if (!file.member_of.empty()) line("", "out of " + file.member_of);
    for (const std::string& url : file.urls) line("", url);
  }
  terminal.info(fmt::format("{} is not here; download it with reverie models fetch {}",
                            network.name, network.name));
  return done;
}

int list_models(Terminal& terminal) {
  if (terminal.json) {
    terminal.print(networks_to_json() + "\n");
    return done;
  }
  const std::vector<NetworkEntry> entries = list_networks();
  std::size_t name_width = 4;
  for (const NetworkEntry& entry : entries) name_width = std::max(name_width, entry.name.size());
  const auto absent = absent_networks();
  for (const ZooNetwork* network : absent) name_width = std::max(name_width, network->name.size());
  for (const NetworkEntry& entry : entries)
    terminal.print(fmt::format("{:{}}  {:>9}  {}\n", entry.name, name_width,
                               entry.bytes > 0 ? bytes_text(entry.bytes) : "",
                               entry.file.empty() ? "built in" : entry.file.string()));
  if (!absent.empty())
    terminal.print(std::string("\nAvailable to download (reverie models fetch NAME):\n"));
  for (const ZooNetwork* network : absent)
    terminal.print(fmt::format("{:{}}  {}\n{:{}}  {}\n", network->name, name_width, network->title,
                               "", name_width, download_summary(*network)));
  return done;
}

// A member of the object below, in a line; empty when there is nothing to say.
std::string shown(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  std::vector<std::string> parts;
  for (const auto& [key, part] : value.items())
    if (value.is_array())
      parts.push_back(part.get<std::string>());
    else if (value.is_object())
      parts.push_back(fmt::format("{} ({})", key, part.get<std::string>()));
  if (value.is_structured()) return fmt::format("{}", fmt::join(parts, ", "));
  return value.is_null() || value == 0 ? "" : value.dump();
}

int show_model(const std::string& name, const std::string& prototxt, Terminal& terminal) {
  NetworkOptions options;
  options.prototxt = prototxt;
  const ZooNetwork* famous = find_in_zoo(name);
  if (famous != nullptr && !is_network_here(name, options)) return show_absent(*famous, terminal);
  const Network network = open_network(name, options, terminal.notices());
  const Json object = Json::parse(facts_to_json(network, famous));
  if (terminal.json) {
    terminal.print(object);
    return done;
  }
  for (const auto& [key, value] : object.items()) {
    const std::string text = shown(value);
    if (text.empty()) continue;
    std::string label = key;
    std::replace(label.begin(), label.end(), '_', ' ');
    terminal.print(fmt::format("{:15} {}{}\n", label, text, key == "min_input_size" ? " px" : ""));
  }
  return done;
}

int verify_models(std::vector<std::string> names, const std::string& prototxt, Terminal& terminal) {
  if (names.empty())
    for (const NetworkEntry& entry : list_networks())
      names.push_back(entry.file.empty() ? "" : entry.name);
  NetworkOptions options;
  options.prototxt = prototxt;
  return for_each_network(names, terminal, [&](const std::string& name, Json& item) {
    const Network network = open_network(name, options, terminal.notices());
    const Verification facts = verify_network(network);
    if (!facts.doubt.empty()) throw BadModel(facts.doubt);
    item["name"] = network.name;
    item["sha256"] = facts.sha256;
    item["published"] = facts.published;
    item["unknown_layers"] = facts.unknown_layers;
    const std::string release =
        facts.published.empty() ? "no published checksum to compare with" : facts.published;
    if (!terminal.json)
      terminal.print(
          fmt::format("{}: verified, {} weights, {}\n", network.name, facts.parameters, release));
    if (const auto end = network_end(network.graph)) terminal.info(describe(*end, network.name));
    return true;
  });
}

}  // namespace

void add_models(Command program, Session& session) {
  Command command =
      program.add_command("models", "list, inspect, verify, fetch and convert networks");
  const auto names = std::make_shared<std::vector<std::string>>();
  const auto prototxt = std::make_shared<std::string>();
  command.runs([&session] { return list_models(session.terminal); });

  Command list = command.add_command(
      "list", "list networks with their sizes and files, and those to download");
  list.runs([&session] { return list_models(session.terminal); });

  Command info = command.add_command("info", "show the facts of one network");
  info.add("NAME", *names, "network, by name or file [the built-in one]").values(0, 1);
  info.runs([names, prototxt, &session] {
    return show_model(names->empty() ? "" : names->front(), *prototxt, session.terminal);
  });

  Command verify =
      command.add_command("verify", "read every weight and compare checksums with published ones");
  verify.add("NAME", *names, "networks, by name or file [all]");
  verify.runs(
      [names, prototxt, &session] { return verify_models(*names, *prototxt, session.terminal); });

  add_models_fetch(command, session);
  add_models_convert(command, session);
  for (const Command& each : {command, list, info, verify})
    add_output_level_options(each, session.terminal);
  add_prototxt_option(info, *prototxt);
  add_prototxt_option(verify, *prototxt);
}

}  // namespace reverie::cli
