// AVX2 with FMA: products of bytes in pairs of sixteen bits, and products of words in pairs of 32.
#if defined(__x86_64__)
#include "lanes.h"
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,fma,f16c")))
#define INLINE TARGET static inline __attribute__((always_inline))
#define KERNELS ck_avx2
#define BLOCK 16
#define UNROLLED 1
#define GROUP_SUMS "sums_of_pairs.inc"
#define NUMBERS "numbers_of_words.inc"
#define TILES 1
#define SUMS 4
#define NAME "avx2"

typedef struct halves {
  __m256i low, high;
} halves;

INLINE halves split(vi v) {
  halves h;
  memcpy(&h, &v, sizeof h);
  return h;
}

INLINE vi join(halves h) {
  vi v;
  memcpy(&v, &h, sizeof v);
  return v;
}

INLINE vi dot2(vs16 a, vs16 b) {
  halves x = split((vi)a), y = split((vi)b);
  return join((halves){_mm256_madd_epi16(x.low, y.low), _mm256_madd_epi16(x.high, y.high)});
}

// Codes of eight bits stay unsigned; their zero of 128 comes off through the sums of x.
#define SIGNED_DOT 0

/// Eight chains of products; what they multiply is hidden from the compiler, which would multiply once.
TARGET static int64_t multiply_peak(int32_t rounds) {
  __m256i w[2] = {_mm256_set1_epi8(1), _mm256_set1_epi8(2)}, sums[8], x[4];
  for (int i = 0; i < 8; i++) sums[i] = _mm256_setzero_si256();
  for (int i = 0; i < 4; i++) x[i] = _mm256_set1_epi8((char)i);
  for (int32_t round = 0; round < rounds; round++) {
    __asm__ volatile("" : "+x"(w[0]), "+x"(w[1]));
    for (int i = 0; i < 8; i++)
      sums[i] = _mm256_add_epi16(sums[i], _mm256_maddubs_epi16(w[i % 2], x[i / 2]));
  }
  for (int i = 0; i < 8; i++) __asm__ volatile("" : : "x"(sums[i]));
  return (int64_t)rounds * 8 * 32;
}

#include "vector.inc"
#endif
