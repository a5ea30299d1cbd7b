// api.h: which symbols libreverie exports.
//
// The library hides every symbol but those declared in `namespace REVERIE_API reverie`: each
// installed header (cmake/public_headers.txt) opens the namespace that way, and no other header
// does; tools/check_layers checks this. Templates and inline functions need nothing.
#pragma once

#define REVERIE_API [[gnu::visibility("default")]]

// For headers that are not installed but that libreverie-video or a program of this tree needs;
// they change from one version to the next. Used and checked in the same way.
#define REVERIE_PRIVATE_API [[gnu::visibility("default")]]
