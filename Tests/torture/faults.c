#include "faults.h"

#include <errno.h>
#include <execinfo.h>
#include <netdb.h>
#include <stdatomic.h>

const char *const operation_names[OPERATIONS] = {
    [OPERATION_MEMORY] = "memory",
    [OPERATION_LARGE_MEMORY] = "large-memory",
    [OPERATION_RESOLVE] = "resolve",
    [OPERATION_THREAD] = "thread",
    [OPERATION_DESCRIPTOR] = "descriptor",
    [OPERATION_CONNECT] = "connect",
    [OPERATION_CONNECTED] = "connected",
    [OPERATION_SOCKET_OPTION] = "socket-option",
    [OPERATION_SEND] = "send",
    [OPERATION_RECEIVE] = "receive",
    [OPERATION_POLL] = "poll",
    [OPERATION_WAKE] = "wake",
    [OPERATION_TIMER] = "timer",
    [OPERATION_CLOSE] = "close",
    [OPERATION_PATH] = "path",
    [OPERATION_STATUS] = "status",
    [OPERATION_LIST] = "list",
    [OPERATION_LOCK] = "lock",
    [OPERATION_FILE_READ] = "file-read",
    [OPERATION_FILE_WRITE] = "file-write",
    [OPERATION_CLOCK] = "clock",
    [OPERATION_RANDOM] = "random",
};

const struct fault faults[] = {
    {"memory", OPERATION_MEMORY, ENOMEM, EITHER, false},
    {"large-memory", OPERATION_LARGE_MEMORY, ENOMEM, EITHER, false},
    {"resolve", OPERATION_RESOLVE, EAI_AGAIN, EITHER, false},
    {"resolve-unknown", OPERATION_RESOLVE, EAI_NONAME, EITHER, false},
    {"thread", OPERATION_THREAD, EAGAIN, EITHER, false},
    {"descriptor", OPERATION_DESCRIPTOR, EMFILE, EITHER, false},
    {"connect", OPERATION_CONNECT, ECONNREFUSED, EITHER, false},
    {"connect-unreachable", OPERATION_CONNECT, ENETUNREACH, EITHER, false},
    {"connected", OPERATION_CONNECTED, ETIMEDOUT, EITHER, false},
    {"socket-option", OPERATION_SOCKET_OPTION, ENOBUFS, EITHER, false},
    {"send", OPERATION_SEND, ECONNRESET, EITHER, false},
    {"send-short", OPERATION_SEND, FAULT_SHORT, EITHER, true},
    {"receive", OPERATION_RECEIVE, ECONNRESET, EITHER, false},
    {"receive-end", OPERATION_RECEIVE, FAULT_END, EITHER, false},
    {"receive-short", OPERATION_RECEIVE, FAULT_SHORT, EITHER, true},
    {"poll", OPERATION_POLL, ENOMEM, EITHER, false},
    {"poll-interrupted", OPERATION_POLL, EINTR, ONCE, true},
    {"wake", OPERATION_WAKE, EAGAIN, EITHER, false},
    {"timer", OPERATION_TIMER, FAULT_EARLY, ONCE, true},
    {"close", OPERATION_CLOSE, EIO, EITHER, false},
    {"path", OPERATION_PATH, ENOSPC, EITHER, true},
    {"status", OPERATION_STATUS, EIO, EITHER, false},
    {"list", OPERATION_LIST, EIO, EITHER, false},
    {"lock", OPERATION_LOCK, ENOLCK, EITHER, true},
    {"file-read", OPERATION_FILE_READ, EIO, EITHER, false},
    {"file-read-short", OPERATION_FILE_READ, FAULT_SHORT, EITHER, true},
    {"file-read-interrupted", OPERATION_FILE_READ, EINTR, ONCE, true},
    {"file-write", OPERATION_FILE_WRITE, ENOSPC, EITHER, true},
    {"file-write-short", OPERATION_FILE_WRITE, FAULT_SHORT, EITHER, true},
    {"file-write-interrupted", OPERATION_FILE_WRITE, EINTR, ONCE, true},
    {"clock", OPERATION_CLOCK, FAULT_LEAP, LASTING, false},
    {"random", OPERATION_RANDOM, ENOSYS, EITHER, true},
};
const int fault_count = sizeof faults / sizeof faults[0];

static const struct fault *_Atomic armed;
static _Atomic bool is_counting, is_lasting;
static _Thread_local bool is_exempt;
static bool tells_places;
static _Atomic unsigned long fail_at, counted[OPERATIONS];

void faults_arm(const struct fault *fault, unsigned long number, bool lasting) {
  for (int operation = 0; operation < OPERATIONS; operation++) counted[operation] = 0;
  fail_at = number;
  is_lasting = lasting;
  armed = fault;
  is_counting = true;
}

void faults_disarm(void) {
  is_counting = false;
  armed = NULL;
}

unsigned long faults_counted(enum operation operation) {
  return counted[operation];
}

void faults_exempt(bool does_exempt) {
  is_exempt = does_exempt;
}

void faults_tell_places(void) {
  void *frames[1];
  backtrace(frames, 1);
  tells_places = true;
}

/* What asked for the operation that is the first to fail. */
static void tell_place(void) {
  void *frames[16];
  int depth = backtrace(frames, 16);
  backtrace_symbols_fd(frames, depth, 2);
}

int fault_of(enum operation operation) {
  if (!is_counting || is_exempt) return 0;
  unsigned long number = ++counted[operation];
  const struct fault *fault = armed;
  if (fault == NULL || fault->operation != operation) return 0;
  if (number != fail_at && !(is_lasting && number > fail_at)) return 0;
  if (number == fail_at && tells_places) tell_place();
  return fault->error;
}

bool fault_lasts(enum operation operation) {
  const struct fault *fault = armed;
  return fault != NULL && fault->operation == operation && is_lasting && counted[operation] >= fail_at;
}
