#include "reverie/base/file/checksum_x86.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

namespace reverie::detail {

bool has_sha_instructions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSE4_1) == 0 || (c & bit_SSSE3) == 0)
    return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & (1u << 29)) != 0;
}

__attribute__((target("sha,sse4.1,ssse3"))) void compress_sha256_x86(std::uint32_t* state,
                                                                     const std::byte* blocks,
                                                                     std::size_t count) {
  // The instructions keep the eight words as a,b,e,f and c,d,g,h, highest first
  __m128i* const words = reinterpret_cast<__m128i*>(state);
  __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128(words), 0x1B);
  __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(words + 1), 0x1B);
  __m128i abef = _mm_unpackhi_epi64(efgh, abcd);
  __m128i cdgh = _mm_unpacklo_epi64(efgh, abcd);
  const __m128i swap_bytes = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);

  for (; count > 0; --count, blocks += 64) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i w[4];
    for (int i = 0; i < 4; ++i)
      w[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(blocks) + i),
                              swap_bytes);
    for (int i = 0; i < 16; ++i) {
      // Four rounds with the next four words of the schedule
      const __m128i constants =
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(sha256_constants.data() + 4 * i));
      const __m128i sum = _mm_add_epi32(w[i & 3], constants);
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));

      // Replace those four words by the ones sixteen further on
      const __m128i w7 = _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4);
      const __m128i partial = _mm_add_epi32(_mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]), w7);
      w[i & 3] = _mm_sha256msg2_epu32(partial, w[(i + 3) & 3]);
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }

  abcd = _mm_unpackhi_epi64(cdgh, abef);
  efgh = _mm_unpacklo_epi64(cdgh, abef);
  _mm_storeu_si128(words, _mm_shuffle_epi32(abcd, 0x1B));
  _mm_storeu_si128(words + 1, _mm_shuffle_epi32(efgh, 0x1B));
}

}  // namespace reverie::detail

#else

namespace reverie::detail {

bool has_sha_instructions() { return false; }

void compress_sha256_x86(std::uint32_t*, const std::byte*, std::size_t) {}

}  // namespace reverie::detail

#endif
