#include "apps/cli/command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>

#include "reverie/base/text.h"

namespace reverie::cli {
namespace {

// Breaks text into lines of at most `columns`.
std::string wrapped(const std::string& text, std::size_t columns = 62) {
  std::string lines;
  std::size_t line_begin = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (!lines.empty()) {
      const bool fits = lines.size() - line_begin + 1 + (end - begin) <= columns;
      lines += fits ? ' ' : '\n';
      if (!fits) line_begin = lines.size();
    }
    lines += text.substr(begin, end - begin);
    begin = end + 1;
  }
  return lines;
}

// The nearest of `known`, and where all of them are listed: "did you mean 'image'? reverie --help
// lists all". `help` is the command line that lists them.
std::string suggestion(const std::string& typed, const std::vector<std::string>& known,
                       const std::string& help) {
  const std::vector<std::string> nearest = nearest_names(typed, known, 1);
  const std::string guess = nearest.empty() ? "" : fmt::format("did you mean '{}'? ", nearest[0]);
  return fmt::format("{}{} lists all", guess, help);
}

// What an option of the script that zooms descend from is called here; empty for another word.
std::string script_hint(const std::string& word) {
  static const std::map<std::string, const char*> hints{
      {"--input", "the picture stands without an option"},
      {"--name", "the video is named by --output"},
      {"--iter_num", "steps are --iterations"},
      {"--rec_num", "recursion levels are --octaves, with --octave-mode recursive"},
      {"--frames", "frames are those of reverie zoom"}};
  const auto hint = hints.find(word);
  return hint == hints.end() ? ""
                             : fmt::format(
                                   "{}: reverie zoom PHOTO -o NAME.mp4 --frames N "
                                   "--iterations N --zoom PX",
                                   hint->second);
}

// Errors: UsageError when the first word is no command.
void check_command(const CLI::App& program, const std::vector<std::string>& words) {
  const std::string first = words[0].substr(0, words[0].find('='));
  if (const std::string hint = script_hint(first); !hint.empty())
    throw UsageError(fmt::format("no command before '{}'; {}", first, hint));
  if (words[0].starts_with("-") && words[0] != "-") return;
  std::vector<std::string> known;
  for (const CLI::App* command : program.get_subcommands({})) {
    if (command->get_name() == words[0]) return;
    if (!command->get_group().empty()) known.push_back(command->get_name());
  }
  std::error_code ignored;
  if (words[0] == "-" || std::filesystem::exists(words[0], ignored))
    throw UsageError(
        fmt::format("no command '{0}'; to dream that picture: reverie image {0}", words[0]));
  throw UsageError(
      fmt::format("no command '{}'; {}", words[0], suggestion(words[0], known, "reverie --help")));
}

// "models fetch": how the command is typed after the program's name.
std::string command_path(const CLI::App& command) {
  const CLI::App* const parent = command.get_parent();
  if (parent == nullptr || parent->get_parent() == nullptr) return command.get_name();
  return command_path(*parent) + " " + command.get_name();
}

// What follows "--" is no option, whatever it begins with.
std::vector<std::string> with_plain_names(const std::vector<std::string>& words) {
  std::vector<std::string> plain;
  bool only_names = false;
  for (const std::string& word : words)
    if (!only_names && word == "--")
      only_names = true;
    else
      plain.push_back(only_names && word.size() > 1 && word[0] == '-' ? "./" + word : word);
  return plain;
}

// Errors: UsageError for a file that is taken for an option.
void check_dashes(const std::string& command, const std::vector<std::string>& words) {
  std::error_code ignored;
  for (const std::string& word : words)
    if (word.size() > 1 && word[0] == '-' && std::filesystem::exists(word, ignored))
      throw UsageError(
          fmt::format("{0}: no option '{1}'; for the file of that name: ./{1}", command, word));
}

// Errors: UsageError for words that nothing took.
void check_leftovers(const CLI::App& command) {
  for (const CLI::App* below : command.get_subcommands()) check_leftovers(*below);
  const std::vector<std::string> words = command.remaining();
  if (words.empty()) return;
  const std::string word = words[0].substr(0, words[0].find('='));
  if (!word.starts_with("-") && !command.get_subcommands({}).empty())
    throw UsageError(fmt::format("{}: no command '{}'; reverie {} --help lists the commands",
                                 command.get_name(), word, command.get_name()));
  if (!word.starts_with("-"))
    throw UsageError(fmt::format("{}: '{}' is one argument too many", command.get_name(), word));
  std::vector<std::string> known;
  for (const CLI::Option* option : command.get_options())
    if (!option->get_group().empty())
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  check_dashes(command.get_name(), words);
  if (const std::string hint = script_hint(word); !hint.empty())
    throw UsageError(fmt::format("{}: no option '{}'; {}", command.get_name(), word, hint));
  throw UsageError(fmt::format(
      "{0}: no option '{1}'; {2}", command.get_name(), word,
      suggestion(word, known, fmt::format("reverie {} --help", command_path(command)))));
}

// What CLI11 says about a bad command line, in our words where its own are hard to read.
std::string usage_text(const CLI::ParseError& error, const std::string& command) {
  const std::string text = error.what();
  const std::size_t end = text.find(':');
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr && end != std::string::npos)
    return fmt::format("{} needs a value", text.substr(0, end));
  constexpr std::string_view exclusion = " excludes ";
  if (const std::size_t middle = text.find(exclusion); middle != std::string::npos) {
    const std::string one = text.substr(0, middle), other = text.substr(middle + exclusion.size());
    // Options that are hidden from help, former names, are nameless here
    if (one.empty() || other.empty())
      return fmt::format("{} is given twice, once by its former name; leave that one out",
                         one + other);
    return fmt::format("{} and {} do not go together; give one of them", one, other);
  }
  constexpr std::string_view conversion = "Could not convert: ";
  if (const std::size_t equals = text.find(" = ");
      text.starts_with(conversion) && equals != std::string::npos)
    return fmt::format("{} is '{}', expected a number",
                       text.substr(conversion.size(), equals - conversion.size()),
                       text.substr(equals + 3));
  return fmt::format("{0}: {1}; reverie {0} --help lists the options", command, text);
}

// CLI11's layout of help without what it repeats about limits and conflicts.
class Formatter : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string type = option->get_type_name();
    return option->get_type_size() == 0 || type.empty() ? "" : " " + type;
  }
};

bool is_by_place(const std::string& names) { return !names.starts_with("-"); }

}  // namespace

Argument& Argument::group(const char* name) {
  option_->group(name);
  return *this;
}
Argument& Argument::form(const std::string& name) {
  option_->type_name(name)->type_size(1);
  return *this;
}
Argument& Argument::required() {
  option_->required();
  return *this;
}
Argument& Argument::repeatable() {
  option_->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args(false)->take_all();
  return *this;
}
Argument& Argument::values(int min, int max) {
  option_->expected(min, max)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  return *this;
}
Argument& Argument::one_of(const std::vector<std::string>& names) {
  option_->check(CLI::IsMember(names).description(""));
  return *this;
}
Argument& Argument::one_of(const std::vector<int>& numbers) {
  option_->check(CLI::IsMember(numbers).description(""));
  return *this;
}
Argument& Argument::range(int low, int high) {
  option_->check(CLI::Range(low, high).description(""));
  return *this;
}
Argument& Argument::environment(const char* name) {
  option_->envname(name);
  return *this;
}
Argument& Argument::excludes(const Argument& other) {
  option_->excludes(other.option_);
  return *this;
}
Command Command::add_command(const char* name, const std::string& help) {
  CLI::App* const command = app_->add_subcommand(name, help);
  // Words that nothing takes are told by check_leftovers(), with what may have been meant
  command->allow_extras();
  return {*command, *actions_};
}

void Command::hide() { app_->group(""); }

void Command::runs(std::function<int()> action) { (*actions_)[app_] = std::move(action); }

template <class T>
Argument Command::add_value(const std::string& names, T& value, const std::string& help) {
  CLI::Option* const option = app_->add_option(names, value, wrapped(help));
  if (is_by_place(names))
    option->type_name("");
  else
    option->take_last();
  return Argument(*option);
}

Argument Command::add(const std::string& names, std::string& value, const std::string& help) {
  return add_value(names, value, help);
}
Argument Command::add(const std::string& names, std::filesystem::path& value,
                      const std::string& help) {
  return add_value(names, value, help);
}
Argument Command::add(const std::string& names, int& value, const std::string& help) {
  return add_value(names, value, help);
}
Argument Command::add(const std::string& names, std::optional<int>& value,
                      const std::string& help) {
  return add_value(names, value, help);
}
Argument Command::add(const std::string& names, std::uint64_t& value, const std::string& help) {
  return add_value(names, value, help);
}
Argument Command::add(const std::string& names, std::vector<std::string>& values,
                      const std::string& help) {
  CLI::Option* const option = app_->add_option(names, values, wrapped(help));
  if (is_by_place(names))
    option->type_name("");
  else
    option->type_size(1)->expected(1)->take_last();
  return Argument(*option);
}
Argument Command::add_flag(const std::string& names, bool& value, const std::string& help) {
  return Argument(*app_->add_flag(names, value, wrapped(help)));
}

Program::Program(const char* name, const std::string& version)
    : app_(std::make_unique<CLI::App>("Turns photographs and videos into dreams (DeepDream).",
                                      name)) {
  app_->set_version_flag("-V,--version", fmt::format("{} {}", name, version), "print the version");
  app_->set_help_flag("-h,--help", "print this help");
  const auto formatter = std::make_shared<Formatter>();
  formatter->column_width(32);
  app_->formatter(formatter);
  app_->footer("Options of a command: reverie COMMAND --help. A first dream: reverie image PHOTO");
}

Program::~Program() = default;

Command Program::commands() { return {*app_, actions_}; }

int Program::run(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty()) {
    fmt::print(stderr, "{}", app_->help());
    return bad_usage;
  }
  if (words[0] == "help") {  // help COMMAND is COMMAND --help
    words.erase(words.begin());
    words.emplace_back("--help");
  }
  words = with_plain_names(words);
  try {
    check_command(*app_, words);
    app_->parse(std::vector<std::string>(words.rbegin(), words.rend()));  // from the end
    check_leftovers(*app_);
  } catch (const CLI::Success& success) {
    return app_->exit(success);  // --help, --version
  } catch (const CLI::ParseError& error) {
    check_dashes(words[0], words);
    throw UsageError(usage_text(error, words[0]));
  }
  const CLI::App* typed = app_.get();
  while (!typed->get_subcommands().empty()) typed = typed->get_subcommands().front();
  const auto action = actions_.find(typed);
  if (action == actions_.end()) throw UsageError("no command; reverie --help lists them");
  return action->second();
}

}  // namespace reverie::cli
