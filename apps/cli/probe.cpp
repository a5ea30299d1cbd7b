// reverie probe IMAGE
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "apps/cli/arguments.h"
#include "reverie/base/error.h"
#include "reverie/codec/image/image_file.h"
#include "reverie/job/benchmark.h"
#include "reverie/tensor/npy.h"

namespace reverie::cli {
namespace {

struct ProbeArguments {
  std::string image;
  RecipeArguments recipe;
  std::string prototxt;
  MachineArguments machine;
  std::string activation, gradient;  // .npy files; empty: not wanted
  bool overwrite = false;
};

// Errors: FileFailure.
void check_array_output(const std::string& path, bool overwrite) {
  if (path.empty()) return;
  std::error_code ignored;
  if (!overwrite && std::filesystem::exists(path, ignored))
    throw FileFailure(fmt::format("'{}' exists; --overwrite replaces it", path));
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder, ignored))
    throw FileFailure(fmt::format("no folder '{}' to write '{}' in", folder.string(), path));
}

int probe(const ProbeArguments& typed, Terminal& terminal) {
  const Recipe recipe = typed.recipe.apply_to(Recipe{});
  typed.machine.apply();
  check_array_output(typed.activation, typed.overwrite);
  check_array_output(typed.gradient, typed.overwrite);

  // One forward and one backward, at the picture's own size
  const Image frame = read_image(typed.image, terminal.notices());
  const Network network = open_typed_network(recipe, typed.prototxt, terminal);
  const OneGradient one = prepare_gradient(network, recipe, typed.machine.chosen_device(),
                                           frame.height(), frame.width());
  Tensor grad = Tensor::uninitialized(frame.color.shape());
  const double objective = one.gradient->run(frame.color, grad);
  const ConstView activation = one.gradient->plan().activation(0);

  if (!typed.activation.empty()) write_npy(typed.activation, activation);
  if (!typed.gradient.empty()) write_npy(typed.gradient, grad);
  const Json object{{"model", network.name},
                    {"layer", one.layer},
                    {"precision", to_string(recipe.precision)},
                    {"width", frame.width()},
                    {"height", frame.height()},
                    {"objective", objective},
                    {"activation", Json::parse(array_facts_to_json(activation))},
                    {"gradient", Json::parse(array_facts_to_json(grad))}};
  if (terminal.json) {
    terminal.print(object);
    return done;
  }
  const auto line = [&](const char* what) {
    const Json& array = object[what];
    return fmt::format("{:10}  {}  L2 {:.6g}  range {:.4g} to {:.4g}\n", what,
                       array["shape"].dump(), array["l2"].get<double>(), array["min"].get<double>(),
                       array["max"].get<double>());
  };
  terminal.print(fmt::format("{:10}  {} of {}\n{:10}  {:.8g}\n{}{}", "layer", one.layer,
                             network.name, "objective", objective, line("activation"),
                             line("gradient")));
  return done;
}

}  // namespace

void add_probe(Command program, Session& session) {
  Command command = program.add_command(
      "probe",
      "write a layer's activation on a picture, and the gradient with respect to the picture");
  const auto typed = std::make_shared<ProbeArguments>();
  command.add("IMAGE", typed->image, "a picture, used at its own size").required();
  command.add("--activation", typed->activation, "write the layer's activation, float32 [C,H,W]")
      .form("FILE.npy")
      .group("Output");
  command
      .add("--gradient", typed->gradient,
           "write d(objective)/d(canvas), float32 [3,H,W], RGB in 0..255 units; the "
           "objective is half the sum of the activation's squares")
      .form("FILE.npy")
      .group("Output");
  command.add_flag("--overwrite", typed->overwrite, "replace existing files").group("Output");
  typed->recipe.add_to(command, {"model", "input-transform", "layer", "precision"});
  add_prototxt_option(command, typed->prototxt);
  typed->machine.add_to(command);
  add_output_level_options(command, session.terminal);
  command.runs([typed, &session] { return probe(*typed, session.terminal); });
}

}  // namespace reverie::cli
