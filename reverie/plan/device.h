// device.h: names of devices (processors and graphics cards), and a list of those available.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// A device by the name of its backend and its number there: "cpu"; "gpu" or "gpu:1". "auto" leaves
// the choice to Reverie.
struct Device {
  std::string backend = "auto";
  int index = 0;

  friend bool operator==(const Device&, const Device&) = default;

  static const Device automatic, cpu;
};
inline const Device Device::automatic{"auto", 0};
inline const Device Device::cpu{"cpu", 0};

// An available device.
struct DeviceInfo {
  Device device;                 // the name to request it by
  std::string description;       // the maker's name for it and what it can do
  std::size_t memory_bytes = 0;  // total; 0 where unknown
  std::size_t free_bytes = 0;    // available to a plan now; 0 where unknown
};

// All available devices, the one that `auto` chooses first.
std::vector<DeviceInfo> list_devices();

// "cpu", "gpu", "gpu:1": what parse_device reads. The first of a backend has no number.
std::string to_string(const Device& device);

// Reads auto, cpu, gpu, NAME:N, or NAME:TEXT for the first device whose description holds the text.
// Errors: DeviceFailure for an unknown name, and for a text that no device has. Whether NAME:N
// exists is checked when it is used.
Device parse_device(const std::string& text);

}  // namespace reverie
