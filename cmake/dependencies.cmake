# Every library that Reverie links, found once and here: targets found in a subfolder would be unknown
# to the programs that link its stage from elsewhere.
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(VIPS REQUIRED IMPORTED_TARGET vips>=8.12)
pkg_check_modules(FFTW REQUIRED IMPORTED_TARGET fftw3f)

# From version 22 on, protobuf's own package alone knows that it stands on Abseil
find_package(Protobuf CONFIG QUIET)
if(NOT TARGET protobuf::libprotobuf)
  find_package(Protobuf REQUIRED)
endif()

# reverie_imported(TARGET FILE FOLDER [LIBRARIES lib...]): a library that was found by hand
function(reverie_imported target file folder)
  add_library(${target} UNKNOWN IMPORTED)
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${file}"
                        INTERFACE_INCLUDE_DIRECTORIES "${folder}"
                        INTERFACE_LINK_LIBRARIES "${ARGN}")
endfunction()

# Not find_package(dnnl): Debian 12's package configuration asks for OpenCL, which nothing here uses
find_library(DNNL_LIBRARY dnnl REQUIRED)
find_path(DNNL_INCLUDE_DIR oneapi/dnnl/dnnl.hpp REQUIRED)
reverie_imported(DNNL::dnnl ${DNNL_LIBRARY} ${DNNL_INCLUDE_DIR})

if(REVERIE_FETCH)
  find_package(CURL REQUIRED)
  find_package(LibArchive REQUIRED)
endif()

# Not find_package(HDF5): it wants a C compiler. Debian keeps the serial build beside those for MPI
if(REVERIE_KERAS)
  find_library(HDF5_LIBRARY NAMES hdf5_serial hdf5 REQUIRED)
  find_path(HDF5_INCLUDE_DIR hdf5.h PATH_SUFFIXES hdf5/serial REQUIRED)
  reverie_imported(HDF5::HDF5 ${HDF5_LIBRARY} ${HDF5_INCLUDE_DIR})
endif()

# Not find_package(OpenCV): it wants every module's development package
if(REVERIE_VIDEO)
  pkg_check_modules(FFMPEG REQUIRED IMPORTED_TARGET libavformat libavcodec libavfilter libswscale
                    libavutil)
  find_path(OPENCV_INCLUDE_DIR opencv2/video/tracking.hpp PATH_SUFFIXES opencv4 REQUIRED)
  find_library(OPENCV_CORE_LIBRARY opencv_core REQUIRED)
  find_library(OPENCV_VIDEO_LIBRARY opencv_video REQUIRED)
  reverie_imported(OpenCV::video ${OPENCV_VIDEO_LIBRARY} ${OPENCV_INCLUDE_DIR}
                   ${OPENCV_CORE_LIBRARY})
endif()

if(REVERIE_STUDIO)
  pkg_check_modules(MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd>=0.9.71)
  pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
endif()
