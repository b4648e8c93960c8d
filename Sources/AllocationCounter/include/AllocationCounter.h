#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdint.h>

/* How often the calling thread has asked for memory: malloc, calloc, realloc, memalign and its kin, strdup, strndup.
 *
 * Linking this target replaces those functions of the whole process by wrappers that count and call the real ones. It is
 * for benchmarks and their checks only. */
uint64_t allocation_count(void);

#endif
