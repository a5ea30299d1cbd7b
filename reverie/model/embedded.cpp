#include "reverie/model/embedded.h"

// The assembler takes the file as it is: nothing is compiled, whatever its size. Understood by gcc
// and clang alike, for every processor.
asm(R"(
    .section .rodata
    .balign 64
    .globl reverie_embedded_network_begin
    .hidden reverie_embedded_network_begin
reverie_embedded_network_begin:
    .incbin ")" REVERIE_EMBEDDED_NETWORK R"("
    .globl reverie_embedded_network_end
    .hidden reverie_embedded_network_end
reverie_embedded_network_end:
    .byte 0
    .text
)");

extern "C" {
extern const std::byte reverie_embedded_network_begin[];
extern const std::byte reverie_embedded_network_end[];
}

namespace reverie {

std::span<const std::byte> embedded_network() {
  return {reverie_embedded_network_begin,
          static_cast<std::size_t>(reverie_embedded_network_end - reverie_embedded_network_begin)};
}

}  // namespace reverie
