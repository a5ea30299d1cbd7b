// A hidden command that prints the table of options for the README.
#include <memory>

#include "apps/cli/session.h"
#include "reverie/recipe/recipe_options.h"

namespace reverie::cli {

void add_options(Command program, Session& session) {
  Command command = program.add_command("options", "print the table of a recipe's settings");
  command.hide();
  const auto markdown = std::make_shared<bool>();
  command.add_flag("--markdown", *markdown, "as GitHub's Markdown, the only form there is");
  command.runs([markdown, &session] {
    session.terminal.print(options_markdown());
    return done;
  });
}

}  // namespace reverie::cli
