// installed.h: files that are installed along with the library.
#pragma once

#include <string>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// The folder of the file that contains this code (libreverie, or a test), with a slash at its end;
// empty where the system does not know it. Any thread.
std::string own_folder();

// The path of a program that only the library starts: beside the library in the build tree, in
// libexec when installed. Any thread. Errors: FileFailure when it is in neither.
std::string find_program(const std::string& name);

}  // namespace reverie
