// A hidden command that prints the table of options for the README.
#include "apps/cli/session.h"
#include "reverie/recipe/recipe_options.h"

namespace reverie::cli {

void add_options(CLI::App& program, Session& session) {
  CLI::App* command = program.add_subcommand("options", "print the table of a recipe's settings");
  command->group("");
  command->add_flag("--markdown")->description("as GitHub's Markdown, the only form there is");
  command->callback([&session] {
    session.action = [&session] {
      session.terminal.print(options_markdown());
      return done;
    };
  });
}

}  // namespace reverie::cli
