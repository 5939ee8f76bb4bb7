/* Connections to one server: a few are kept, each is used by one thread at a time. */
#ifndef LLM_REDIS_CONNECTION_H
#define LLM_REDIS_CONNECTION_H

#include <hiredis/hiredis.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/types.h>

enum { MOST_CONNECTIONS = 64 };

/* Where the server is, and how it is spoken to. */
struct server {
  char *host; /* NULL where `path` is given */
  char *path; /* of a unix socket */
  char *user;
  char *password;
  char *prefix;
  int port;
  int database;
  int timeout_ms;
  int connections;
};

struct pool {
  struct server server;
  pthread_mutex_t lock;
  redisContext *idle[MOST_CONNECTIONS];
  int count;
  pid_t owner; /* a process that was forked off makes connections of its own */
};

/* One command's reply, freed with freeReplyObject; NULL with the reason in *error (malloc'd). A connection
 * that the server closed while it was idle is replaced once. */
redisReply *pool_run(struct pool *pool, int count, const char **arguments, const size_t *lengths,
                     char **error);
void pool_close(struct pool *pool);

/* A malloc'd text. */
char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
