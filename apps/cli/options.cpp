// reverie options: the settings there are, for tools and for the manual.
#include <memory>

#include "apps/cli/session.h"
#include "reverie/recipe/settings_json.h"

namespace reverie::cli {

void add_options(Command program, Session& session) {
  Command command = program.add_command("options", "print all settings");
  command.hide();
  const auto markdown = std::make_shared<bool>(), json = std::make_shared<bool>();
  command.add_flag("--markdown", *markdown, "print docs/settings.md");
  command.add_flag("--json", *json, "print JSON, the default");
  command.runs([markdown, json, &session] {
    session.terminal.print(*markdown ? settings_markdown() : settings_json() + "\n");
    return done;
  });
}

}  // namespace reverie::cli
