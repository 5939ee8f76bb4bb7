#include "connection.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

char *text_of(const char *format, ...) {
  char *text = NULL;
  va_list arguments;
  va_start(arguments, format);
  if (vasprintf(&text, format, arguments) < 0) text = NULL;
  va_end(arguments);
  return text;
}

/* -- SIGPIPE -------------------------------------------------------------------------------------------- */

/* hiredis writes to sockets in the plain way: the signal of a closed one would end the host's process. It is
 * held back on this thread while we write, and taken away if it came. */
struct pipe_guard {
  sigset_t before;
  int was_pending;
};

static void guard_pipe(struct pipe_guard *guard) {
  sigset_t pipe, pending;
  sigpending(&pending);
  guard->was_pending = sigismember(&pending, SIGPIPE);
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, &guard->before);
}

static void release_pipe(struct pipe_guard *guard) {
  sigset_t pipe;
  const struct timespec at_once = {0, 0};
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  if (!guard->was_pending) sigtimedwait(&pipe, NULL, &at_once);
  pthread_sigmask(SIG_SETMASK, &guard->before, NULL);
}

/* -- Connecting ----------------------------------------------------------------------------------------- */

/* 0 where the server took the command. */
static int command(redisContext *context, int count, const char **arguments, char **error) {
  redisReply *reply = redisCommandArgv(context, count, arguments, NULL);
  int failed = reply == NULL || reply->type == REDIS_REPLY_ERROR;
  if (failed) *error = text_of("%s: %s", arguments[0], reply == NULL ? context->errstr : reply->str);
  if (reply != NULL) freeReplyObject(reply);
  return failed;
}

static int introduce(redisContext *context, const struct server *server, char **error) {
  if (server->password != NULL) {
    const char *with_user[] = {"AUTH", server->user, server->password};
    const char *without[] = {"AUTH", server->password};
    int failed =
        server->user == NULL ? command(context, 2, without, error) : command(context, 3, with_user, error);
    if (failed) return -1;
  }
  if (server->database > 0) {
    char number[16];
    const char *select[] = {"SELECT", number};
    snprintf(number, sizeof number, "%d", server->database);
    if (command(context, 2, select, error)) return -1;
  }
  return 0;
}

static redisContext *connect_to(const struct server *server, char **error) {
  struct timeval patience = {server->timeout_ms / 1000, (server->timeout_ms % 1000) * 1000};
  redisContext *context = server->path != NULL
                              ? redisConnectUnixWithTimeout(server->path, patience)
                              : redisConnectWithTimeout(server->host, server->port, patience);
  if (context != NULL && context->err == 0) {
    fcntl(context->fd, F_SETFD, FD_CLOEXEC);
    redisSetTimeout(context, patience);
  }
  if (context != NULL && context->err == 0 && introduce(context, server, error) == 0) return context;
  if (*error == NULL)
    *error = text_of("redis at %s: %s", server->path != NULL ? server->path : server->host,
                     context == NULL ? "out of memory" : context->errstr);
  if (context != NULL) redisFree(context);
  return NULL;
}

/* -- The pool ------------------------------------------------------------------------------------------- */

static redisContext *take_idle(struct pool *pool) {
  redisContext *context = NULL;
  pthread_mutex_lock(&pool->lock);
  if (pool->owner != getpid()) {
    /* The connections are the parent's; closing our copies of their descriptors does them no harm. */
    while (pool->count > 0) redisFree(pool->idle[--pool->count]);
    pool->owner = getpid();
  }
  if (pool->count > 0) context = pool->idle[--pool->count];
  pthread_mutex_unlock(&pool->lock);
  return context;
}

static void give_back(struct pool *pool, redisContext *context) {
  pthread_mutex_lock(&pool->lock);
  if (pool->count < pool->server.connections) {
    pool->idle[pool->count++] = context;
    context = NULL;
  }
  pthread_mutex_unlock(&pool->lock);
  if (context != NULL) redisFree(context);
}

static redisReply *run(struct pool *pool, int count, const char **arguments, const size_t *lengths,
                       char **error) {
  for (;;) {
    redisContext *context = take_idle(pool);
    int was_idle = context != NULL;
    if (context == NULL) context = connect_to(&pool->server, error);
    if (context == NULL) return NULL;
    redisReply *reply = redisCommandArgv(context, count, arguments, lengths);
    if (reply != NULL) {
      give_back(pool, context);
      return reply;
    }
    /* A server that was started anew has closed all that were idle; one that is only slow is not asked again.
     */
    int is_stale =
        was_idle && (context->err == REDIS_ERR_EOF || (context->err == REDIS_ERR_IO && errno != EAGAIN));
    if (!is_stale) *error = text_of("redis: %s", context->errstr);
    redisFree(context);
    if (!is_stale) return NULL;
  }
}

redisReply *pool_run(struct pool *pool, int count, const char **arguments, const size_t *lengths,
                     char **error) {
  struct pipe_guard guard;
  guard_pipe(&guard);
  redisReply *reply = run(pool, count, arguments, lengths, error);
  release_pipe(&guard);
  return reply;
}

void pool_close(struct pool *pool) {
  while (pool->count > 0) redisFree(pool->idle[--pool->count]);
  pthread_mutex_destroy(&pool->lock);
}
