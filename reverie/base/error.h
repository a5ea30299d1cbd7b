// error.h: the exceptions that the library throws.
//
// A message names the file, the layer or the byte, what was found, what was expected and, where it
// helps, what to do; it is one line without a full stop, so that a program can print it as it is.
#pragma once

#include <stdexcept>
#include <string>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
};

// A network file that is damaged, inconsistent or not of the expected format.
class BadModel : public Error {
 public:
  using Error::Error;
};

// A valid request that this build cannot fulfil: a layer type, a file feature, a device.
class Unsupported : public Error {
 public:
  using Error::Error;
};

// A setting out of its range, of the wrong type, unknown, or in conflict with another.
class BadRecipe : public Error {
 public:
  using Error::Error;
};

// Arrays whose shapes do not fit, or a picture too small for a network.
class BadShape : public Error {
 public:
  using Error::Error;
};

// A file that is not a picture, or a picture that is damaged.
class BadImage : public Error {
 public:
  using Error::Error;
};

// Reading or writing a picture or video failed for a reason other than its content.
class CodecFailure : public Error {
 public:
  using Error::Error;
};

// A file or folder that cannot be found, read or written.
class FileFailure : public Error {
 public:
  using Error::Error;
};

// A device (processor feature, GPU) failed or is absent.
class DeviceFailure : public Error {
 public:
  using Error::Error;
};

// A computation produced infinities or not-a-numbers.
class NonFinite : public Error {
 public:
  using Error::Error;
};

// Memory could not be allocated.
class OutOfMemory : public Error {
 public:
  using Error::Error;
};

}  // namespace reverie
