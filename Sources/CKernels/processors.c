// Which processors the system lets this process run on.
#if defined(__linux__)
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sched.h>
#endif
#include "ckernels.h"

int32_t ck_allowed_processors(void) {
  int32_t count = 0;
#if defined(__linux__)
  // A machine with more processors than the mask has bits refuses it: room for 8192.
  cpu_set_t masks[8];
  if (sched_getaffinity(0, sizeof masks, masks) == 0) count = CPU_COUNT_S(sizeof masks, masks);
#endif
  return count;
}
