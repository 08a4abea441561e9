// NEON with the dot product extension (Armv8.2): four products of signed bytes into each sum.
#if defined(__aarch64__)
#include "lanes.h"
#include <arm_neon.h>

#define TARGET __attribute__((target("dotprod")))
#define INLINE TARGET static inline __attribute__((always_inline))
#define KERNELS ck_neon
#define BLOCK 4
#define TILES 1
#define SUMS 4
#define UNROLLED 7
#define GROUP_SUMS "sums_of_fours.inc"
#define NUMBERS "numbers_of_digits.inc"
#define NAME "neon"

typedef struct quarters {
  int32x4_t part[4];
} quarters;

INLINE quarters split(vi v) {
  quarters q;
  memcpy(&q, &v, sizeof q);
  return q;
}

INLINE vi join(quarters q) {
  vi v;
  memcpy(&v, &q, sizeof v);
  return v;
}

// Codes below 128 are the same signed or not.
INLINE vi dot4(vi sums, vb w, int32_t x4) {
  quarters s = split(sums), c = split((vi)w);
  int8x16_t x = vreinterpretq_s8_s32(vdupq_n_s32(x4));
  for (int i = 0; i < 4; i++)
    s.part[i] = vdotq_s32(s.part[i], vreinterpretq_s8_s32(c.part[i]), x);
  return join(s);
}

INLINE vi dot2(vs16 a, vs16 b) {
  quarters x = split((vi)a), y = split((vi)b);
  for (int i = 0; i < 4; i++) {
    int16x8_t u = vreinterpretq_s16_s32(x.part[i]), v = vreinterpretq_s16_s32(y.part[i]);
    x.part[i] = vpaddq_s32(vmull_s16(vget_low_s16(u), vget_low_s16(v)), vmull_high_s16(u, v));
  }
  return join(x);
}

#define SIGNED_DOT 1

INLINE vi dot4_signed(vi sums, vb w, int32_t x4) { return dot4(sums, w ^ 0x80, x4); }

#define OFFSET 0
#define dot4_offset dot4_signed

/// Sixteen chains of products; what they multiply is hidden from the compiler, which would multiply once.
TARGET static int64_t multiply_peak(int32_t rounds) {
  int8x16_t w[4], x[4];
  int32x4_t sums[16];
  for (int i = 0; i < 4; i++) w[i] = x[i] = vdupq_n_s8((int8_t)i);
  for (int i = 0; i < 16; i++) sums[i] = vdupq_n_s32(0);
  for (int32_t round = 0; round < rounds; round++) {
    __asm__ volatile("" : "+w"(w[0]), "+w"(w[1]), "+w"(w[2]), "+w"(w[3]));
    for (int i = 0; i < 16; i++) sums[i] = vdotq_s32(sums[i], w[i % 4], x[i / 4]);
  }
  for (int i = 0; i < 16; i++) __asm__ volatile("" : : "w"(sums[i]));
  return (int64_t)rounds * 16 * 16;
}

#include "vector.inc"
#endif
