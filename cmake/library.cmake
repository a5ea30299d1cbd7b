# libreverie: every stage in one shared library, libreverie-film beside it with what is loaded when it is first needed, and
# what find_package(reverie) needs.
include(CMakePackageConfigHelpers)

# Collect the objects of all stages and the libraries behind them
set(objects)
set(libraries)
set(late_objects)
set(late_libraries)
set(programs)
foreach(stage IN LISTS REVERIE_STAGES)
  get_property(stage_objects GLOBAL PROPERTY reverie_${stage}_objects)
  get_property(stage_libraries GLOBAL PROPERTY reverie_${stage}_libraries)
  get_property(stage_plugin_objects GLOBAL PROPERTY reverie_${stage}_plugin_objects)
  get_property(stage_plugin_libraries GLOBAL PROPERTY reverie_${stage}_plugin_libraries)
  get_property(stage_programs GLOBAL PROPERTY reverie_${stage}_programs)
  list(APPEND objects ${stage_objects})
  list(APPEND libraries ${stage_libraries})
  list(APPEND late_objects ${stage_plugin_objects})
  list(APPEND late_libraries ${stage_plugin_libraries})
  list(APPEND programs ${stage_programs})
endforeach()
foreach(list objects libraries late_objects late_libraries programs)
  list(REMOVE_DUPLICATES ${list})
endforeach()

add_library(libreverie SHARED ${objects})
add_library(reverie::reverie ALIAS libreverie)
target_link_libraries(libreverie PRIVATE ${libraries} fmt::fmt OpenMP::OpenMP_CXX)
add_dependencies(libreverie ${programs})  # which it starts
target_compile_features(libreverie PUBLIC cxx_std_20)
target_include_directories(libreverie INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>
                           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set_target_properties(libreverie PROPERTIES OUTPUT_NAME reverie EXPORT_NAME reverie
                      VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
                      LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

add_library(libreverie-film SHARED ${late_objects})
target_link_libraries(libreverie-film PRIVATE libreverie ${late_libraries} fmt::fmt OpenMP::OpenMP_CXX)
set_target_properties(libreverie-film PROPERTIES OUTPUT_NAME reverie-film
                      VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
                      BUILD_RPATH "$ORIGIN" INSTALL_RPATH "$ORIGIN"
                      LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

# Programs find the library beside them in the build tree, and in ../lib once installed
file(RELATIVE_PATH to_library "/${CMAKE_INSTALL_BINDIR}" "/${CMAKE_INSTALL_LIBDIR}")
set(CMAKE_INSTALL_RPATH "$ORIGIN/${to_library}")

file(STRINGS cmake/public_headers.txt headers REGEX "^reverie/")
foreach(header IN LISTS headers)
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${folder})
endforeach()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/reverie)
install(TARGETS libreverie-film LIBRARY NAMELINK_SKIP)
install(TARGETS libreverie EXPORT reverie-targets)
install(EXPORT reverie-targets NAMESPACE reverie:: DESTINATION ${package_dir})
write_basic_package_version_file(reverie-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/reverie-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/reverie-config-version.cmake
        DESTINATION ${package_dir})
