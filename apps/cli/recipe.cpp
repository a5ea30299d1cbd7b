// reverie recipe DREAM
#include <fmt/format.h>

#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/session.h"
#include "reverie/job/dream_file.h"
#include "reverie/recipe/recipe_json.h"

namespace reverie::cli {

void add_recipe(Command program, Session& session) {
  Command command = program.add_command("recipe", "print the recipe that a dream carries, as JSON");
  const auto dream = std::make_shared<std::string>();
  command.add("DREAM", *dream, "a picture or video that Reverie made").required();
  add_output_level_options(command, session.terminal);
  command.runs([dream, &session] {
    session.terminal.print(document_to_json(read_dream_document(*dream)) + "\n");
    return done;
  });
}

}  // namespace reverie::cli
