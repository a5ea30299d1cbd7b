# reverie_stage(NAME <stage> SOURCES ... [DEPENDS stage...] [LIBRARIES lib...]
#               [PLUGIN_SOURCES ...] [PLUGIN_LIBRARIES lib...] [PROGRAMS target...]
#               [TESTS file...] [TEST_LIBRARIES lib...] [DREAMS file...]
#               [NEED_VIDEO file...] [NEED_KERAS file...] [NEED_FETCH file...])
#
# One stage of the data flow, as three targets:
#   reverie_<stage>           the objects of SOURCES; LIBRARIES are private to them
#   reverie_<stage>_plugin    those of PLUGIN_SOURCES, which stand on PLUGIN_LIBRARIES and go into
#                             libreverie-video, loaded when it is first needed (reverie/base/plugin.h)
#   reverie_<stage>_all       what a program links to use the stage: both, the stages in DEPENDS, and
#                             the libraries behind them
# For each file in TESTS there is an executable `<file's stem>` that links the stage and those below
# it, nothing else: a stage builds and is tested without its consumers. DREAMS names the tests that
# dream, NEED_* those that a build without that part skips. PROGRAMS are started by the stage
# (reverie/base/installed.h) and built with whatever links it.
function(reverie_stage)
  cmake_parse_arguments(
    arg "" "NAME"
    "SOURCES;DEPENDS;LIBRARIES;PLUGIN_SOURCES;PLUGIN_LIBRARIES;PROGRAMS;TESTS;TEST_LIBRARIES;DREAMS;NEED_VIDEO;NEED_KERAS;NEED_FETCH"
    ${ARGN})
  set(stage reverie_${arg_NAME})
  reverie_objects(${stage} "${arg_SOURCES}" "${arg_LIBRARIES}")
  add_library(${stage}_all INTERFACE)
  target_link_libraries(${stage}_all INTERFACE $<TARGET_OBJECTS:${stage}> ${arg_LIBRARIES})
  if(arg_PLUGIN_SOURCES AND REVERIE_VIDEO)
    reverie_objects(${stage}_plugin "${arg_PLUGIN_SOURCES}" "${arg_PLUGIN_LIBRARIES}")
    target_link_libraries(${stage}_all INTERFACE $<TARGET_OBJECTS:${stage}_plugin>
                                                 ${arg_PLUGIN_LIBRARIES})
  endif()

  # What comes from below: objects and libraries by the linker's rules, programs by a property
  set(programs ${arg_PROGRAMS})
  foreach(below IN LISTS arg_DEPENDS)
    target_link_libraries(${stage}_all INTERFACE reverie_${below}_all)
    get_target_property(below_programs reverie_${below}_all REVERIE_PROGRAMS)
    list(APPEND programs ${below_programs})
  endforeach()
  list(REMOVE_DUPLICATES programs)
  set_target_properties(${stage}_all PROPERTIES REVERIE_PROGRAMS "${programs}")

  foreach(test IN LISTS arg_TESTS)
    set(labels)
    set(needs)
    if(test IN_LIST arg_DREAMS)
      list(APPEND labels dreams)
    endif()
    foreach(part VIDEO KERAS FETCH)
      if(test IN_LIST arg_NEED_${part})
        list(APPEND needs ${part})
      endif()
    endforeach()
    reverie_test(${test} STAGE ${arg_NAME} LIBRARIES ${arg_TEST_LIBRARIES} LABELS ${labels}
                 NEEDS ${needs})
  endforeach()
endfunction()

# An object library with what all of Reverie's objects need.
function(reverie_objects name sources libraries)
  add_library(${name} OBJECT ${sources})
  target_link_libraries(${name} PRIVATE reverie_compiler fmt::fmt OpenMP::OpenMP_CXX ${libraries})
  reverie_unity(${name})
endfunction()

# reverie_unity(TARGET): the files of one folder are compiled together, some eight at a time, with one parse
# of what they include: half the time of a fresh build. Files with options of their own stay alone.
function(reverie_unity target)
  if(NOT REVERIE_UNITY)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    if(NOT source MATCHES "^[^$]+[.]cpp$" OR IS_ABSOLUTE "${source}")
      continue()  # a header, or a file that another program made
    endif()
    get_filename_component(folder "${source}" DIRECTORY)
    string(MAKE_C_IDENTIFIER "at_${folder}" group)
    if(NOT DEFINED ${group})
      set(${group} 0)
    endif()
    math(EXPR part "${${group}} / 8")
    math(EXPR ${group} "${${group}} + 1")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP "${group}_${part}")
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()

# reverie_link_stage(TARGET STAGE): a program outside the library links the stage and all below it, and
# finds the programs that they start beside itself.
function(reverie_link_stage target stage)
  target_link_libraries(${target} PRIVATE reverie_compiler reverie_${stage}_all fmt::fmt
                                          OpenMP::OpenMP_CXX)
  get_target_property(programs reverie_${stage}_all REVERIE_PROGRAMS)
  foreach(program IN LISTS programs)
    add_dependencies(${target} ${program})
    file(CREATE_LINK ${PROJECT_BINARY_DIR}/${program} ${CMAKE_CURRENT_BINARY_DIR}/${program}
         SYMBOLIC)
  endforeach()
endfunction()

# reverie_skipped(NAME PART...): whether the test NAME needs a part that this build leaves out. It is
# then there all the same, and says that it was skipped, and why.
function(reverie_skipped result name)
  set(${result} FALSE PARENT_SCOPE)
  foreach(part IN LISTS ARGN)
    if(NOT REVERIE_${part})
      add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E echo
                                    "SKIPPED: this build was configured with REVERIE_${part}=OFF")
      set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "SKIPPED: this build")
      set(${result} TRUE PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# reverie_label(NAME LABEL...): what ctest knows of a test. `slow` keeps it out of the sanitizer builds.
# Those and the ones that dream (label `dreams`) keep two threads busy and may take longer.
function(reverie_label name)
  set(processors 1)
  set(timeout 300)
  if(ARGN)
    set(processors 2)
    set(timeout 1200)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARGN}" PROCESSORS ${processors}
                                          TIMEOUT ${timeout} SKIP_RETURN_CODE 77)
endfunction()

# Of test programs: all cases skipped is not passed.
if(REVERIE_TESTS)
  add_library(reverie_test_main OBJECT ${PROJECT_SOURCE_DIR}/tests/main.cpp)
  target_link_libraries(reverie_test_main PRIVATE reverie_compiler GTest::gtest)
endif()

# reverie_test(FILE STAGE <stage> [LIBRARIES lib...] [LABELS label...] [NEEDS VIDEO|KERAS|FETCH...]):
# one GoogleTest program that links a stage and all below it.
function(reverie_test file)
  cmake_parse_arguments(arg "" "STAGE" "LIBRARIES;LABELS;NEEDS" ${ARGN})
  if(NOT REVERIE_TESTS OR ("slow" IN_LIST arg_LABELS AND NOT REVERIE_SLOW_TESTS))
    return()
  endif()
  get_filename_component(name ${file} NAME_WE)
  reverie_skipped(skipped ${name} ${arg_NEEDS})
  if(skipped)
    return()
  endif()
  add_executable(${name} ${file} $<TARGET_OBJECTS:reverie_test_main>)
  reverie_link_stage(${name} ${arg_STAGE})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gtest)
  set_target_properties(${name} PROPERTIES REVERIE_MAY_CONVERT ON)
  target_compile_definitions(${name} PRIVATE REVERIE_TEST_DATA="${REVERIE_TEST_DATA}"
                             REVERIE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name})
  reverie_label(${name} ${arg_LABELS})
endfunction()
