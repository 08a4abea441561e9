// The arithmetic of a forward pass, on raw memory.
//
// Pointers and sizes in, numbers out: no allocation, no errno, no callbacks, no mutable globals.
// Every operation is defined by its scalar form (scalar.c). The vector forms give the same bits:
// integer sums are exact in any order, and each float is accumulated in one fixed order that depends
// neither on the instruction set nor on how many rows share a call. So a row's result never depends
// on its company, and the same model gives the same text on every machine.
//
// Letters: n rows of activations, K columns (inputs), M output rows of a weight matrix, g a group of
// 32 columns, P a panel of 16 output rows.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// Output rows that share a panel; columns that share an activation scale; columns that share an outer
/// scale; positions that share a tile; tiles that attention takes at once; dimensions that a head has
/// at most.
enum {
  CK_PANEL = 16, CK_GROUP = 32, CK_SUPER = 256, CK_TILE = 16, CK_TILES = 16, CK_HEAD = 512
};

/// How the elements of a packed matrix are coded.
typedef enum ck_code {
  CK_CODE_U4 = 0,   ///< two columns to a byte
  CK_CODE_U8 = 1,   ///< one column to a byte
  CK_CODE_F16 = 2,  ///< IEEE half floats, no scales
  CK_CODE_BF16 = 3, ///< bfloat16, no scales
  CK_CODE_F32 = 4,  ///< floats, no scales
  CK_CODE_U5 = 5,   ///< four bits as U4, and a plane of fifth bits
  CK_CODE_U6 = 6,   ///< four bits as U4, and two planes of two more
  CK_CODE_SPLIT = 7,  ///< eight bits: four as U4, and four apart
  CK_CODE_COARSE = 8, ///< of a split code the upper five bits alone
} ck_code;

/// What scales the codes of a group.
typedef enum ck_scaling {
  CK_SCALING_PLAIN = 0,  ///< a float16 scale
  CK_SCALING_AFFINE = 1, ///< a float16 scale and a float16 minimum
  CK_SCALING_NESTED = 2, ///< bytes for both, with outer float16 for 256 columns (Q4_K, Q5_K)
  CK_SCALING_HALVES = 3, ///< a signed byte for each 16 columns, with an outer float16 (Q6_K, Q3_K)
  CK_SCALING_PAIRS = 4,  ///< a nibble for both and each 16 columns, with outer float16 (Q2_K)
  CK_SCALING_POWER = 5,  ///< a power of two (MXFP4)
} ck_scaling;

/// A weight matrix [M, K], repacked into panels of 16 output rows.
///
/// Integer codes: w[r, k] = scale[r, g] * (code[r, k] - zero) + minimum[r, g].
/// `codes` holds, panel by panel and group by group, the vectors v of four columns each, byte 4r+j of
/// vector v being column 4v+j of row r. CK_CODE_U8: 8 vectors of 64 bytes. CK_CODE_U4: 4 of them,
/// vector v in the low nibbles and vector 4+v in the high ones. CK_CODE_U5: as U4, then 64 bytes whose
/// bit v is the fifth bit of vector v. CK_CODE_U6: as U4, then two times 64 bytes whose bits 2v and
/// 2v+1 are the upper bits of vector v, and of vector 4+v. CK_CODE_SPLIT: the upper four bits as
/// U4, then 64 bytes whose bit v is bit 3 of vector v; the lower four as U4 in `lower`. CK_CODE_COARSE:
/// the same without `lower`. Its five bits u stand for the middle of the eight codes that share them,
/// in halves of a step so that it is a whole number: code = 16 u + 7, w = scale / 2 * (code - zero).
/// `scales` and `minimums`, plain and affine: panel by panel, group by group, 16 float16, row by row.
/// Nested: `scales` alone, panel by panel and CK_SUPER columns by CK_SUPER columns: 16 float16 d, 16
/// float16 e, then for each group 16 bytes s and 16 bytes m: scale = d * s, minimum = -(e * m).
/// Halves: 16 float16 d, then for each group 16 signed bytes for its first half and 16 for its second.
/// Pairs: as nested, but a group has 16 bytes for its first half and 16 for its second: s the low nibble, m
/// the high one. Power: panel by panel, group by group, 16 bytes b, scale = 2^(b - 128), row by row.
/// There are kernels for U4: plain, affine, nested, halves, pairs; U5: plain, affine, nested, power; U6:
/// halves; U8: plain, halves; split, coarse: plain. U8 and split codes have a zero of 128, coarse ones of
/// 256, and what is affine, nested or in pairs one of 0.
/// Float codes: panel by panel, column by column, 16 values.
typedef struct ck_matrix {
  const void *codes;      ///< 64-byte aligned
  const void *lower;      ///< CK_CODE_SPLIT only, else NULL; 64-byte aligned
  const void *scales;     ///< see above
  const void *minimums;   ///< affine only, else NULL
  int32_t panels;         ///< M rounded up to whole panels; surplus rows are zero
  int32_t columns;        ///< K; a multiple of 32 for integer codes, of 256 for nested, halves and pairs
  int32_t zero;           ///< subtracted from each code
  int32_t code;           ///< a ck_code
  int32_t scaling;        ///< a ck_scaling
} ck_matrix;

/// n rows of activations, quantised to eight bits, and to sixteen where a group's values are so much
/// larger than the row's that eight would cost accuracy:
/// x[i, k] ~ scales[i, g] * (256 codes[i, k] + residuals[i, k]).
typedef struct ck_rows {
  int8_t *codes;      ///< [n, K]
  int8_t *residuals;  ///< [n, K]; only read where `fine`
  uint8_t *fine;      ///< [n, K / 32]: whether the group has residuals; 0 means that they are zero
  float *scales;      ///< [n, K / 32]: a 256th of the step of `codes`
  float *weighted;    ///< [n, K / 32]: scale times the sum of 256 code + residual
  int32_t *sums;      ///< [n, K / 16]: sums of 256 code + residual
  int32_t columns;    ///< K
} ck_rows;

/// What completes coarse products of a split matrix: its rows as they lie in a file, one after another.
typedef struct ck_whole {
  const void *rows;       ///< [M] rows of K / 32 blocks: a float16 scale, then 32 signed bytes
  const uint16_t *bounds; ///< float16 [16 P]: |whole - coarse| <= bound * length of x
  int32_t count;          ///< M
  int32_t columns;        ///< K
} ck_whole;

/// One set of kernels for one instruction set.
typedef struct ck_kernels ck_kernels;

/// The kernels of that name ("scalar", "avx2", "avx512vnni", "neon"), or NULL if this machine cannot
/// run them. With NULL as the name: the fastest this machine can run.
const ck_kernels *ck_select(const char *name);

/// The name of a set of kernels.
const char *ck_name(const ck_kernels *k);

/// Quantises n rows of x [n, K] (row stride in floats) into `out`. Round to nearest even; one scale
/// per 32 columns. A group is fine when its step is above CK_FINE times the row's root mean square;
/// one without a magnitude of 2^-100 is zero. One with an infinity or a NaN in it has a scale that is NaN.
void ck_quantize(const ck_kernels *k, const float *x, size_t stride, int32_t n, const ck_rows *out);

/// y[i, r] = sum_k w[r, k] x[i, k] for n rows and the output rows of panels first..<last; `y` has
/// `stride` floats a row and is indexed by output row. Per output, over groups g ascending:
/// a = fma(float(sum of (code - zero) * (256 xcode + xresidual)), scale * xscale, a),
/// a = fma(minimum, weighted, a); y = a. Halves and pairs: both scales, each with the sum of its half, then
/// a = fma(minimum, xscale * float(xsum), a) for both minimums. The sums are exact in 32 bits.
void ck_matmul(const ck_kernels *k, const ck_matrix *w, const ck_rows *x, int32_t n, int32_t first,
               int32_t last, float *y, size_t stride);

/// For each of 16 rows of 32 codes c of eight bits: the sum of (2 l - 7)^2, l being the lower three bits, and
/// that of (c - 128)^2. What a coarse matrix leaves out of a whole one, and all of it.
void ck_squares(const uint8_t *codes, int32_t *low, int32_t *all);

/// One row of activations as 16-bit numbers 256 code + residual, [K].
void ck_widen(const ck_rows *x, int16_t *out);

/// The product of output row `row` with widened x of these scales: the bits that ck_matmul gives with
/// the split matrix.
float ck_product(const ck_kernels *k, const ck_whole *w, int32_t row, const int16_t *x,
                 const float *scales);

/// For each panel first..<last of coarse products y [16 P]: the largest of them, and the largest that
/// any whole product can be, max of fma(bound, reach, y). Rows from `count` on do not count; what is
/// no number is no largest product, but may be any.
void ck_limits(const ck_kernels *k, const ck_whole *w, const float *y, float reach, int32_t first,
               int32_t last, float *largest, float *highest);

/// Puts whole products in the place of those coarse ones of panels first..<last that can reach `bar`:
/// where not fma(bound, reach, y) < bar, in panels where not highest < bar. Returns how many.
int32_t ck_complete(const ck_kernels *k, const ck_whole *w, const int16_t *x, const float *scales,
                    const float *highest, float reach, float bar, int32_t first, int32_t last,
                    float *y);

/// As ck_matmul for float codes: y[i, r] is accumulated by fma over k ascending from x [n, K].
void ck_matmul_float(const ck_kernels *k, const ck_matrix *w, const float *x, size_t x_stride,
                     int32_t n, int32_t first, int32_t last, float *y, size_t stride);

/// y = x / sqrt(mean(x^2) + epsilon) * weight, all [K]. The squares go to 16 sums by k mod 16, added
/// as a tree. Where their sum is no finite number, neither is any of y. May be in place.
void ck_rmsnorm(const ck_kernels *k, const float *x, const float *weight, int32_t columns,
                float epsilon, float *y);

/// y = y + x, [K].
void ck_add(const ck_kernels *k, const float *x, int32_t columns, float *y);

/// gate = silu(gate) * up, [K].
void ck_silu_gate(const ck_kernels *k, float *gate, const float *up, int32_t columns);

/// gate = gelu(gate) * up, [K]: GELU in its tanh form, x * sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)).
void ck_gelu_gate(const ck_kernels *k, float *gate, const float *up, int32_t columns);

/// Rotates adjacent pairs of `heads` heads of `x` [heads, dim] by the angles whose cosines and sines
/// are given [rotated / 2]; dimensions from `rotated` on stay.
void ck_rope(const ck_kernels *k, float *x, int32_t heads, int32_t dim, int32_t rotated,
             const float *cosines, const float *sines);

/// A tile: keys and values of 16 positions for one key/value head of `dim` dimensions, eight bits
/// each, in the space of the Hadamard transform (see ck_hadamard). S is dim rounded up to 16.
///
/// The key of position j is scale[j] * (code[j, d] - 128), its value likewise, by a scale of its own;
/// codes are 1..255, and 128 in dimensions beyond dim.
typedef struct ck_tile {
  /// S / 4 vectors of 64 bytes, byte 4j+i of vector v being dimension 4v+i of key j; then the float16
  /// scales of the 16 keys; then those of the 16 values.
  uint8_t *keys;
  /// S / 16 blocks of 4 vectors of 64 bytes, byte 4d+i of vector u of block b being dimension 16b+d of
  /// the value at position 4u+i.
  uint8_t *values;
} ck_tile;

/// Queries of several heads, as two digits of seven bits a number:
/// q[h, d] ~ scales[h] * (128 codes[h, 0, d] + codes[h, 1, d]), with
/// digits within -64...64: round(8192 q / the largest magnitude) in base 128.
typedef struct ck_queries {
  int8_t *codes;   ///< [heads, 2, S], zero beyond dim
  float *scales;   ///< [heads]
  int32_t *sums;   ///< [heads]: sums of 128 high digit + low digit
} ck_queries;

/// The Hadamard transform of each of `heads` heads of x [heads, dim], in place and not normalised: the
/// dimensions fall into blocks of n = ck_hadamard_size(dim), and within each, for h = 1, 2, 4 ... n/2,
/// (a, b) becomes (a + b, a - b) for all a and b that lie h apart. Twice is a factor of n.
void ck_hadamard(const ck_kernels *k, float *x, int32_t heads, int32_t dim);

/// The largest power of two that divides dim.
int32_t ck_hadamard_size(int32_t dim);

/// Transforms a key and a value [dim] and stores them at `lane` of a tile. A row's scale is its
/// largest magnitude / 127 as float16, its codes round(x / scale) + 128.
void ck_store(const ck_kernels *k, const float *key, const float *value, int32_t dim, ck_tile tile,
              int32_t lane);

/// What ck_store stored: the key and the value [dim] at `lane`, transformed back.
void ck_load(const ck_kernels *k, ck_tile tile, int32_t lane, int32_t dim, float *key,
             float *value);

/// Copies the key and value at lane `from_lane` of `from` to lane `lane` of `tile`.
void ck_copy_lane(ck_tile from, int32_t from_lane, int32_t dim, ck_tile tile, int32_t lane);

/// Transforms the queries x [heads, dim], divides them by sqrt(dim) and writes their digits. x is
/// overwritten.
void ck_prepare_queries(const ck_kernels *k, float *x, int32_t heads, int32_t dim,
                        const ck_queries *out);

/// Attention of `heads` query heads that share one key/value head, over up to 16 tiles of 16 keys.
///
/// masks[t] bit j says whether key j of tile t is visible; an invisible key is never used. Scores are
/// float(sum of digits times codes) * (scales of query and key), the sum exact; weights
/// e[j] = exp(score - max), their sums in 16 lanes over tiles, added as a tree. For the mixture each
/// weight times the scale of its value becomes two digits as in ck_queries, and the outputs are float(sum of digits times codes) * step.
/// Writes per head the maximum, the sum and the unnormalised output [heads, S], still transformed. A
/// head that sees nothing gets maximum -inf, sum 0, output 0.
void ck_attend(const ck_kernels *k, const ck_queries *q, int32_t heads, int32_t dim, int32_t tiles,
               const ck_tile *tile, const uint16_t *masks, float *maximum, float *sum, float *out);

/// The scores of ck_attend alone: per head the scores [heads, 256], of visible keys, and the largest of
/// these, -inf where none is visible.
void ck_score(const ck_kernels *k, const ck_queries *q, int32_t heads, int32_t dim, int32_t tiles,
              const ck_tile *tile, const uint16_t *masks, float *scores, float *maximum);

/// The results of two splits of attention become one, in place of the first: per head the larger
/// maximum, and sums and outputs [heads, S] brought to it; out = fma(out2, factor2, out * factor).
void ck_merge(const ck_kernels *k, int32_t heads, int32_t dim, float *maximum, float *sum,
              float *out, const float *maximum2, const float *sum2, const float *out2);

/// Divides the outputs of attention [heads, S] by their sums and transforms them back: y [heads, dim].
void ck_finish(const ck_kernels *k, int32_t heads, int32_t dim, const float *sum,
               const float *out, float *y);

/// The largest value of x [K], the first index where it stands, and the largest of the others.
void ck_top2(const ck_kernels *k, const float *x, int32_t columns, int32_t *index, float *first,
             float *second);

/// The first index from `first` on where x [K] is at least `bar`; K where there is none. What is no
/// number is at least nothing.
int32_t ck_next_at_least(const ck_kernels *k, const float *x, int32_t first, int32_t columns,
                         float bar);

/// sum exp(x - maximum) and sum exp(x - maximum) * (x - maximum) over x [K], in double precision
/// sums of 16 lanes: what probability and entropy need.
void ck_softmax_sums(const ck_kernels *k, const float *x, int32_t columns, float maximum,
                     double *sum, double *weighted);

/// Multiplies bytes in registers and adds the products up as fast as the instruction set can, `rounds` times a
/// dozen vectors or so, and returns how many products that were; 0 for scalar kernels. For measuring.
int64_t ck_multiply_peak(const ck_kernels *k, int32_t rounds);

/// The exponential that all kernels share, for tests.
float ck_exp(float x);

/// Float16 to float and back (round to nearest even), as all kernels do it.
float ck_from_half(uint16_t half);
/// See ck_from_half.
uint16_t ck_to_half(float x);

/// Bytes that one call of ck_warm calls.
enum { CK_WARM = 256 };

/// Calls CK_WARM bytes into the second-level cache. Any address will do.
void ck_warm(const void *p);

/// A hint to the processor that this thread waits in a loop.
void ck_relax(void);

/// Processors that this process may run on, as taskset and cpusets say; 0 where the system does not tell.
int32_t ck_allowed_processors(void);

#endif
