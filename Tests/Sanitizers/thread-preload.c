/*
 * Shows ThreadSanitizer what it would not see by itself; scripts/sanitize.sh loads it before the C library.
 *
 * ThreadSanitizer follows the functions of pthread. librdkafka uses the threads, locks and conditions of C11 instead,
 * and Swift's Mutex waits in Swift's own library. Without this library the first crashes ThreadSanitizer, and every
 * contended lock of the second looks like a race to it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>
#include <time.h>

/* The types of C11 are those of pthread in glibc, so a pointer to one may be used as the other. */
_Static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t), "mtx_t is no pthread_mutex_t");
_Static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t), "cnd_t is no pthread_cond_t");

/* Of the runtime in the program that is tested; other programs that get this library have none. */
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

static int result(int error)
{
    switch (error) {
    case 0: return thrd_success;
    case EBUSY: return thrd_busy;
    case ETIMEDOUT: return thrd_timedout;
    case ENOMEM: return thrd_nomem;
    default: return thrd_error;
    }
}

/* Threads. */

struct start {
    thrd_start_t function;
    void *argument;
};

static void *begin(void *context)
{
    struct start start = *(struct start *)context;
    free(context);
    return (void *)(intptr_t)start.function(start.argument);
}

int thrd_create(thrd_t *thread, thrd_start_t function, void *argument)
{
    struct start *start = malloc(sizeof *start);
    if (!start) return thrd_nomem;
    *start = (struct start){function, argument};
    int error = pthread_create(thread, NULL, begin, start);
    if (error) free(start);
    return error == EAGAIN ? thrd_nomem : result(error);
}

int thrd_join(thrd_t thread, int *code)
{
    void *value;
    int error = pthread_join(thread, &value);
    if (!error && code) *code = (int)(intptr_t)value;
    return result(error);
}

int thrd_detach(thrd_t thread) { return result(pthread_detach(thread)); }

/* Locks and conditions. */

int mtx_init(mtx_t *lock, int type)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    if (type & mtx_recursive) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    int error = pthread_mutex_init((pthread_mutex_t *)lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return result(error);
}

int mtx_lock(mtx_t *lock) { return result(pthread_mutex_lock((pthread_mutex_t *)lock)); }
int mtx_trylock(mtx_t *lock) { return result(pthread_mutex_trylock((pthread_mutex_t *)lock)); }
int mtx_unlock(mtx_t *lock) { return result(pthread_mutex_unlock((pthread_mutex_t *)lock)); }
void mtx_destroy(mtx_t *lock) { pthread_mutex_destroy((pthread_mutex_t *)lock); }

int cnd_init(cnd_t *condition) { return result(pthread_cond_init((pthread_cond_t *)condition, NULL)); }
int cnd_signal(cnd_t *condition) { return result(pthread_cond_signal((pthread_cond_t *)condition)); }
int cnd_broadcast(cnd_t *condition) { return result(pthread_cond_broadcast((pthread_cond_t *)condition)); }
void cnd_destroy(cnd_t *condition) { pthread_cond_destroy((pthread_cond_t *)condition); }

int cnd_wait(cnd_t *condition, mtx_t *lock)
{
    return result(pthread_cond_wait((pthread_cond_t *)condition, (pthread_mutex_t *)lock));
}

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict lock, const struct timespec *restrict limit)
{
    return result(pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)lock, limit));
}

/*
 * Swift's Mutex. What locks and unlocks without contention is compiled into the caller, where ThreadSanitizer sees it;
 * what spins and waits is in Swift's library, where it does not.
 */

#define SWIFT __attribute__((swiftcall))
#define MUTEX __attribute__((swift_context)) void *mutex
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void swift_lock(uint32_t thread, MUTEX) __asm__(LOCK);
SWIFT bool swift_try_lock(MUTEX) __asm__(TRY_LOCK);
SWIFT void swift_unlock(MUTEX) __asm__(UNLOCK);

SWIFT void swift_lock(uint32_t thread, MUTEX)
{
    SWIFT void (*lock)(uint32_t, MUTEX) = dlsym(RTLD_NEXT, LOCK);
    lock(thread, mutex);
    if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT bool swift_try_lock(MUTEX)
{
    SWIFT bool (*try_lock)(MUTEX) = dlsym(RTLD_NEXT, TRY_LOCK);
    bool is_locked = try_lock(mutex);
    if (is_locked && __tsan_acquire) __tsan_acquire(mutex);
    return is_locked;
}

SWIFT void swift_unlock(MUTEX)
{
    SWIFT void (*unlock)(MUTEX) = dlsym(RTLD_NEXT, UNLOCK);
    if (__tsan_release) __tsan_release(mutex);
    unlock(mutex);
}
