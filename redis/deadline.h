/* The moment at which an operation is over, whatever it still waits for: one for all of its steps. */
#ifndef LLM_REDIS_DEADLINE_H
#define LLM_REDIS_DEADLINE_H

#include <stdint.h>
#include <time.h>

/* Microseconds on a clock that only goes forward. */
static inline int64_t moment_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* Microseconds until then; 0 where it has passed. */
static inline int64_t time_left(int64_t deadline) {
  int64_t left = deadline - moment_now();
  return left > 0 ? left : 0;
}

#endif
