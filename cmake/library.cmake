# libreverie: every stage in one shared library; libreverie-video beside it, with what is loaded when it
# is first needed; and what find_package(reverie) needs.
include(CMakePackageConfigHelpers)

# reverie_library(TARGET NAME STAGE-TARGET...): a shared library of these stages' objects
function(reverie_library target name)
  add_library(${target} SHARED)
  foreach(stage IN LISTS ARGN)
    get_target_property(libraries ${stage} LINK_LIBRARIES)
    list(REMOVE_ITEM libraries reverie_compiler)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${stage}>)
    target_link_libraries(${target} PRIVATE ${libraries})
  endforeach()
  set(symbols ${PROJECT_SOURCE_DIR}/cmake/exported_symbols.txt)
  target_link_options(${target} PRIVATE LINKER:--version-script=${symbols})
  set_target_properties(${target} PROPERTIES LINK_DEPENDS ${symbols})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name} LINKER_LANGUAGE CXX
                        VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
                        LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
endfunction()

set(stages)
set(plugins)
foreach(stage IN LISTS REVERIE_STAGES)
  list(APPEND stages reverie_${stage})
  if(TARGET reverie_${stage}_plugin)
    list(APPEND plugins reverie_${stage}_plugin)
  endif()
endforeach()

reverie_library(libreverie reverie ${stages})
add_library(reverie::reverie ALIAS libreverie)
if(TARGET reverie-hdf5)
  add_dependencies(libreverie reverie-hdf5)  # which it starts
endif()
target_compile_features(libreverie PUBLIC cxx_std_20)
target_include_directories(libreverie INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set_target_properties(libreverie PROPERTIES EXPORT_NAME reverie)

if(REVERIE_VIDEO)
  reverie_library(libreverie-video reverie-video ${plugins})
  target_link_libraries(libreverie-video PRIVATE libreverie)
  set_target_properties(libreverie-video PROPERTIES BUILD_RPATH "$ORIGIN" INSTALL_RPATH "$ORIGIN")
  install(TARGETS libreverie-video LIBRARY NAMELINK_SKIP)
endif()

# Programs find the library beside them in the build tree, and in ../lib once installed
file(RELATIVE_PATH to_library "/${CMAKE_INSTALL_BINDIR}" "/${CMAKE_INSTALL_LIBDIR}")
set(CMAKE_INSTALL_RPATH "$ORIGIN/${to_library}")

file(STRINGS cmake/public_headers.txt headers REGEX "^reverie/")
foreach(header IN LISTS headers)
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${folder})
endforeach()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/reverie)
install(TARGETS libreverie EXPORT reverie-targets)
install(EXPORT reverie-targets NAMESPACE reverie:: DESTINATION ${package_dir})
write_basic_package_version_file(reverie-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/reverie-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/reverie-config-version.cmake
        DESTINATION ${package_dir})
