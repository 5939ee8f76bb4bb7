#include "pool.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "deadline.h"
#include "text.h"

enum { MOST_SHORT_REPLY = 1 << 16 };

/* -- What went wrong ----------------------------------------------------------------------------------- */

/* The word that an error of the server begins with, where it is a known one. The rest stays unsaid: a server
 * may quote what it was sent, passwords included. */
static const char *known_word(const char *said) {
  static const char *const words[] = {
      "WRONGPASS", "NOAUTH",      "NOPERM", "READONLY", "OOM",      "LOADING",    "MOVED",     "ASK",
      "TRYAGAIN",  "CLUSTERDOWN", "BUSY",   "MISCONF",  "NOSCRIPT", "MASTERDOWN", "WRONGTYPE", "ERR",
  };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t length = strlen(words[i]);
    if (strncmp(said, words[i], length) == 0 && (said[length] == ' ' || said[length] == '\0'))
      return words[i];
  }
  return NULL;
}

static char *refusal(const char *command, const char *said) {
  const char *word = known_word(said);
  return text_of("redis has refused %s%s%s", command, word != NULL ? ": " : "", word != NULL ? word : "");
}

static llm_status problem(const struct pool *pool, const char *reason, char **error) {
  *error =
      text_of("redis at %s: %s", pool->server.path != NULL ? pool->server.path : pool->server.host, reason);
  return LLM_E_CONNECTION;
}

/* -- Connecting ---------------------------------------------------------------------------------------- */

/* LLM_OK where the server took the command. */
static llm_status tell(struct pool *pool, struct connection *connection, int count,
                       const char *const *arguments, int64_t deadline, char **error) {
  size_t lengths[3];
  struct reply reply;
  for (int i = 0; i < count; i++) lengths[i] = strlen(arguments[i]);
  const struct command command = {count, arguments, lengths, MOST_SHORT_REPLY};
  enum outcome outcome = connection_run(connection, &command, deadline, &reply);
  if (outcome != ANSWERED) return problem(pool, outcome_text(outcome), error);
  llm_status status = reply.type == '+' ? LLM_OK : LLM_E_PLUGIN;
  if (status != LLM_OK) *error = refusal(arguments[0], reply.type == '-' ? reply.text : "");
  reply_free(&reply);
  return status;
}

static llm_status introduce(struct pool *pool, struct connection *connection, int64_t deadline,
                            char **error) {
  const struct server *server = &pool->server;
  llm_status status = LLM_OK;
  if (server->password != NULL) {
    const char *with_user[] = {"AUTH", server->user, server->password};
    const char *without[] = {"AUTH", server->password};
    status = server->user == NULL ? tell(pool, connection, 2, without, deadline, error)
                                  : tell(pool, connection, 3, with_user, deadline, error);
  }
  if (status == LLM_OK && server->database > 0) {
    char number[16];
    const char *select[] = {"SELECT", number};
    snprintf(number, sizeof number, "%d", server->database);
    status = tell(pool, connection, 2, select, deadline, error);
  }
  return status;
}

static struct connection *connect_to_path(const char *path, int64_t deadline) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(path);
  if (length >= sizeof address.sun_path) return NULL;
  memcpy(address.sun_path, path, length + 1);
  return connection_open((struct sockaddr *)&address, sizeof address, deadline);
}

/* One address after the other: one that does not answer leaves half of the time to the rest. */
static struct connection *connect_to_host(const struct addresses *addresses, int64_t deadline) {
  struct connection *connection = NULL;
  for (int i = 0; i < addresses->count && connection == NULL; i++) {
    int is_last = i + 1 == addresses->count;
    int64_t end = is_last ? deadline : deadline - time_left(deadline) / 2;
    connection = connection_open((const struct sockaddr *)&addresses->all[i], addresses->lengths[i], end);
  }
  return connection;
}

static llm_status open_connection(struct pool *pool, int64_t deadline, struct connection **opened,
                                  char **error) {
  const struct server *server = &pool->server;
  struct connection *connection;
  if (server->path != NULL) {
    connection = connect_to_path(server->path, deadline);
  } else {
    struct addresses addresses;
    const char *unknown = resolve(&pool->resolver, server->host, server->port, deadline, &addresses);
    if (unknown != NULL) return problem(pool, unknown, error);
    connection = connect_to_host(&addresses, deadline);
  }
  if (connection == NULL) return problem(pool, "it cannot be connected to within timeout_ms", error);
  llm_status status = introduce(pool, connection, deadline, error);
  if (status != LLM_OK) {
    connection_close(connection);
    return status;
  }
  *opened = connection;
  return LLM_OK;
}

/* -- The pool ------------------------------------------------------------------------------------------ */

static void drop_idle(struct pool *pool) {
  while (pool->count > 0) connection_close(pool->idle[--pool->count]);
}

/* One that is kept and still good; NULL where there is none. */
static struct connection *take_idle(struct pool *pool) {
  struct connection *connection = NULL;
  pthread_mutex_lock(&pool->lock);
  if (pool->owner != getpid()) {
    /* The connections are the parent's; closing our copies of their descriptors does them no harm. */
    drop_idle(pool);
    resolver_forget(&pool->resolver);
    pool->owner = getpid();
  }
  while (connection == NULL && pool->count > 0) {
    connection = pool->idle[--pool->count];
    if (connection_is_quiet(connection)) break;
    connection_close(connection);
    connection = NULL;
  }
  pthread_mutex_unlock(&pool->lock);
  return connection;
}

static void give_back(struct pool *pool, struct connection *connection) {
  pthread_mutex_lock(&pool->lock);
  if (pool->count < pool->server.connections) {
    pool->idle[pool->count++] = connection;
    connection = NULL;
  }
  pthread_mutex_unlock(&pool->lock);
  if (connection != NULL) connection_close(connection);
}

int64_t pool_deadline(const struct pool *pool) {
  return moment_now() + (int64_t)pool->server.timeout_ms * 1000;
}

llm_status pool_run(struct pool *pool, const struct command *command, int64_t deadline, struct reply *reply,
                    char **error) {
  for (;;) {
    struct connection *connection = take_idle(pool);
    int was_idle = connection != NULL;
    if (connection == NULL) {
      llm_status status = open_connection(pool, deadline, &connection, error);
      if (status != LLM_OK) return status;
    }
    enum outcome outcome = connection_run(connection, command, deadline, reply);
    if (outcome == ANSWERED) {
      give_back(pool, connection);
      if (reply->type != '-') return LLM_OK;
      *error = refusal(command->arguments[0], reply->text);
      int is_of_value = strncmp(reply->text, "WRONGTYPE", 9) == 0;
      reply_free(reply);
      return is_of_value ? LLM_E_INVALID_ARGUMENT : LLM_E_PLUGIN;
    }
    connection_close(connection);
    /* A server that was started anew closes all that were idle; one that is only slow is not asked again. */
    if (was_idle && outcome == CLOSED && time_left(deadline) > 0) continue;
    if (outcome == NO_MEMORY) return LLM_E_NO_MEMORY;
    return problem(pool, outcome_text(outcome), error);
  }
}

void pool_open(struct pool *pool, struct server server) {
  pool->server = server;
  pool->count = 0;
  pool->owner = getpid();
  pthread_mutex_init(&pool->lock, NULL);
  resolver_open(&pool->resolver);
}

void pool_close(struct pool *pool) {
  drop_idle(pool);
  resolver_close(&pool->resolver);
  pthread_mutex_destroy(&pool->lock);
  server_free(&pool->server);
}
