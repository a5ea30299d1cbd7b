// command.h: what the program understands: its commands, their options and arguments. The library
// that reads the command line stays in command.cpp.
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

// What was typed cannot be done whatever the files hold. Exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One option, flag or argument, to be described further. Of an option that is given several times
// the last counts, unless it is repeatable.
class Argument {
 public:
  explicit Argument(CLI::Option& option) : option_(&option) {}

  // The heading that it stands under in help.
  Argument& group(const char* name);
  // What stands for its value in help: "FILE", "N".
  Argument& form(const std::string& name);
  Argument& required();
  // One value each time, as often as it is given.
  Argument& repeatable();
  // How many values follow it at a time.
  Argument& values(int min, int max);
  Argument& one_of(const std::vector<std::string>& names);
  Argument& one_of(const std::vector<int>& numbers);
  Argument& range(int low, int high);
  // Taken from this environment variable where it is not given.
  Argument& environment(const char* name);
  // Not together with `other`.
  Argument& excludes(const Argument& other);

 private:
  CLI::Option* option_;
};

using Actions = std::map<const CLI::App*, std::function<int()>>;

// One command. What its options write to must live as long as the program. Help texts are broken
// into lines here.
class Command {
 public:
  Command(CLI::App& app, Actions& actions) : app_(&app), actions_(&actions) {}

  Command add_command(const char* name, const std::string& help);
  // Leaves the command out of help.
  void hide();
  // What the command does; returns an ExitStatus.
  void runs(std::function<int()> action);

  // "-o,--output"; a name without dashes is an argument by its place.
  Argument add(const std::string& names, std::string& value, const std::string& help);
  Argument add(const std::string& names, std::filesystem::path& value, const std::string& help);
  Argument add(const std::string& names, int& value, const std::string& help);
  Argument add(const std::string& names, std::optional<int>& value, const std::string& help);
  Argument add(const std::string& names, std::uint64_t& value, const std::string& help);
  // As an argument it takes all words, as an option one, unless it is said to be repeatable.
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

  // Runs the command that is typed and returns what that returns; help and the version are printed
  // here. Errors: UsageError; as the command.
  int run(int argc, char** argv);

 private:
  std::unique_ptr<CLI::App> app_;
  Actions actions_;
};

}  // namespace reverie::cli
