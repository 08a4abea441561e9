// The types of 16 lanes that the vector kernels are written in.
#ifndef CKERNELS_LANES_H
#define CKERNELS_LANES_H

#include "internal.h"

typedef float vf __attribute__((vector_size(64)));
typedef int32_t vi __attribute__((vector_size(64)));
typedef uint8_t vb __attribute__((vector_size(64)));
typedef double vd __attribute__((vector_size(128)));
typedef _Float16 vh __attribute__((vector_size(32)));
typedef uint16_t vu16 __attribute__((vector_size(32)));
typedef uint8_t vu8 __attribute__((vector_size(16)));
typedef int16_t vs16 __attribute__((vector_size(64)));
typedef int16_t vs16x16 __attribute__((vector_size(32)));
typedef int8_t vs8x32 __attribute__((vector_size(32)));
typedef int8_t vs8 __attribute__((vector_size(16)));

#endif
