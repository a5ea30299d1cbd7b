// backend.h: the table of backends in this build: one for the processor, one for each kind of
// graphics card. A new backend has a function that returns its entry, and backend.cpp names it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "reverie/base/api.h"
#include "reverie/plan/plan.h"

namespace REVERIE_PRIVATE_API reverie {

struct Backend {
  std::string name;  // what Device::backend says
  // `auto` takes the backend of the highest rank that has a device; one of rank 0 only on request.
  int automatic_rank = 0;
  // The available devices, in the order of their index; none without a driver or a card. Must not
  // throw.
  std::function<std::vector<DeviceInfo>()> devices;
  // A network on one of them. Errors: DeviceFailure.
  std::function<std::shared_ptr<PreparedNetwork>(const Graph& graph, int index)> prepare;
};

// In the order in which they are listed. Any thread may ask.
const std::vector<Backend>& backends();

// The backend of a device, with `auto` resolved. Errors: DeviceFailure, naming the devices that are
// there, when it is not.
struct ChosenDevice {
  const Backend* backend;
  int index;
};
ChosenDevice choose_device(const Device& device);

}  // namespace reverie
