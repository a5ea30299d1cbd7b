// A request to the studio: its head, and the body of an interface's call, behind the gate and
// before it. The text is that of a request; a first line that begins with '!' comes without the
// key.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/studio/api.h"
#include "apps/studio/ids.h"
#include "fuzz/bytes.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/image/scene/cloudscape.h"

namespace {

using namespace reverie;
using namespace reverie::studio;
namespace fs = std::filesystem;

const std::string token(64, 'a');
const std::string dream_id = "01M8DK5WZ19RW4JSXX4RWR70B4";

// A studio with one picture and one dream, whose queue nobody works off.
struct Bench {
  Bench() {
    const fs::path file = folder / "incoming/x";
    ImageOptions options;
    options.format = "png";
    options.recipe = R"({"reverie": "0", "recipe": {"octaves": 3}})";
    const std::string bytes = encode_image(cloudscape(16, 8, 1), options);
    std::ofstream(file, std::ios::binary) << bytes;
    Asset asset;
    asset.id = std::string(64, 'a');
    asset.kind = "image";
    asset.name = "sky.png";
    asset.width = 16;
    asset.height = 8;
    store.add_asset(file, asset);
    const fs::path path = store.new_dream_path(dream_id, ".png");
    std::ofstream(path, std::ios::binary) << bytes;
    Dream dream;
    dream.id = dream_id;
    dream.kind = "image";
    dream.file = fs::relative(path, store.folder() / "dreams").string();
    dream.document = options.recipe;
    store.add_dream(dream);
  }

  // In memory where the system has that, since every change goes to the disk.
  static fs::path new_folder() {
    std::string form =
        (fs::is_directory("/dev/shm") ? "/dev/shm" : fs::temp_directory_path().string()) +
        "/studio-fuzz-XXXXXX";
    if (::mkdtemp(form.data()) == nullptr) std::abort();
    std::atexit([] { fs::remove_all(made); });
    return made = form;
  }

  static inline fs::path made;
  const fs::path folder = new_folder();
  Store store{folder};
  EventLog events;
  Queue queue{store, events};
  Speed speed{store};
  Gate gate{{token, 7349, {}}};
  OpenedNetworks networks;
  Looker looker{store, queue, std::chrono::seconds(0)};
  AtlasMaker atlas{queue, events};
  TileMaker tiles{store};
  Room room{folder, 0};
  Studio studio{store, queue, events, speed, gate, networks, looker, atlas, tiles, room, false};
};

// The lines of a request as the HTTP library would give them.
Request request_of(std::string_view text, bool has_key) {
  Request request;
  const std::size_t end = std::min(text.find("\n\n"), text.size());
  std::string_view head = text.substr(0, end);
  request.body = text.substr(std::min(end + 2, text.size()));
  const auto next = [&](char stop) {
    const std::size_t at = std::min(head.find(stop), head.size());
    const std::string part(head.substr(0, at));
    head.remove_prefix(std::min(at + 1, head.size()));
    return part;
  };
  request.method = next(' ');
  std::string target = next('\n');
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = target.substr(0, mark);
  for (std::size_t at = mark; at < target.size();) {
    const std::size_t stop = std::min(target.find('&', at + 1), target.size());
    const std::string pair = target.substr(at + 1, stop - at - 1);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    request.query[pair.substr(0, equals)] = pair.substr(std::min(equals + 1, pair.size()));
    at = stop;
  }
  while (!head.empty()) {
    const std::string name = next(':');
    request.headers.emplace(name, next('\n'));
  }
  if (has_key) {
    request.headers.emplace("host", "127.0.0.1:7349");
    request.headers.emplace("authorization", "Reverie " + token);
    request.headers.emplace("content-type", "application/json");
  }
  return request;
}

// What renders, opens networks or waits for the engine is not for a million runs.
bool is_slow(const std::string& path) {
  for (const char* part : {"/sky", "/looks", "/look", "/networks", "/atlas"})
    if (path.rfind(std::string("/api/1") + part, 0) == 0) return true;
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Bench bench;
  std::string_view text = fuzz::as_text(data, size);
  const bool has_key = text.empty() || text.front() != '!';
  Request request = request_of(has_key ? text : text.substr(1), has_key);
  const Reception reception = receive(bench.studio, request);
  if (reception.where == Reception::Where::refused) return 0;
  // Without the key nobody gets this far: the fuzzer does not know it
  if (!has_key) std::abort();
  if (is_slow(request.path)) return 0;
  if (reception.takes_upload) {
    request.upload = bench.folder / "incoming/upload";
    std::ofstream(request.upload, std::ios::binary) << request.body;
  }
  const Response response = reception.answer(request);
  if (response.status >= 500 && response.status != 507) std::abort();
  if (!response.file.empty() &&
      fs::weakly_canonical(response.file).string().rfind(bench.folder.string(), 0) != 0)
    std::abort();
  if (response.status == 202) {
    const std::string id = nlohmann::json::parse(response.body).at("id").get<std::string>();
    bench.queue.cancel(id);
  }
  return 0;
}
