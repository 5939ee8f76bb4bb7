/* Connections to one server: a few are kept, each is used by one thread at a time. */
#ifndef LLM_REDIS_POOL_H
#define LLM_REDIS_POOL_H

#include <llm_provider.h>
#include <pthread.h>
#include <sys/types.h>

#include "configuration.h"
#include "connection.h"
#include "resolve.h"

struct pool {
  struct server server;
  struct resolver resolver;
  pthread_mutex_t lock;
  struct connection *idle[MOST_CONNECTIONS];
  int count;
  pid_t owner; /* a process that was forked off makes connections of its own */
};

/* Takes the server over. */
void pool_open(struct pool *pool, struct server server);
void pool_close(struct pool *pool);

/* Runs one command: LLM_OK with the reply, to be freed; or a code with the reason in *error (malloc'd), which
 * has nothing in it that the server said. The name, the connection, the password and the command have one
 * deadline, timeout_ms from now. A connection that the server closed while it was idle is replaced. */
llm_status pool_run(struct pool *pool, const struct command *command, int64_t deadline, struct reply *reply,
                    char **error);

/* When an operation that begins now is over. */
int64_t pool_deadline(const struct pool *pool);

#endif
