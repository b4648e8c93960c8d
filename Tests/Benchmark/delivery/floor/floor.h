// What the floors share: time, faults, and the one line of JSON that most of them end with.
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static inline double cpu(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void fail(const char *what, const char *why) {
  fprintf(stderr, "floor: %s: %s\n", what, why);
  exit(70);
}

static inline void report(long count, double seconds, double cpu_seconds) {
  printf("{\"per_second\": %.1f, \"cpu_us\": %.3f}\n", (double)count / seconds, cpu_seconds * 1e6 / (double)count);
}
