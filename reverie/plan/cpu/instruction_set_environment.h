// instruction_set_environment.h: skips all tests of a program, with the reason, where
// REVERIE_CPU_ISA names an instruction set that this processor lacks.
#pragma once

#include <gtest/gtest.h>

#include "reverie/base/error.h"
#include "reverie/plan/cpu/processor.h"

namespace reverie::cpu {

class InstructionSetEnvironment : public testing::Environment {
 public:
  void SetUp() override {
    try {
      instruction_set();
    } catch (const DeviceFailure& lacking) {
      GTEST_SKIP() << "SKIPPED: this processor: " << lacking.what();
    }
  }
};

}  // namespace reverie::cpu
