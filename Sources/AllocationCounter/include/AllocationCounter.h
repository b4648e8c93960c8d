#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdint.h>

/* How often the calling thread has asked for memory: malloc, calloc, realloc, aligned_alloc, memalign, posix_memalign.
 *
 * Linking this target replaces those functions of the whole process by wrappers that count and call glibc's own. It is
 * for benchmarks and their checks only. */
uint64_t allocation_count(void);

#endif
