#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* Allocation, defined anew: counted, and failing where it is to fail. */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

static _Atomic long live;

long faults_live(void) {
  return live;
}

/* Where what lives was allocated; only where a leak is looked into. */
#define TRACES 65536
#define DEPTH 12
static struct trace {
  void *memory;
  size_t size;
  int depth;
  void *frames[DEPTH];
} traces[TRACES];
static _Atomic bool is_tracing;
static _Thread_local bool is_in_trace;
static pthread_mutex_t tracing = PTHREAD_MUTEX_INITIALIZER;

void faults_trace(void) {
  void *frames[1];
  backtrace(frames, 1);
  is_tracing = true;
}

static void trace(void *memory, size_t size) {
  if (!is_tracing || is_in_trace) return;
  is_in_trace = true;
  pthread_mutex_lock(&tracing);
  for (size_t index = 0; index < TRACES; index++) {
    if (traces[index].memory != NULL) continue;
    traces[index].memory = memory;
    traces[index].size = size;
    traces[index].depth = backtrace(traces[index].frames, DEPTH);
    break;
  }
  pthread_mutex_unlock(&tracing);
  is_in_trace = false;
}

static void untrace(void *memory) {
  if (!is_tracing || is_in_trace) return;
  pthread_mutex_lock(&tracing);
  for (size_t index = 0; index < TRACES; index++) {
    if (traces[index].memory == memory) traces[index].memory = NULL;
  }
  pthread_mutex_unlock(&tracing);
}

void faults_print_live(void) {
  is_tracing = false;
  for (size_t index = 0; index < TRACES; index++) {
    if (traces[index].memory == NULL) continue;
    fprintf(stderr, "# %zu bytes\n", traces[index].size);
    backtrace_symbols_fd(traces[index].frames, traces[index].depth, 2);
  }
}

static bool memory_fails(size_t size) {
  return fault_of(OPERATION_MEMORY) != 0 || (size > 16 << 10 && fault_of(OPERATION_LARGE_MEMORY) != 0);
}

static void *born(void *memory, size_t size) {
  if (memory == NULL) return NULL;
  live++;
  trace(memory, size);
  return memory;
}

static void *out_of_memory(void) {
  errno = ENOMEM;
  return NULL;
}

void *malloc(size_t size) {
  return memory_fails(size) ? out_of_memory() : born(__libc_malloc(size), size);
}

void *calloc(size_t count, size_t size) {
  return memory_fails(count * size) ? out_of_memory() : born(__libc_calloc(count, size), count * size);
}

void *realloc(void *memory, size_t size) {
  if (memory == NULL) return malloc(size);
  if (memory_fails(size)) return out_of_memory();
  untrace(memory);
  void *moved = __libc_realloc(memory, size);
  if (moved == NULL && size == 0) live--;
  if (moved != NULL) trace(moved, size);
  return moved;
}

void *memalign(size_t alignment, size_t size) {
  return memory_fails(size) ? out_of_memory() : born(__libc_memalign(alignment, size), size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  return memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size) {
  void *memory = memalign(alignment, size);
  if (memory == NULL) return ENOMEM;
  *out = memory;
  return 0;
}

void free(void *memory) {
  if (memory == NULL) return;
  live--;
  untrace(memory);
  __libc_free(memory);
}
