// Counts what chosen threads allocate: for tests, never part of the program.
//
// Linux (glibc): this target defines malloc and its kin, which glibc lets an executable do, and hands
// every call on to glibc's own. macOS: the logger that the system's malloc calls on every allocation.
// Elsewhere, and under a sanitizer, which brings its own malloc, nothing can be counted.
#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

/// Whether allocations can be counted here.
int ca_can_count(void);

/// Adds the calling thread to those that are counted; 0 when there are too many (64).
int ca_watch_this_thread(void);

/// Counts from nothing. One count at a time.
void ca_start(void);

/// Ends counting, forgets the threads, and says how often they allocated.
long ca_stop(void);

/// Bytes of the heap that are in use, by all threads; 0 where nobody says it.
long ca_bytes_in_use(void);

#endif
