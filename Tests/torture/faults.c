#define _GNU_SOURCE
#include "faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const fault_names[FAULT_KINDS] = {"memory",  "large memory", "resolve", "socket",
                                              "connect", "send",         "receive", "poll",
                                              "close",   "open",         "write"};

static _Atomic int armed_kind = -1;
static _Atomic unsigned long fail_at, counted;
static _Atomic bool is_lasting;

void faults_arm(enum fault kind, unsigned long number, bool lasting) {
  fail_at = number;
  is_lasting = lasting;
  counted = 0;
  armed_kind = (int)kind;
}

unsigned long faults_disarm(void) {
  armed_kind = -1;
  return counted;
}

static bool fails(enum fault kind) {
  if (armed_kind != (int)kind) return false;
  unsigned long number = ++counted;
  return fail_at != 0 && (number == fail_at || (is_lasting && number > fail_at));
}

/* -- Memory --------------------------------------------------------------------------------------------- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

static _Atomic long live;

long faults_live(void) {
  return live;
}

/* Where what lives was allocated; only of one thread's and only where a leak is looked into. */
#define TRACES 65536
#define DEPTH 12
static struct trace {
  void *memory;
  size_t size;
  int depth;
  void *frames[DEPTH];
} traces[TRACES];
static bool is_tracing, is_in_trace;

void faults_trace(void) {
  void *frames[1];
  backtrace(frames, 1);
  is_tracing = true;
}

static void trace(void *memory, size_t size) {
  if (!is_tracing || is_in_trace) return;
  is_in_trace = true;
  for (size_t index = 0; index < TRACES; index++) {
    if (traces[index].memory != NULL) continue;
    traces[index].memory = memory;
    traces[index].size = size;
    traces[index].depth = backtrace(traces[index].frames, DEPTH);
    break;
  }
  is_in_trace = false;
}

static void untrace(void *memory) {
  if (!is_tracing) return;
  for (size_t index = 0; index < TRACES; index++) {
    if (traces[index].memory == memory) traces[index].memory = NULL;
  }
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
  return fails(FAULT_MEMORY) || (size > 16 << 10 && fails(FAULT_LARGE_MEMORY));
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

/* -- Input and output ----------------------------------------------------------------------------------- */

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) {
  int kind = armed_kind;
  armed_kind = -1;
  void *function = dlsym(RTLD_NEXT, name);
  armed_kind = kind;
  return function;
}

static int failed(int error) {
  errno = error;
  return -1;
}

static bool is_socket(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

static bool is_file(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out) {
  return fails(FAULT_RESOLVE) ? EAI_AGAIN : REAL(getaddrinfo)(name, service, hints, out);
}

int socket(int domain, int type, int protocol) {
  return fails(FAULT_SOCKET) ? failed(EMFILE) : REAL(socket)(domain, type, protocol);
}

int socketpair(int domain, int type, int protocol, int ends[2]) {
  return fails(FAULT_SOCKET) ? failed(EMFILE) : REAL(socketpair)(domain, type, protocol, ends);
}

int pipe(int ends[2]) {
  return fails(FAULT_SOCKET) ? failed(EMFILE) : REAL(pipe)(ends);
}

int connect(int descriptor, const struct sockaddr *address, socklen_t size) {
  return fails(FAULT_CONNECT) ? failed(ECONNREFUSED) : REAL(connect)(descriptor, address, size);
}

int getsockopt(int descriptor, int level, int name, void *value, socklen_t *size) {
  int code = REAL(getsockopt)(descriptor, level, name, value, size);
  if (level == SOL_SOCKET && name == SO_ERROR && fails(FAULT_CONNECT)) *(int *)value = ETIMEDOUT;
  return code;
}

ssize_t send(int descriptor, const void *bytes, size_t size, int flags) {
  return fails(FAULT_SEND) ? failed(ECONNRESET) : REAL(send)(descriptor, bytes, size, flags);
}

ssize_t recv(int descriptor, void *bytes, size_t size, int flags) {
  return fails(FAULT_RECEIVE) ? failed(ECONNRESET) : REAL(recv)(descriptor, bytes, size, flags);
}

ssize_t read(int descriptor, void *bytes, size_t size) {
  if (armed_kind == FAULT_RECEIVE && is_socket(descriptor) && fails(FAULT_RECEIVE)) return failed(ECONNRESET);
  return REAL(read)(descriptor, bytes, size);
}

ssize_t write(int descriptor, const void *bytes, size_t size) {
  if (armed_kind == FAULT_SEND && is_socket(descriptor) && fails(FAULT_SEND)) return failed(ECONNRESET);
  if (armed_kind == FAULT_WRITE && is_file(descriptor) && fails(FAULT_WRITE)) return failed(ENOSPC);
  return REAL(write)(descriptor, bytes, size);
}

int poll(struct pollfd *descriptors, nfds_t count, int timeout) {
  return fails(FAULT_POLL) ? failed(ENOMEM) : REAL(poll)(descriptors, count, timeout);
}

int close(int descriptor) {
  bool does_fail = fails(FAULT_CLOSE);
  int code = REAL(close)(descriptor);
  return does_fail ? failed(EIO) : code;
}

int open(const char *path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
  va_end(list);
  return fails(FAULT_OPEN) ? failed(EMFILE) : REAL(open)(path, flags, mode);
}

int mkdir(const char *path, mode_t mode) {
  return fails(FAULT_OPEN) ? failed(ENOSPC) : REAL(mkdir)(path, mode);
}

int rename(const char *from, const char *to) {
  return fails(FAULT_OPEN) ? failed(EIO) : REAL(rename)(from, to);
}

int ftruncate(int descriptor, off_t size) {
  return fails(FAULT_OPEN) ? failed(ENOSPC) : REAL(ftruncate)(descriptor, size);
}

void *mmap(void *address, size_t size, int protection, int flags, int descriptor, off_t offset) {
  if (descriptor >= 0 && fails(FAULT_OPEN)) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
  return REAL(mmap)(address, size, protection, flags, descriptor, offset);
}
