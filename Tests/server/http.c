#include "http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct http_request *http_request_new(void) {
  return xcalloc(1, sizeof(struct http_request));
}

void http_request_free(struct http_request *request) {
  if (request == NULL) return;
  free(request->head);
  bytes_free(&request->body);
  free(request);
}

const char *http_header_value(const struct http_request *request, const char *name) {
  for (size_t i = 0; i < request->header_count; i++) {
    if (strcasecmp(request->headers[i].name, name) == 0) return request->headers[i].value;
  }
  return NULL;
}

/* Cuts the next line off *text, without its line end, and moves *text behind it. */
static char *next_line(char **text) {
  char *line = *text;
  char *end = strchr(line, '\n');
  if (end == NULL) return NULL;
  *text = end + 1;
  if (end > line && end[-1] == '\r') end--;
  *end = '\0';
  return line;
}

static bool parse_request_line(struct http_request *request, char *line) {
  char *target = strchr(line, ' ');
  if (target == NULL) return false;
  *target++ = '\0';
  char *version = strchr(target, ' ');
  if (version == NULL) return false;
  *version++ = '\0';
  if (strncmp(version, "HTTP/1.", 7) != 0) return false;
  request->method = line;
  request->target = target;
  request->keep_alive = strcmp(version, "HTTP/1.0") != 0;
  return true;
}

static bool parse_header(struct http_request *request, char *line) {
  char *colon = strchr(line, ':');
  if (colon == NULL || request->header_count == HTTP_MAX_HEADERS) return false;
  *colon = '\0';
  char *value = colon + 1 + strspn(colon + 1, " \t");
  size_t length = strlen(value);
  while (length > 0 && strchr(" \t", value[length - 1]) != NULL) value[--length] = '\0';
  request->headers[request->header_count++] = (struct http_header){line, value};
  return true;
}

static bool parse_head(struct http_request *request) {
  char *rest = request->head;
  char *line = next_line(&rest);
  if (line == NULL || !parse_request_line(request, line)) return false;
  while ((line = next_line(&rest)) != NULL && *line != '\0') {
    if (!parse_header(request, line)) return false;
  }
  return true;
}

static bool parse_framing(struct http_request *request) {
  const char *connection = http_header_value(request, "Connection");
  if (connection != NULL && strcasecmp(connection, "close") == 0) request->keep_alive = false;
  const char *expect = http_header_value(request, "Expect");
  request->expects_continue = expect != NULL && strcasecmp(expect, "100-continue") == 0;

  const char *coding = http_header_value(request, "Transfer-Encoding");
  if (coding != NULL && strcasecmp(coding, "chunked") == 0) {
    request->phase = HTTP_CHUNK_SIZE;
    return true;
  }
  const char *length = http_header_value(request, "Content-Length");
  unsigned long long size = length != NULL ? strtoull(length, NULL, 10) : 0;
  request->missing = (size_t)size;
  request->phase = size > 0 ? HTTP_BODY : HTTP_COMPLETE;
  return size <= HTTP_MAX_BODY;
}

static size_t head_size(const struct bytes *input) {
  const char *end = input->size > 0 ? memmem(input->data, input->size, "\r\n\r\n", 4) : NULL;
  return end != NULL ? (size_t)(end - input->data) + 4 : 0;
}

static enum http_result feed_head(struct http_request *request, struct bytes *input) {
  size_t size = head_size(input);
  if (size == 0) return input->size > HTTP_MAX_HEAD ? HTTP_MALFORMED : HTTP_NEEDS_MORE;
  if (memchr(input->data, '\0', size) != NULL) return HTTP_MALFORMED;
  request->head = xstrndup(input->data, size);
  bytes_consume(input, size);
  return parse_head(request) && parse_framing(request) ? HTTP_GOT_HEAD : HTTP_MALFORMED;
}

/* Moves up to request->missing bytes over to the body; true when none is missing any more. */
static bool take_body(struct http_request *request, struct bytes *input) {
  size_t size = input->size < request->missing ? input->size : request->missing;
  bytes_append(&request->body, input->data, size);
  bytes_consume(input, size);
  request->missing -= size;
  return request->missing == 0;
}

/* Returns the size of the first line with its line end, or 0 while there is none. */
static size_t first_line_size(const struct bytes *input) {
  const char *end = input->size > 0 ? memchr(input->data, '\n', input->size) : NULL;
  return end != NULL ? (size_t)(end - input->data) + 1 : 0;
}

static enum http_result feed_chunk_size(struct http_request *request, struct bytes *input) {
  size_t line = first_line_size(input);
  if (line == 0) return HTTP_NEEDS_MORE;
  char *end = NULL;
  unsigned long size = strtoul(input->data, &end, 16);
  if (end == input->data || size > HTTP_MAX_BODY - request->body.size) return HTTP_MALFORMED;
  bytes_consume(input, line);
  request->missing = size;
  request->phase = size > 0 ? HTTP_CHUNK_DATA : HTTP_TRAILERS;
  return HTTP_GOT_ALL;
}

static enum http_result feed_chunk_data(struct http_request *request, struct bytes *input) {
  if (!take_body(request, input)) return HTTP_NEEDS_MORE;
  size_t line = first_line_size(input);
  if (line == 0) return HTTP_NEEDS_MORE;
  bytes_consume(input, line);
  request->phase = HTTP_CHUNK_SIZE;
  return HTTP_GOT_ALL;
}

static enum http_result feed_trailers(struct http_request *request, struct bytes *input) {
  size_t line = first_line_size(input);
  if (line == 0) return HTTP_NEEDS_MORE;
  if (line <= 2) request->phase = HTTP_COMPLETE;
  bytes_consume(input, line);
  return HTTP_GOT_ALL;
}

/* One step of the body; HTTP_GOT_ALL here means only that the step was made. */
static enum http_result feed_body(struct http_request *request, struct bytes *input) {
  switch (request->phase) {
  case HTTP_BODY:
    if (!take_body(request, input)) return HTTP_NEEDS_MORE;
    request->phase = HTTP_COMPLETE;
    return HTTP_GOT_ALL;
  case HTTP_CHUNK_SIZE:
    return feed_chunk_size(request, input);
  case HTTP_CHUNK_DATA:
    return feed_chunk_data(request, input);
  default:
    return feed_trailers(request, input);
  }
}

enum http_result http_feed(struct http_request *request, struct bytes *input) {
  if (request->phase == HTTP_HEAD) return feed_head(request, input);
  while (request->phase != HTTP_COMPLETE) {
    enum http_result result = feed_body(request, input);
    if (result != HTTP_GOT_ALL) return result;
  }
  return HTTP_GOT_ALL;
}
