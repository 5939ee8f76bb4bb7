#include "tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

enum { DAY = 24 * 60 * 60 };

static const struct {
  const char *alternative_names;
  long valid_from, valid_to; /* seconds from now */
} leaves[] = {
    [TLS_LEAF_GOOD] = {"DNS:localhost,IP:127.0.0.1,IP:::1", -DAY, 30 * DAY},
    [TLS_LEAF_WRONG_NAME] = {"DNS:elsewhere.invalid", -DAY, 30 * DAY},
    [TLS_LEAF_EXPIRED] = {"DNS:localhost,IP:127.0.0.1,IP:::1", -30 * DAY, -DAY},
};

static EVP_PKEY *authority_key;
static X509 *authority;

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
  bool added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

static X509 *certificate_new(EVP_PKEY *key, const char *name, long serial, long valid_from, long valid_to) {
  X509 *certificate = X509_new();
  if (certificate == NULL) return NULL;
  const int version_3 = 2;
  X509_set_version(certificate, version_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), valid_from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), valid_to);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             (const unsigned char *)name, -1, -1, 0);
  return certificate;
}

static bool sign(X509 *certificate, X509 *issuer) {
  return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
         add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
         add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always") &&
         X509_sign(certificate, authority_key, EVP_sha256()) > 0;
}

bool tls_init(void) {
  if (authority != NULL) return true;
  authority_key = EVP_EC_gen("P-256");
  if (authority_key == NULL) return false;
  authority = certificate_new(authority_key, "llm-test-server authority", 1, -365L * DAY, 365L * DAY);
  return authority != NULL &&
         add_extension(authority, authority, NID_basic_constraints, "critical,CA:TRUE") &&
         add_extension(authority, authority, NID_key_usage, "critical,keyCertSign,cRLSign") &&
         sign(authority, authority);
}

bool tls_write_authority(const char *path) {
  FILE *file = fopen(path, "w");
  if (file == NULL) return false;
  bool written = PEM_write_X509(file, authority) == 1;
  return fclose(file) == 0 && written;
}

static bool use_new_leaf(SSL_CTX *context, enum tls_leaf leaf) {
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *certificate = NULL;
  if (key != NULL) {
    certificate = certificate_new(key, "llm-test-server", 2 + (long)leaf, leaves[leaf].valid_from,
                                  leaves[leaf].valid_to);
  }
  bool good = certificate != NULL &&
              add_extension(certificate, authority, NID_subject_alt_name, leaves[leaf].alternative_names) &&
              add_extension(certificate, authority, NID_ext_key_usage, "serverAuth") &&
              sign(certificate, authority) && SSL_CTX_use_certificate(context, certificate) == 1 &&
              SSL_CTX_use_PrivateKey(context, key) == 1;
  X509_free(certificate);
  EVP_PKEY_free(key);
  return good;
}

SSL_CTX *tls_context_new(enum tls_leaf leaf) {
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  if (context == NULL) return NULL;
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_id_context(context, (const unsigned char *)"llm", 3);
  if (!use_new_leaf(context, leaf)) {
    SSL_CTX_free(context);
    return NULL;
  }
  return context;
}
