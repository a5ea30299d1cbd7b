// expect_error_fixture.h: checks the error of a reader that refuses a file.
#pragma once

#include <gtest/gtest.h>

#include <exception>
#include <initializer_list>
#include <string>

namespace reverie {

// Runs `action`, which must throw exactly an E whose one line contains every given part.
template <class E, class Action>
void expect_error(Action action, std::initializer_list<std::string> parts) {
  try {
    action();
  } catch (const E& error) {
    const std::string line = error.what();
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    for (const std::string& part : parts)
      EXPECT_NE(line.find(part), std::string::npos) << "'" << part << "' in: " << line;
    return;
  } catch (const std::exception& other) {
    ADD_FAILURE() << "another exception: " << other.what();
    return;
  }
  ADD_FAILURE() << "nothing was thrown";
}

}  // namespace reverie
