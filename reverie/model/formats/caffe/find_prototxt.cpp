#include "reverie/model/formats/caffe/find_prototxt.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "reverie/base/error.h"

namespace reverie {

namespace fs = std::filesystem;

fs::path find_prototxt(const fs::path& caffemodel) {
  std::error_code error;
  fs::path same = caffemodel;
  same.replace_extension(".prototxt");
  if (fs::is_regular_file(same, error)) return same;
  const fs::path folder = caffemodel.has_parent_path() ? caffemodel.parent_path() : fs::path(".");
  const fs::path deploy = caffemodel.parent_path() / "deploy.prototxt";
  if (fs::is_regular_file(deploy, error)) return deploy;
  std::vector<std::string> found;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".prototxt") found.push_back(it->path().filename().string());
  std::sort(found.begin(), found.end());
  if (found.size() > 1)
    throw FileFailure(
        fmt::format("'{}' has several descriptions beside it, choose one with --prototxt: {}",
                    caffemodel.string(), fmt::join(found, ", ")));
  return found.empty() ? fs::path() : caffemodel.parent_path() / found[0];
}

}  // namespace reverie
