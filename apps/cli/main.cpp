// The program `reverie`. One file per command; this one finds out which, and turns what went wrong
// into one line and an exit status.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <new>

#include "apps/cli/interrupt.h"
#include "apps/cli/session.h"
#include "reverie/base/error.h"
#include "reverie/base/text.h"
#include "reverie/base/version.h"
#include "reverie/graph/names.h"

namespace reverie::cli {
namespace {

void add_commands(CLI::App& program, Session& session) {
  add_image(program, session);
  add_zoom(program, session);
  add_atlas(program, session);
  add_video(program, session);
  add_redo(program, session);
  add_recipe(program, session);
  add_probe(program, session);
  add_layers(program, session);
  add_models(program, session);
  add_bench(program, session);
  add_scene(program, session);
  add_options(program, session);
}

// The nearest of `known` when it is near enough to be meant: "; did you mean 'image'?".
std::string suggestion(const std::string& typed, const std::vector<std::string>& known) {
  const std::vector<std::string> nearest = nearest_names(typed, known, 1);
  return nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest[0]);
}

// Errors: UsageError when the first word is no command.
void check_command(const CLI::App& program, const std::vector<std::string>& words) {
  if (words.empty() || words[0].starts_with("-")) return;
  std::vector<std::string> known;
  for (const CLI::App* command : program.get_subcommands({})) {
    if (command->get_name() == words[0]) return;
    if (!command->get_group().empty()) known.push_back(command->get_name());
  }
  std::error_code ignored;
  if (words[0] == "-" || std::filesystem::exists(words[0], ignored))
    throw UsageError(
        fmt::format("no command '{0}'; to dream that picture: reverie image {0}", words[0]));
  throw UsageError(fmt::format("no command '{}'{}", words[0], suggestion(words[0], known)));
}

// Errors: UsageError for words that nothing took.
void check_leftovers(const CLI::App& command) {
  for (const CLI::App* below : command.get_subcommands()) check_leftovers(*below);
  const std::vector<std::string> words = command.remaining();
  if (words.empty()) return;
  const std::string word = words[0].substr(0, words[0].find('='));
  if (!word.starts_with("-") && !command.get_subcommands({}).empty())
    throw UsageError(fmt::format("{}: no '{}' there; reverie {} --help lists what there is",
                                 command.get_name(), word, command.get_name()));
  if (!word.starts_with("-"))
    throw UsageError(fmt::format("{}: '{}' is one argument too many", command.get_name(), word));
  std::vector<std::string> known;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  throw UsageError(
      fmt::format("{}: no option '{}'{}", command.get_name(), word, suggestion(word, known)));
}

// What CLI11 says about a bad command line, in our words where its own are hard to read.
std::string usage_text(const CLI::ParseError& error, const std::string& command) {
  const std::string text = error.what();
  const std::size_t end = text.find(':');
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr && end != std::string::npos)
    return fmt::format("{} needs a value", text.substr(0, end));
  constexpr std::string_view conversion = "Could not convert: ";
  if (const std::size_t equals = text.find(" = ");
      text.starts_with(conversion) && equals != std::string::npos)
    return fmt::format("{} is '{}', expected a number",
                       text.substr(conversion.size(), equals - conversion.size()),
                       text.substr(equals + 3));
  return fmt::format("{0}: {1}; reverie {0} --help says more", command, text);
}

// CLI11's layout of help without what it repeats about limits and conflicts.
class Formatter : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string type = option->get_type_name();
    return option->get_type_size() == 0 || type.empty() ? "" : " " + type;
  }
};

int parse_and_run(CLI::App& program, Session& session, int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty()) {
    fmt::print(stderr, "{}", program.help());
    return bad_usage;
  }
  try {
    check_command(program, words);
    program.parse(argc, argv);
    check_leftovers(program);
  } catch (const CLI::Success& success) {
    return program.exit(success);  // --help, --version
  } catch (const CLI::ParseError& error) {
    throw UsageError(usage_text(error, words[0]));
  }
  if (!session.action) throw UsageError("no command; reverie --help lists them");
  return session.action();
}

int run(int argc, char** argv) {
  // Lives to the end of the process: a signal may come at any time
  static CancelToken cancel;
  let_too_large_files_fail();
  Session session{{}, cancel, {}};

  CLI::App program("Turns photographs into dreams.", "reverie");
  program.set_version_flag("--version", fmt::format("reverie {}", version()), "print the version");
  program.set_help_flag("-h,--help", "print this help");
  const auto formatter = std::make_shared<Formatter>();
  formatter->column_width(32);
  program.formatter(formatter);
  program.footer("reverie COMMAND --help says more. The first dream: reverie image PHOTO");
  add_commands(program, session);
  try {
    return parse_and_run(program, session, argc, argv);
  } catch (const UsageError& error) {
    session.terminal.error(error.what());
    return bad_usage;
  } catch (const Error& error) {
    session.terminal.error(error.what());
  } catch (const std::bad_alloc&) {
    session.terminal.error("out of memory; a smaller --size needs less");
  } catch (const std::exception& error) {
    session.terminal.error(fmt::format("unexpected failure: {}", error.what()));
  }
  return failed;
}

}  // namespace
}  // namespace reverie::cli

int main(int argc, char** argv) { return reverie::cli::run(argc, argv); }
