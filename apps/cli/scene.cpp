// reverie scene -o FILE
#include <fmt/format.h>

#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/session.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/image/scene/cloudscape.h"

namespace reverie::cli {
namespace {

struct SceneArguments {
  std::string output;
  std::string size = "1024x576";
  std::uint64_t seed = 3;
  bool overwrite = false;
};

int render(const SceneArguments& typed, Terminal& terminal) {
  const auto size = typed_size(typed.size);
  if (!size || size->longest != 0)
    throw UsageError(fmt::format("--size is '{}', expected WxH", typed.size));
  ImageOptions options;
  options.overwrite = typed.overwrite;
  check_image_output(typed.output, options);
  write_image(typed.output, cloudscape(size->width, size->height, typed.seed), options,
              terminal.notices());
  if (terminal.json)
    terminal.print(
        Json{{"output", typed.output}, {"width", size->width}, {"height", size->height}});
  return done;
}

}  // namespace

void add_scene(Command program, Session& session) {
  Command command =
      program.add_command("scene", "render a cloudscape to dream on when no photo is at hand");
  const auto typed = std::make_shared<SceneArguments>();
  command.add("-o,--output", typed->output, "file to write, or - for standard output")
      .form("PATH")
      .required();
  command.add("--size", typed->size, "size in px [1024x576]").form("WxH");
  command.add("--seed", typed->seed, "seed of the clouds: each number gives others [3]").form("N");
  command.add_flag("--overwrite", typed->overwrite, "replace an existing file");
  add_output_level_options(command, session.terminal);
  command.runs([typed, &session] { return render(*typed, session.terminal); });
}

}  // namespace reverie::cli
