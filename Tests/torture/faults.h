/* faults.h: operations of the process that can be made to fail, one at a time or from one on. The functions
 * of libc behind them are defined anew in faults.c; being in the program, they come before libc's for every
 * library. */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>
#include <stddef.h>

enum fault {
  FAULT_MEMORY,       /* malloc and its kin */
  FAULT_LARGE_MEMORY, /* the same, above 16 KiB only */
  FAULT_RESOLVE,      /* getaddrinfo */
  FAULT_SOCKET,       /* socket, socketpair, pipe */
  FAULT_CONNECT,      /* connect, and getsockopt after it */
  FAULT_SEND,         /* send, and write to a socket */
  FAULT_RECEIVE,      /* recv, and read from a socket */
  FAULT_POLL,         /* poll */
  FAULT_CLOSE,        /* close, which closes and says that it did not */
  FAULT_OPEN,         /* open, mkdir, rename, ftruncate, mmap of a file */
  FAULT_WRITE,        /* write to a file */
  FAULT_KINDS
};

extern const char *const fault_names[FAULT_KINDS];

/* From now on operations of the kind are counted, and the one with this number fails, from 1; all that follow
 * it as well if it is `lasting`. With 0 they are only counted. */
void faults_arm(enum fault kind, unsigned long number, bool lasting);

/* Nothing fails any more. How many there were. */
unsigned long faults_disarm(void);

/* Allocations that were not freed yet, in the whole process. */
long faults_live(void);

/* Writes down, from now on, where what lives was allocated; and prints it. */
void faults_trace(void);
void faults_print_live(void);

#endif
