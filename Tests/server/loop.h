/* A minimal event loop: epoll for descriptors, a heap for timers. One per process. */
#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Something with a descriptor and at most one timer. Embed it as the first member. */
struct source {
  int descriptor;
  uint32_t interest;
  void (*on_ready)(struct source *source, uint32_t events);
  void (*on_timer)(struct source *source);
  uint64_t deadline_ms;
  size_t heap_index; /* 1-based; 0: no timer is set */
};

bool loop_init(void);
bool loop_add(struct source *source, uint32_t interest);
void loop_set_interest(struct source *source, uint32_t interest);
/* Removes the descriptor and the timer; the descriptor is the caller's to close. */
void loop_remove(struct source *source);
void loop_set_timer(struct source *source, unsigned delay_ms);
void loop_cancel_timer(struct source *source);
/* Runs until loop_stop. A handler may free the source it was called for, and no other. */
void loop_run(void);
void loop_stop(void);

#endif
