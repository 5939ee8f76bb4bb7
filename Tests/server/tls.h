/* Certificates made at start-up, and one TLS context for each kind of TLS port. */
#ifndef TLS_H
#define TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>

enum tls_leaf { TLS_LEAF_GOOD, TLS_LEAF_WRONG_NAME, TLS_LEAF_EXPIRED };

/* Makes the certificate authority, once; must come before the rest. */
bool tls_init(void);
/* Writes the authority's certificate as PEM. */
bool tls_write_authority(const char *path);
SSL_CTX *tls_context_new(enum tls_leaf leaf);

#endif
