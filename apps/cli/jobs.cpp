#include "apps/cli/jobs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "apps/cli/session.h"
#include "reverie/base/error.h"

namespace reverie::cli {
namespace {

namespace fs = std::filesystem;

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

// sky.dream.png, sky.dream.jpg.
bool is_own_output(const fs::path& path) { return path.stem().extension() == ".dream"; }

bool is_picture_name(const fs::path& path) {
  std::string extension = path.extension().string();
  if (extension.empty()) return false;
  extension.erase(0, 1);
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::vector<std::string>& known = image_extensions();
  return std::find(known.begin(), known.end(), extension) != known.end();
}

// The pictures in a folder, by name; not those in folders below it.
std::vector<Job> jobs_in(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> files;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored) && is_picture_name(it->path()) && !is_own_output(it->path()))
      files.push_back(it->path().string());
  }
  if (error)
    return {{folder, "", fmt::format("cannot read folder '{}': {}", folder, error.message())}};
  if (files.empty()) return {{folder, "", fmt::format("no picture in folder '{}'", folder)}};
  std::sort(files.begin(), files.end());
  std::vector<Job> jobs;
  for (std::string& file : files) jobs.push_back({std::move(file), "", ""});
  return jobs;
}

std::string output_name(const std::string& input, const OutputArguments& output) {
  const std::string stem = input == "-" ? "stdin" : fs::path(input).stem().string();
  return fmt::format("{}.dream.{}", stem, output.format.empty() ? "png" : output.format);
}

// Errors: FileFailure.
void make_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw FileFailure(fmt::format("cannot make folder '{}': {}", folder, error.message()));
}

// A folder, however it is written; several pictures go nowhere else.
bool means_folder(const OutputArguments& output, bool several) {
  if (output.path.empty() || output.path == "-") return false;
  return is_folder(output.path) || output.path.ends_with('/') ||
         (several && fs::path(output.path).extension().empty());
}

}  // namespace

std::vector<Job> plan_jobs(const std::vector<std::string>& inputs, const OutputArguments& output) {
  // Which pictures
  std::vector<Job> jobs;
  bool several = inputs.size() > 1;
  for (const std::string& input : inputs) {
    if (input == "-" || !is_folder(input)) {
      jobs.push_back({input, "", ""});
      continue;
    }
    several = true;
    for (Job& job : jobs_in(input)) jobs.push_back(std::move(job));
  }
  if (std::count_if(jobs.begin(), jobs.end(), [](const Job& job) { return job.input == "-"; }) > 1)
    throw UsageError("standard input '-' can be dreamed once");

  // Where to
  const bool to_folder = means_folder(output, several);
  if (several && !to_folder && !output.path.empty())
    throw UsageError(fmt::format("-o '{}' is one file for several pictures; name a folder: -o {}/",
                                 output.path, fs::path(output.path).stem().string()));
  if (to_folder) make_folder(output.path);
  for (Job& job : jobs) {
    if (to_folder)
      job.output = (fs::path(output.path) / output_name(job.input, output)).string();
    else if (!output.path.empty())
      job.output = output.path;
    else
      job.output = job.input == "-" && !several ? "-" : output_name(job.input, output);
    if (job.output == "-" && output.path.empty() && isatty(STDOUT_FILENO))
      throw UsageError("a picture is no sight for a terminal; name a file with -o");
  }

  // What is already known to fail
  std::set<std::string> taken;
  for (Job& job : jobs) {
    if (!job.trouble.empty()) continue;
    try {
      std::error_code ignored;
      if (job.input != "-" && !fs::exists(job.input, ignored))
        throw FileFailure(fmt::format("no file '{}'", job.input));
      if (!taken.insert(job.output).second)
        throw FileFailure(
            fmt::format("'{}' would become '{}' like another input", job.input, job.output));
      check_image_output(job.output, image_options(output));
    } catch (const Error& error) {
      job.trouble = error.what();
    }
  }
  return jobs;
}

ImageOptions image_options(const OutputArguments& output) {
  ImageOptions options;
  options.format = output.format;
  if (output.format.empty() && output.path == "-") options.format = "png";
  options.bits = output.bits;
  options.quality = output.quality;
  options.overwrite = output.overwrite;
  return options;
}

}  // namespace reverie::cli
