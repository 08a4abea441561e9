// Shared by the kernel files: the table of one instruction set's kernels, and the scalar pieces that
// every variant uses for single values and remainders.
#ifndef CKERNELS_INTERNAL_H
#define CKERNELS_INTERNAL_H

#include "ckernels.h"
#include <math.h>
#include <string.h>

struct ck_kernels {
  const char *name;
  void (*quantize)(const float *x, size_t stride, int32_t n, const ck_rows *out);
  void (*matmul)(const ck_matrix *w, const ck_rows *x, int32_t n, int32_t first, int32_t last,
                 float *y, size_t stride);
  void (*matmul_float)(const ck_matrix *w, const float *x, size_t x_stride, int32_t n, int32_t first,
                       int32_t last, float *y, size_t stride);
  float (*product)(const ck_whole *w, int32_t row, const int16_t *x, const float *scales);
  void (*limits)(const ck_whole *w, const float *y, float reach, int32_t first, int32_t last,
                 float *largest, float *highest);
  int32_t (*complete)(const ck_whole *w, const int16_t *x, const float *scales, const float *highest,
                      float reach, float bar, int32_t first, int32_t last, float *y);
  void (*rmsnorm)(const float *x, const float *weight, int32_t columns, float epsilon, float *y);
  void (*silu_gate)(float *gate, const float *up, int32_t columns);
  void (*gelu_gate)(float *gate, const float *up, int32_t columns);
  void (*hadamard)(float *x, int32_t heads, int32_t dim);
  void (*store)(const float *key, const float *value, int32_t dim, ck_tile tile, int32_t lane);
  void (*prepare_queries)(float *x, int32_t heads, int32_t dim, const ck_queries *out);
  void (*score)(const ck_queries *q, int32_t heads, int32_t dim, int32_t tiles,
                const ck_tile *tile, const uint16_t *masks, float *scores, float *maximum);
  void (*attend)(const ck_queries *q, int32_t heads, int32_t dim, int32_t tiles,
                 const ck_tile *tile, const uint16_t *masks, float *maximum, float *sum, float *out);
  void (*merge)(int32_t heads, int32_t dim, float *maximum, float *sum, float *out,
                const float *maximum2, const float *sum2, const float *out2);
  void (*top2)(const float *x, int32_t columns, int32_t *index, float *first, float *second);
  int32_t (*next_at_least)(const float *x, int32_t first, int32_t columns, float bar);
  void (*softmax_sums)(const float *x, int32_t columns, float maximum, double *sum,
                       double *weighted);
  int64_t (*multiply_peak)(int32_t rounds);
};

extern const ck_kernels ck_scalar;
#if defined(__x86_64__)
extern const ck_kernels ck_avx2;
extern const ck_kernels ck_avx512vnni;
#elif defined(__aarch64__)
extern const ck_kernels ck_neon;
#endif

// exp(x): x = n ln 2 + r by Cody-Waite, then a degree-6 polynomial (Cephes expf coefficients, S. L.
// Moshier) and 2^n by exponent bits. Relative error below 2e-7 in the range; clamped outside it.
#define CK_EXP_LOW -87.0f
#define CK_EXP_HIGH 88.0f
#define CK_LOG2E 1.44269504088896341f
#define CK_LN2_HIGH 0.693359375f
#define CK_LN2_LOW -2.12194440e-4f
#define CK_ROUND 12582912.0f // 1.5 * 2^23: adding and subtracting it rounds to nearest even

/// A whole number from a float that is one; 0 where it fits none, or is no number: C leaves that open.
static inline int32_t scalar_whole(float x) {
  return x >= -0x1p31f && x < 0x1p31f ? (int32_t)x : 0;
}

static inline float scalar_exp(float x) {
  x = x < CK_EXP_LOW ? CK_EXP_LOW : x;
  x = x > CK_EXP_HIGH ? CK_EXP_HIGH : x;
  float n = (x * CK_LOG2E + CK_ROUND) - CK_ROUND;
  float r = fmaf(n, -CK_LN2_HIGH, x);
  r = fmaf(n, -CK_LN2_LOW, r);
  float p = 1.9875691500e-4f;
  p = fmaf(p, r, 1.3981999507e-3f);
  p = fmaf(p, r, 8.3334519073e-3f);
  p = fmaf(p, r, 4.1665795894e-2f);
  p = fmaf(p, r, 1.6666665459e-1f);
  p = fmaf(p, r, 5.0000001201e-1f);
  p = fmaf(p, r * r, r) + 1.0f;
  int32_t bits = (scalar_whole(n) + 127) << 23;
  float scale;
  memcpy(&scale, &bits, 4);
  return p * scale;
}

// GELU's tanh form is x sigmoid(x (linear + cubic x^2)): 2 sqrt(2 / pi), and 0.044715 times that.
#define CK_GELU_LINEAR 1.5957691216f
#define CK_GELU_CUBIC 7.1354816273e-2f

static inline float scalar_gelu(float x) {
  float turn = x * (CK_GELU_LINEAR + (CK_GELU_CUBIC * x) * x);
  return x / (1.0f + scalar_exp(-turn));
}

static inline float scalar_from_half(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000) << 16, rest = half & 0x7fff, bits;
  float value;
  if (rest >= 0x7c00) { // infinity, or a NaN made quiet
    bits = 0x7f800000u | (rest & 0x3ff) << 13 | ((rest & 0x3ff) ? 0x400000u : 0);
    memcpy(&value, &bits, 4);
  } else if (rest >= 0x400) {
    bits = (rest << 13) + (112u << 23);
    memcpy(&value, &bits, 4);
  } else { // zero and subnormals are exact multiples of 2^-24
    value = (float)rest * 0x1p-24f;
  }
  uint32_t whole;
  memcpy(&whole, &value, 4);
  whole |= sign;
  memcpy(&value, &whole, 4);
  return value;
}

static inline uint16_t scalar_to_half(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
  uint32_t rest = bits & 0x7fffffff;
  if (rest > 0x7f800000) return sign | 0x7e00 | (uint16_t)(rest >> 13 & 0x3ff);
  if (rest >= 0x47800000) return sign | 0x7c00;
  if (rest < 0x38800000) { // below 2^-14: count multiples of 2^-24, rounding by float addition
    float magnitude;
    memcpy(&magnitude, &rest, 4);
    float shifted = magnitude + 0.5f; // 0.5 has an ulp of 2^-24
    uint32_t count;
    memcpy(&count, &shifted, 4);
    return sign | (uint16_t)(count - 0x3f000000u);
  }
  rest += 0xfff + (rest >> 13 & 1);
  return sign | (uint16_t)((rest - (112u << 23)) >> 13);
}

/// The step of a group above which it gets residuals, as a share of the row's root mean square. Of
/// the default model's groups about a fifth are above it; they hold most of the rounding error.
#define CK_FINE 0.03f

/// The step above which a group of this row is fine. The squares go to 16 sums as in rmsnorm.
static inline float fine_threshold(float sum_of_squares, int32_t columns) {
  return CK_FINE * sqrtf(sum_of_squares / (float)columns);
}

/// Steps per unit in a group whose largest magnitude is this. Below 2^-100 a group counts as zero:
/// its scale would lose bits as a subnormal number, and further down the quotient is infinite.
static inline float inverse_step(float largest) {
  return largest >= 0x1p-100f ? 127.0f / largest : 0;
}

/// NaN where one of a group's numbers is infinite or NaN, else zero. Codes of eight bits would hide it: what
/// is no number has to reach the logits, so that it is seen there.
static inline float group_fault(const float *x) {
  float fault = 0;
  for (int k = 0; k < CK_GROUP; k++) fault += x[k] * 0.0f;
  return fault;
}

/// What RMSNorm multiplies by; NaN where the squares are no number or too large for one. A factor of zero
/// would make a row of zeros of it, and every token as probable as any other.
static inline float norm_factor(float sum_of_squares, int32_t columns, float epsilon) {
  if (!(sum_of_squares < INFINITY)) return NAN;
  return 1.0f / sqrtf(sum_of_squares / (float)columns + epsilon);
}

/// The dimensions of a head rounded up to whole vectors.
static inline int32_t padded(int32_t dim) { return (dim + 15) / 16 * 16; }

/// The float16 scales of a tile's 16 keys; those of its values follow.
static inline uint16_t *tile_scales(ck_tile tile, int32_t dim) {
  return (uint16_t *)(void *)(tile.keys + padded(dim) * CK_TILE);
}

/// The scale of a stored row whose largest magnitude is this.
static inline uint16_t row_scale(float largest) { return scalar_to_half(largest / 127.0f); }

/// Steps per unit of a stored row; 0 where its codes say nothing: its scale is zero, or not a number.
static inline float inverse_row_scale(uint16_t scale) {
  return (uint16_t)(scale - 1) < 0x7bff ? 1.0f / scalar_from_half(scale) : 0;
}

/// What the largest of some numbers is in two digits.
#define CK_DIGITS 8192.0f

/// Digits per unit where the largest magnitude is this; 0 where the digits say nothing.
static inline float inverse_digit(float largest) {
  return largest >= 0x1p-100f && largest < INFINITY ? CK_DIGITS / largest : 0;
}

/// What makes scores of sums of products: the root of the width, and the transform's factor.
static inline float query_factor(int32_t dim) {
  return 1.0f / (sqrtf((float)dim) * (float)ck_hadamard_size(dim));
}

/// The factors that bring two maxima's exponentials to the larger one, which takes the first's place.
static inline void merge_factors(float *maximum, float other, float *factor, float *factor2) {
  float larger = *maximum > other ? *maximum : other;
  *factor = *maximum == larger ? 1 : scalar_exp(*maximum - larger);
  *factor2 = other == larger ? 1 : scalar_exp(other - larger);
  *maximum = larger;
}

/// Puts the codes of a key and a value at their places in a tile.
static inline void place_codes(const uint8_t *key, const uint8_t *value, int32_t dim, ck_tile tile,
                               int32_t lane) {
  for (int32_t d = 0; d < padded(dim); d += 4) memcpy(tile.keys + 16 * d + 4 * lane, key + d, 4);
  uint8_t *quad = tile.values + lane / 4 * 64 + lane % 4;
  for (int32_t d = 0; d < padded(dim); d++) quad[d / 16 * 256 + d % 16 * 4] = value[d];
}

/// 2^(b - 128), of which the two least are subnormal.
static inline float scalar_power(uint8_t b) {
  uint32_t bits = b < 2 ? 0x200000u << b : (uint32_t)(b - 1) << 23;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

static inline float scalar_from_bf16(uint16_t value) {
  uint32_t bits = (uint32_t)value << 16;
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

/// Bytes of a group's codes.
static inline int32_t group_bytes(int32_t code) {
  return code == CK_CODE_U4 ? 256 : code == CK_CODE_U6 ? 384 : code == CK_CODE_U8 ? 512 : 320;
}

/// Bytes of the lower bits of a group of split codes.
enum { LOWER_BYTES = 256 };

/// Bytes of a block of whole rows.
enum { WHOLE_BYTES = 34 };

/// What an upper five bits of zero stand for in a coarse matrix: the middle of 0...7, in halves.
enum { COARSE_MIDDLE = 7 };

/// Whether the two halves of a group have scales of their own, and whether codes have a minimum.
static inline int has_halves(int scaling) {
  return scaling == CK_SCALING_HALVES || scaling == CK_SCALING_PAIRS;
}
static inline int has_minimums(int scaling) {
  return scaling == CK_SCALING_AFFINE || scaling == CK_SCALING_NESTED ||
         scaling == CK_SCALING_PAIRS;
}

/// Bytes of the scales of a panel and CK_SUPER columns; of pairs as of nested ones.
enum { NESTED_BYTES = 64 + 8 * 32, HALVES_BYTES = 32 + 8 * 32 };

/// The sum of 16 lanes as a tree: halves, quarters, eighths.
static inline float sum16(const float *lane) {
  float a[8], b[4];
  for (int i = 0; i < 8; i++) a[i] = lane[i] + lane[i + 8];
  for (int i = 0; i < 4; i++) b[i] = a[i] + a[i + 4];
  return (b[0] + b[2]) + (b[1] + b[3]);
}

/// The largest of 16 lanes, none of which is NaN.
static inline float largest16(const float *lane) {
  float a[8], b[4];
  for (int i = 0; i < 8; i++) a[i] = lane[i] > lane[i + 8] ? lane[i] : lane[i + 8];
  for (int i = 0; i < 4; i++) b[i] = a[i] > a[i + 4] ? a[i] : a[i + 4];
  float c = b[0] > b[2] ? b[0] : b[2], d = b[1] > b[3] ? b[1] : b[3];
  return c > d ? c : d;
}

static inline double sum16_double(const double *lane) {
  double a[8], b[4];
  for (int i = 0; i < 8; i++) a[i] = lane[i] + lane[i + 8];
  for (int i = 0; i < 4; i++) b[i] = a[i] + a[i + 4];
  return (b[0] + b[2]) + (b[1] + b[3]);
}

#endif
