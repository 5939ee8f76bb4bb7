/* An incremental parser of HTTP/1.x requests. */
#ifndef HTTP_H
#define HTTP_H

#include "bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum { HTTP_MAX_HEADERS = 128, HTTP_MAX_HEAD = 256 * 1024, HTTP_MAX_BODY = 256 * 1024 * 1024 };

enum http_phase { HTTP_HEAD, HTTP_BODY, HTTP_CHUNK_SIZE, HTTP_CHUNK_DATA, HTTP_TRAILERS, HTTP_COMPLETE };

struct http_header {
  const char *name;
  const char *value;
};

struct http_request {
  enum http_phase phase;
  char *head; /* the storage behind method, target and headers */
  const char *method;
  const char *target;
  struct http_header headers[HTTP_MAX_HEADERS];
  size_t header_count;
  bool keep_alive;
  bool expects_continue;
  size_t missing; /* bytes of the body, or of the chunk, still to come */
  struct bytes body;
};

enum http_result { HTTP_NEEDS_MORE, HTTP_GOT_HEAD, HTTP_GOT_ALL, HTTP_MALFORMED };

/* Takes what it can from the front of `input`. HTTP_GOT_HEAD is returned once, before the body is looked at.
 */
enum http_result http_feed(struct http_request *request, struct bytes *input);
const char *http_header_value(const struct http_request *request, const char *name);
struct http_request *http_request_new(void);
void http_request_free(struct http_request *request);

#endif
