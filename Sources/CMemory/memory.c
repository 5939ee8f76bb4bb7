/* The one place where memory is obtained.
 *
 * Swift cannot be told that an allocation failed: it traps. So a small allocation does not fail here. When
 * the allocator of the process has nothing left, it is served from a reserve, and a mark is set for the
 * thread; the call that runs on it looks at the mark and ends with LLM_E_NO_MEMORY. The reserve has to carry
 * no more than that way out. Large allocations do fail, and whoever makes them looks at the result, or
 * obtains a grant first.
 *
 * The reserve has no lock: a thread that died with fork cannot have left one behind, and there is nothing to
 * set up or to take down. Its pages are the system's until one is needed. */
#include "memory.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

_Thread_local bool guarded_mark __attribute__((tls_model("initial-exec")));

/* Of bytes, the largest that the reserve serves: what holds a peer's or a caller's data grows beyond it and
 * is checked, what is smaller is the library's own. */
#define LARGEST_BYTES (16 << 10)

/* The reserve: slots of a few sizes, those of one size side by side, with a bit for each that is taken. */
#define SLOTS_PER_WORD 64
#define WORDS_OF(slots) (((slots) + SLOTS_PER_WORD - 1) / SLOTS_PER_WORD)
#define CLASSES(of) of(64, 2048) of(256, 1024) of(1024, 256) of(4096, 64) of(16384, 32) of(65536, 16)

struct size_class {
  size_t slot_size;
  size_t slots;
  unsigned char *memory;
  _Atomic(uint64_t) *taken;
};

#define SLOTS(size, count) unsigned char of_##size[count][size];
#define WORDS(size, count) static _Atomic(uint64_t) taken_##size[WORDS_OF(count)];
#define CLASS(size, count) {size, count, reserve.of_##size[0], taken_##size},

static struct { CLASSES(SLOTS) } reserve __attribute__((aligned(4096)));
CLASSES(WORDS)
static const struct size_class classes[] = {CLASSES(CLASS)};
#define CLASS_COUNT (sizeof classes / sizeof classes[0])

static bool is_in_reserve(const void *memory) {
  return (uintptr_t)memory - (uintptr_t)&reserve < sizeof reserve;
}

/* The bits of a word that stand for no slot. */
static uint64_t beyond(const struct size_class *class, size_t word) {
  size_t left = class->slots - word * SLOTS_PER_WORD;
  return left < SLOTS_PER_WORD ? ~UINT64_C(0) << left : 0;
}

static void *take_slot(const struct size_class *class) {
  for (size_t word = 0; word < WORDS_OF(class->slots); word++) {
    uint64_t taken = atomic_load_explicit(&class->taken[word], memory_order_relaxed);
    uint64_t free_slots;
    while ((free_slots = ~(taken | beyond(class, word))) != 0) {
      int bit = __builtin_ctzll(free_slots);
      if (atomic_compare_exchange_weak_explicit(&class->taken[word], &taken, taken | UINT64_C(1) << bit,
                                                memory_order_acquire, memory_order_relaxed)) {
        return class->memory + (word * SLOTS_PER_WORD + (size_t)bit) * class->slot_size;
      }
    }
  }
  return NULL;
}

/* Every slot is aligned to 64 bytes, more than anybody asks for. */
static void *take(size_t size) {
  for (size_t index = 0; index < CLASS_COUNT; index++) {
    if (classes[index].slot_size < size) continue;
    void *memory = take_slot(&classes[index]);
    if (memory != NULL) return memory;
  }
  return NULL;
}

static const struct size_class *class_of(const void *memory) {
  size_t index = CLASS_COUNT - 1;
  while ((const unsigned char *)memory < classes[index].memory) index--;
  return &classes[index];
}

static void give_back(void *memory) {
  const struct size_class *class = class_of(memory);
  size_t slot = (size_t)((unsigned char *)memory - class->memory) / class->slot_size;
  atomic_fetch_and_explicit(&class->taken[slot / SLOTS_PER_WORD], ~(UINT64_C(1) << slot % SLOTS_PER_WORD),
                            memory_order_release);
}

/* Memory has run out: sets the mark, and helps where the reserve can. Out of line, so that the way without a
 * failure stays short. */
__attribute__((noinline, cold)) static void *help(size_t size, size_t largest) {
  guarded_mark = true;
  return size <= largest ? take(size) : NULL;
}

void *guarded_malloc(size_t size) {
  void *memory = malloc(size);
  return UNLIKELY(memory == NULL) ? help(size, LARGEST_BYTES) : memory;
}

void *guarded_calloc(size_t count, size_t size) {
  void *memory = calloc(count, size);
  if (!UNLIKELY(memory == NULL)) return memory;
  size_t total;
  if (__builtin_mul_overflow(count, size, &total)) return NULL;
  memory = help(total, LARGEST_BYTES);
  return memory != NULL ? memset(memory, 0, total) : NULL;
}

/* Moves what `realloc` could not. */
__attribute__((noinline, cold)) static void *move(void *memory, size_t old_size, size_t size) {
  void *moved = help(size, LARGEST_BYTES);
  if (moved == NULL) return NULL;
  memcpy(moved, memory, old_size < size ? old_size : size);
  guarded_free(memory);
  return moved;
}

void *guarded_realloc(void *memory, size_t size) {
  if (memory == NULL) return guarded_malloc(size);
  if (!is_in_reserve(memory)) {
    void *larger = realloc(memory, size);
    return UNLIKELY(larger == NULL) && size > 0 ? move(memory, malloc_usable_size(memory), size) : larger;
  }
  size_t old_size = class_of(memory)->slot_size;
  if (size <= old_size) return memory;
  void *larger = malloc(size);
  if (larger == NULL) return move(memory, old_size, size);
  memcpy(larger, memory, old_size);
  give_back(memory);
  return larger;
}

void guarded_free(void *memory) {
  if (UNLIKELY(is_in_reserve(memory))) {
    give_back(memory);
  } else {
    free(memory);
  }
}

static _Thread_local struct {
  void *memory;
  size_t size;
} granted __attribute__((tls_model("initial-exec")));

int guarded_posix_memalign(void **out, size_t alignment, size_t size) {
  if (UNLIKELY(size > GUARDED_LARGEST_OBJECT && size <= granted.size) && alignment <= _Alignof(max_align_t)) {
    *out = granted.memory;
    granted.memory = NULL;
    granted.size = 0;
    return 0;
  }
  int error = posix_memalign(out, alignment, size);
  if (!UNLIKELY(error != 0)) return 0;
  void *memory = help(size, GUARDED_LARGEST_OBJECT);
  if (memory == NULL) return error;
  *out = memory;
  return 0;
}

bool guarded_grant(size_t size) {
  guarded_revoke();
  if (size <= GUARDED_LARGEST_OBJECT) return true;
  granted.memory = malloc(size);
  if (granted.memory == NULL) {
    guarded_mark = true;
    return false;
  }
  granted.size = size;
  return true;
}

void guarded_revoke(void) {
  if (granted.memory == NULL) return;
  free(granted.memory);
  granted.memory = NULL;
  granted.size = 0;
}
