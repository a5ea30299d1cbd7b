// reverie models fetch NAME..., and downloads on the way to a dream
#include "apps/cli/fetching.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/interrupt.h"
#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/graph/names.h"

namespace reverie::cli {
namespace {

// How fast a file comes, from what came since its first report.
class Speed {
 public:
  double of(const FetchProgress& at) {
    const auto now = std::chrono::steady_clock::now();
    if (at.file != file_ || at.done < first_done_) {
      file_ = at.file;
      first_done_ = at.done;
      first_ = now;
    }
    const std::chrono::duration<double> elapsed = now - first_;
    return elapsed.count() > 0.5 ? static_cast<double>(at.done - first_done_) / elapsed.count() : 0;
  }

 private:
  std::string file_;
  std::uintmax_t first_done_ = 0;
  std::chrono::steady_clock::time_point first_;
};

// Errors: UsageError naming what there is.
const ZooNetwork& wanted_network(const std::string& name) {
  if (const ZooNetwork* network = find_in_zoo(name)) return *network;
  std::vector<std::string> known;
  for (const ZooNetwork& network : zoo()) known.push_back(network.name);
  throw UsageError(fmt::format("models fetch: no network '{}' to fetch; nearest names: {}", name,
                               fmt::join(nearest_names(name, known, 4), ", ")));
}

int fetch_models(const std::vector<std::string>& names, const FetchArguments& arguments,
                 Session& session) {
  Terminal& terminal = session.terminal;
  std::vector<const ZooNetwork*> networks;
  for (const std::string& name : names) networks.push_back(&wanted_network(name));
  watch_interrupts(session.cancel);
  Json list = Json::array();
  int status = done;
  for (const ZooNetwork* network : networks) {
    const std::filesystem::path file = weights_folder() / network->name / weights_of(*network).name;
    Json item{{"name", network->name}, {"ok", false}, {"file", file.string()}};
    try {
      const FetchEnd end = fetch_with_progress(*network, arguments, session);
      if (end == FetchEnd::cancelled) {
        terminal.say(fmt::format("interrupted; the same command goes on with '{}'", network->name));
        status = interrupted;
        break;
      }
      item["ok"] = true;
      item["fetched"] = end == FetchEnd::fetched;
      if (!terminal.json)
        terminal.print(fmt::format("{}: {}; reverie image PHOTO -m {}\n", network->name,
                                   end == FetchEnd::fetched ? "fetched" : "is here already",
                                   network->name));
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

}  // namespace

void FetchArguments::add_mirror_to(Command command) {
  command
      .add("--mirror", mirror,
           "fetch networks from URL/NETWORK/FILE instead of where they are "
           "published [$REVERIE_MIRROR]")
      .form("URL")
      .environment("REVERIE_MIRROR");
}

void FetchArguments::add_consent_to(Command command) {
  command.add_flag("--yes", yes, "download a famous network that is named but not here");
  add_mirror_to(command);
}

std::string price(const ZooNetwork& network) {
  std::string size = bytes_text(download_bytes(network));
  if (weights_of(network).bytes == 0) size = "size unknown";
  return fmt::format("{}, {}", size, network.licence);
}

FetchEnd fetch_with_progress(const ZooNetwork& network, const FetchArguments& arguments,
                             Session& session) {
  Terminal& terminal = session.terminal;
  Speed speed;
  FetchOptions options;
  options.mirror = arguments.mirror;
  options.cancel = &session.cancel;
  options.notices = terminal.notices();
  options.progress = [&](const FetchProgress& at) {
    terminal.progress(Transfer{at.file, at.done, at.total, speed.of(at)});
  };
  const FetchEnd end = fetch_network(network, options);
  terminal.end_progress();
  if (end == FetchEnd::fetched && !network.remark.empty())
    terminal.say(fmt::format("{}: {}", network.name, network.remark));
  return end;
}

bool obtain_network(const std::string& name, const NetworkOptions& options,
                    const FetchArguments& arguments, Session& session) {
  const ZooNetwork* network = find_in_zoo(name);
  if (network == nullptr || is_network_here(name, options)) return true;
  Terminal& terminal = session.terminal;
  const bool agreed =
      arguments.yes ||
      (terminal.can_ask() &&
       terminal.ask(fmt::format("'{}' is not here. Download it ({})?", name, price(*network))));
  if (!agreed)
    throw FileFailure(fmt::format(
        "no network '{}' in '{}'; reverie models fetch {} downloads it ({}), and so does --yes",
        name, weights_folder().string(), network->name, price(*network)));
  return fetch_with_progress(*network, arguments, session) != FetchEnd::cancelled;
}

void add_models_fetch(Command models, Session& session) {
  Command command = models.add_command("fetch", "download famous networks by name");
  const auto names = std::make_shared<std::vector<std::string>>();
  const auto arguments = std::make_shared<FetchArguments>();
  std::string known;
  for (const ZooNetwork& network : zoo()) known += (known.empty() ? "" : ", ") + network.name;
  command.add("NAME", *names, "of " + known).required();
  arguments->add_mirror_to(command);
  add_speech_options(command, session.terminal);
  command.runs([names, arguments, &session] { return fetch_models(*names, *arguments, session); });
}

}  // namespace reverie::cli
