// reverie models fetch NAME..., and downloads on the way to a dream
#include "apps/cli/fetching.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/interrupt.h"
#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/job/networks.h"

namespace reverie::cli {
namespace {

// Errors: UsageError naming what there is.
const ZooNetwork& wanted_network(const std::string& name) {
  if (const ZooNetwork* network = find_in_zoo(name)) return *network;
  std::vector<std::string> known;
  for (const ZooNetwork& network : zoo()) known.push_back(network.name);
  const std::vector<std::string> near = nearest_names(name, known, 4);
  throw UsageError(fmt::format("models fetch: no network '{}' to fetch; {}: {}", name,
                               near.empty() ? "there are" : "nearest names",
                               fmt::join(near.empty() ? known : near, ", ")));
}

int fetch_models(const std::vector<std::string>& names, const FetchArguments& arguments,
                 Session& session) {
  Terminal& terminal = session.terminal;
  for (const std::string& name : names) wanted_network(name);
  watch_interrupts(session.cancel);
  return for_each_network(names, terminal, [&](const std::string& name, Json& item) {
    const ZooNetwork& network = wanted_network(name);
    item["name"] = network.name;
    item["file"] = (weights_folder() / network.name / weights_of(network).name).string();
    const FetchEnd end = fetch_with_progress(network, arguments, session);
    if (end == FetchEnd::cancelled) {
      terminal.info(
          fmt::format("interrupted; run the same command again to go on with '{}'", network.name));
      return false;
    }
    item["fetched"] = end == FetchEnd::fetched;
    if (!terminal.json)
      terminal.print(
          fmt::format("{}: {}; to dream with it: reverie image PHOTO -m {}\n", network.name,
                      end == FetchEnd::fetched ? "fetched" : "already here", network.name));
    return true;
  });
}

}  // namespace

int for_each_network(const std::vector<std::string>& names, Terminal& terminal,
                     const std::function<bool(const std::string& name, Json& item)>& work) {
  Json list = Json::array();
  int status = done;
  for (const std::string& name : names) {
    Json item{{"name", name}, {"ok", false}};
    try {
      if (!work(name, item)) {
        status = interrupted;
        break;
      }
      item["ok"] = true;
    } catch (const Error& error) {
      item["error"] = error.what();
      terminal.error(error.what());
      status = failed;
    }
    list.push_back(item);
  }
  if (terminal.json) terminal.print(Json{{"models", list}});
  return status;
}

void FetchArguments::add_mirror_to(Command command) {
  command
      .add("--mirror", mirror,
           "download networks from URL/NETWORK/FILE instead of their publisher [$REVERIE_MIRROR]")
      .form("URL")
      .environment("REVERIE_MIRROR");
}

void FetchArguments::add_consent_to(Command command) {
  command.add_flag("--yes", yes, "download a missing network without asking");
  add_mirror_to(command);
}

Transfer TransferSpeed::at(const FetchProgress& progress) {
  const auto now = std::chrono::steady_clock::now();
  if (progress.file != file_ || progress.done < first_done_) {
    file_ = progress.file;
    first_done_ = progress.done;
    first_ = now;
  }
  const std::chrono::duration<double> elapsed = now - first_;
  const double speed = elapsed.count() > 0.5
                           ? static_cast<double>(progress.done - first_done_) / elapsed.count()
                           : 0;
  return {progress.file, progress.done, progress.total, speed};
}

FetchEnd fetch_with_progress(const ZooNetwork& network, const FetchArguments& arguments,
                             Session& session) {
  Terminal& terminal = session.terminal;
  TransferSpeed speed;
  FetchOptions options;
  options.mirror = arguments.mirror;
  options.cancel = &session.cancel;
  options.notices = terminal.notices();
  options.progress = [&](const FetchProgress& at) { terminal.progress(speed.at(at)); };
  const FetchEnd end = fetch_network(network, options);
  terminal.end_progress();
  if (end == FetchEnd::fetched && !network.remark.empty())
    terminal.info(fmt::format("{}: {}", network.name, network.remark));
  return end;
}

bool agreed_to_download(const ZooNetwork& network, const FetchArguments& arguments,
                        Terminal& terminal) {
  return arguments.yes ||
         (terminal.can_ask() && terminal.ask(fmt::format("'{}' is not here. Download it ({})?",
                                                         network.name, download_summary(network))));
}

void add_models_fetch(Command models, Session& session) {
  Command command = models.add_command("fetch", "download networks by name");
  const auto names = std::make_shared<std::vector<std::string>>();
  const auto arguments = std::make_shared<FetchArguments>();
  std::string known;
  for (const ZooNetwork& network : zoo()) known += (known.empty() ? "" : ", ") + network.name;
  command.add("NAME", *names, "of " + known).required();
  arguments->add_mirror_to(command);
  add_output_level_options(command, session.terminal);
  command.runs([names, arguments, &session] { return fetch_models(*names, *arguments, session); });
}

}  // namespace reverie::cli
