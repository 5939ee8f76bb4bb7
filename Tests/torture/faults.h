/* faults.h: operations of the process that can be made to fail, one at a time or from one on. The functions
 * of libc behind them are defined anew in memory.c and operations.c; being in the program, they come before
 * libc's for every library. */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>
#include <stddef.h>

enum operation {
  OPERATION_MEMORY,        /* malloc and its kin */
  OPERATION_LARGE_MEMORY,  /* the same, above 16 KiB only */
  OPERATION_RESOLVE,       /* getaddrinfo */
  OPERATION_THREAD,        /* pthread_create: libcurl resolves a name in a thread */
  OPERATION_DESCRIPTOR,    /* all that opens a descriptor: of a file, a socket, a directory */
  OPERATION_CONNECT,       /* connect */
  OPERATION_CONNECTED,     /* getsockopt, by which a connect that took time is asked how it ended */
  OPERATION_SOCKET_OPTION, /* setsockopt, getsockname, getpeername */
  OPERATION_SEND,          /* send, and write to a socket, by TLS as well */
  OPERATION_RECEIVE,       /* recv, and read from a socket */
  OPERATION_POLL,          /* poll */
  OPERATION_WAKE,          /* the same two between sockets within the machine, by which libcurl ends a wait */
  OPERATION_TIMER,         /* pthread_cond_timedwait, which ends before its time */
  OPERATION_CLOSE,         /* close, which closes and says that it did not */
  OPERATION_PATH,          /* mkdir, rename, unlink, ftruncate */
  OPERATION_STATUS,        /* stat, lstat, fstat */
  OPERATION_LIST,          /* readdir */
  OPERATION_LOCK,          /* fcntl's locks */
  OPERATION_FILE_READ,     /* read and pread, of a file */
  OPERATION_FILE_WRITE,    /* write and pwrite, to a file */
  OPERATION_CLOCK,         /* clock_gettime, which cannot fail, but be an hour later than it was */
  OPERATION_RANDOM,        /* getrandom */
  OPERATIONS
};

extern const char *const operation_names[OPERATIONS];

/* In the place of an error: a read finds the end, a read or a write comes by one byte, a wait ends early, the
 * process was stopped for an hour. */
enum { FAULT_END = 10001, FAULT_SHORT, FAULT_EARLY, FAULT_LEAP };

/* Whether an operation fails alone, or all that follow it as well. What is tried again at once for ever can
 * not last. */
enum fault_length { ONCE = 1, LASTING = 2, EITHER = ONCE | LASTING };

/* A way in which an operation fails. */
struct fault {
  const char *name;
  enum operation operation;
  int error; /* of errno, of getaddrinfo, or one of the above */
  enum fault_length length;
  bool is_harmless; /* the call is answered all the same */
};

extern const struct fault faults[];
extern const int fault_count;

/* From now on operations are counted, and the fault's one with this number fails, from 1; all that follow it
 * as well if it is `lasting`. With NULL they are only counted. */
void faults_arm(const struct fault *fault, unsigned long number, bool lasting);

/* Nothing fails any more. */
void faults_disarm(void);

/* How many operations there were between the two. */
unsigned long faults_counted(enum operation operation);

/* From now on what asked for the operation that fails is printed. */
void faults_tell_places(void);

/* Allocations that were not freed yet, in the whole process. */
long faults_live(void);

/* Writes down, from now on, where what lives was allocated; and prints it. */
void faults_trace(void);
void faults_print_live(void);

/* Whether what this thread does from now on neither counts nor fails. */
void faults_exempt(bool does_exempt);

/* For the functions that are defined anew: counts an operation, and says how it fails; 0 where it does not.
 */
int fault_of(enum operation operation);

/* Whether a fault that lasts has begun. */
bool fault_lasts(enum operation operation);

#endif
