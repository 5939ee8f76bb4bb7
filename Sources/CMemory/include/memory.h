/* How the library comes by memory: the allocator's five functions with a reserve behind them, a mark for the
 * thread on which memory ran out, and grants. docs/internals/memory.md tells how they are used.
 *
 * The names do not begin with llm_, so that none of them is exported. */
#ifndef LLM_GUARDED_MEMORY_H
#define LLM_GUARDED_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#define GUARDED_HIDDEN __attribute__((visibility("hidden")))

/* What the link step puts in the place of malloc, calloc, realloc, posix_memalign and free. They do the same,
 * and where memory has run out they set the mark and serve what is small from the reserve. */
GUARDED_HIDDEN void *guarded_malloc(size_t size);
GUARDED_HIDDEN void *guarded_calloc(size_t count, size_t size);
GUARDED_HIDDEN void *guarded_realloc(void *memory, size_t size);
GUARDED_HIDDEN int guarded_posix_memalign(void **out, size_t alignment, size_t size);
GUARDED_HIDDEN void guarded_free(void *memory);

/* The mark: whether memory ran out on this thread since it was last cleared. Initial-exec keeps the library
 * free of
 * __tls_get_addr, and with it of ld-linux; two words of static TLS are little enough for dlopen. */
GUARDED_HIDDEN extern _Thread_local bool guarded_mark __attribute__((tls_model("initial-exec")));

static inline bool guarded_has_run_out(void) {
  return guarded_mark;
}
static inline void guarded_set_run_out(bool has_run_out) {
  guarded_mark = has_run_out;
}

/* Obtains memory ahead for the objects that the thread will make until guarded_revoke: where the allocator
 * has none left, they are cut out of it. False, with the mark set, where it cannot be had. Grants nest. Pages
 * that nothing is cut out of are never touched. */
GUARDED_HIDDEN bool guarded_grant(size_t size);
GUARDED_HIDDEN void guarded_revoke(void);

#endif
