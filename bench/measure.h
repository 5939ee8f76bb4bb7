/* What both benchmark programs measure of themselves, and how they print it. */
#ifndef MEASURE_H
#define MEASURE_H

#include <stddef.h>

/* The question of every call. Both programs send the same. */
#define BENCH_QUESTION "Tell me what sans-IO means, in a few words."

/* Makes one call and returns 0, or prints what is wrong and returns 1. `state` is the program's own. */
typedef int measure_call_fn(void *state);

/* To be called for every text event, with the size of the text. */
void measure_text(size_t size);

/* Makes one call to warm up and then `calls` measured ones, and prints one line of "key=value" pairs:
 *   calls, events, text (bytes), cpu_us, wall_us, peak_rss_kib, and, under count_alloc.so, allocations (in
 * all) and steady_allocations in steady_events: those of the middle half of the first stream measured. */
int measure_calls(measure_call_fn *call, void *state, long calls);

/* Times `calls` calls of something quick, one by one, and prints "calls" and the median as "median_us". */
int measure_each(measure_call_fn *call, void *state, long calls);

/* Reads "MODE URL CALLS" from the command line; exits if it is something else. */
struct measure_arguments {
  const char *mode;
  const char *url;
  long calls;
};
struct measure_arguments measure_arguments(int argc, char **argv);

#endif
