/* The store "redis". Each operation is one command, or one script, which the server runs as a whole. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connection.h"
#include "llm_provider_redis.h"

/* The time to live counts from the first addition. The sum is read as text: Lua's numbers are inexact. */
static const char add_script[] =
    "redis.call('INCRBY',KEYS[1],ARGV[1]) "
    "if ARGV[2]~='0' and redis.call('PTTL',KEYS[1])==-1 then redis.call('PEXPIRE',KEYS[1],ARGV[2]) end "
    "return redis.call('GET',KEYS[1])";

/* ARGV: whether a value is expected, that value, the new one, its time to live. */
static const char swap_script[] =
    "local v=redis.call('GET',KEYS[1]) "
    "if ARGV[1]=='0' then if v then return 0 end elseif v~=ARGV[2] then return 0 end "
    "if ARGV[4]=='0' then redis.call('SET',KEYS[1],ARGV[3]) "
    "else redis.call('SET',KEYS[1],ARGV[3],'PX',ARGV[4]) end return 1";

enum { MOST_ARGUMENTS = 8 };

/* A command as it is put together, and the key that it is about. */
struct command {
  int count;
  char *key;
  const char *arguments[MOST_ARGUMENTS];
  size_t lengths[MOST_ARGUMENTS];
  char numbers[2][24];
};

static void push_bytes(struct command *command, const char *bytes, size_t length) {
  command->arguments[command->count] = bytes;
  command->lengths[command->count++] = length;
}

static void push(struct command *command, const char *text) {
  push_bytes(command, text, strlen(text));
}

static void push_number(struct command *command, int place, int64_t number) {
  snprintf(command->numbers[place], sizeof command->numbers[place], "%" PRId64, number);
  push(command, command->numbers[place]);
}

/* Begins a command about a key. */
static struct command begin(const struct pool *pool, const char *name, const char *key) {
  struct command command = {.key = text_of("%s%s", pool->server.prefix, key)};
  push(&command, name);
  push(&command, command.key);
  return command;
}

/* Begins a script about a key. */
static struct command begin_script(const struct pool *pool, const char *script, const char *key) {
  struct command command = {.key = text_of("%s%s", pool->server.prefix, key)};
  push(&command, "EVAL");
  push(&command, script);
  push(&command, "1");
  push(&command, command.key);
  return command;
}

/* Runs and ends a command whose reply is of one of two types; LLM_OK, with the reply to be freed. */
static llm_status run(struct pool *pool, struct command *command, int type, int other, redisReply **reply,
                      char **error) {
  *reply = pool_run(pool, command->count, command->arguments, command->lengths, error);
  free(command->key);
  if (*reply == NULL) return LLM_E_CONNECTION;
  if ((*reply)->type == type || (*reply)->type == other) return LLM_OK;
  *error = text_of("redis: %s",
                   (*reply)->type == REDIS_REPLY_ERROR ? (*reply)->str : "an answer that makes no sense");
  freeReplyObject(*reply);
  *reply = NULL;
  return LLM_E_PLUGIN;
}

/* -- Operations ----------------------------------------------------------------------------------------- */

static llm_status redis_get(void *self, const char *key, int64_t now_us, char **value, size_t *len,
                            char **error) {
  struct pool *pool = self;
  redisReply *reply;
  (void)now_us;
  *value = NULL;
  struct command command = begin(pool, "GET", key);
  llm_status status = run(pool, &command, REDIS_REPLY_STRING, REDIS_REPLY_NIL, &reply, error);
  if (status != LLM_OK) return status;
  if (reply->type == REDIS_REPLY_STRING) {
    *len = reply->len;
    *value = malloc(reply->len + 1);
    if (*value != NULL) memcpy(*value, reply->str, reply->len + 1);
  }
  freeReplyObject(reply);
  return LLM_OK;
}

static llm_status redis_set(void *self, const char *key, const char *value, size_t len, int64_t ttl_ms,
                            int64_t now_us, char **error) {
  struct pool *pool = self;
  redisReply *reply;
  (void)now_us;
  struct command command = begin(pool, "SET", key);
  push_bytes(&command, value, len);
  if (ttl_ms > 0) {
    push(&command, "PX");
    push_number(&command, 0, ttl_ms);
  }
  llm_status status = run(pool, &command, REDIS_REPLY_STATUS, REDIS_REPLY_STATUS, &reply, error);
  if (status == LLM_OK) freeReplyObject(reply);
  return status;
}

static llm_status redis_add(void *self, const char *key, int64_t amount, int64_t ttl_ms, int64_t now_us,
                            int64_t *sum, char **error) {
  struct pool *pool = self;
  redisReply *reply;
  (void)now_us;
  struct command command = begin_script(pool, add_script, key);
  push_number(&command, 0, amount);
  push_number(&command, 1, ttl_ms);
  llm_status status = run(pool, &command, REDIS_REPLY_STRING, REDIS_REPLY_STRING, &reply, error);
  if (status != LLM_OK) return status;
  *sum = strtoll(reply->str, NULL, 10);
  freeReplyObject(reply);
  return LLM_OK;
}

static llm_status redis_compare_and_set(void *self, const char *key, const char *expected,
                                        size_t expected_len, const char *value, size_t len, int64_t ttl_ms,
                                        int64_t now_us, int *swapped, char **error) {
  struct pool *pool = self;
  redisReply *reply;
  (void)now_us;
  struct command command = begin_script(pool, swap_script, key);
  push(&command, expected == NULL ? "0" : "1");
  push_bytes(&command, expected == NULL ? "" : expected, expected == NULL ? 0 : expected_len);
  push_bytes(&command, value, len);
  push_number(&command, 0, ttl_ms);
  llm_status status = run(pool, &command, REDIS_REPLY_INTEGER, REDIS_REPLY_INTEGER, &reply, error);
  if (status != LLM_OK) return status;
  *swapped = reply->integer == 1;
  freeReplyObject(reply);
  return LLM_OK;
}

static llm_status redis_remove(void *self, const char *key, int64_t now_us, char **error) {
  struct pool *pool = self;
  redisReply *reply;
  (void)now_us;
  struct command command = begin(pool, "DEL", key);
  llm_status status = run(pool, &command, REDIS_REPLY_INTEGER, REDIS_REPLY_INTEGER, &reply, error);
  if (status == LLM_OK) freeReplyObject(reply);
  return status;
}

/* -- Configuration -------------------------------------------------------------------------------------- */

static char *refusal(const char *code, const char *param, const char *message) {
  json_t *document = json_pack("{s:s, s:s, s:s}", "code", code, "param", param, "message", message);
  char *text = json_dumps(document, JSON_COMPACT);
  json_decref(document);
  return text;
}

/* Lets go of a text that may be a secret. */
static void wipe(char *text) {
  if (text != NULL) explicit_bzero(text, strlen(text));
  free(text);
}

static void replace(char **text, const char *with) {
  wipe(*text);
  *text = strdup(with);
}

/* "[user][:password]@": what stands before the host. */
static char *read_credentials(struct server *server, char *text) {
  char *at = strrchr(text, '@');
  if (at == NULL) return text;
  *at = '\0';
  char *colon = strchr(text, ':');
  if (colon != NULL) {
    *colon = '\0';
    replace(&server->password, colon + 1);
  }
  if (*text != '\0') replace(&server->user, text);
  return at + 1;
}

/* Whether the text is a number within bounds. */
static int read_number(const char *text, int least, int most, int *number) {
  char *end;
  long value = strtol(text, &end, 10);
  if (end == text || *end != '\0' || value < least || value > most) return 0;
  *number = (int)value;
  return 1;
}

/* 0 where it is an address. */
static int read_url(struct server *server, const char *url) {
  static const char tcp[] = "redis://", local[] = "unix://";
  if (strncmp(url, local, sizeof local - 1) == 0) {
    replace(&server->path, url + sizeof local - 1);
    return server->path[0] == '/' ? 0 : -1;
  }
  if (strncmp(url, tcp, sizeof tcp - 1) != 0) return -1;
  char *copy = strdup(url + sizeof tcp - 1);
  char *host = read_credentials(server, copy);
  int is_sound = 1;
  char *slash = strchr(host, '/');
  if (slash != NULL) {
    *slash = '\0';
    if (slash[1] != '\0') is_sound = read_number(slash + 1, 0, 1 << 20, &server->database);
  }
  char *colon = strrchr(host, ':');
  if (host[0] == '[') {
    char *bracket = strchr(host, ']');
    if (bracket == NULL) {
      is_sound = 0;
    } else {
      colon = bracket[1] == ':' ? bracket + 1 : NULL;
      *bracket = '\0';
      host++;
    }
  }
  if (colon != NULL) {
    *colon = '\0';
    is_sound = is_sound && read_number(colon + 1, 1, 65535, &server->port);
  }
  if (*host != '\0') replace(&server->host, host);
  wipe(copy);
  return is_sound ? 0 : -1;
}

static char *read_text(const json_t *value, const char *param, char **place) {
  if (!json_is_string(value)) return refusal("invalid_config", param, "expected string");
  replace(place, json_string_value(value));
  return NULL;
}

static char *read_integer(const json_t *value, const char *param, int least, int most, int *place) {
  json_int_t number = json_integer_value(value);
  if (!json_is_integer(value) || number < least || number > most) {
    char message[64];
    snprintf(message, sizeof message, "expected an integer from %d to %d", least, most);
    return refusal("invalid_config", param, message);
  }
  *place = (int)number;
  return NULL;
}

static char *read_member(struct server *server, const char *key, const json_t *value) {
  char param[96];
  snprintf(param, sizeof param, "/store/%.80s", key);
  if (json_is_null(value) || strcmp(key, "type") == 0) return NULL;
  if (strcmp(key, "url") == 0) {
    if (json_is_string(value) && read_url(server, json_string_value(value)) == 0) return NULL;
    return refusal("invalid_config", param,
                   "no address: write it as redis://[user:password@]host[:port][/database] or unix:///path; "
                   "TLS (rediss) is not supported");
  }
  if (strcmp(key, "user") == 0) return read_text(value, param, &server->user);
  if (strcmp(key, "password") == 0) return read_text(value, param, &server->password);
  if (strcmp(key, "prefix") == 0) return read_text(value, param, &server->prefix);
  if (strcmp(key, "database") == 0) return read_integer(value, param, 0, 1 << 20, &server->database);
  if (strcmp(key, "timeout_ms") == 0) return read_integer(value, param, 1, 10000, &server->timeout_ms);
  if (strcmp(key, "connections") == 0)
    return read_integer(value, param, 1, MOST_CONNECTIONS, &server->connections);
  return refusal("invalid_config", param,
                 "unknown key: a redis store has url, user, password, database, prefix, timeout_ms and "
                 "connections");
}

/* The address first, since the other keys count for more than what is in it. */
static char *read_configuration(struct server *server, json_t *config) {
  const char *key;
  json_t *value;
  json_t *url = json_object_get(config, "url");
  char *problem = url == NULL ? NULL : read_member(server, "url", url);
  json_object_foreach(config, key, value) {
    if (problem == NULL && strcmp(key, "url") != 0) problem = read_member(server, key, value);
  }
  return problem;
}

static void redis_destroy(void *self) {
  struct pool *pool = self;
  pool_close(pool);
  free(pool->server.host);
  free(pool->server.path);
  free(pool->server.prefix);
  wipe(pool->server.user);
  wipe(pool->server.password);
  free(pool);
}

static void *redis_create(const char *config_json, char **error) {
  struct pool *pool = calloc(1, sizeof *pool);
  json_t *config = json_loads(config_json, 0, NULL);
  if (pool == NULL || config == NULL) {
    free(pool);
    json_decref(config);
    return NULL;
  }
  pool->server = (struct server){.port = 6379, .timeout_ms = 100, .connections = 4};
  pool->owner = getpid();
  pthread_mutex_init(&pool->lock, NULL);
  replace(&pool->server.host, "127.0.0.1");
  replace(&pool->server.prefix, "llm:");
  *error = read_configuration(&pool->server, config);
  json_decref(config);
  if (*error == NULL) return pool;
  redis_destroy(pool);
  return NULL;
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
