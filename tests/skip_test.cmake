# A test program says that it was skipped, and why, when all its cases were, and only then.
# cmake -D PROGRAM=... -P skip_test.cmake
function(expect skipped filter wanted_status wanted_text)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env REVERIE_SKIPPED=${skipped} ${PROGRAM}
                          --gtest_filter=${filter}
                  RESULT_VARIABLE status OUTPUT_VARIABLE said)
  string(REGEX MATCHALL "SKIPPED: [^\n]*" reasons "${said}")
  if(NOT status EQUAL wanted_status OR NOT "${reasons}" STREQUAL "${wanted_text}")
    message(SEND_ERROR "skipped ${skipped} of ${filter}: status ${status} and '${reasons}', "
                       "expected ${wanted_status} and '${wanted_text}'")
  endif()
endfunction()

set(reason "SKIPPED: no test data in this folder")
expect(all * 77 "${reason}")
expect(one * 0 "")
expect(none * 0 "")
expect(one Skip.First 77 "${reason}")
expect(all nothing 0 "")
