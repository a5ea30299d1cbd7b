// installed.h: files that are installed along with the library. Internal to the library.
#pragma once

#include <string>

namespace reverie {

// The folder of the file that this code is in (libreverie, or a test), with its slash; empty where
// the system does not know. Any thread.
std::string own_folder();

// The path of a program that nobody but the library starts: beside the library in the build tree,
// in libexec once installed. Any thread. Errors: FileFailure when it is in neither.
std::string find_program(const std::string& name);

}  // namespace reverie
