# Every library that Reverie links, found once and here: targets found in a subfolder would be unknown
# to the programs that link its stage from elsewhere.
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Protobuf REQUIRED)
find_package(CURL REQUIRED)
find_package(LibArchive REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(VIPS REQUIRED IMPORTED_TARGET vips>=8.12)
pkg_check_modules(FFTW REQUIRED IMPORTED_TARGET fftw3f)
pkg_check_modules(FFMPEG REQUIRED IMPORTED_TARGET libavformat libavcodec libavfilter libswscale libavutil)

# Not find_package(HDF5): it wants a C compiler. Debian keeps the serial build beside those for MPI
find_library(HDF5_LIBRARY NAMES hdf5_serial hdf5 REQUIRED)
find_path(HDF5_INCLUDE_DIR hdf5.h PATH_SUFFIXES hdf5/serial REQUIRED)
add_library(HDF5::HDF5 UNKNOWN IMPORTED)
set_target_properties(HDF5::HDF5 PROPERTIES IMPORTED_LOCATION "${HDF5_LIBRARY}"
                      INTERFACE_INCLUDE_DIRECTORIES "${HDF5_INCLUDE_DIR}")

# Not find_package(dnnl): Debian 12's package configuration asks for OpenCL, which nothing here uses
find_library(DNNL_LIBRARY dnnl REQUIRED)
find_path(DNNL_INCLUDE_DIR oneapi/dnnl/dnnl.hpp REQUIRED)
add_library(DNNL::dnnl UNKNOWN IMPORTED)
set_target_properties(DNNL::dnnl PROPERTIES IMPORTED_LOCATION "${DNNL_LIBRARY}"
                      INTERFACE_INCLUDE_DIRECTORIES "${DNNL_INCLUDE_DIR}")

# Not find_package(OpenCV): it wants every module's development package
find_path(OPENCV_INCLUDE_DIR opencv2/video/tracking.hpp PATH_SUFFIXES opencv4 REQUIRED)
find_library(OPENCV_CORE_LIBRARY opencv_core REQUIRED)
find_library(OPENCV_VIDEO_LIBRARY opencv_video REQUIRED)
add_library(OpenCV::video UNKNOWN IMPORTED)
set_target_properties(OpenCV::video PROPERTIES IMPORTED_LOCATION "${OPENCV_VIDEO_LIBRARY}"
                      INTERFACE_INCLUDE_DIRECTORIES "${OPENCV_INCLUDE_DIR}"
                      INTERFACE_LINK_LIBRARIES "${OPENCV_CORE_LIBRARY}")
