// hdf5_heaps.h: a look at an HDF5 file before the library opens it.
#pragma once

#include <cstddef>
#include <span>

namespace reverie::keras {

// Whether a local heap's list of free blocks comes back to itself. HDF5 1.10 follows such a list,
// and takes memory for each step, until there is none left. Anything else that is wrong with a file
// it finds by itself. Source: HDF5 File Format Specification 3.0, III.D "Local Heaps".
bool has_endless_heap(std::span<const std::byte> file);

}  // namespace reverie::keras
