// fetch.h: downloads a known network from its publisher into the weights folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "reverie/base/api.h"
#include "reverie/base/cancel.h"
#include "reverie/base/notice.h"
#include "reverie/model/zoo/zoo.h"

namespace REVERIE_API reverie {

struct FetchProgress {
  std::string file;
  std::uintmax_t done = 0, total = 0;  // bytes of this file; total 0: unknown
};

struct FetchOptions {
  std::filesystem::path weights_folder;  // empty: the weights_folder() of this user
  // Replaces the published addresses: files are downloaded from MIRROR/NETWORK/FILE.
  std::string mirror;
  std::chrono::milliseconds connect_limit{20000};  // to a connection
  std::chrono::milliseconds stall_limit{30000};    // without a byte
  const CancelToken* cancel = nullptr;             // what was downloaded is kept for the next call
  std::function<void(const FetchProgress&)>
      progress;        // on the calling thread, often; must not throw
  NoticeSink notices;  // an address that failed
};

enum class FetchEnd { fetched, was_there, cancelled };

// Downloads the network's files, checks them, unpacks archives, and only then moves all into
// FOLDER/NAME/, the weights last. Until then they are in FOLDER/NAME.part/, and another call
// resumes from there. One fetch of a network at a time.
// Errors: FileFailure when no address gives a file (saying where to put a file from elsewhere), it
// cannot be written, another file of its name is there, or another process is fetching it; BadModel
// when an archive does not hold what was published.
FetchEnd fetch_network(const ZooNetwork& network, const FetchOptions& options = {});

}  // namespace reverie
