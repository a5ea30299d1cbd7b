# Installs Reverie into a scratch folder, builds examples/gradient against it as a user would, runs
# the example, and opens a Keras file, which takes a second program: cmake -D BUILD_DIR= -D SOURCE_DIR= -D SCRATCH_DIR= -D CXX_COMPILER= -D CONFIG= -P
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

# The example must see the installed tree only, not the checkout that it lies in
file(COPY ${SOURCE_DIR}/examples/gradient DESTINATION ${SCRATCH_DIR})
step(${CMAKE_COMMAND} -S ${SCRATCH_DIR}/gradient -B ${SCRATCH_DIR}/build -G Ninja
     -D CMAKE_PREFIX_PATH=${SCRATCH_DIR}/prefix -D CMAKE_CXX_COMPILER=${CXX_COMPILER}
     -D CMAKE_BUILD_TYPE=${CONFIG})
step(${CMAKE_COMMAND} --build ${SCRATCH_DIR}/build)

# Any picture will do: a checkerboard, written as text
set(pixels "P3 64 64 255\n")
foreach(pixel RANGE 1 2048)
  string(APPEND pixels "250 120 40 30 90 200\n")
endforeach()
file(WRITE ${SCRATCH_DIR}/photo.ppm "${pixels}")
step(${SCRATCH_DIR}/build/gradient ${SCRATCH_DIR}/photo.ppm)
message("${output}")
if(NOT output MATCHES ": activity [0-9]*[1-9]")
  message(FATAL_ERROR "no activity")
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
if(NOT result EQUAL 1 OR NOT error MATCHES "^[^\n]*there is no program '[^\n]*reverie-hdf5'[^\n]*\n$")
  message(FATAL_ERROR "without ${program}: ${result}, ${error}")
endif()
