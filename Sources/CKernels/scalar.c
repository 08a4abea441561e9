// The definition of every kernel, in plain loops. Slow, and here for ever: the oracle of the vector
// forms and the fall-back of machines that have none.
#include "internal.h"

static float sum_of_squares(const float *x, int32_t columns) {
  float lane[16] = {0};
  for (int32_t k = 0; k < columns; k++) lane[k % 16] = fmaf(x[k], x[k], lane[k % 16]);
  return sum16(lane);
}

static void quantize(const float *x, size_t stride, int32_t n, const ck_rows *out) {
  int32_t columns = out->columns, groups = columns / CK_GROUP;
  for (int32_t i = 0; i < n; i++) {
    float squares = sum_of_squares(x + i * stride, columns);
    float threshold = fine_threshold(squares, columns);
    for (int32_t g = 0; g < groups; g++) {
      const float *v = x + i * stride + g * CK_GROUP;
      size_t at = (size_t)i * groups + g;
      int8_t *codes = out->codes + at * CK_GROUP, *residuals = out->residuals + at * CK_GROUP;
      float largest = 0;
      for (int k = 0; k < CK_GROUP; k++) largest = fabsf(v[k]) > largest ? fabsf(v[k]) : largest;
      float scale = largest / 127.0f, inverse = inverse_step(largest);
      int fine = scale > threshold;
      int32_t sums[2] = {0, 0};
      for (int k = 0; k < CK_GROUP; k++) {
        float steps = v[k] * inverse, code = (steps + CK_ROUND) - CK_ROUND;
        float residual = fine ? ((steps - code) * 256.0f + CK_ROUND) - CK_ROUND : 0;
        residual = residual > 127.0f ? 127.0f : residual < -127.0f ? -127.0f : residual;
        codes[k] = (int8_t)scalar_whole(code);
        residuals[k] = (int8_t)scalar_whole(residual);
        sums[k / 16] += 256 * codes[k] + residuals[k];
      }
      out->fine[at] = (uint8_t)fine;
      out->scales[at] = scale * (1.0f / 256.0f);
      if (!(squares < INFINITY)) out->scales[at] += group_fault(v);
      out->weighted[at] = out->scales[at] * (float)(sums[0] + sums[1]);
      out->sums[2 * at] = sums[0];
      out->sums[2 * at + 1] = sums[1];
    }
  }
}

#include "scalar_matrices.inc"

static void rmsnorm(const float *x, const float *weight, int32_t columns, float epsilon, float *y) {
  float scale = norm_factor(sum_of_squares(x, columns), columns, epsilon);
  for (int32_t k = 0; k < columns; k++) y[k] = (x[k] * scale) * weight[k];
}

static void silu_gate(float *gate, const float *up, int32_t columns) {
  for (int32_t k = 0; k < columns; k++)
    gate[k] = (gate[k] / (1.0f + scalar_exp(-gate[k]))) * up[k];
}

static void gelu_gate(float *gate, const float *up, int32_t columns) {
  for (int32_t k = 0; k < columns; k++) gate[k] = scalar_gelu(gate[k]) * up[k];
}

static void hadamard(float *x, int32_t heads, int32_t dim) {
  int32_t n = ck_hadamard_size(dim);
  for (int32_t i = 0; i < heads * dim; i += n)
    for (int32_t h = 1; h < n; h *= 2)
      for (int32_t j = i; j < i + n; j++) {
        if (j & h) continue;
        float a = x[j], b = x[j + h];
        x[j] = a + b;
        x[j + h] = a - b;
      }
}

/// The largest magnitude; as bits, so that a NaN is the largest of all.
static float largest_magnitude(const float *x, int32_t count) {
  int32_t largest = 0;
  for (int32_t k = 0; k < count; k++) {
    int32_t bits;
    memcpy(&bits, x + k, 4);
    bits &= 0x7fffffff;
    largest = bits > largest ? bits : largest;
  }
  float magnitude;
  memcpy(&magnitude, &largest, 4);
  return magnitude;
}

/// Transforms a row and writes its codes; returns its scale.
static uint16_t encode(const float *row, int32_t dim, uint8_t *codes) {
  float x[CK_HEAD];
  memcpy(x, row, (size_t)dim * sizeof *x);
  hadamard(x, 1, dim);
  uint16_t scale = row_scale(largest_magnitude(x, dim));
  float inverse = inverse_row_scale(scale);
  memset(codes, 128, (size_t)padded(dim));
  for (int32_t d = 0; inverse > 0 && d < dim; d++) {
    float code = (x[d] * inverse + CK_ROUND) - CK_ROUND;
    code = code > 127.0f ? 127.0f : code < -127.0f ? -127.0f : code;
    codes[d] = (uint8_t)((int32_t)code + 128);
  }
  return scale;
}

static void store(const float *key, const float *value, int32_t dim, ck_tile tile, int32_t lane) {
  uint8_t codes[2][CK_HEAD];
  tile_scales(tile, dim)[lane] = encode(key, dim, codes[0]);
  tile_scales(tile, dim)[CK_TILE + lane] = encode(value, dim, codes[1]);
  place_codes(codes[0], codes[1], dim, tile, lane);
}

/// The two digits of x times `inverse`; returns 128 high + low.
static int32_t split(float x, float inverse, int8_t *high, int8_t *low) {
  int32_t code = scalar_whole(fmaf(x, inverse, CK_ROUND) - CK_ROUND);
  int32_t digit = (code + 64) >> 7;
  *high = (int8_t)digit;
  *low = (int8_t)(code - 128 * digit);
  return code;
}

static void prepare_queries(float *x, int32_t heads, int32_t dim, const ck_queries *out) {
  hadamard(x, heads, dim);
  int32_t width = padded(dim);
  for (int32_t h = 0; h < heads; h++) {
    const float *v = x + (size_t)h * dim;
    int8_t *codes = out->codes + (size_t)h * 2 * width;
    float largest = largest_magnitude(v, dim), inverse = inverse_digit(largest);
    memset(codes, 0, 2 * (size_t)width);
    out->sums[h] = 0;
    for (int32_t d = 0; inverse > 0 && d < dim; d++)
      out->sums[h] += split(v[d], inverse, codes + d, codes + width + d);
    out->scales[h] = largest * (query_factor(dim) / CK_DIGITS);
  }
}

/// Scores of one head and its maximum.
static float score_head(const ck_queries *q, int32_t head, int32_t dim, int32_t tiles,
                        const ck_tile *tile, const uint16_t *masks, float *p) {
  int32_t width = padded(dim);
  const int8_t *codes = q->codes + (size_t)head * 2 * width;
  float best = -INFINITY;
  for (int32_t j = 0; j < tiles * CK_TILE; j++) {
    if (!(masks[j / 16] >> j % 16 & 1)) continue;
    const uint8_t *key = tile[j / 16].keys + 4 * (j % 16);
    int32_t sum = 0;
    for (int32_t d = 0; d < dim; d++)
      sum += (128 * codes[d] + codes[width + d]) * (key[d / 4 * 64 + d % 4] - 128);
    float scale = scalar_from_half(tile_scales(tile[j / 16], dim)[j % 16]) * q->scales[head];
    p[j] = (float)sum * scale;
    best = p[j] > best ? p[j] : best;
  }
  return best;
}

static void score(const ck_queries *q, int32_t heads, int32_t dim, int32_t tiles,
                  const ck_tile *tile, const uint16_t *masks, float *scores, float *maximum) {
  for (int32_t h = 0; h < heads; h++)
    maximum[h] = score_head(q, h, dim, tiles, tile, masks, scores + (size_t)h * 256);
}

/// Scores of one head, its maximum, then its weights times the scales of their values: returns the
/// sum of the weights, and in `largest` the largest product.
static float weigh(const ck_queries *q, int32_t head, int32_t dim, int32_t tiles,
                   const ck_tile *tile, const uint16_t *masks, float *p, float *maximum,
                   float *largest) {
  float best = score_head(q, head, dim, tiles, tile, masks, p), lane[16] = {0};
  *maximum = best;
  *largest = 0;
  for (int32_t j = 0; j < tiles * CK_TILE; j++) {
    if (!(masks[j / 16] >> j % 16 & 1)) {
      p[j] = 0;
      continue;
    }
    float weight = scalar_exp(p[j] - best);
    lane[j % 16] += weight;
    p[j] = weight * scalar_from_half(tile_scales(tile[j / 16], dim)[CK_TILE + j % 16]);
    *largest = p[j] > *largest ? p[j] : *largest;
  }
  return sum16(lane);
}

static void attend(const ck_queries *q, int32_t heads, int32_t dim, int32_t tiles,
                   const ck_tile *tile, const uint16_t *masks, float *maximum, float *sum,
                   float *out) {
  int32_t width = padded(dim);
  for (int32_t h = 0; h < heads; h++) {
    float p[CK_TILES * CK_TILE], largest;
    sum[h] = weigh(q, h, dim, tiles, tile, masks, p, maximum + h, &largest);
    float inverse = inverse_digit(largest), step = largest / CK_DIGITS;
    for (int32_t d = 0; d < width; d++) {
      int32_t total = 0;
      for (int32_t j = 0; inverse > 0 && j < tiles * CK_TILE; j++) {
        if (!(masks[j / 16] >> j % 16 & 1)) continue;
        int8_t high, low;
        const uint8_t *quad = tile[j / 16].values + d / 16 * 256 + j % 16 / 4 * 64;
        total += split(p[j], inverse, &high, &low) * (quad[d % 16 * 4 + j % 4] - 128);
      }
      out[(size_t)h * width + d] = (float)total * step;
    }
  }
}

static void merge(int32_t heads, int32_t dim, float *maximum, float *sum, float *out,
                  const float *maximum2, const float *sum2, const float *out2) {
  int32_t width = padded(dim);
  for (int32_t h = 0; h < heads; h++) {
    if (sum2[h] == 0) continue;
    float factor, factor2;
    merge_factors(maximum + h, maximum2[h], &factor, &factor2);
    sum[h] = fmaf(sum2[h], factor2, sum[h] * factor);
    for (int32_t d = h * width; d < (h + 1) * width; d++)
      out[d] = fmaf(out2[d], factor2, out[d] * factor);
  }
}

static void top2(const float *x, int32_t columns, int32_t *index, float *first, float *second) {
  *index = 0;
  *first = *second = -INFINITY;
  for (int32_t k = 0; k < columns; k++) {
    if (x[k] > *first) {
      *second = *first;
      *first = x[k];
      *index = k;
    } else if (x[k] > *second) {
      *second = x[k];
    }
  }
}

static int32_t next_at_least(const float *x, int32_t first, int32_t columns, float bar) {
  while (first < columns && !(x[first] >= bar)) first++;
  return first;
}

static void softmax_sums(const float *x, int32_t columns, float maximum, double *sum,
                         double *weighted) {
  double lane[16] = {0}, product[16] = {0};
  for (int32_t k = 0; k < columns; k++) {
    float shifted = x[k] - maximum, e = scalar_exp(shifted);
    lane[k % 16] += (double)e;
    product[k % 16] += (double)(e * shifted);
  }
  *sum = sum16_double(lane);
  *weighted = sum16_double(product);
}

/// Plain loops have no products of bytes of their own.
static int64_t multiply_peak(int32_t rounds) {
  (void)rounds;
  return 0;
}

const ck_kernels ck_scalar = {
    .name = "scalar",
    .quantize = quantize,
    .matmul = matmul,
    .product = product,
    .limits = limits,
    .complete = complete,
    .matmul_float = matmul_float,
    .rmsnorm = rmsnorm,
    .silu_gate = silu_gate,
    .gelu_gate = gelu_gate,
    .hadamard = hadamard,
    .store = store,
    .prepare_queries = prepare_queries,
    .attend = attend,
    .score = score,
    .merge = merge,
    .top2 = top2,
    .next_at_least = next_at_least,
    .softmax_sums = softmax_sums,
    .multiply_peak = multiply_peak,
};
