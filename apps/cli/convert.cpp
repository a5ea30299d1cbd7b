// reverie models convert FILE OUT
#include <fmt/format.h>

#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/fetching.h"
#include "reverie/base/error.h"
#include "reverie/job/networks.h"

namespace reverie::cli {
namespace {

struct ConvertArguments {
  std::string input;
  RecipeArguments recipe;
  std::filesystem::path output;
  std::string weights = "fp32";
  bool overwrite = false;
  std::string prototxt;
};

int convert(const ConvertArguments& typed, Terminal& terminal) {
  if (typed.output.extension() != ".safetensors")
    throw UsageError(
        fmt::format("models convert: OUT is '{}', expected a name that ends in .safetensors",
                    typed.output.string()));
  std::error_code ignored;
  if (!typed.overwrite && std::filesystem::exists(typed.output, ignored))
    throw FileFailure(fmt::format("'{}' exists; --overwrite replaces it", typed.output.string()));
  Recipe recipe = typed.recipe.apply_to(Recipe{});
  recipe.model = typed.input;
  const Network network = open_typed_network(recipe, typed.prototxt, terminal);
  save_network(network, typed.output,
               typed.weights == "fp16"   ? WeightsType::float16
               : typed.weights == "bf16" ? WeightsType::bfloat16
                                         : WeightsType::float32);
  const std::uintmax_t bytes = std::filesystem::file_size(typed.output);
  if (terminal.json)
    terminal.print(Json{{"name", network.name},
                        {"output", typed.output.string()},
                        {"weights", typed.weights},
                        {"bytes", bytes}});
  else
    terminal.info(
        fmt::format("{}: {}, {} weights", typed.output.string(), bytes_text(bytes), typed.weights));
  return done;
}

}  // namespace

void add_models_convert(Command models, Session& session) {
  Command command = models.add_command(
      "convert", "convert a network to one .safetensors file, which opens fastest");
  const auto typed = std::make_shared<ConvertArguments>();
  command.add("FILE", typed->input, "network to convert, by name or file").required();
  command.add("OUT", typed->output, ".safetensors file to write").required();
  command
      .add("--weights", typed->weights, "number format of the weights: fp32, fp16 or bf16 [fp32]")
      .form("TYPE")
      .one_of({"fp32", "fp16", "bf16"});
  command.add_flag("--overwrite", typed->overwrite, "replace an existing file");
  typed->recipe.add_to(command, {"input-transform"});
  add_prototxt_option(command, typed->prototxt);
  add_output_level_options(command, session.terminal);
  command.runs([typed, &session] { return convert(*typed, session.terminal); });
}

}  // namespace reverie::cli
