// What counts, and where the calls come in: see callocations.h.
#include "callocations.h"
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>
#elif defined(__APPLE__)
#include <malloc/malloc.h>
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

enum { LIMIT = 64 };

// Plain ids and not thread-local marks: reading a thread-local variable may itself allocate.
static pthread_t watched[LIMIT];
static atomic_int watched_count;
static atomic_int is_counting;
static atomic_long allocations;

static void note(void) {
  if (!atomic_load_explicit(&is_counting, memory_order_acquire)) return;
  pthread_t self = pthread_self();
  int count = atomic_load_explicit(&watched_count, memory_order_acquire);
  for (int i = 0; i < count && i < LIMIT; i++)
    if (pthread_equal(watched[i], self)) {
      atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
      return;
    }
}

#if defined(__GLIBC__) && !defined(SANITIZED)

#define CAN_COUNT 1
static void listen(int on) { (void)on; }

// glibc's own, under the names it exports for this purpose.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
  note();
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  note();
  return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
  note();
  return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
  note();
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  note();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size) {
  note();
  if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
  void *memory = __libc_memalign(alignment, size);
  if (!memory) return ENOMEM;
  *out = memory;
  return 0;
}

#elif defined(__APPLE__) && !defined(SANITIZED)

#define CAN_COUNT 1
// Of libsystem_malloc: called for every allocation (bit 1 of the type) and release while it is set.
typedef void logger(uint32_t type, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t result,
                    uint32_t frames);
extern logger *malloc_logger;

static void hear(uint32_t type, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t result,
                 uint32_t frames) {
  (void)a, (void)b, (void)c, (void)result, (void)frames;
  if (type & 2) note();
}

static void listen(int on) { malloc_logger = on ? hear : 0; }

#else

#define CAN_COUNT 0
static void listen(int on) { (void)on, (void)note; }

#endif

int ca_can_count(void) { return CAN_COUNT; }

int ca_watch_this_thread(void) {
  int index = atomic_fetch_add(&watched_count, 1);
  if (index >= LIMIT) return 0;
  watched[index] = pthread_self();
  return 1;
}

void ca_start(void) {
  atomic_store(&allocations, 0);
  listen(1);
  atomic_store(&is_counting, 1);
}

long ca_stop(void) {
  atomic_store(&is_counting, 0);
  listen(0);
  atomic_store(&watched_count, 0);
  return atomic_load(&allocations);
}

long ca_bytes_in_use(void) {
#if defined(__GLIBC__)
  struct mallinfo2 info = mallinfo2();
  return (long)(info.uordblks + info.hblkhd);
#elif defined(__APPLE__)
  return (long)mstats().bytes_used;
#else
  return 0;
#endif
}
