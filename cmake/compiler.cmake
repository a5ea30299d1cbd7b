# One place for the language level, warnings and sanitizers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)  # but for what reverie/base/api.h marks
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

add_library(reverie_compiler INTERFACE)
# Tests make numbers of literals all the time: they have the property REVERIE_MAY_CONVERT
set(converts $<BOOL:$<TARGET_PROPERTY:REVERIE_MAY_CONVERT>>)
target_compile_options(reverie_compiler INTERFACE -Wall -Wextra -Wshadow -Wpedantic
                       "$<$<NOT:${converts}>:-Wconversion;-Wsign-conversion>"
                       $<$<BOOL:${REVERIE_WARNINGS_AS_ERRORS}>:-Werror>)
# GCC 12 sees overlapping copies in std::string that are not there (GCC bug 105329)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 12
   AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(reverie_compiler INTERFACE -Wno-restrict)
endif()
target_include_directories(reverie_compiler INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})

if(REVERIE_SANITIZE)
  add_compile_options(-fsanitize=${REVERIE_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${REVERIE_SANITIZE})
  if(REVERIE_NO_SANITIZE)
    add_compile_options(-fno-sanitize=${REVERIE_NO_SANITIZE})
  endif()
  # What the sanitizers add confuses GCC's own analysis: it warns inside the standard library
  target_compile_options(reverie_compiler INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
