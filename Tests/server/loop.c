#include "loop.h"

#include "bytes.h"

#include <sys/epoll.h>
#include <time.h>

enum { MAX_EVENTS = 256, MAX_WAIT_MS = 60000 };

static int epoll_descriptor = -1;
static bool stopped;
static struct source **heap; /* heap[1..heap_count], the earliest deadline first */
static size_t heap_count, heap_capacity;

static uint64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- timers ---- */

static void heap_put(size_t index, struct source *source) {
  heap[index] = source;
  source->heap_index = index;
}

static void sift_up(size_t index) {
  struct source *source = heap[index];
  for (; index > 1 && heap[index / 2]->deadline_ms > source->deadline_ms; index /= 2) {
    heap_put(index, heap[index / 2]);
  }
  heap_put(index, source);
}

static void sift_down(size_t index) {
  struct source *source = heap[index];
  for (size_t child; (child = 2 * index) <= heap_count; index = child) {
    if (child < heap_count && heap[child + 1]->deadline_ms < heap[child]->deadline_ms) child++;
    if (heap[child]->deadline_ms >= source->deadline_ms) break;
    heap_put(index, heap[child]);
  }
  heap_put(index, source);
}

void loop_cancel_timer(struct source *source) {
  size_t index = source->heap_index;
  if (index == 0) return;
  source->heap_index = 0;
  struct source *last = heap[heap_count--];
  if (last == source) return;
  heap_put(index, last);
  sift_up(index);
  sift_down(last->heap_index);
}

void loop_set_timer(struct source *source, unsigned delay_ms) {
  loop_cancel_timer(source);
  source->deadline_ms = now_ms() + delay_ms;
  if (heap_count + 1 >= heap_capacity) {
    heap_capacity = heap_capacity > 0 ? heap_capacity * 2 : 64;
    heap = xrealloc(heap, heap_capacity * sizeof *heap);
  }
  heap_put(++heap_count, source);
  sift_up(heap_count);
}

static int wait_ms(void) {
  if (heap_count == 0) return -1;
  uint64_t now = now_ms(), deadline = heap[1]->deadline_ms;
  if (deadline <= now) return 0;
  return deadline - now < MAX_WAIT_MS ? (int)(deadline - now) : MAX_WAIT_MS;
}

/* Timers set by the handlers wait for the next round, so that a zero delay cannot starve the descriptors. */
static void run_timers(void) {
  uint64_t now = now_ms();
  for (size_t left = heap_count; left > 0 && heap_count > 0 && heap[1]->deadline_ms <= now; left--) {
    struct source *source = heap[1];
    loop_cancel_timer(source);
    source->on_timer(source);
  }
}

/* ---- descriptors ---- */

bool loop_init(void) {
  epoll_descriptor = epoll_create1(EPOLL_CLOEXEC);
  return epoll_descriptor >= 0;
}

bool loop_add(struct source *source, uint32_t interest) {
  struct epoll_event event = {.events = interest, .data.ptr = source};
  source->interest = interest;
  return epoll_ctl(epoll_descriptor, EPOLL_CTL_ADD, source->descriptor, &event) == 0;
}

void loop_set_interest(struct source *source, uint32_t interest) {
  if (source->interest == interest) return;
  struct epoll_event event = {.events = interest, .data.ptr = source};
  source->interest = interest;
  epoll_ctl(epoll_descriptor, EPOLL_CTL_MOD, source->descriptor, &event);
}

void loop_remove(struct source *source) {
  loop_cancel_timer(source);
  epoll_ctl(epoll_descriptor, EPOLL_CTL_DEL, source->descriptor, NULL);
}

void loop_stop(void) {
  stopped = true;
}

void loop_run(void) {
  struct epoll_event events[MAX_EVENTS];
  while (!stopped) {
    int count = epoll_wait(epoll_descriptor, events, MAX_EVENTS, wait_ms());
    for (int i = 0; i < count; i++) {
      struct source *source = events[i].data.ptr;
      source->on_ready(source, events[i].events);
    }
    run_timers();
  }
}
