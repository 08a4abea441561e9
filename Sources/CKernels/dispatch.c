// Chooses a set of kernels, and forwards to it.
#include "internal.h"
#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>
#endif

#if defined(__aarch64__)
/// Whether the processor has the dot product extension.
static int has_dot_product(void) {
#if defined(__linux__)
  return getauxval(AT_HWCAP) >> 20 & 1; // HWCAP_ASIMDDP
#elif defined(__APPLE__)
  int has = 0;
  size_t size = sizeof has;
  return !sysctlbyname("hw.optional.arm.FEAT_DotProd", &has, &size, 0, 0) && has;
#else
  return 0;
#endif
}
#endif

static int can_run(const ck_kernels *k) {
#if defined(__x86_64__)
  if (k == &ck_avx512vnni)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vnni");
  if (k == &ck_avx2)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("f16c");
#elif defined(__aarch64__)
  if (k == &ck_neon) return has_dot_product();
#endif
  return k != 0;
}

const ck_kernels *ck_select(const char *name) {
  // Fastest first.
  static const ck_kernels *const all[] = {
#if defined(__x86_64__)
      &ck_avx512vnni, &ck_avx2,
#elif defined(__aarch64__)
      &ck_neon,
#endif
      &ck_scalar,
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if ((!name || !strcmp(name, all[i]->name)) && can_run(all[i])) return all[i];
  return 0;
}

const char *ck_name(const ck_kernels *k) { return k->name; }

void ck_quantize(const ck_kernels *k, const float *x, size_t stride, int32_t n,
                 const ck_rows *out) {
  k->quantize(x, stride, n, out);
}

void ck_matmul(const ck_kernels *k, const ck_matrix *w, const ck_rows *x, int32_t n, int32_t first,
               int32_t last, float *y, size_t stride) {
  k->matmul(w, x, n, first, last, y, stride);
}

void ck_matmul_float(const ck_kernels *k, const ck_matrix *w, const float *x, size_t x_stride,
                     int32_t n, int32_t first, int32_t last, float *y, size_t stride) {
  k->matmul_float(w, x, x_stride, n, first, last, y, stride);
}

void ck_squares(const uint8_t *codes, int32_t *low, int32_t *all) {
  for (int r = 0; r < CK_PANEL; r++) {
    int32_t sums[2] = {0, 0};
    for (int k = 0; k < CK_GROUP; k++) {
      int16_t rest = (int16_t)(2 * (codes[CK_GROUP * r + k] & 7) - 7);
      int16_t code = (int16_t)(codes[CK_GROUP * r + k] - 128);
      sums[0] += rest * rest;
      sums[1] += code * code;
    }
    low[r] = sums[0];
    all[r] = sums[1];
  }
}

void ck_widen(const ck_rows *x, int16_t *out) {
  for (int32_t i = 0; i < x->columns; i++)
    out[i] = (int16_t)(256 * x->codes[i] + (x->fine[i / CK_GROUP] ? x->residuals[i] : 0));
}

float ck_product(const ck_kernels *k, const ck_whole *w, int32_t row, const int16_t *x,
                 const float *scales) {
  return k->product(w, row, x, scales);
}

void ck_limits(const ck_kernels *k, const ck_whole *w, const float *y, float reach, int32_t first,
               int32_t last, float *largest, float *highest) {
  k->limits(w, y, reach, first, last, largest, highest);
}

int32_t ck_complete(const ck_kernels *k, const ck_whole *w, const int16_t *x, const float *scales,
                    const float *highest, float reach, float bar, int32_t first, int32_t last,
                    float *y) {
  return k->complete(w, x, scales, highest, reach, bar, first, last, y);
}

void ck_rmsnorm(const ck_kernels *k, const float *x, const float *weight, int32_t columns,
                float epsilon, float *y) {
  k->rmsnorm(x, weight, columns, epsilon, y);
}

void ck_add(const ck_kernels *k, const float *x, int32_t columns, float *y) {
  (void)k; // element by element, without contraction: the same bits in every form
  for (int32_t i = 0; i < columns; i++) y[i] += x[i];
}

void ck_silu_gate(const ck_kernels *k, float *gate, const float *up, int32_t columns) {
  k->silu_gate(gate, up, columns);
}

void ck_gelu_gate(const ck_kernels *k, float *gate, const float *up, int32_t columns) {
  k->gelu_gate(gate, up, columns);
}

void ck_rope(const ck_kernels *k, float *x, int32_t heads, int32_t dim, int32_t rotated,
             const float *cosines, const float *sines) {
  (void)k;
  for (int32_t h = 0; h < heads; h++) {
    float *v = x + (size_t)h * dim;
    for (int32_t i = 0; i < rotated / 2; i++) {
      float a = v[2 * i], b = v[2 * i + 1];
      v[2 * i] = a * cosines[i] - b * sines[i];
      v[2 * i + 1] = a * sines[i] + b * cosines[i];
    }
  }
}

int32_t ck_hadamard_size(int32_t dim) { return dim & -dim; }

void ck_hadamard(const ck_kernels *k, float *x, int32_t heads, int32_t dim) {
  k->hadamard(x, heads, dim);
}

void ck_store(const ck_kernels *k, const float *key, const float *value, int32_t dim, ck_tile tile,
              int32_t lane) {
  k->store(key, value, dim, tile, lane);
}

void ck_load(const ck_kernels *k, ck_tile tile, int32_t lane, int32_t dim, float *key,
             float *value) {
  const uint8_t *quad = tile.values + lane / 4 * 64 + lane % 4;
  const uint16_t *scales = tile_scales(tile, dim) + lane;
  float size = (float)ck_hadamard_size(dim);
  float key_step = scalar_from_half(scales[0]) / size;
  float value_step = scalar_from_half(scales[CK_TILE]) / size;
  for (int32_t d = 0; d < dim; d++) {
    key[d] = (float)(tile.keys[d / 4 * 64 + 4 * lane + d % 4] - 128) * key_step;
    value[d] = (float)(quad[d / 16 * 256 + d % 16 * 4] - 128) * value_step;
  }
  k->hadamard(key, 1, dim);
  k->hadamard(value, 1, dim);
}

void ck_copy_lane(ck_tile from, int32_t from_lane, int32_t dim, ck_tile tile, int32_t lane) {
  for (int32_t d = 0; d < padded(dim); d += 4)
    memcpy(tile.keys + 16 * d + 4 * lane, from.keys + 16 * d + 4 * from_lane, 4);
  const uint8_t *source = from.values + from_lane / 4 * 64 + from_lane % 4;
  uint8_t *target = tile.values + lane / 4 * 64 + lane % 4;
  for (int32_t d = 0; d < padded(dim); d++)
    target[d / 16 * 256 + d % 16 * 4] = source[d / 16 * 256 + d % 16 * 4];
  for (int32_t part = 0; part < 2 * CK_TILE; part += CK_TILE)
    tile_scales(tile, dim)[part + lane] = tile_scales(from, dim)[part + from_lane];
}

void ck_prepare_queries(const ck_kernels *k, float *x, int32_t heads, int32_t dim,
                        const ck_queries *out) {
  k->prepare_queries(x, heads, dim, out);
}

void ck_attend(const ck_kernels *k, const ck_queries *q, int32_t heads, int32_t dim, int32_t tiles,
               const ck_tile *tile, const uint16_t *masks, float *maximum, float *sum, float *out) {
  k->attend(q, heads, dim, tiles, tile, masks, maximum, sum, out);
}

void ck_score(const ck_kernels *k, const ck_queries *q, int32_t heads, int32_t dim, int32_t tiles,
              const ck_tile *tile, const uint16_t *masks, float *scores, float *maximum) {
  k->score(q, heads, dim, tiles, tile, masks, scores, maximum);
}

void ck_merge(const ck_kernels *k, int32_t heads, int32_t dim, float *maximum, float *sum,
              float *out, const float *maximum2, const float *sum2, const float *out2) {
  k->merge(heads, dim, maximum, sum, out, maximum2, sum2, out2);
}

void ck_finish(const ck_kernels *k, int32_t heads, int32_t dim, const float *sum,
               const float *out, float *y) {
  for (int32_t h = 0; h < heads; h++) {
    float inverse = sum[h] == 0 ? 0 : 1.0f / (sum[h] * (float)ck_hadamard_size(dim));
    for (int32_t d = 0; d < dim; d++) y[h * dim + d] = out[h * padded(dim) + d] * inverse;
  }
  k->hadamard(y, heads, dim);
}

void ck_top2(const ck_kernels *k, const float *x, int32_t columns, int32_t *index, float *first,
             float *second) {
  k->top2(x, columns, index, first, second);
}

int32_t ck_next_at_least(const ck_kernels *k, const float *x, int32_t first, int32_t columns,
                         float bar) {
  return k->next_at_least(x, first, columns, bar);
}

void ck_softmax_sums(const ck_kernels *k, const float *x, int32_t columns, float maximum,
                     double *sum, double *weighted) {
  k->softmax_sums(x, columns, maximum, sum, weighted);
}

int64_t ck_multiply_peak(const ck_kernels *k, int32_t rounds) { return k->multiply_peak(rounds); }

float ck_exp(float x) { return scalar_exp(x); }
float ck_from_half(uint16_t half) { return scalar_from_half(half); }
uint16_t ck_to_half(float x) { return scalar_to_half(x); }

void ck_warm(const void *p) {
  for (int i = 0; i < CK_WARM; i += 64) __builtin_prefetch((const char *)p + i, 0, 2);
}

void ck_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
