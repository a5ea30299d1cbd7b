// hdf5_reader.h: the program that reads HDF5 files.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>

#include "reverie/base/descriptor.h"
#include "reverie/base/installed.h"
#include "reverie/model/formats/keras/hdf5_conversation.h"

namespace reverie::keras {

// The path of reverie-hdf5. Errors: FileFailure when it is not installed; Unsupported in a build
// that left it out.
std::filesystem::path hdf5_program();

// A running reverie-hdf5, the only program that HDF5 is linked with: damaged files crash the
// library HDF5 in ways that cannot be prevented here, and so crash that program alone. Each file is
// read in a process of its own with limits for memory and time; all of these end with the
// Hdf5Reader. See docs/decisions/hdf5-process.md.
class Hdf5Reader {
 public:
  // Starts it, and waits until it runs. patience: how long an answer may take.
  // Errors: FileFailure when there is no such program or it does not run.
  explicit Hdf5Reader(const std::filesystem::path& program = hdf5_program(),
                      std::chrono::milliseconds patience = std::chrono::seconds(60));

  // Waits up to a second until it has closed the files, which it does when their conversations end.
  ~Hdf5Reader();

  // A conversation about a file, not yet opened. Any thread. Errors: FileFailure.
  Conversation converse(const std::string& file) const;

 private:
  // A process that the destructor kills and waits for.
  class Process {
   public:
    // With `input` as its standard input and nothing else open.
    Process(const std::filesystem::path& program, int input);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

   private:
    pid_t id_ = -1;
  };

  Hdf5Reader(const std::filesystem::path& program, std::chrono::milliseconds patience,
             std::pair<Descriptor, Descriptor> sockets);

  const std::chrono::milliseconds patience_;
  const Descriptor control_;
  const Process process_;
};

}  // namespace reverie::keras
