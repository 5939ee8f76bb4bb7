#include "configuration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
static char *read_members(struct server *server, json_t *config) {
  const char *key;
  json_t *value;
  json_t *url = json_object_get(config, "url");
  char *problem = url == NULL ? NULL : read_member(server, "url", url);
  json_object_foreach(config, key, value) {
    if (problem == NULL && strcmp(key, "url") != 0) problem = read_member(server, key, value);
  }
  return problem;
}

char *server_read(struct server *server, json_t *config) {
  *server = (struct server){.port = 6379, .timeout_ms = 100, .connections = 4};
  replace(&server->host, "127.0.0.1");
  replace(&server->prefix, "llm:");
  return read_members(server, config);
}

void server_free(struct server *server) {
  free(server->host);
  free(server->path);
  free(server->prefix);
  wipe(server->user);
  wipe(server->password);
}
