# reverie_stage(NAME <stage> SOURCES ... [DEPENDS stage...] [LIBRARIES lib...] [PUBLIC lib...]
#               [PLUGIN_SOURCES ...] [PLUGIN_LIBRARIES lib...] [PROGRAMS target...]
#               [TESTS file...] [TEST_LIBRARIES lib...])
#
# One stage of the data flow: an object library `reverie_<stage>`, and for each file in TESTS an
# executable `<file's stem>` that links this stage and those below it, nothing else. So a stage builds
# and is tested without its consumers. LIBRARIES are private to the stage; PUBLIC ones appear in its
# headers. PLUGIN_SOURCES stand on PLUGIN_LIBRARIES and go into libreverie-film, which is loaded when it is
# first needed (reverie/base/plugin.h); tests link them like all else. PROGRAMS are started by the stage
# (reverie/base/installed.h) and built with whatever links it.
function(reverie_stage)
  cmake_parse_arguments(
    arg "" "NAME"
    "SOURCES;DEPENDS;LIBRARIES;PUBLIC;PLUGIN_SOURCES;PLUGIN_LIBRARIES;PROGRAMS;TESTS;TEST_LIBRARIES"
    ${ARGN})
  set(stage reverie_${arg_NAME})
  add_library(${stage} OBJECT ${arg_SOURCES})
  target_link_libraries(${stage} PRIVATE reverie_compiler fmt::fmt OpenMP::OpenMP_CXX
                        ${arg_PUBLIC} ${arg_LIBRARIES})

  # Remember what a program needs to link this stage: its objects, those below, their libraries
  set(objects $<TARGET_OBJECTS:${stage}>)
  set(libraries ${arg_PUBLIC} ${arg_LIBRARIES})
  set(public ${arg_PUBLIC})
  set(late_objects)
  set(late_libraries ${arg_PLUGIN_LIBRARIES})
  set(programs ${arg_PROGRAMS})
  if(arg_PLUGIN_SOURCES)
    add_library(${stage}_plugin OBJECT ${arg_PLUGIN_SOURCES})
    target_link_libraries(${stage}_plugin PRIVATE reverie_compiler fmt::fmt OpenMP::OpenMP_CXX
                          ${arg_PUBLIC} ${arg_PLUGIN_LIBRARIES})
    set(late_objects $<TARGET_OBJECTS:${stage}_plugin>)
  endif()
  foreach(below IN LISTS arg_DEPENDS)
    get_property(below_objects GLOBAL PROPERTY reverie_${below}_objects)
    get_property(below_libraries GLOBAL PROPERTY reverie_${below}_libraries)
    get_property(below_public GLOBAL PROPERTY reverie_${below}_public)
    get_property(below_plugin_objects GLOBAL PROPERTY reverie_${below}_plugin_objects)
    get_property(below_plugin_libraries GLOBAL PROPERTY reverie_${below}_plugin_libraries)
    get_property(below_programs GLOBAL PROPERTY reverie_${below}_programs)
    list(APPEND objects ${below_objects})
    list(APPEND libraries ${below_libraries})
    list(APPEND public ${below_public})
    list(APPEND late_objects ${below_plugin_objects})
    list(APPEND late_libraries ${below_plugin_libraries})
    list(APPEND programs ${below_programs})
    target_link_libraries(${stage} PRIVATE ${below_public})
  endforeach()
  list(REMOVE_DUPLICATES objects)
  list(REMOVE_DUPLICATES libraries)
  list(REMOVE_DUPLICATES public)
  list(REMOVE_DUPLICATES late_objects)
  list(REMOVE_DUPLICATES late_libraries)
  list(REMOVE_DUPLICATES programs)
  set_property(GLOBAL PROPERTY reverie_${arg_NAME}_objects "${objects}")
  set_property(GLOBAL PROPERTY reverie_${arg_NAME}_libraries "${libraries}")
  set_property(GLOBAL PROPERTY reverie_${arg_NAME}_public "${public}")
  set_property(GLOBAL PROPERTY reverie_${arg_NAME}_plugin_objects "${late_objects}")
  set_property(GLOBAL PROPERTY reverie_${arg_NAME}_plugin_libraries "${late_libraries}")
  set_property(GLOBAL PROPERTY reverie_${arg_NAME}_programs "${programs}")

  if(REVERIE_TESTS)
    foreach(test IN LISTS arg_TESTS)
      reverie_test(${test} STAGE ${arg_NAME} LIBRARIES ${arg_TEST_LIBRARIES})
    endforeach()
  endif()
endfunction()

# reverie_start_programs(TARGET STAGE): a program outside the library finds those that the stage and all
# below it start beside itself.
function(reverie_start_programs target stage)
  get_property(programs GLOBAL PROPERTY reverie_${stage}_programs)
  foreach(program IN LISTS programs)
    add_dependencies(${target} ${program})
    file(CREATE_LINK ${CMAKE_BINARY_DIR}/${program} ${CMAKE_CURRENT_BINARY_DIR}/${program} SYMBOLIC)
  endforeach()
endfunction()

# reverie_test(FILE STAGE <stage> [LIBRARIES lib...] [LABELS label...]): one GoogleTest program that
# links a stage and all below it. Label `slow` keeps it out of the sanitizer builds.
function(reverie_test file)
  cmake_parse_arguments(arg "" "STAGE" "LIBRARIES;LABELS" ${ARGN})
  if("slow" IN_LIST arg_LABELS AND NOT REVERIE_SLOW_TESTS)
    return()
  endif()
  get_filename_component(name ${file} NAME_WE)
  get_property(objects GLOBAL PROPERTY reverie_${arg_STAGE}_objects)
  get_property(libraries GLOBAL PROPERTY reverie_${arg_STAGE}_libraries)
  get_property(late_objects GLOBAL PROPERTY reverie_${arg_STAGE}_plugin_objects)
  get_property(late_libraries GLOBAL PROPERTY reverie_${arg_STAGE}_plugin_libraries)
  add_executable(${name} ${file} ${objects} ${late_objects})
  target_link_libraries(${name} PRIVATE reverie_compiler fmt::fmt OpenMP::OpenMP_CXX ${libraries}
                        ${late_libraries} ${arg_LIBRARIES} GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE REVERIE_TEST_DATA="${REVERIE_TEST_DATA}"
                             REVERIE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  reverie_start_programs(${name} ${arg_STAGE})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}")
endfunction()
