#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* From count_alloc.so, if it is preloaded. */
extern unsigned long count_alloc_total(void) __attribute__((weak));

static struct {
  unsigned long events, text;
  unsigned long steady_from, steady_to; /* event numbers; 0: do not look */
  unsigned long allocations_at_start, allocations_at_end;
} seen;

static unsigned long allocations(void) {
  return count_alloc_total != NULL ? count_alloc_total() : 0;
}

void measure_text(size_t size) {
  seen.events++;
  seen.text += size;
  if (seen.events == seen.steady_from) seen.allocations_at_start = allocations();
  if (seen.events == seen.steady_to) seen.allocations_at_end = allocations();
}

static double microseconds(const struct timeval *time) {
  return (double)time->tv_sec * 1e6 + (double)time->tv_usec;
}

static double cpu_us(const struct rusage *usage) {
  return microseconds(&usage->ru_utime) + microseconds(&usage->ru_stime);
}

static double wall_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* The high-water mark of this program; ru_maxrss would include what its parent had at the fork. */
static long peak_rss_kib(void) {
  long peak = 0;
  char line[256];
  FILE *status = fopen("/proc/self/status", "r");
  while (status != NULL && fgets(line, sizeof line, status) != NULL) {
    if (sscanf(line, "VmHWM: %ld", &peak) == 1) break;
  }
  if (status != NULL) fclose(status);
  return peak;
}

static int repeat(measure_call_fn *call, void *state, long calls) {
  for (long i = 0; i < calls; i++) {
    if (call(state) != 0) return 1;
  }
  return 0;
}

/* The warm-up opens the connection and tells how many events a stream has. */
static int warm_up(measure_call_fn *call, void *state) {
  if (call(state) != 0) return 1;
  unsigned long events = seen.events;
  memset(&seen, 0, sizeof seen);
  seen.steady_from = events / 4;
  seen.steady_to = events / 4 * 3;
  return 0;
}

int measure_calls(measure_call_fn *call, void *state, long calls) {
  if (warm_up(call, state) != 0) return 1;
  struct rusage before, after;
  unsigned long allocations_before = allocations();
  double started = wall_us();
  getrusage(RUSAGE_SELF, &before);
  if (repeat(call, state, calls) != 0) return 1;
  getrusage(RUSAGE_SELF, &after);
  double ended = wall_us();
  unsigned long allocations_after = allocations();

  printf("calls=%ld events=%lu text=%lu cpu_us=%.0f wall_us=%.0f peak_rss_kib=%ld", calls, seen.events,
         seen.text, cpu_us(&after) - cpu_us(&before), ended - started, peak_rss_kib());
  if (count_alloc_total != NULL) {
    printf(" allocations=%lu steady_allocations=%lu steady_events=%lu",
           allocations_after - allocations_before, seen.allocations_at_end - seen.allocations_at_start,
           seen.steady_to - seen.steady_from);
  }
  printf("\n");
  return 0;
}

static int compare(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

int measure_each(measure_call_fn *call, void *state, long calls) {
  double *times = calloc((size_t)calls, sizeof *times);
  if (times == NULL || call(state) != 0) return 1;
  for (long i = 0; i < calls; i++) {
    double started = wall_us();
    if (call(state) != 0) return 1;
    times[i] = wall_us() - started;
  }
  qsort(times, (size_t)calls, sizeof *times, compare);
  printf("calls=%ld median_us=%.3f\n", calls, times[calls / 2]);
  free(times);
  return 0;
}

struct measure_arguments measure_arguments(int argc, char **argv) {
  long calls = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
  if (calls <= 0) {
    fprintf(stderr, "usage: %s plain|stream|new BASE_URL CALLS\n", argv[0]);
    exit(2);
  }
  return (struct measure_arguments){argv[1], argv[2], calls};
}
