/* The baseline: what a careful C programmer writes by hand over libcurl and jansson. One easy handle, kept
 * alive; lines are looked at in place, and only those that a network read cuts in two are copied; one
 * json_loadb for each chunk; all the errors that a service can answer with are looked for. */
#include "measure.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a growable buffer ---- */

struct buffer {
  char *data;
  size_t size, capacity;
};

static bool buffer_append(struct buffer *buffer, const char *data, size_t size) {
  if (size > buffer->capacity - buffer->size) {
    size_t capacity = buffer->capacity > 0 ? buffer->capacity : 4096;
    while (capacity - buffer->size < size) capacity *= 2;
    char *grown = realloc(buffer->data, capacity);
    if (grown == NULL) return false;
    buffer->data = grown;
    buffer->capacity = capacity;
  }
  memcpy(buffer->data + buffer->size, data, size);
  buffer->size += size;
  return true;
}

/* ---- the client ---- */

struct client {
  CURL *curl;
  struct curl_slist *headers;
  struct buffer received; /* the rest of a line while streaming; the whole body otherwise */
  struct buffer text;     /* the answer so far */
  char *finish_reason;
  json_t *usage;
  bool done, failed;
};

static void fail(struct client *client, const char *message) {
  fprintf(stderr, "baseline: %s\n", message);
  client->failed = true;
}

static void begin_call(struct client *client) {
  client->received.size = 0;
  client->text.size = 0;
  free(client->finish_reason);
  client->finish_reason = NULL;
  json_decref(client->usage);
  client->usage = NULL;
  client->done = client->failed = false;
}

/* Takes the error, the usage, the finish reason and the text out of a completion or a chunk of one. */
static void take_document(struct client *client, json_t *document, const char *message_key) {
  if (json_object_get(document, "error") != NULL) {
    fail(client, "the service answered with an error");
    return;
  }
  json_t *usage = json_object_get(document, "usage");
  if (json_is_object(usage)) {
    json_decref(client->usage);
    client->usage = json_incref(usage);
  }
  json_t *choice = json_array_get(json_object_get(document, "choices"), 0);
  const char *reason = json_string_value(json_object_get(choice, "finish_reason"));
  if (reason != NULL) {
    free(client->finish_reason);
    client->finish_reason = strdup(reason);
  }
  json_t *content = json_object_get(json_object_get(choice, message_key), "content");
  size_t size = json_string_length(content);
  if (size > 0) {
    if (!buffer_append(&client->text, json_string_value(content), size)) fail(client, "out of memory");
    measure_text(size);
  }
}

static void take_json(struct client *client, const char *json, size_t size, const char *message_key) {
  json_error_t error;
  json_t *document = json_loadb(json, size, 0, &error);
  if (document == NULL) {
    fail(client, error.text);
    return;
  }
  take_document(client, document, message_key);
  json_decref(document);
}

static void take_line(struct client *client, const char *line, size_t size) {
  static const char field[] = "data:";
  if (size > 0 && line[size - 1] == '\r') size--;
  if (size < sizeof field - 1 || memcmp(line, field, sizeof field - 1) != 0) return;
  line += sizeof field - 1;
  size -= sizeof field - 1;
  if (size > 0 && *line == ' ') {
    line++;
    size--;
  }
  if (size == 6 && memcmp(line, "[DONE]", 6) == 0) {
    client->done = true;
  } else if (size > 0) {
    take_json(client, line, size, "delta");
  }
}

static size_t on_stream_data(char *data, size_t unit, size_t count, void *user_data) {
  struct client *client = user_data;
  size_t total = unit * count;
  const char *rest = data, *end = data + total;
  for (const char *newline; (newline = memchr(rest, '\n', (size_t)(end - rest))) != NULL;
       rest = newline + 1) {
    size_t size = (size_t)(newline - rest);
    if (client->received.size == 0) {
      take_line(client, rest, size);
    } else {
      if (!buffer_append(&client->received, rest, size)) return 0;
      take_line(client, client->received.data, client->received.size);
      client->received.size = 0;
    }
    if (client->failed) return 0;
  }
  return buffer_append(&client->received, rest, (size_t)(end - rest)) ? total : 0;
}

static size_t on_plain_data(char *data, size_t unit, size_t count, void *user_data) {
  struct client *client = user_data;
  return buffer_append(&client->received, data, unit * count) ? unit * count : 0;
}

static char *make_request(bool stream) {
  json_t *request =
      json_pack("{s:s, s:[{s:s, s:s}]}", "model", "m", "messages", "role", "user", "content", BENCH_QUESTION);
  if (stream) {
    json_object_set_new(request, "stream", json_true());
    json_object_set_new(request, "stream_options", json_pack("{s:b}", "include_usage", 1));
  }
  char *json = json_dumps(request, JSON_COMPACT);
  json_decref(request);
  return json;
}

static bool send_request(struct client *client, bool stream) {
  char *request = make_request(stream);
  if (request == NULL) return false;
  begin_call(client);
  curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, request);
  curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, stream ? on_stream_data : on_plain_data);
  CURLcode code = curl_easy_perform(client->curl);
  free(request);
  if (code != CURLE_OK) {
    if (!client->failed) fail(client, curl_easy_strerror(code));
    return false;
  }
  long status = 0;
  curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) fail(client, "the status is not 200");
  return !client->failed;
}

static int call_stream(void *state) {
  struct client *client = state;
  if (!send_request(client, true)) return 1;
  if (!client->done && client->finish_reason == NULL) fail(client, "the stream is truncated");
  return client->failed;
}

static int call_plain(void *state) {
  struct client *client = state;
  if (!send_request(client, false)) return 1;
  take_json(client, client->received.data, client->received.size, "message");
  bool right = client->text.size == strlen(BENCH_QUESTION) &&
               memcmp(client->text.data, BENCH_QUESTION, client->text.size) == 0;
  if (!right) fail(client, "the answer is not the question");
  return client->failed;
}

/* The nearest thing to making a provider: an easy handle. */
static int call_new(void *state) {
  (void)state;
  CURL *curl = curl_easy_init();
  curl_easy_cleanup(curl);
  return curl == NULL;
}

static void client_init(struct client *client, const char *base_url) {
  char url[1024];
  snprintf(url, sizeof url, "%s/chat/completions", base_url);
  client->curl = curl_easy_init();
  client->headers = curl_slist_append(NULL, "Content-Type: application/json");
  client->headers = curl_slist_append(client->headers, "Authorization: Bearer k");
  curl_easy_setopt(client->curl, CURLOPT_URL, url);
  curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, client->headers);
  curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, client);
  curl_easy_setopt(client->curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(client->curl, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
}

static void client_free(struct client *client) {
  begin_call(client);
  free(client->received.data);
  free(client->text.data);
  curl_easy_cleanup(client->curl);
  curl_slist_free_all(client->headers);
}

int main(int argc, char **argv) {
  struct measure_arguments arguments = measure_arguments(argc, argv);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  struct client client = {0};
  client_init(&client, arguments.url);
  int status = strcmp(arguments.mode, "stream") == 0  ? measure_calls(call_stream, &client, arguments.calls)
               : strcmp(arguments.mode, "plain") == 0 ? measure_calls(call_plain, &client, arguments.calls)
                                                      : measure_each(call_new, NULL, arguments.calls);
  client_free(&client);
  curl_global_cleanup();
  return status;
}
