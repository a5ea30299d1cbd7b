# find_package(reverie) gives the target reverie::reverie. Its headers need only the standard library.
include("${CMAKE_CURRENT_LIST_DIR}/reverie-targets.cmake")
