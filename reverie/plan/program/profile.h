// profile.h: access to the steps of a plan, for reports.
#pragma once

#include "reverie/plan/program/program.h"

namespace reverie::program {

// A plan that can show its steps.
class StepwisePlan {
 public:
  virtual ~StepwisePlan() = default;
  virtual const Program& program() const = 0;
};

}  // namespace reverie::program
