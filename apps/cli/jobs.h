// jobs.h: from what was typed to a list of pictures to read and files to write.
#pragma once

#include <string>
#include <vector>

#include "reverie/codec/image/image_file.h"

namespace reverie::cli {

// One picture to dream on. `trouble` says why it cannot be done, found before any work began.
struct Job {
  std::string input;   // file, or "-"
  std::string output;  // file, or "-"
  std::string trouble;
};

// How results are to be written.
struct OutputArguments {
  std::string path;    // -o; empty: beside nothing, in the current folder
  std::string format;  // "png", "jpg", "webp", "tif"; empty: by extension, else png
  int bits = 8;
  int quality = 95;
  bool overwrite = false;
  bool given_bits = false, given_quality = false;
};

// Folders are replaced by the pictures in them, by name, without Reverie's own (.dream.). Outputs
// are INPUT's stem + `.dream.` + format in the current folder, in the folder -o, or the file -o.
// Makes the folder -o. Errors: UsageError when one output is named for several inputs.
std::vector<Job> plan_jobs(const std::vector<std::string>& inputs, const OutputArguments& output);

ImageOptions image_options(const OutputArguments& output);

}  // namespace reverie::cli
