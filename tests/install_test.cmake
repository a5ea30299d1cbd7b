# Installs Reverie into a scratch folder, builds the examples against it as a user would, runs them, and
# opens a Keras file, which takes a second program:
# cmake -D BUILD_DIR= -D SOURCE_DIR= -D SCRATCH_DIR= -D CXX_COMPILER= -D CONFIG= -D VIDEO= -D STUDIO= -P
function(step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    string(JOIN " " command ${ARGN})
    message(FATAL_ERROR "${command}\nended with ${result}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${SCRATCH_DIR})
step(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${SCRATCH_DIR}/prefix)

# The examples must see the installed tree only, not the checkout that they lie in
function(build_example name)
  file(COPY ${SOURCE_DIR}/examples/${name} DESTINATION ${SCRATCH_DIR})
  step(${CMAKE_COMMAND} -S ${SCRATCH_DIR}/${name} -B ${SCRATCH_DIR}/build/${name} -G Ninja
       -D CMAKE_PREFIX_PATH=${SCRATCH_DIR}/prefix -D CMAKE_CXX_COMPILER=${CXX_COMPILER}
       -D CMAKE_BUILD_TYPE=${CONFIG})
  step(${CMAKE_COMMAND} --build ${SCRATCH_DIR}/build/${name})
endfunction()
function(run_example name expected)
  step(${SCRATCH_DIR}/build/${name}/${name} ${SCRATCH_DIR}/photo.ppm WORKING_DIRECTORY ${SCRATCH_DIR})
  message("${output}")
  if(NOT output MATCHES "${expected}")
    message(FATAL_ERROR "examples/${name}: expected '${expected}', found:\n${output}")
  endif()
endfunction()

# The studio finds its library from where it is installed
if(STUDIO)
  step(${SCRATCH_DIR}/prefix/libexec/reverie-studio --api)
  if(NOT output MATCHES "POST /jobs")
    message(FATAL_ERROR "reverie-studio --api: expected its interface, found:\n${output}")
  endif()
endif()

# Any picture will do: a checkerboard, written as text
set(pixels "P3 64 64 255\n")
foreach(pixel RANGE 1 2048)
  string(APPEND pixels "250 120 40 30 90 200\n")
endforeach()
file(WRITE ${SCRATCH_DIR}/photo.ppm "${pixels}")

build_example(gradient)
run_example(gradient ": activity [0-9]*[1-9]")
build_example(dream)
run_example(dream "")
if(NOT EXISTS ${SCRATCH_DIR}/dream.png)
  message(FATAL_ERROR "examples/dream: no dream.png")
endif()

# A picture, a zoom and a video by an installed program of under 40 lines
file(STRINGS ${SOURCE_DIR}/examples/job/job.cpp lines)
list(LENGTH lines lines)
if(NOT lines LESS 40)
  message(FATAL_ERROR "examples/job/job.cpp has ${lines} lines, expected less than 40")
endif()
build_example(job)
if(VIDEO)
  run_example(job "zoom.mp4: 4 frames.*\"videos\"")
endif()

if(NOT KERAS)
  return()
endif()
set(layers ${SCRATCH_DIR}/prefix/bin/reverie layers -m ${SOURCE_DIR}/fuzz/seeds/hdf5/model.h5)
step(${layers})
if(NOT output MATCHES "c  ")
  message(FATAL_ERROR "the Keras file has no layer c:\n${output}")
endif()
file(GLOB_RECURSE program ${SCRATCH_DIR}/prefix/reverie-hdf5)
file(REMOVE ${program})
execute_process(COMMAND ${layers} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE error)
if(NOT result EQUAL 1 OR NOT error MATCHES "^[^\n]*missing program '[^\n]*reverie-hdf5'[^\n]*\n$")
  message(FATAL_ERROR "without ${program}: ${result}, ${error}")
endif()
