/* The store "redis". Each operation is one command, or one script, which the server runs as a whole. */
#include <inttypes.h>
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "llm_provider_redis.h"
#include "pool.h"
#include "text.h"

/* The time to live counts from the first addition. The sum is read as text: Lua's numbers are inexact. What
 * is no number counts as 0, and no sum stays below 0. */
static const char add_script[] =
    "local v=redis.call('GET',KEYS[1]) "
    "if v and not (#v<19 and string.find(v,'^%d+$')) then redis.call('DEL',KEYS[1]) end "
    "if redis.call('INCRBY',KEYS[1],ARGV[1])<0 then "
    "redis.call('INCRBY',KEYS[1],string.sub(redis.call('GET',KEYS[1]),2)) end "
    "if ARGV[2]~='0' and redis.call('PTTL',KEYS[1])==-1 then redis.call('PEXPIRE',KEYS[1],ARGV[2]) end "
    "return redis.call('GET',KEYS[1])";

/* ARGV: whether a value is expected, that value, the new one, its time to live. */
static const char swap_script[] =
    "local v=redis.call('GET',KEYS[1]) "
    "if ARGV[1]=='0' then if v then return 0 end elseif v~=ARGV[2] then return 0 end "
    "if ARGV[4]=='0' then redis.call('SET',KEYS[1],ARGV[3]) "
    "else redis.call('SET',KEYS[1],ARGV[3],'PX',ARGV[4]) end return 1";

enum { MOST_ARGUMENTS = 32, MOST_SCRIPTS = 4, DIGEST_LENGTH = 40 };

/* A value of the library's own is small; what a cache keeps there is bounded by its "max_bytes", and by this.
 */
enum { MOST_VALUE = 4 << 20, MOST_DOCUMENT = 64 << 20 };

/* A script that the server knows by its digest, or will not keep (""). */
struct script {
  const char *text;
  char digest[DIGEST_LENGTH + 1];
};

struct store {
  struct pool pool;
  pthread_mutex_t lock;
  struct script scripts[MOST_SCRIPTS];
};

/* -- Commands ------------------------------------------------------------------------------------------ */

/* A command as it is put together, and the key that it is about. */
struct draft {
  int count;
  int64_t deadline;
  size_t most_bytes;
  char *key;
  const char *arguments[MOST_ARGUMENTS];
  size_t lengths[MOST_ARGUMENTS];
  char numbers[2][24];
};

static void push_bytes(struct draft *draft, const char *bytes, size_t length) {
  draft->arguments[draft->count] = bytes;
  draft->lengths[draft->count++] = length;
}

static void push(struct draft *draft, const char *text) {
  push_bytes(draft, text, strlen(text));
}

static void push_number(struct draft *draft, int place, int64_t number) {
  snprintf(draft->numbers[place], sizeof draft->numbers[place], "%" PRId64, number);
  push(draft, draft->numbers[place]);
}

static struct draft empty(const struct store *store, const char *key) {
  return (struct draft){
      .key = text_of("%s%s", store->pool.server.prefix, key),
      .deadline = pool_deadline(&store->pool),
      .most_bytes = strncmp(key, "cache:", 6) == 0 ? MOST_DOCUMENT : MOST_VALUE,
  };
}

/* Begins a command about a key. */
static struct draft begin(const struct store *store, const char *name, const char *key) {
  struct draft draft = empty(store, key);
  push(&draft, name);
  push(&draft, draft.key != NULL ? draft.key : "");
  return draft;
}

/* Begins a script about a key. The name of the command and the script are put in when it is run. */
static struct draft begin_script(const struct store *store, const char *key) {
  struct draft draft = empty(store, key);
  push(&draft, "EVALSHA");
  push(&draft, "");
  push(&draft, "1");
  push(&draft, draft.key != NULL ? draft.key : "");
  return draft;
}

static llm_status attempt(struct store *store, const struct draft *draft, struct reply *reply, char **error) {
  if (draft->key == NULL) return LLM_E_NO_MEMORY;
  const struct command command = {draft->count, draft->arguments, draft->lengths, draft->most_bytes};
  return pool_run(&store->pool, &command, draft->deadline, reply, error);
}

/* Ends a command whose reply is to be of one of some types. */
static llm_status check(llm_status status, struct draft *draft, const char *types, struct reply *reply,
                        char **error) {
  free(draft->key);
  if (status != LLM_OK || strchr(types, reply->type) != NULL) return status;
  reply_free(reply);
  *error = text_of("redis: an answer that makes no sense");
  return LLM_E_PLUGIN;
}

/* Runs a command; LLM_OK, with the reply to be freed. */
static llm_status run(struct store *store, struct draft *draft, const char *types, struct reply *reply,
                      char **error) {
  return check(attempt(store, draft, reply, error), draft, types, reply, error);
}

/* -- Scripts ------------------------------------------------------------------------------------------- */

/* The digest by which the server knows a script; 0 where it is not known yet. */
static int find_digest(struct store *store, const char *script, char digest[DIGEST_LENGTH + 1]) {
  int is_known = 0;
  pthread_mutex_lock(&store->lock);
  for (int i = 0; i < MOST_SCRIPTS && store->scripts[i].text != NULL && !is_known; i++) {
    is_known = store->scripts[i].text == script;
    if (is_known) memcpy(digest, store->scripts[i].digest, DIGEST_LENGTH + 1);
  }
  pthread_mutex_unlock(&store->lock);
  return is_known;
}

static void keep_digest(struct store *store, const char *script, const char *digest) {
  pthread_mutex_lock(&store->lock);
  for (int i = 0; i < MOST_SCRIPTS; i++) {
    struct script *place = &store->scripts[i];
    if (place->text == script) break;
    if (place->text != NULL) continue;
    place->text = script;
    strcpy(place->digest, digest);
    break;
  }
  pthread_mutex_unlock(&store->lock);
}

/* Has the server keep a script, so that it need not be sent again. One that will not is sent it each time. */
static void load(struct store *store, const char *script, int64_t deadline) {
  const char *arguments[] = {"SCRIPT", "LOAD", script};
  const size_t lengths[] = {6, 4, strlen(script)};
  const struct command command = {3, arguments, lengths, 1 << 10};
  struct reply reply;
  char *error = NULL;
  llm_status status = pool_run(&store->pool, &command, deadline, &reply, &error);
  if (status == LLM_OK) {
    if (reply.type == '$' && reply.length == DIGEST_LENGTH) keep_digest(store, script, reply.text);
    reply_free(&reply);
  } else if (status == LLM_E_PLUGIN) {
    keep_digest(store, script, "");
  }
  free(error);
}

/* Runs a script, by its digest where the server knows it. */
static llm_status run_script(struct store *store, struct draft *draft, const char *script, const char *types,
                             struct reply *reply, char **error) {
  char digest[DIGEST_LENGTH + 1];
  int is_known = find_digest(store, script, digest);
  if (!is_known) {
    load(store, script, draft->deadline);
    is_known = find_digest(store, script, digest);
  }
  if (is_known && digest[0] != '\0') {
    draft->arguments[1] = digest;
    draft->lengths[1] = DIGEST_LENGTH;
    llm_status status = attempt(store, draft, reply, error);
    /* A server that was started anew has forgotten it, and did nothing. */
    if (status == LLM_OK || *error == NULL || strstr(*error, "NOSCRIPT") == NULL)
      return check(status, draft, types, reply, error);
    free(*error);
    *error = NULL;
  }
  draft->arguments[0] = "EVAL";
  draft->lengths[0] = 4;
  draft->arguments[1] = script;
  draft->lengths[1] = strlen(script);
  return run(store, draft, types, reply, error);
}

/* -- Operations ---------------------------------------------------------------------------------------- */

static llm_status redis_get(void *self, const char *key, int64_t now_us, char **value, size_t *len,
                            char **error) {
  struct store *store = self;
  struct reply reply;
  (void)now_us;
  *value = NULL;
  struct draft draft = begin(store, "GET", key);
  llm_status status = run(store, &draft, "$_", &reply, error);
  if (status != LLM_OK) return status;
  *value = reply.text;
  *len = reply.length;
  return LLM_OK;
}

static llm_status redis_set(void *self, const char *key, const char *value, size_t len, int64_t ttl_ms,
                            int64_t now_us, char **error) {
  struct store *store = self;
  struct reply reply;
  (void)now_us;
  struct draft draft = begin(store, "SET", key);
  if (len > draft.most_bytes) {
    free(draft.key);
    *error = text_of("redis: a value of %zu bytes is too large", len);
    return LLM_E_TOO_LARGE;
  }
  push_bytes(&draft, value, len);
  if (ttl_ms > 0) {
    push(&draft, "PX");
    push_number(&draft, 0, ttl_ms);
  }
  llm_status status = run(store, &draft, "+", &reply, error);
  if (status == LLM_OK) reply_free(&reply);
  return status;
}

static llm_status redis_add(void *self, const char *key, int64_t amount, int64_t ttl_ms, int64_t now_us,
                            int64_t *sum, char **error) {
  struct store *store = self;
  struct reply reply;
  (void)now_us;
  struct draft draft = begin_script(store, key);
  push_number(&draft, 0, amount);
  push_number(&draft, 1, ttl_ms);
  llm_status status = run_script(store, &draft, add_script, "$", &reply, error);
  if (status != LLM_OK) return status;
  *sum = strtoll(reply.text, NULL, 10);
  reply_free(&reply);
  return LLM_OK;
}

static llm_status redis_compare_and_set(void *self, const char *key, const char *expected,
                                        size_t expected_len, const char *value, size_t len, int64_t ttl_ms,
                                        int64_t now_us, int *swapped, char **error) {
  struct store *store = self;
  struct reply reply;
  (void)now_us;
  struct draft draft = begin_script(store, key);
  push(&draft, expected == NULL ? "0" : "1");
  push_bytes(&draft, expected == NULL ? "" : expected, expected == NULL ? 0 : expected_len);
  push_bytes(&draft, value, len);
  push_number(&draft, 0, ttl_ms);
  llm_status status = run_script(store, &draft, swap_script, ":", &reply, error);
  if (status != LLM_OK) return status;
  *swapped = reply.number == 1;
  return LLM_OK;
}

static llm_status redis_remove(void *self, const char *key, int64_t now_us, char **error) {
  struct store *store = self;
  struct reply reply;
  (void)now_us;
  struct draft draft = begin(store, "DEL", key);
  return run(store, &draft, ":", &reply, error);
}

static llm_status redis_run_script(void *self, const char *script, const char *key,
                                   const char *const *arguments, const size_t *lengths, size_t count,
                                   int64_t now_us, char **answer, size_t *len, char **error) {
  struct store *store = self;
  struct reply reply;
  (void)now_us;
  *answer = NULL;
  struct draft draft = begin_script(store, key);
  if (count > (size_t)(MOST_ARGUMENTS - draft.count)) {
    free(draft.key);
    *error = text_of("redis: a script has too many arguments");
    return LLM_E_INVALID_ARGUMENT;
  }
  for (size_t i = 0; i < count; i++) push_bytes(&draft, arguments[i], lengths[i]);
  llm_status status = run_script(store, &draft, script, "$", &reply, error);
  if (status != LLM_OK) return status;
  *answer = reply.text;
  *len = reply.length;
  return LLM_OK;
}

static void redis_destroy(void *self) {
  struct store *store = self;
  pool_close(&store->pool);
  pthread_mutex_destroy(&store->lock);
  free(store);
}

static void *redis_create(const char *config_json, char **error) {
  struct store *store = calloc(1, sizeof *store);
  json_t *config = json_loads(config_json, 0, NULL);
  if (store == NULL || config == NULL) {
    free(store);
    json_decref(config);
    return NULL;
  }
  struct server server;
  *error = server_read(&server, config);
  json_decref(config);
  if (*error != NULL) {
    server_free(&server);
    free(store);
    return NULL;
  }
  pool_open(&store->pool, server);
  pthread_mutex_init(&store->lock, NULL);
  return store;
}

/* -- What others see ------------------------------------------------------------------------------------ */

LLM_REDIS_API const llm_store_vtable *llm_redis_store(void) {
  static const llm_store_vtable store = {
      .struct_size = sizeof store,
      .create = redis_create,
      .destroy = redis_destroy,
      .get = redis_get,
      .set = redis_set,
      .add = redis_add,
      .compare_and_set = redis_compare_and_set,
      .remove = redis_remove,
      .run_script = redis_run_script,
  };
  return &store;
}

LLM_PLUGIN llm_status llm_plugin_register(const llm_plugin_host *host, char **error) {
  if (host->struct_size < offsetof(llm_plugin_host, register_store) + sizeof host->register_store) {
    *error = strdup("the library is too old to have stores");
    return LLM_E_PLUGIN;
  }
  return host->register_store("redis", llm_redis_store(), error);
}
