// What floors end with: one line of JSON.
#pragma once
#include "../../harness/program.h"
#include <sys/resource.h>

static double cpu(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void report(long count, double seconds, double cpu_seconds) {
  printf("{\"per_second\": %.1f, \"cpu_us\": %.3f}\n", (double)count / seconds, cpu_seconds * 1e6 / (double)count);
}
