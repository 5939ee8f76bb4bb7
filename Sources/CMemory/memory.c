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
/* Of Swift's objects, which cannot fail. */
#define LARGEST_OBJECT (64 << 10)

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

/* -- Grants --------------------------------------------------------------------------------------------- */

/* A block that was obtained ahead, out of which large objects are cut while their thread cannot get any from
 * the allocator. It goes when the work it was granted for has ended and nothing that was cut out of it is in
 * use. */
struct guarded_ballast {
  struct guarded_ballast *outer; /* of the same thread */
  struct guarded_ballast *next;  /* of those that something was cut out of */
  size_t size, used;             /* from the start of the block, this head included */
  _Atomic size_t users;          /* what was cut out, and the work itself */
};

#define HEAD ((sizeof(struct guarded_ballast) + 63) & ~(size_t)63)

static _Thread_local struct guarded_ballast *ballast __attribute__((tls_model("initial-exec")));

/* Those that something was cut out of: looked through only while there are any, which is next to never. A
 * spinning lock, held for a few instructions. */
static struct guarded_ballast *cut_from;
static _Atomic size_t cut_count;
static atomic_flag is_locked = ATOMIC_FLAG_INIT;

static void lock_list(void) {
  while (atomic_flag_test_and_set_explicit(&is_locked, memory_order_acquire)) {
  }
}

static void unlock_list(void) {
  atomic_flag_clear_explicit(&is_locked, memory_order_release);
}

static void leave(struct guarded_ballast *block) {
  if (atomic_fetch_sub_explicit(&block->users, 1, memory_order_acq_rel) > 1) return;
  lock_list();
  for (struct guarded_ballast **place = &cut_from; *place != NULL; place = &(*place)->next) {
    if (*place != block) continue;
    *place = block->next;
    atomic_fetch_sub(&cut_count, 1);
    break;
  }
  unlock_list();
  free(block);
}

static bool is_listed(const struct guarded_ballast *block) {
  const struct guarded_ballast *each = cut_from;
  while (each != NULL && each != block) each = each->next;
  return each != NULL;
}

/* Cuts an object out of what the thread was granted; NULL where there is not enough. */
static void *cut(size_t size) {
  for (struct guarded_ballast *block = ballast; block != NULL; block = block->outer) {
    size_t rounded = (size + 63) & ~(size_t)63;
    if (rounded < size || rounded > block->size - block->used) continue;
    void *memory = (unsigned char *)block + block->used;
    block->used += rounded;
    atomic_fetch_add_explicit(&block->users, 1, memory_order_relaxed);
    lock_list();
    if (!is_listed(block)) {
      block->next = cut_from;
      cut_from = block;
      atomic_fetch_add(&cut_count, 1);
    }
    unlock_list();
    return memory;
  }
  return NULL;
}

/* The block that memory was cut out of; NULL for what is the allocator's. */
static struct guarded_ballast *owner(const void *memory) {
  lock_list();
  struct guarded_ballast *block = cut_from;
  while (block != NULL && (uintptr_t)memory - (uintptr_t)block >= block->size) block = block->next;
  unlock_list();
  return block;
}

bool guarded_grant(size_t size) {
  size_t total;
  struct guarded_ballast *block = NULL;
  if (!__builtin_add_overflow(size, HEAD, &total)) block = aligned_alloc(64, (total + 63) & ~(size_t)63);
  if (block == NULL) {
    guarded_mark = true;
    return false;
  }
  block->outer = ballast;
  block->next = NULL;
  block->size = (total + 63) & ~(size_t)63;
  block->used = HEAD;
  block->users = 1;
  ballast = block;
  return true;
}

void guarded_revoke(void) {
  struct guarded_ballast *block = ballast;
  ballast = block->outer;
  leave(block);
}

/* -- The allocator's functions -------------------------------------------------------------------------- */

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

/* Only objects are ever cut out of a grant, and those are never reallocated. */
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

int guarded_posix_memalign(void **out, size_t alignment, size_t size) {
  int error = posix_memalign(out, alignment, size);
  if (!UNLIKELY(error != 0)) return 0;
  void *memory = help(size, LARGEST_OBJECT);
  if (memory == NULL) memory = cut(size);
  if (memory == NULL) return error;
  *out = memory;
  return 0;
}

/* What is neither the reserve's nor cut out of a grant, which is nearly all, takes two comparisons. */
void guarded_free(void *memory) {
  if (UNLIKELY(is_in_reserve(memory))) {
    give_back(memory);
    return;
  }
  if (UNLIKELY(atomic_load_explicit(&cut_count, memory_order_relaxed) > 0)) {
    struct guarded_ballast *block = owner(memory);
    if (block != NULL) {
      leave(block);
      return;
    }
  }
  free(memory);
}
