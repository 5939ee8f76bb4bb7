/* One connection, and the part of the Redis protocol that a store needs: a command goes out, one reply comes
 * back, and neither takes longer than until its deadline. */
#ifndef LLM_REDIS_CONNECTION_H
#define LLM_REDIS_CONNECTION_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct connection {
  int fd;
  char *bytes; /* what has arrived */
  size_t count, capacity;
};

struct command {
  int count;
  const char *const *arguments;
  const size_t *lengths;
  size_t most_bytes; /* of the reply: more is not read */
};

/* A text, a number, an error or nothing. */
struct reply {
  char type;  /* '+', '$', ':', '-', or '_' for nothing */
  char *text; /* malloc'd, with a NUL behind it */
  size_t length;
  int64_t number;
};

/* How an exchange ended. */
enum outcome { ANSWERED, CLOSED, TIMED_OUT, NONSENSE, NO_MEMORY };

/* NULL where it cannot be opened. */
struct connection *connection_open(const struct sockaddr *address, socklen_t length, int64_t deadline);
void connection_close(struct connection *connection);

/* Whether nothing has come that nobody asked for, the end included. */
int connection_is_quiet(const struct connection *connection);

/* After anything but ANSWERED the connection is of no use any more. */
enum outcome connection_run(struct connection *connection, const struct command *command, int64_t deadline,
                            struct reply *reply);
void reply_free(struct reply *reply);

/* For people. */
const char *outcome_text(enum outcome outcome);

#endif
