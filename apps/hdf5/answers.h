// answers.h: one conversation about one file; see hdf5_wire.h.
#pragma once

namespace reverie::keras {

// Answers what is asked on the socket until the other side closes it.
void answer(int socket);

}  // namespace reverie::keras
