// Networks: which are here, what they offer, fetching others.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "apps/studio/api.h"
#include "apps/studio/ids.h"
#include "apps/studio/json.h"
#include "reverie/base/error.h"
#include "reverie/model/network.h"
#include "reverie/model/weights_folder.h"
#include "reverie/model/zoo/zoo.h"

namespace reverie::studio {
namespace {

namespace fs = std::filesystem;
constexpr auto at_once = Reception::Where::at_once;
constexpr auto on_files = Reception::Where::files;

Response get_networks(const Call& call) {
  std::string text =
      "{\"networks\":[" + network_json(call.studio.networks.find("")->network, false);
  for (const ZooNetwork& network : zoo()) text += "," + network_json(network);
  return json_response(text + "]}");
}

Response get_network(const Call& call) {
  const std::string& name = call.parts.at("name");
  if (const auto opened = call.studio.networks.find(name))
    return json_response(network_json(opened->network, true));
  const ZooNetwork* famous = find_in_zoo(name);
  return famous != nullptr ? json_response(network_json(*famous))
                           : not_found("there is no such network");
}

Response fetch(const Call& call) {
  const ZooNetwork* network = find_in_zoo(call.parts.at("name"));
  if (network == nullptr) return not_found("there is no such network to download");
  if (!call.studio.may_fetch)
    return error_response(403, "Forbidden", "this studio was started with --no-fetch");
  JobRequest request;
  request.id = new_dream_id(now_ms());
  request.name = network->name;
  request.fetch = network->name;
  request.what = JobClass::film;
  return json_response(call.studio.queue.add(std::move(request), -1, 0, 0), 202);
}

Response delete_network(const Call& call) {
  const ZooNetwork* network = find_in_zoo(call.parts.at("name"));
  if (network == nullptr) return not_found("there is no such network");
  std::error_code failed;
  fs::remove_all(weights_folder() / network->name, failed);
  if (failed) throw FileFailure("the network cannot be deleted: " + failed.message());
  call.studio.networks.forget();
  const std::string json = network_json(*network);
  call.studio.events.publish("network", json);
  return json_response(json);
}

}  // namespace

std::vector<Route> network_routes() {
  return {
      {"GET", "/networks", on_files, get_networks,
       "`{networks: [NETWORK...]}`: the one inside and those of the zoo"},
      {"GET", "/networks/{name}", on_files, get_network, "NETWORK with its layers"},
      {"POST", "/networks/{name}/fetch", at_once, fetch, "202 JOB, which downloads it"},
      {"DELETE", "/networks/{name}", on_files, delete_network,
       "deletes a downloaded one → NETWORK"},
  };
}

}  // namespace reverie::studio
