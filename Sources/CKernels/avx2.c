// AVX2 with FMA: products of bytes in pairs, sums of pairs in fours.
#if defined(__x86_64__)
#include "lanes.h"
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,fma,f16c")))
#define INLINE TARGET static inline __attribute__((always_inline))
#define KERNELS ck_avx2
#define BLOCK 16
#define UNROLLED 1
#define GROUP_SUMS "sums_of_pairs.inc"
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

// Pairs of products must fit 16 bits: codes up to 127 times 127, twice, do.
INLINE __m256i add_products(__m256i sums, __m256i unsigned_codes, __m256i x) {
  __m256i pairs = _mm256_maddubs_epi16(unsigned_codes, x);
  return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

INLINE vi dot4(vi sums, vb w, int32_t x4) {
  halves s = split(sums), c = split((vi)w);
  __m256i x = _mm256_set1_epi32(x4);
  return join((halves){add_products(s.low, c.low, x), add_products(s.high, c.high, x)});
}

INLINE vi dot2(vs16 a, vs16 b) {
  halves x = split((vi)a), y = split((vi)b);
  return join((halves){_mm256_madd_epi16(x.low, y.low), _mm256_madd_epi16(x.high, y.high)});
}

// Codes of eight bits stay unsigned; their zero of 128 comes off through the sums of x.
#define SIGNED_DOT 0

// Pairs of 255 * 64 fit as well.
#define OFFSET 128
#define dot4_offset dot4

#include "vector.inc"
#endif
