// Compares two sets of kernels bit for bit on random shapes and numbers: `make test-neon` runs it under an
// emulator, where the machine has no such processor. compare_kernels FIRST SECOND [ROUNDS]
#include "ckernels.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 88172645463325252u;

static uint64_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state * 2685821657736338717u;
}

static int32_t between(int32_t low, int32_t high) {
  return low + (int32_t)((next() >> 33) % (uint64_t)(high - low + 1));
}

/// Bell-shaped enough; now and then large, or zero.
static float number(void) {
  float x = 0;
  for (int i = 0; i < 4; i++) x += (float)(next() >> 40) * 0x1p-24f - 0.5f;
  int32_t kind = between(0, 40);
  return kind == 0 ? x * 300 : kind == 1 ? 0 : x;
}

static void *taken[8192];
static size_t taken_count;

/// Zeroed memory until the end of the round.
static void *take(size_t bytes) {
  void *memory = aligned_alloc(64, (bytes + 191) / 64 * 64);
  if (!memory || taken_count == sizeof taken / sizeof taken[0]) exit(2);
  memset(memory, 0, (bytes + 191) / 64 * 64);
  taken[taken_count++] = memory;
  return memory;
}

static void give_back(void) {
  while (taken_count > 0) free(taken[--taken_count]);
}

static float *numbers(size_t count) {
  float *x = take(count * sizeof *x);
  for (size_t i = 0; i < count; i++) x[i] = number();
  return x;
}

static void fill(void *target, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) ((uint8_t *)target)[i] = (uint8_t)(next() >> 56);
}

/// Float16 numbers of ordinary size.
static void fill_halves(void *target, size_t count) {
  for (size_t i = 0; i < count; i++) ((uint16_t *)target)[i] = ck_to_half(number());
}

static const ck_kernels *sets[2];
static int failures, comparisons;

static void expect(const char *what, int64_t shape, const void *a, const void *b, size_t bytes) {
  comparisons++;
  if (memcmp(a, b, bytes) == 0) return;
  failures++;
  printf("%s differs (%lld)\n", what, (long long)shape);
}

static ck_rows rows(int32_t n, int32_t columns) {
  size_t count = (size_t)n * columns;
  return (ck_rows){take(count), take(count), take(count / 32), take(count / 8), take(count / 8),
                   take(count / 4), columns};
}

static void compare_rows(int32_t n, const ck_rows *a, const ck_rows *b) {
  size_t count = (size_t)n * a->columns;
  expect("quantize: codes", a->columns, a->codes, b->codes, count);
  expect("quantize: residuals", a->columns, a->residuals, b->residuals, count);
  expect("quantize: fine", a->columns, a->fine, b->fine, count / 32);
  expect("quantize: scales", a->columns, a->scales, b->scales, count / 8);
  expect("quantize: weighted", a->columns, a->weighted, b->weighted, count / 8);
  expect("quantize: sums", a->columns, a->sums, b->sums, count / 4);
}

/// A matrix of random codes; scales are of ordinary size.
static ck_matrix matrix(ck_code code, ck_scaling scaling, int32_t panels, int32_t columns) {
  size_t groups = (size_t)panels * (columns / 32), supers = groups / 8;
  ck_matrix w = {.panels = panels, .columns = columns, .code = code, .scaling = scaling};
  size_t bytes = code == CK_CODE_U4 ? 256 : code == CK_CODE_U8 ? 512 : code == CK_CODE_U6 ? 384 : 320;
  uint8_t *codes = take(groups * bytes), *scales = take(groups * 32 + supers * 64);
  fill(codes, groups * bytes);
  w.codes = codes;
  w.scales = scales;
  w.zero = code == CK_CODE_U8 || code == CK_CODE_SPLIT ? 128 : code == CK_CODE_COARSE ? 256
         : code == CK_CODE_U4 ? 8 : code == CK_CODE_U5 ? 16 : 32;
  if (code == CK_CODE_U8) // The code 0 stands for -128, which no file has.
    for (size_t i = 0; i < groups * bytes; i++) codes[i] += codes[i] == 0;
  if (code == CK_CODE_SPLIT) {
    uint8_t *lower = take(groups * 256);
    fill(lower, groups * 256);
    for (size_t i = 0; i < groups * 256; i++) lower[i] |= 0x11;
    w.lower = lower;
  }
  if (scaling == CK_SCALING_AFFINE || scaling == CK_SCALING_NESTED || scaling == CK_SCALING_PAIRS) w.zero = 0;
  if (scaling == CK_SCALING_AFFINE) {
    void *minimums = take(groups * 32);
    fill_halves(minimums, groups * 16);
    w.minimums = minimums;
  }
  if (scaling == CK_SCALING_PLAIN || scaling == CK_SCALING_AFFINE) fill_halves(scales, groups * 16);
  if (scaling == CK_SCALING_POWER) // 2^-20 to 2^11.
    for (size_t i = 0; i < groups * 16; i++) scales[i] = (uint8_t)between(108, 139);
  size_t outer = scaling == CK_SCALING_HALVES ? 16 : 32, size = outer * 2 + 8 * 32;
  if (scaling == CK_SCALING_NESTED || scaling == CK_SCALING_HALVES || scaling == CK_SCALING_PAIRS) {
    scales = take(supers * size);
    w.scales = scales;
    fill(scales, supers * size);
    for (size_t s = 0; s < supers; s++) fill_halves(scales + s * size, outer);
  }
  return w;
}

static void products(int32_t n, const ck_matrix *w, const ck_rows *x) {
  size_t stride = (size_t)w->panels * 16 + 3, count = stride * n;
  float *a = numbers(count), *b = take(count * 4);
  memcpy(b, a, count * 4);
  int32_t first = between(0, w->panels - 1), last = between(first + 1, w->panels);
  ck_matmul(sets[0], w, x, n, first, last, a, stride);
  ck_matmul(sets[1], w, x, n, first, last, b, stride);
  expect("matmul", w->code * 10 + w->scaling, a, b, count * 4);
}

static void matrices(void) {
  int32_t n = between(1, 19), columns = 256 * between(1, 3), panels = between(1, 5);
  float *x = numbers((size_t)n * columns);
  ck_rows q[2] = {rows(n, columns), rows(n, columns)};
  for (int s = 0; s < 2; s++) ck_quantize(sets[s], x, columns, n, &q[s]);
  compare_rows(n, &q[0], &q[1]);
  static const int kinds[][2] = {
    {CK_CODE_U4, CK_SCALING_PLAIN}, {CK_CODE_U4, CK_SCALING_AFFINE}, {CK_CODE_U4, CK_SCALING_NESTED},
    {CK_CODE_U5, CK_SCALING_PLAIN}, {CK_CODE_U5, CK_SCALING_AFFINE}, {CK_CODE_U5, CK_SCALING_NESTED},
    {CK_CODE_U6, CK_SCALING_HALVES}, {CK_CODE_U8, CK_SCALING_PLAIN},
    {CK_CODE_SPLIT, CK_SCALING_PLAIN}, {CK_CODE_COARSE, CK_SCALING_PLAIN},
    {CK_CODE_U4, CK_SCALING_HALVES}, {CK_CODE_U4, CK_SCALING_PAIRS}, {CK_CODE_U5, CK_SCALING_POWER},
    {CK_CODE_U8, CK_SCALING_HALVES},
  };
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    ck_matrix w = matrix(kinds[i][0], kinds[i][1], panels, columns);
    products(n, &w, &q[0]);
  }
  for (int code = CK_CODE_F16; code <= CK_CODE_F32; code++) {
    int32_t width = between(1, 100);
    size_t count = (size_t)panels * 16 * width;
    float *values = numbers(count);
    uint16_t *halves = take(count * 2);
    for (size_t i = 0; i < count; i++) {
      uint32_t bits;
      memcpy(&bits, &values[i], 4);
      halves[i] = code == CK_CODE_F16 ? ck_to_half(values[i]) : (uint16_t)(bits >> 16);
    }
    ck_matrix w = {.codes = code == CK_CODE_F32 ? (void *)values : halves, .panels = panels,
                   .columns = width, .code = code};
    float *a = take((size_t)n * panels * 64), *b = take((size_t)n * panels * 64);
    ck_matmul_float(sets[0], &w, x, columns, n, 0, panels, a, panels * 16);
    ck_matmul_float(sets[1], &w, x, columns, n, 0, panels, b, panels * 16);
    expect("matmul_float", code, a, b, (size_t)n * panels * 64);
  }
}

static void heads_of_eight_bits(void) {
  int32_t columns = 32 * between(1, 20), panels = between(1, 6), count = panels * 16 - between(0, 15);
  size_t bytes = (size_t)count * (columns / 32) * 34;
  uint8_t *whole = take(bytes);
  fill(whole, bytes);
  for (size_t i = 0; i < bytes; i += 34) fill_halves(whole + i, 1);
  uint16_t *bounds = take((size_t)panels * 32);
  for (int32_t i = 0; i < panels * 16; i++) bounds[i] = ck_to_half(fabsf(number()));
  ck_whole w = {whole, bounds, count, columns};
  float *x = numbers(columns), *y = numbers(panels * 16), *z = take((size_t)panels * 64);
  memcpy(z, y, (size_t)panels * 64);
  ck_rows q = rows(1, columns);
  ck_quantize(sets[0], x, columns, 1, &q);
  int16_t *wide = take((size_t)columns * 2);
  ck_widen(&q, wide);
  for (int32_t row = 0; row < count; row++) {
    float a = ck_product(sets[0], &w, row, wide, q.scales);
    float b = ck_product(sets[1], &w, row, wide, q.scales);
    expect("product", columns, &a, &b, 4);
  }
  float reach = fabsf(number()), bar = number();
  float *most[2] = {take(panels * 4), take(panels * 4)}, *high[2] = {take(panels * 4), take(panels * 4)};
  for (int s = 0; s < 2; s++) ck_limits(sets[s], &w, y, reach, 0, panels, most[s], high[s]);
  expect("limits: largest", panels, most[0], most[1], panels * 4);
  expect("limits: highest", panels, high[0], high[1], panels * 4);
  int32_t a = ck_complete(sets[0], &w, wide, q.scales, high[0], reach, bar, 0, panels, y);
  int32_t b = ck_complete(sets[1], &w, wide, q.scales, high[0], reach, bar, 0, panels, z);
  expect("complete: count", panels, &a, &b, 4);
  expect("complete", panels, y, z, (size_t)panels * 64);
}

static void single_rows(void) {
  int32_t columns = between(1, 700);
  float *x = numbers(columns), *w = numbers(columns), *a = take(columns * 4), *b = take(columns * 4);
  ck_rmsnorm(sets[0], x, w, columns, 1e-5f, a);
  ck_rmsnorm(sets[1], x, w, columns, 1e-5f, b);
  expect("rmsnorm", columns, a, b, columns * 4);
  ck_silu_gate(sets[0], a, w, columns);
  ck_silu_gate(sets[1], b, w, columns);
  expect("silu_gate", columns, a, b, columns * 4);
  ck_add(sets[0], x, columns, a);
  ck_add(sets[1], x, columns, b);
  expect("add", columns, a, b, columns * 4);
  for (int i = between(0, 3); i > 0; i--) x[between(0, columns - 1)] = x[0];
  struct { int32_t index; float first, second; } top[2];
  memset(top, 0, sizeof top);
  double sums[2][2];
  for (int s = 0; s < 2; s++) {
    ck_top2(sets[s], x, columns, &top[s].index, &top[s].first, &top[s].second);
    ck_softmax_sums(sets[s], x, columns, top[s].first, &sums[s][0], &sums[s][1]);
  }
  expect("top2", columns, &top[0], &top[1], sizeof top[0]);
  expect("softmax_sums", columns, sums[0], sums[1], sizeof sums[0]);
  int32_t from = between(0, columns);
  float bar = number();
  int32_t at[2] = {ck_next_at_least(sets[0], x, from, columns, bar),
                   ck_next_at_least(sets[1], x, from, columns, bar)};
  expect("next_at_least", columns, &at[0], &at[1], 4);
}

static void attention(void) {
  int32_t dim = 4 * between(2, 40), padded = (dim + 15) / 16 * 16;
  int32_t heads = between(1, 5), tiles = between(1, CK_TILES);
  size_t bytes = (size_t)padded * 16 + 64;
  ck_tile tile[2][CK_TILES];
  uint16_t masks[CK_TILES];
  for (int t = 0; t < tiles; t++) {
    for (int s = 0; s < 2; s++) tile[s][t] = (ck_tile){take(bytes), take(bytes)};
    for (int lane = 0; lane < 16; lane++) {
      float *key = numbers(dim), *value = numbers(dim);
      for (int s = 0; s < 2; s++) ck_store(sets[s], key, value, dim, tile[s][t], lane);
    }
    expect("store: keys", dim, tile[0][t].keys, tile[1][t].keys, bytes);
    expect("store: values", dim, tile[0][t].values, tile[1][t].values, (size_t)padded * 16);
    masks[t] = between(0, 3) ? (uint16_t)(next() >> 48) : 0xFFFF;
  }
  float *x = numbers((size_t)heads * dim), *z = take((size_t)heads * dim * 4);
  memcpy(z, x, (size_t)heads * dim * 4);
  ck_queries q[2];
  for (int s = 0; s < 2; s++)
    q[s] = (ck_queries){take((size_t)heads * 2 * padded), take(heads * 4), take(heads * 4)};
  ck_prepare_queries(sets[0], x, heads, dim, &q[0]);
  ck_prepare_queries(sets[1], z, heads, dim, &q[1]);
  expect("prepare_queries: codes", dim, q[0].codes, q[1].codes, (size_t)heads * 2 * padded);
  expect("prepare_queries: scales", dim, q[0].scales, q[1].scales, heads * 4);
  expect("prepare_queries: sums", dim, q[0].sums, q[1].sums, heads * 4);
  size_t size = (size_t)heads * padded * 4;
  float *most[2], *sum[2], *out[2], *scores[2], *y[2];
  for (int s = 0; s < 2; s++) {
    most[s] = take(heads * 4), sum[s] = take(heads * 4), out[s] = take(size);
    scores[s] = take((size_t)heads * 1024), y[s] = take((size_t)heads * dim * 4);
    ck_attend(sets[s], &q[0], heads, dim, tiles, tile[0], masks, most[s], sum[s], out[s]);
  }
  expect("attend: maximum", dim, most[0], most[1], heads * 4);
  expect("attend: sum", dim, sum[0], sum[1], heads * 4);
  expect("attend: out", dim, out[0], out[1], size);
  for (int s = 0; s < 2; s++)
    ck_score(sets[s], &q[0], heads, dim, tiles, tile[0], masks, scores[s], most[s]);
  expect("score: maximum", dim, most[0], most[1], heads * 4);
  for (int h = 0; h < heads; h++)
    for (int j = 0; j < 16 * tiles; j++)
      if (masks[j / 16] >> j % 16 & 1)
        expect("score", dim, &scores[0][h * 256 + j], &scores[1][h * 256 + j], 4);
  float *most2 = numbers(heads), *sum2 = numbers(heads), *out2 = numbers((size_t)heads * padded);
  for (int s = 0; s < 2; s++) {
    ck_merge(sets[s], heads, dim, most[s], sum[s], out[s], most2, sum2, out2);
    ck_finish(sets[s], heads, dim, sum[s], out[s], y[s]);
  }
  expect("merge", dim, out[0], out[1], size);
  expect("finish", dim, y[0], y[1], (size_t)heads * dim * 4);
  ck_hadamard(sets[0], y[0], heads, dim);
  ck_hadamard(sets[1], y[1], heads, dim);
  expect("hadamard", dim, y[0], y[1], (size_t)heads * dim * 4);
}

int main(int count, char **words) {
  for (int s = 0; s < 2; s++) {
    sets[s] = count > 2 ? ck_select(words[s + 1]) : NULL;
    if (!sets[s]) {
      fprintf(stderr, "compare_kernels: give two sets that this machine can run, such as neon scalar\n");
      return 64;
    }
  }
  int rounds = count > 3 ? atoi(words[3]) : 100;
  for (int i = 0; i < rounds; i++) {
    matrices();
    heads_of_eight_bits();
    single_rows();
    attention();
    give_back();
  }
  printf("%s and %s: %d comparisons, %d differ\n", words[1], words[2], comparisons, failures);
  return failures > 0 || comparisons == 0;
}
