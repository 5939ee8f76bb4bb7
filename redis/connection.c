#include "connection.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deadline.h"

/* Lines that say how it went, and that begin a text, are short. */
enum { MOST_LINE = 1 << 16, LEAST_ROOM = 1 << 14 };

/* Whether the socket is ready before the deadline. */
static int is_ready(int fd, short events, int64_t deadline) {
  for (;;) {
    int64_t left = time_left(deadline);
    if (left == 0) return 0;
    struct pollfd poll_of = {fd, events, 0};
    int64_t milliseconds = (left + 999) / 1000;
    int count = poll(&poll_of, 1, milliseconds < INT_MAX ? (int)milliseconds : INT_MAX);
    if (count > 0) return 1;
    if (count < 0 && errno != EINTR) return 0;
  }
}

/* -- Opening ------------------------------------------------------------------------------------------- */

static int is_connected(int fd, const struct sockaddr *address, socklen_t length, int64_t deadline) {
  int problem = 0;
  socklen_t size = sizeof problem;
  if (connect(fd, address, length) == 0) return 1;
  if (errno != EINPROGRESS || !is_ready(fd, POLLOUT, deadline)) return 0;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 && problem == 0;
}

struct connection *connection_open(const struct sockaddr *address, socklen_t length, int64_t deadline) {
  int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return NULL;
  struct connection *connection = calloc(1, sizeof *connection);
  if (connection == NULL || !is_connected(fd, address, length, deadline)) {
    close(fd);
    free(connection);
    return NULL;
  }
  int on = 1;
  if (address->sa_family != AF_UNIX) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connection->fd = fd;
  return connection;
}

void connection_close(struct connection *connection) {
  close(connection->fd);
  free(connection->bytes);
  free(connection);
}

int connection_is_quiet(const struct connection *connection) {
  struct pollfd poll_of = {connection->fd, POLLIN, 0};
  return connection->count == 0 && poll(&poll_of, 1, 0) == 0;
}

/* -- Sending ------------------------------------------------------------------------------------------- */

/* "*2\r\n$3\r\nGET\r\n…": malloc'd. */
static char *encode(const struct command *command, size_t *length) {
  size_t size = 32;
  for (int i = 0; i < command->count; i++) size += command->lengths[i] + 32;
  char *text = malloc(size);
  if (text == NULL) return NULL;
  char *end = text + sprintf(text, "*%d\r\n", command->count);
  for (int i = 0; i < command->count; i++) {
    end += sprintf(end, "$%zu\r\n", command->lengths[i]);
    memcpy(end, command->arguments[i], command->lengths[i]);
    end += command->lengths[i];
    memcpy(end, "\r\n", 2);
    end += 2;
  }
  *length = (size_t)(end - text);
  return text;
}

static enum outcome send_all(int fd, const char *bytes, size_t count, int64_t deadline) {
  while (count > 0) {
    ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);
    if (sent > 0) {
      bytes += sent;
      count -= (size_t)sent;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!is_ready(fd, POLLOUT, deadline)) return TIMED_OUT;
    } else if (errno != EINTR) {
      return CLOSED;
    }
  }
  return ANSWERED;
}

/* -- Receiving ----------------------------------------------------------------------------------------- */

static int make_room(struct connection *connection, size_t count) {
  if (connection->capacity - connection->count >= count) return 1;
  size_t capacity = connection->count + count;
  if (capacity < 2 * connection->capacity) capacity = 2 * connection->capacity;
  char *bytes = realloc(connection->bytes, capacity);
  if (bytes == NULL) return 0;
  connection->bytes = bytes;
  connection->capacity = capacity;
  return 1;
}

/* Waits for more bytes. */
static enum outcome receive(struct connection *connection, int64_t deadline) {
  if (!make_room(connection, LEAST_ROOM)) return NO_MEMORY;
  for (;;) {
    /* Also before what is there already: a server that sends byte by byte is not heard for ever. */
    if (time_left(deadline) == 0) return TIMED_OUT;
    ssize_t count = recv(connection->fd, connection->bytes + connection->count,
                         connection->capacity - connection->count, 0);
    if (count > 0) {
      connection->count += (size_t)count;
      return ANSWERED;
    }
    if (count == 0) return CLOSED;
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return CLOSED;
    if (!is_ready(connection->fd, POLLIN, deadline)) return TIMED_OUT;
  }
}

/* Reads up to the end of the first line: its length without the end. */
static enum outcome receive_line(struct connection *connection, int64_t deadline, size_t *length) {
  size_t seen = 0;
  for (;;) {
    char *end =
        connection->count > seen ? memchr(connection->bytes + seen, '\n', connection->count - seen) : NULL;
    if (end != NULL) {
      *length = (size_t)(end - connection->bytes);
      if (*length == 0 || end[-1] != '\r') return NONSENSE;
      *length -= 1;
      return ANSWERED;
    }
    /* What is no answer to any command of a store is not waited for. */
    if (connection->count > 0 && strchr("+-:$", connection->bytes[0]) == NULL) return NONSENSE;
    if (connection->count > MOST_LINE) return NONSENSE;
    seen = connection->count;
    enum outcome outcome = receive(connection, deadline);
    if (outcome != ANSWERED) return outcome;
  }
}

static int read_integer(const char *text, size_t length, int64_t *number) {
  char digits[24], *end;
  if (length == 0 || length >= sizeof digits) return 0;
  memcpy(digits, text, length);
  digits[length] = '\0';
  errno = 0;
  long long value = strtoll(digits, &end, 10);
  *number = value;
  return *end == '\0' && errno == 0;
}

static enum outcome keep_text(struct reply *reply, const char *text, size_t length) {
  reply->text = malloc(length + 1);
  if (reply->text == NULL) return NO_MEMORY;
  memcpy(reply->text, text, length);
  reply->text[length] = '\0';
  reply->length = length;
  return ANSWERED;
}

/* Reads the text that a line has told the length of; *used is what the reply takes. */
static enum outcome receive_text(struct connection *connection, const struct command *command,
                                 int64_t deadline, struct reply *reply, size_t *used) {
  size_t start = *used;
  if (reply->number == -1) {
    reply->type = '_';
    return ANSWERED;
  }
  if (reply->number < 0 || (uint64_t)reply->number > command->most_bytes) return NONSENSE;
  size_t length = (size_t)reply->number;
  *used = start + length + 2;
  if (connection->count < *used && !make_room(connection, *used - connection->count)) return NO_MEMORY;
  while (connection->count < *used) {
    enum outcome outcome = receive(connection, deadline);
    if (outcome != ANSWERED) return outcome;
  }
  if (memcmp(connection->bytes + start + length, "\r\n", 2) != 0) return NONSENSE;
  return keep_text(reply, connection->bytes + start, length);
}

static enum outcome receive_reply(struct connection *connection, const struct command *command,
                                  int64_t deadline, struct reply *reply) {
  size_t length;
  enum outcome outcome = receive_line(connection, deadline, &length);
  if (outcome != ANSWERED) return outcome;
  const char *line = connection->bytes + 1;
  size_t used = length + 2;
  reply->type = connection->bytes[0];
  switch (reply->type) {
  case '+':
  case '-':
    outcome = keep_text(reply, line, length - 1);
    break;
  case ':':
    outcome = read_integer(line, length - 1, &reply->number) ? ANSWERED : NONSENSE;
    break;
  case '$':
    if (!read_integer(line, length - 1, &reply->number)) return NONSENSE;
    outcome = receive_text(connection, command, deadline, reply, &used);
    break;
  default:
    return NONSENSE;
  }
  if (outcome != ANSWERED) return outcome;
  /* One reply for one command: what comes beside it belongs to nothing. */
  if (connection->count != used) return NONSENSE;
  connection->count = 0;
  /* A large answer does not keep its room. */
  if (connection->capacity > 1 << 20) {
    free(connection->bytes);
    connection->bytes = NULL;
    connection->capacity = 0;
  }
  return ANSWERED;
}

enum outcome connection_run(struct connection *connection, const struct command *command, int64_t deadline,
                            struct reply *reply) {
  size_t length;
  char *text = encode(command, &length);
  *reply = (struct reply){0};
  if (text == NULL) return NO_MEMORY;
  enum outcome outcome = send_all(connection->fd, text, length, deadline);
  explicit_bzero(text, length); /* it may be the password */
  free(text);
  if (outcome == ANSWERED) outcome = receive_reply(connection, command, deadline, reply);
  if (outcome != ANSWERED) reply_free(reply);
  return outcome;
}

void reply_free(struct reply *reply) {
  free(reply->text);
  reply->text = NULL;
}

const char *outcome_text(enum outcome outcome) {
  switch (outcome) {
  case ANSWERED:
    return "it has answered";
  case CLOSED:
    return "the connection was closed";
  case TIMED_OUT:
    return "no answer within timeout_ms";
  case NONSENSE:
    return "an answer that makes no sense, or is too large";
  case NO_MEMORY:
    return "out of memory";
  }
  return "";
}
