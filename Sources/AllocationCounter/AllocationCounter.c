#include "AllocationCounter.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* The functions behind the names that are replaced here: mimalloc's where the process has it, whose free() then takes
 * everything back, else glibc's. */
extern void *mi_malloc(size_t size) __attribute__((weak));
extern void *mi_calloc(size_t elements, size_t size) __attribute__((weak));
extern void *mi_realloc(void *pointer, size_t size) __attribute__((weak));
extern void *mi_memalign(size_t alignment, size_t size) __attribute__((weak));
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t elements, size_t size);
extern void *__libc_realloc(void *pointer, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static __thread uint64_t count;

uint64_t allocation_count(void) { return count; }

void *malloc(size_t size) {
    count++;
    return mi_malloc ? mi_malloc(size) : __libc_malloc(size);
}

void *calloc(size_t elements, size_t size) {
    count++;
    return mi_calloc ? mi_calloc(elements, size) : __libc_calloc(elements, size);
}

void *realloc(void *pointer, size_t size) {
    count++;
    return mi_realloc ? mi_realloc(pointer, size) : __libc_realloc(pointer, size);
}

void *memalign(size_t alignment, size_t size) {
    count++;
    return mi_memalign ? mi_memalign(alignment, size) : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **pointer, size_t alignment, size_t size) {
    void *memory = memalign(alignment, size);
    if (!memory) return ENOMEM;
    *pointer = memory;
    return 0;
}

/* mimalloc brings its own of these, which would not be counted. */

char *strndup(const char *text, size_t limit) {
    size_t length = strnlen(text, limit);
    char *copy = malloc(length + 1);
    if (!copy) return NULL;
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

char *strdup(const char *text) { return strndup(text, strlen(text)); }
