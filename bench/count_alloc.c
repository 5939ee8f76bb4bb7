/* A preloaded library that counts allocations, for the program to ask about. Wall and CPU time are never
 * taken with it loaded. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

/* The functions of glibc behind malloc and friends: no dlsym, which allocates itself. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static unsigned long total;

unsigned long count_alloc_total(void) {
  return __atomic_load_n(&total, __ATOMIC_RELAXED);
}

static void count(void) {
  __atomic_fetch_add(&total, 1, __ATOMIC_RELAXED);
}

void *malloc(size_t size) {
  count();
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count();
  return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
  count();
  return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
  count();
  *result = __libc_memalign(alignment, size);
  return *result != NULL ? 0 : ENOMEM;
}
