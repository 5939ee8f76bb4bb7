/* Listening sockets, and the connections that come from them. */
#ifndef CONNECTION_H
#define CONNECTION_H

#include "loop.h"

#include <openssl/ssl.h>
#include <stdbool.h>

enum listener_kind {
  LISTEN_PLAIN,
  LISTEN_TLS,
  LISTEN_TLS_STALL,  /* accepts, reads, and never answers the handshake */
  LISTEN_TLS_GARBAGE /* answers the handshake with something that is not TLS */
};

struct listener {
  struct source source;
  enum listener_kind kind;
  SSL_CTX *tls; /* for LISTEN_TLS */
};

/* Each returns the port, or -1. The listener must live as long as the loop. */
int listen_on_loopback(struct listener *listener, int port);
int listen_on_unix_socket(struct listener *listener, const char *path);

#endif
