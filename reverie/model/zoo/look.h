// look.h: a style of dream that a network offers by name: a small recipe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reverie/base/api.h"

namespace REVERIE_API reverie {

struct Look {
  struct Term {
    std::string layer;  // "3b/output"
    double weight = 1;

    friend bool operator==(const Term&, const Term&) = default;
  };

  std::string name;         // "whirls", an alias of the first layer, too
  std::string description;  // what grows in such a dream, in a few words; may be empty
  std::vector<Term> terms;  // what is amplified; at least one
  // Settings of a recipe that suit it, by name, as they are written on a command line.
  std::vector<std::pair<std::string, std::string>> settings = {};
  bool wander = true;  // a zoom that wanders visits it

  friend bool operator==(const Look&, const Look&) = default;
};

}  // namespace reverie
