// command.h: describes the program's commands with their options and arguments. The library that
// reads the command line stays in command.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace reverie::cli {

// The contract of the program's exit status.
enum ExitStatus { done = 0, failed = 1, bad_usage = 2, interrupted = 130 };

// A bad command line, whatever the files contain. Exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One option, flag or argument. If an option is given several times the last value counts, unless
// it is repeatable.
class Argument {
 public:
  explicit Argument(CLI::Option& option) : option_(&option) {}

  // Its heading in help.
  Argument& group(const char* name);
  // The placeholder of its value in help: "FILE", "N".
  Argument& form(const std::string& name);
  Argument& required();
  // May be given several times, with one value each.
  Argument& repeatable();
  // The number of values that follow it.
  Argument& values(int min, int max);
  Argument& one_of(const std::vector<std::string>& names);
  Argument& one_of(const std::vector<int>& numbers);
  Argument& range(int low, int high);
  // The environment variable that gives its value when it is not typed.
  Argument& environment(const char* name);
  // Cannot be given together with `other`.
  Argument& excludes(const Argument& other);

 private:
  CLI::Option* option_;
};

using Actions = std::map<const CLI::App*, std::function<int()>>;

// One command. The variables that its options write to must live as long as the program. Help texts
// are broken into lines here.
class Command {
 public:
  Command(CLI::App& app, Actions& actions) : app_(&app), actions_(&actions) {}

  Command add_command(const char* name, const std::string& help);
  // Omits the command from help.
  void hide();
  // The command's action; returns an ExitStatus.
  void runs(std::function<int()> action);

  // "-o,--output"; a name without dashes is a positional argument.
  Argument add(const std::string& names, std::string& value, const std::string& help);
  Argument add(const std::string& names, std::filesystem::path& value, const std::string& help);
  Argument add(const std::string& names, int& value, const std::string& help);
  Argument add(const std::string& names, std::optional<int>& value, const std::string& help);
  Argument add(const std::string& names, std::uint64_t& value, const std::string& help);
  // A positional argument takes all words; an option takes one, unless it is repeatable.
  Argument add(const std::string& names, std::vector<std::string>& values, const std::string& help);
  Argument add_flag(const std::string& names, bool& value, const std::string& help);

 private:
  template <class T>
  Argument add_value(const std::string& names, T& value, const std::string& help);

  CLI::App* app_;
  Actions* actions_;
};

// The whole program.
class Program {
 public:
  Program(const char* name, const std::string& version);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  Command commands();

  // Runs the typed command and returns its exit status; help and version are printed here. Errors:
  // UsageError; as the command.
  int run(int argc, char** argv);

 private:
  std::unique_ptr<CLI::App> app_;
  Actions actions_;
};

}  // namespace reverie::cli
