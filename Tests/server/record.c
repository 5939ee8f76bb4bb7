#include "record.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Load tests must not fill the memory: the older half is dropped when the records are full. */
enum { MAX_RECORDS = 20000, MAX_RECORDED_BODY = 1024 * 1024 };
static const size_t max_recorded_bytes = (size_t)64 * 1024 * 1024;

static json_t *records;
static size_t recorded_bytes;
static FILE *log_file;

bool record_open_log(const char *path) {
  log_file = fopen(path, "a");
  return log_file != NULL;
}

/* Names keep their spelling; a header sent twice is given twice. */
static json_t *headers_document(const struct http_request *request) {
  json_t *headers = json_array();
  for (size_t i = 0; i < request->header_count; i++) {
    json_t *pair = json_pack("[s, s]", request->headers[i].name, request->headers[i].value);
    if (pair != NULL) json_array_append_new(headers, pair);
  }
  return headers;
}

static json_t *hex_string(const char *data, size_t size) {
  struct bytes hex = {0};
  for (size_t i = 0; i < size; i++) bytes_format(&hex, "%02x", (unsigned char)data[i]);
  json_t *string = json_stringn(hex.data != NULL ? hex.data : "", hex.size);
  bytes_free(&hex);
  return string;
}

static void add_body(json_t *record, const struct bytes *body) {
  json_object_set_new(record, "body_length", json_integer((json_int_t)body->size));
  size_t size = body->size < MAX_RECORDED_BODY ? body->size : MAX_RECORDED_BODY;
  if (size < body->size) json_object_set_new(record, "body_truncated", json_true());
  json_t *text = json_stringn(size > 0 ? body->data : "", size);
  if (text != NULL) {
    json_object_set_new(record, "body", text);
  } else {
    json_object_set_new(record, "body_hex", hex_string(body->data, size));
  }
}

static json_t *record_document(const struct http_request *request, const struct record_origin *origin) {
  json_t *record = json_object();
  json_object_set_new(record, "method", json_string(request->method));
  json_object_set_new(record, "path", json_string(request->target));
  json_object_set_new(record, "headers", headers_document(request));
  json_object_set_new(record, "connection", json_integer((json_int_t)origin->connection));
  json_object_set_new(record, "request", json_integer((json_int_t)origin->request));
  json_object_set_new(record, "tls", json_boolean(origin->tls));
  json_object_set_new(record, "tls_resumed", json_boolean(origin->tls_resumed));
  add_body(record, &request->body);
  return record;
}

static void drop_older_half(void) {
  json_t *kept = json_array();
  recorded_bytes = 0;
  for (size_t i = json_array_size(records) / 2; i < json_array_size(records); i++) {
    json_t *record = json_array_get(records, i);
    json_array_append(kept, record);
    recorded_bytes += json_string_length(json_object_get(record, "body"));
  }
  json_decref(records);
  records = kept;
}

static void write_log_line(const json_t *record) {
  json_dumpf(record, log_file, JSON_COMPACT);
  fputc('\n', log_file);
  fflush(log_file);
}

void record_request(const struct http_request *request, const struct record_origin *origin) {
  json_t *record = record_document(request, origin);
  if (log_file != NULL) write_log_line(record);
  if (records == NULL) records = json_array();
  if (json_array_size(records) >= MAX_RECORDS || recorded_bytes > max_recorded_bytes) drop_older_half();
  recorded_bytes += request->body.size < MAX_RECORDED_BODY ? request->body.size : MAX_RECORDED_BODY;
  json_array_append_new(records, record);
}

char *record_dump(const char *prefix) {
  json_t *chosen = json_array();
  size_t index;
  json_t *record;
  json_array_foreach(records, index, record) {
    const char *path = json_string_value(json_object_get(record, "path"));
    if (path != NULL && strncmp(path, prefix, strlen(prefix)) == 0) json_array_append(chosen, record);
  }
  char *json = json_dumps(chosen, JSON_COMPACT);
  json_decref(chosen);
  return json;
}

void record_forget(void) {
  json_decref(records);
  records = NULL;
  recorded_bytes = 0;
}
