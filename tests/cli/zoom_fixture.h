// zoom_fixture.h: zooms into a small scene that take a moment for each frame.
#pragma once

#include <string>
#include <vector>

#include "tests/cli/program.h"

namespace reverie::test {

class ZoomFixture : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    make_scene("sky.png", "96x64");
  }

  static std::vector<std::string> short_zoom(const std::string& output, int frames,
                                             const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{
        "zoom",      "sky.png", "-o",      output,     "--frames", std::to_string(frames),
        "--octaves", "1",       "--layer", "3a/concat"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

}  // namespace reverie::test
