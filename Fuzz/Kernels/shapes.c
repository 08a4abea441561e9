// Calls every kernel with random shapes on memory of exactly the size that its header asks for, for each
// set of kernels that this machine can run, and compares the bits with those of the scalar form. Built
// with AddressSanitizer and UndefinedBehaviorSanitizer: a byte too far ends the program.
//
// shapes ROUNDS [SEED]
#include "internal.h"
#include <stdio.h>
#include <stdlib.h>

static uint64_t state;

static uint64_t next(void) {
  uint64_t z = (state += 0x9E3779B97F4A7C15u);
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

static int32_t within(int32_t low, int32_t high) {
  return low + (int32_t)(next() % (uint64_t)(high - low + 1));
}

/// What one round has allocated.
static void *blocks[1024];
static int block_count;

/// Memory of exactly so many bytes, and what lies behind it is forbidden.
static void *take(size_t bytes, size_t alignment) {
  void *p = 0;
  if (block_count == 1024) abort();
  if (alignment <= 8) p = malloc(bytes);
  else if (posix_memalign(&p, alignment, bytes)) abort();
  return blocks[block_count++] = p;
}

static void free_all(void) {
  while (block_count) free(blocks[--block_count]);
}

static void *noise(size_t bytes, size_t alignment) {
  uint8_t *p = take(bytes, alignment);
  for (size_t i = 0; i < bytes; i++) p[i] = (uint8_t)next();
  return p;
}

/// How wild the numbers of this round are: 0 as in a model, 1 of all sizes, 2 infinite and none as well.
static int wildness;

static float number(void) {
  float x = (float)(int32_t)next() * 0x1p-31f;
  if (wildness == 0 || next() % 8) return x;
  if (wildness == 2 && next() % 4 == 0) return next() % 2 ? NAN : next() % 2 ? INFINITY : -INFINITY;
  return x * ldexpf(1, within(-149, 127));
}

static float *numbers(size_t count) {
  float *p = take(count * sizeof *p, 4);
  for (size_t i = 0; i < count; i++) p[i] = number();
  return p;
}

/// A finite float16.
static uint16_t half(void) { return ck_to_half((float)(int32_t)next() * 0x1p-36f); }

static uint16_t *halves(size_t count) {
  uint16_t *p = take(count * sizeof *p, 2);
  for (size_t i = 0; i < count; i++) p[i] = half();
  return p;
}

static void *copy(const void *from, size_t bytes, size_t alignment) {
  return memcpy(take(bytes, alignment), from, bytes);
}

static const char *current;

/// Ends the program where two forms differ. What is no number may be so in several ways.
static void same(const float *a, const float *b, size_t count, const char *what) {
  for (size_t i = 0; i < count; i++)
    if (memcmp(a + i, b + i, 4) && !(isnan(a[i]) && isnan(b[i]))) {
      fprintf(stderr, "%s: %s differs at %zu of %zu: %a and %a\n", current, what, i, count, a[i], b[i]);
      abort();
    }
}

/// The same for the largest of some numbers, of which a zero may have either sign.
static void same_largest(float *a, float *b, size_t count, const char *what) {
  for (size_t i = 0; i < count; i++)
    if (a[i] == 0 && b[i] == 0) a[i] = b[i] = 0;
  same(a, b, count, what);
}

static void same_bytes(const void *a, const void *b, size_t bytes, const char *what) {
  if (!memcmp(a, b, bytes)) return;
  fprintf(stderr, "%s: %s differs\n", current, what);
  abort();
}

// Rows

static ck_rows rows(int32_t n, int32_t columns) {
  size_t groups = (size_t)columns / CK_GROUP, count = (size_t)n * groups;
  return (ck_rows){.codes = take(count * CK_GROUP, 1),
                   .residuals = take(count * CK_GROUP, 1),
                   .fine = take(count, 1),
                   .scales = take(count * 4, 4),
                   .weighted = take(count * 4, 4),
                   .sums = take(count * 8, 4),
                   .columns = columns};
}

static ck_rows quantized(const ck_kernels *k, int32_t n, int32_t columns) {
  size_t stride = (size_t)(columns + within(0, 9));
  float *x = numbers((size_t)(n - 1) * stride + (size_t)columns);
  ck_rows out = rows(n, columns), expected = rows(n, columns);
  size_t groups = (size_t)n * (size_t)columns / CK_GROUP;
  ck_quantize(k, x, stride, n, &out);
  ck_quantize(ck_select("scalar"), x, stride, n, &expected);
  same_bytes(out.codes, expected.codes, groups * CK_GROUP, "quantize codes");
  same_bytes(out.residuals, expected.residuals, groups * CK_GROUP, "quantize residuals");
  same_bytes(out.fine, expected.fine, groups, "quantize fine");
  same_bytes(out.sums, expected.sums, groups * 8, "quantize sums");
  same(out.scales, expected.scales, groups, "quantize scales");
  same(out.weighted, expected.weighted, groups, "quantize weighted");
  return out;
}

static void check_rows(const ck_kernels *k) {
  int32_t columns = within(1, 100);
  float *x = numbers((size_t)columns), *weight = numbers((size_t)columns);
  float *y = take((size_t)columns * 4, 4), *expected = take((size_t)columns * 4, 4);
  ck_rmsnorm(k, x, weight, columns, 1e-5f, y);
  ck_rmsnorm(ck_select("scalar"), x, weight, columns, 1e-5f, expected);
  same(y, expected, (size_t)columns, "rmsnorm");
  ck_add(k, x, columns, y);
  float *gate = copy(x, (size_t)columns * 4, 4), *gate2 = copy(x, (size_t)columns * 4, 4);
  ck_silu_gate(k, gate, weight, columns);
  ck_silu_gate(ck_select("scalar"), gate2, weight, columns);
  same(gate, gate2, (size_t)columns, "silu_gate");
  int32_t heads = within(1, 5), dim = within(1, 40) * 2, rotated = within(0, dim / 2) * 2;
  float *cosines = numbers((size_t)rotated / 2), *sines = numbers((size_t)rotated / 2);
  ck_rope(k, numbers((size_t)heads * (size_t)dim), heads, dim, rotated, cosines, sines);
}

static void check_vocabulary(const ck_kernels *k) {
  const ck_kernels *scalar = ck_select("scalar");
  int32_t columns = within(1, 300), index[2], first = within(0, columns);
  float *x = numbers((size_t)columns), best[2], second[2], bar = number();
  double sum[2], weighted[2];
  ck_top2(k, x, columns, index, best, second);
  ck_top2(scalar, x, columns, index + 1, best + 1, second + 1);
  if (index[0] != index[1]) same(best, best + 1, 1, "top2 index");
  same_largest(best, best + 1, 1, "top2 first");
  same_largest(second, second + 1, 1, "top2 second");
  int32_t found = ck_next_at_least(k, x, first, columns, bar);
  if (found != ck_next_at_least(scalar, x, first, columns, bar)) abort();
  ck_softmax_sums(k, x, columns, best[0], sum, weighted);
  ck_softmax_sums(scalar, x, columns, best[0], sum + 1, weighted + 1);
  if (wildness < 2 && (sum[0] != sum[1] || weighted[0] != weighted[1])) abort();
}

// Matrices

static size_t code_bytes(int32_t code) {
  return code == CK_CODE_U4   ? 256
         : code == CK_CODE_U6 ? 384
         : code == CK_CODE_U8 ? 512
                              : 320;
}

static void check_matrix(const ck_kernels *k, int32_t code, int32_t scaling) {
  int is_halves = scaling == CK_SCALING_HALVES;
  int is_nested = scaling == CK_SCALING_NESTED || scaling == CK_SCALING_PAIRS || is_halves;
  int32_t unit = is_nested ? CK_SUPER : CK_GROUP;
  int32_t panels = within(1, 6), columns = within(1, is_nested ? 2 : 9) * unit, n = within(1, 19);
  size_t groups = (size_t)(panels * (columns / CK_GROUP)), supers = (size_t)(panels * (columns / unit));
  ck_matrix w = {.panels = panels, .columns = columns, .code = code, .scaling = scaling};
  w.codes = noise(groups * code_bytes(code), 64);
  w.lower = code == CK_CODE_SPLIT ? noise(groups * 256, 64) : 0;
  w.zero = code == CK_CODE_U8 || code == CK_CODE_SPLIT ? 128
           : code == CK_CODE_COARSE                    ? 256
           : scaling == CK_SCALING_PLAIN               ? within(8, 16)
           : is_halves                                 ? (code == CK_CODE_U4 ? 4 : 32)
           : scaling == CK_SCALING_POWER               ? 12
                                                       : 0;
  if (is_nested) {
    size_t bytes = is_halves ? 32 + 8 * 32 : 64 + 8 * 32;
    uint8_t *scales = noise(supers * bytes, 2);
    for (size_t i = 0; i < supers; i++)
      for (size_t r = 0; r < (is_halves ? 16 : 32); r++) {
        uint16_t outer = half();
        memcpy(scales + i * bytes + 2 * r, &outer, 2);
      }
    w.scales = scales;
  } else if (scaling == CK_SCALING_POWER) {
    w.scales = noise(groups * 16, 1);
  } else {
    w.scales = halves(groups * 16);
    if (scaling == CK_SCALING_AFFINE) w.minimums = halves(groups * 16);
  }
  ck_rows x = quantized(k, n, columns);
  int32_t first = within(0, panels), last = within(first, panels);
  size_t stride = (size_t)(16 * panels + within(0, 9)), count = (size_t)(n - 1) * stride + (size_t)(16 * panels);
  float *y = take(count * 4, 4), *expected = take(count * 4, 4);
  memset(y, 0, count * 4);
  memset(expected, 0, count * 4);
  ck_matmul(k, &w, &x, n, first, last, y, stride);
  ck_matmul(ck_select("scalar"), &w, &x, n, first, last, expected, stride);
  same(y, expected, count, "matmul");
}

static void check_float_matrix(const ck_kernels *k, int32_t code) {
  int32_t panels = within(1, 9), columns = within(1, 70), n = within(1, 9);
  size_t count = (size_t)(panels * columns * 16);
  ck_matrix w = {.panels = panels, .columns = columns, .code = code};
  w.codes = code == CK_CODE_F32 ? (void *)numbers(count) : (void *)halves(count);
  size_t x_stride = (size_t)(columns + within(0, 9)), stride = (size_t)(16 * panels + within(0, 9));
  float *x = numbers((size_t)(n - 1) * x_stride + (size_t)columns);
  int32_t first = within(0, panels), last = within(first, panels);
  size_t size = (size_t)(n - 1) * stride + (size_t)(16 * panels);
  float *y = take(size * 4, 4), *expected = take(size * 4, 4);
  memset(y, 0, size * 4);
  memset(expected, 0, size * 4);
  ck_matmul_float(k, &w, x, x_stride, n, first, last, y, stride);
  ck_matmul_float(ck_select("scalar"), &w, x, x_stride, n, first, last, expected, stride);
  same(y, expected, size, "matmul_float");
}

static void check_whole(const ck_kernels *k) {
  const ck_kernels *scalar = ck_select("scalar");
  int32_t columns = within(1, 9) * CK_GROUP, count = within(1, 90), panels = (count + 15) / 16;
  size_t groups = (size_t)columns / CK_GROUP, whole = (size_t)count * groups * 34;
  uint8_t *bytes = noise(whole, 1);
  for (size_t i = 0; i < whole; i += 34) {
    uint16_t scale = half();
    memcpy(bytes + i, &scale, 2);
  }
  uint16_t *bounds = halves((size_t)panels * 16);
  for (int32_t i = 0; i < panels * 16; i++) bounds[i] &= 0x7fff;
  ck_whole w = {.rows = bytes, .bounds = bounds, .count = count, .columns = columns};
  ck_rows x = quantized(k, 1, columns);
  int16_t *wide = take((size_t)columns * 2, 2);
  ck_widen(&x, wide);
  float *y = numbers((size_t)panels * 16), *y2 = copy(y, (size_t)panels * 64, 4), reach = fabsf(number());
  float *largest = take((size_t)panels * 4, 4), *largest2 = take((size_t)panels * 4, 4);
  float *highest = take((size_t)panels * 4, 4), *highest2 = take((size_t)panels * 4, 4), bar = number();
  float one = ck_product(k, &w, count - 1, wide, x.scales);
  float other = ck_product(scalar, &w, count - 1, wide, x.scales);
  same(&one, &other, 1, "product");
  ck_limits(k, &w, y, reach, 0, panels, largest, highest);
  ck_limits(scalar, &w, y, reach, 0, panels, largest2, highest2);
  same_largest(largest, largest2, (size_t)panels, "limits largest");
  same_largest(highest, highest2, (size_t)panels, "limits highest");
  int32_t done = ck_complete(k, &w, wide, x.scales, highest, reach, bar, 0, panels, y);
  if (done != ck_complete(scalar, &w, wide, x.scales, highest, reach, bar, 0, panels, y2)) abort();
  same(y, y2, (size_t)panels * 16, "complete");
}

// Attention

typedef struct parts {
  float *maximum, *sum, *out;
} parts;

static parts attended(const ck_kernels *k, const ck_queries *q, int32_t heads, int32_t dim, int32_t tiles,
                      const ck_tile *tile, const uint16_t *masks) {
  size_t width = (size_t)padded(dim), count = (size_t)heads;
  parts p = {take(count * 4, 4), take(count * 4, 4), take(count * width * 4, 4)};
  ck_attend(k, q, heads, dim, tiles, tile, masks, p.maximum, p.sum, p.out);
  return p;
}

/// Mixtures are the same wherever they are numbers.
static void same_heads(const parts *a, const parts *b, int32_t heads, int32_t width, const char *what) {
  for (int32_t h = 0; h < heads; h++) {
    const float *out = b->out + h * width;
    int is_number = isfinite(b->maximum[h]) && isfinite(b->sum[h]);
    for (int32_t d = 0; d < width; d++) is_number = is_number && isfinite(out[d]);
    if (is_number) same(a->out + h * width, out, (size_t)width, what);
  }
}

static ck_queries queries(const ck_kernels *k, const float *x, int32_t heads, int32_t dim) {
  size_t count = (size_t)heads, width = (size_t)padded(dim);
  ck_queries q = {take(count * 2 * width, 1), take(count * 4, 4), take(count * 4, 4)};
  ck_prepare_queries(k, copy(x, count * (size_t)dim * 4, 4), heads, dim, &q);
  return q;
}

static void check_attention(const ck_kernels *k) {
  const ck_kernels *scalar = ck_select("scalar");
  static const int32_t dims[] = {8, 16, 32, 48, 64, 80, 96, 128, 256, 512};
  int32_t dim = next() % 2 ? dims[next() % 10] : within(1, 70) * 2, width = padded(dim);
  int32_t heads = within(1, 9), tiles = within(1, CK_TILES);
  ck_tile *tile = take((size_t)tiles * sizeof *tile, 8);
  uint16_t *masks = noise((size_t)tiles * 2, 2);
  float *key = take((size_t)dim * 4, 4), *value = take((size_t)dim * 4, 4);
  for (int32_t t = 0; t < tiles; t++) {
    // Scales that nobody stored are those of fresh memory: zero.
    tile[t] = (ck_tile){noise((size_t)width * 16 + 64, 64), noise((size_t)width * 16, 64)};
    memset(tile[t].keys + width * 16, 0, 64);
    for (int32_t lane = within(0, 15); lane < 16; lane++)
      ck_store(k, numbers((size_t)dim), numbers((size_t)dim), dim, tile[t], lane);
    ck_load(k, tile[t], within(0, 15), dim, key, value);
  }
  ck_copy_lane(tile[0], within(0, 15), dim, tile[tiles - 1], within(0, 15));
  float *x = numbers((size_t)heads * (size_t)dim);
  ck_queries q = queries(k, x, heads, dim), q2 = queries(scalar, x, heads, dim);
  if (wildness < 2) same_bytes(q.codes, q2.codes, (size_t)(heads * 2 * width), "queries");
  float *scores = take((size_t)heads * 1024, 4), *maximum = take((size_t)heads * 4, 4);
  ck_score(k, &q, heads, dim, tiles, tile, masks, scores, maximum);
  parts a = attended(k, &q, heads, dim, tiles, tile, masks);
  parts b = attended(scalar, &q, heads, dim, tiles, tile, masks);
  same_largest(a.maximum, maximum, (size_t)heads, "score");
  same_largest(a.maximum, b.maximum, (size_t)heads, "attend maximum");
  same(a.sum, b.sum, (size_t)heads, "attend sum");
  same_heads(&a, &b, heads, width, "attend out");
  uint16_t *other = noise((size_t)tiles * 2, 2);
  parts c = attended(k, &q, heads, dim, tiles, tile, other);
  ck_merge(k, heads, dim, a.maximum, a.sum, a.out, c.maximum, c.sum, c.out);
  ck_merge(scalar, heads, dim, b.maximum, b.sum, b.out, c.maximum, c.sum, c.out);
  same_heads(&a, &b, heads, width, "merge");
  ck_finish(k, heads, dim, a.sum, a.out, take((size_t)heads * (size_t)dim * 4, 4));
  ck_hadamard(k, numbers((size_t)heads * (size_t)dim), heads, dim);
}

static void check_numbers(void) {
  for (uint32_t h = 0; h < 0x10000; h++) {
    float x = ck_from_half((uint16_t)h);
    if (!isnan(x) && ck_to_half(x) != h) abort();
  }
  for (int i = 0; i < 1000; i++) {
    uint32_t bits = (uint32_t)next();
    float x;
    memcpy(&x, &bits, 4);
    (void)ck_exp(x);
    (void)ck_to_half(x);
  }
}

static void check(const ck_kernels *k) {
  static const int32_t codes[][2] = {
      {CK_CODE_U4, CK_SCALING_PLAIN},    {CK_CODE_U4, CK_SCALING_AFFINE}, {CK_CODE_U4, CK_SCALING_NESTED},
      {CK_CODE_U5, CK_SCALING_PLAIN},    {CK_CODE_U5, CK_SCALING_AFFINE}, {CK_CODE_U5, CK_SCALING_NESTED},
      {CK_CODE_U6, CK_SCALING_HALVES},   {CK_CODE_U8, CK_SCALING_PLAIN},  {CK_CODE_SPLIT, CK_SCALING_PLAIN},
      {CK_CODE_COARSE, CK_SCALING_PLAIN}, {CK_CODE_U4, CK_SCALING_HALVES}, {CK_CODE_U4, CK_SCALING_PAIRS},
      {CK_CODE_U5, CK_SCALING_POWER},    {CK_CODE_U8, CK_SCALING_HALVES}};
  current = ck_name(k);
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    check_matrix(k, codes[i][0], codes[i][1]);
    free_all();
  }
  for (int32_t code = CK_CODE_F16; code <= CK_CODE_F32; code++) check_float_matrix(k, code);
  check_whole(k);
  check_rows(k);
  check_vocabulary(k);
  free_all();
  check_attention(k);
  free_all();
}

int main(int count, char **words) {
  static const char *const names[] = {"scalar", "avx2", "avx512vnni", "neon"};
  long rounds = count > 1 ? atol(words[1]) : 1000;
  state = count > 2 ? strtoull(words[2], 0, 10) : 1;
  check_numbers();
  for (size_t i = 0; i < 4; i++) {
    const ck_kernels *k = ck_select(names[i]);
    if (!k) {
      printf("%s: not on this machine\n", names[i]);
      continue;
    }
    for (long round = 0; round < rounds; round++) {
      wildness = (int)(round % 3);
      check(k);
    }
    printf("%s: %ld rounds of every kernel, nothing found\n", names[i], rounds);
  }
}
