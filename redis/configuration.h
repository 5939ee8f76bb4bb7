/* What "store" of a configuration says of a server. */
#ifndef LLM_REDIS_CONFIGURATION_H
#define LLM_REDIS_CONFIGURATION_H

#include <jansson.h>

enum { MOST_CONNECTIONS = 64 };

/* Where the server is, and how it is spoken to. */
struct server {
  char *host;
  char *path; /* of a unix socket; NULL where `host` counts */
  char *user;
  char *password;
  char *prefix;
  int port;
  int database;
  int timeout_ms;
  int connections;
};

/* NULL, or an error document (malloc'd) that says what is wrong with it. */
char *server_read(struct server *server, json_t *config);
void server_free(struct server *server);

#endif
