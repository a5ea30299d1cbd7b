#include "reverie/plan/backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/plan/cpu/compiler.h"
#include "reverie/plan/reference/compiler.h"

namespace reverie {
namespace {

constexpr const char* gpu_name = "gpu";  // understood in builds without one, too

const Backend* find_backend(const std::string& name) {
  for (const Backend& backend : backends())
    if (backend.name == name) return &backend;
  return nullptr;
}

std::string what_is_there() {
  std::string text = "auto";
  for (const DeviceInfo& info : list_devices())
    text += fmt::format(", {} ({})", to_string(info.device), info.description);
  return text;
}

[[noreturn]] void refuse(const std::string& asked) {
  throw DeviceFailure(
      fmt::format("there is no device '{}' here; choose one of: {}", asked, what_is_there()));
}

}  // namespace

const std::vector<Backend>& backends() {
  static const std::vector<Backend> all = {cpu::backend(), reference::backend()};
  return all;
}

std::vector<DeviceInfo> list_devices() {
  std::vector<const Backend*> order;
  for (const Backend& backend : backends()) order.push_back(&backend);
  std::stable_sort(order.begin(), order.end(), [](const Backend* a, const Backend* b) {
    return a->automatic_rank > b->automatic_rank;
  });
  std::vector<DeviceInfo> all;
  for (const Backend* backend : order)
    for (DeviceInfo& info : backend->devices()) all.push_back(std::move(info));
  return all;
}

ChosenDevice choose_device(const Device& device) {
  if (device.backend == Device::automatic.backend) {
    const DeviceInfo first = list_devices().front();  // the processor is always there
    return {find_backend(first.device.backend), first.device.index};
  }
  const Backend* const backend = find_backend(device.backend);
  if (!backend || device.index < 0 ||
      static_cast<std::size_t>(device.index) >= backend->devices().size())
    refuse(to_string(device));
  return {backend, device.index};
}

std::string to_string(const Device& device) {
  return device.index == 0 ? device.backend : fmt::format("{}:{}", device.backend, device.index);
}

Device parse_device(const std::string& text) {
  const std::size_t colon = text.find(':');
  Device device{text.substr(0, colon), 0};
  const bool automatic = device.backend == Device::automatic.backend;
  if (!automatic && device.backend != gpu_name && !find_backend(device.backend)) refuse(text);
  if (colon == std::string::npos) return device;
  const std::string which = text.substr(colon + 1);
  if (automatic || which.empty()) refuse(text);

  // A number, or a part of the description
  if (which.size() <= 4 && std::all_of(which.begin(), which.end(),
                                       [](unsigned char c) { return std::isdigit(c) != 0; })) {
    device.index = std::stoi(which);
    return device;
  }
  for (const DeviceInfo& info : list_devices())
    if (info.device.backend == device.backend &&
        lower(info.description).find(lower(which)) != std::string::npos)
      return info.device;
  refuse(text);
}

std::shared_ptr<PreparedNetwork> prepare_network(const Graph& graph, const Device& device) {
  const ChosenDevice chosen = choose_device(device);
  return chosen.backend->prepare(graph, chosen.index);
}

std::unique_ptr<Compiler> make_compiler(const Graph& graph, const std::vector<int>& targets,
                                        Precision precision, const Device& device) {
  return prepare_network(graph, device)->make_compiler(targets, precision);
}

}  // namespace reverie
