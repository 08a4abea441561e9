// AVX-512 with VNNI: one instruction takes 64 products of bytes into 16 sums.
#if defined(__x86_64__)
#include "lanes.h"
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma,f16c")))
#define INLINE TARGET static inline __attribute__((always_inline))
#define KERNELS ck_avx512vnni
#define BLOCK 8
#define TILES 2
#define SUMS 12
#define UNROLLED 7
#define GROUP_SUMS "sums_of_fours.inc"
#define NUMBERS "numbers_of_digits.inc"
#define NAME "avx512vnni"

INLINE vi dot4(vi sums, vb w, int32_t x4) {
  return (vi)_mm512_dpbusd_epi32((__m512i)sums, (__m512i)w, _mm512_set1_epi32(x4));
}

INLINE vi dot2(vs16 a, vs16 b) { return (vi)_mm512_madd_epi16((__m512i)a, (__m512i)b); }

// Codes stay unsigned; their zero of 128 comes off through the sums of x.
#define SIGNED_DOT 0
#define dot4_signed dot4
#define OFFSET 128
#define dot4_offset dot4

/// Sixteen chains of products; what they multiply is hidden from the compiler, which would multiply once.
TARGET static int64_t multiply_peak(int32_t rounds) {
  __m512i w[4], x[4], sums[16];
  for (int i = 0; i < 4; i++) w[i] = x[i] = _mm512_set1_epi8((char)i);
  for (int i = 0; i < 16; i++) sums[i] = _mm512_setzero_si512();
  for (int32_t round = 0; round < rounds; round++) {
    __asm__ volatile("" : "+v"(w[0]), "+v"(w[1]), "+v"(w[2]), "+v"(w[3]));
    for (int i = 0; i < 16; i++) sums[i] = _mm512_dpbusd_epi32(sums[i], w[i % 4], x[i / 4]);
  }
  for (int i = 0; i < 16; i++) __asm__ volatile("" : : "v"(sums[i]));
  return (int64_t)rounds * 16 * 64;
}

#include "vector.inc"
#endif
