// kinds.h: the enumerations and plain data of an objective.
#pragma once

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

// How the activations `a` of the chosen channels become one number.
enum class Reduction {
  l2,           // sum(a^2) / 2: strong activations count most
  mean_square,  // mean(a^2): the same direction, whatever the layer's size
  mean,         // mean(a): every activation has the same weight
  l1            // sum(|a|)
};

// A place in a picture, as fractions of its width and height, 0..1 from the left and the top.
struct Place {
  double x = 0, y = 0;

  friend bool operator==(const Place&, const Place&) = default;
};

// Octaves, coarsest first; both included.
struct OctaveSpan {
  static constexpr int most = 15;
  int first = 0, last = most;

  bool holds(int octave) const { return first <= octave && octave <= last; }
  friend bool operator==(const OctaveSpan&, const OctaveSpan&) = default;
};

}  // namespace reverie
