#include "generate.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGE_WRITE = 64 * 1024, ECHO_DELTA_CHARACTERS = 4, DEFAULT_DIMENSIONS = 8, MAX_DIMENSIONS = 65536 };
static const size_t max_stream_size = (size_t)1 << 30;

#define COMPLETION_ID "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG"
#define CREATED 1741570283
#define FINGERPRINT "fp_fc9f1d7035"
#define DEFAULT_MODEL "gpt-4o-2024-08-06"

/* ---- streams ---- */

struct layout {
  size_t write_size;
  bool write_per_event; /* one event per write and per chunk */
  bool chunk_per_event; /* one event per chunk, many chunks per write */
  unsigned pause_ms;    /* after each write */
};

/* Collects events into writes. */
struct stream {
  struct plan *plan;
  struct layout layout;
  struct bytes waiting;
  struct bytes event;
};

static struct stream stream_begin(const struct layout *layout) {
  static const char head[] = "HTTP/1.1 200 OK\r\n"
                             "Content-Type: text/event-stream; charset=utf-8\r\n"
                             "Cache-Control: no-cache\r\n"
                             "x-request-id: req_7d1c2f9a4b5e4f0f9a3d\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n";
  struct stream stream = {.plan = plan_new(), .layout = *layout};
  plan_write(stream.plan, head, sizeof head - 1);
  return stream;
}

static void append_chunk(struct bytes *out, const char *data, size_t size) {
  bytes_format(out, "%zx\r\n", size);
  bytes_append(out, data, size);
  bytes_text(out, "\r\n");
}

static void stream_write(struct stream *stream, const char *data, size_t size) {
  plan_write(stream->plan, data, size);
  if (stream->layout.pause_ms > 0) plan_wait(stream->plan, stream->layout.pause_ms);
}

static void stream_write_chunk(struct stream *stream, const char *data, size_t size) {
  struct bytes chunk = {0};
  append_chunk(&chunk, data, size);
  stream_write(stream, chunk.data, chunk.size);
  bytes_free(&chunk);
}

/* Writes out what waits, in writes of the size asked for; a rest stays unless `all`. */
static void stream_flush(struct stream *stream, bool all) {
  size_t limit = stream->layout.write_size, done = 0;
  while (stream->waiting.size - done >= limit || (all && done < stream->waiting.size)) {
    size_t rest = stream->waiting.size - done;
    size_t size = rest < limit ? rest : limit;
    if (stream->layout.chunk_per_event) {
      stream_write(stream, stream->waiting.data + done, size);
    } else {
      stream_write_chunk(stream, stream->waiting.data + done, size);
    }
    done += size;
  }
  if (done > 0) bytes_consume(&stream->waiting, done);
}

static void stream_end_event(struct stream *stream) {
  bytes_text(&stream->event, "\n\n");
  if (stream->layout.write_per_event) {
    stream_write_chunk(stream, stream->event.data, stream->event.size);
  } else {
    if (stream->layout.chunk_per_event) {
      append_chunk(&stream->waiting, stream->event.data, stream->event.size);
    } else {
      bytes_append(&stream->waiting, stream->event.data, stream->event.size);
    }
    stream_flush(stream, false);
  }
  stream->event.size = 0;
}

static void stream_begin_chunk(struct stream *stream, const char *model) {
  bytes_format(&stream->event,
               "data: {\"id\":\"" COMPLETION_ID "\",\"object\":\"chat.completion.chunk\",\"created\":%d,"
               "\"model\":\"%s\",\"service_tier\":\"default\",\"system_fingerprint\":\"" FINGERPRINT "\",",
               CREATED, model);
}

/* One chunk with one choice; padded by "obfuscation" to `size` bytes on the wire, if it is shorter. */
static void stream_delta(struct stream *stream, const char *model, const char *delta, const char *finish,
                         size_t size) {
  static const char padding_key[] = ",\"obfuscation\":\"", closing[] = "\"}";
  static const char alphabet[] = "nR4vJt0sKq7XbW2eLpYc9ZaH5uGmD1iF";
  stream_begin_chunk(stream, model);
  bytes_format(
      &stream->event,
      "\"choices\":[{\"index\":0,\"delta\":%s,\"logprobs\":null,\"finish_reason\":%s}],\"usage\":null", delta,
      finish);
  size_t padded_from = stream->event.size + sizeof padding_key - 1 + sizeof closing - 1 + 2;
  if (padded_from < size) {
    bytes_text(&stream->event, padding_key);
    for (size_t i = 0; i < size - padded_from; i++) {
      bytes_append(&stream->event, &alphabet[i % (sizeof alphabet - 1)], 1);
    }
    bytes_text(&stream->event, closing);
  } else {
    bytes_text(&stream->event, "}");
  }
  stream_end_event(stream);
}

static void stream_usage(struct stream *stream, const char *model, size_t tokens) {
  stream_begin_chunk(stream, model);
  bytes_format(&stream->event,
               "\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":%zu,\"total_tokens\":%zu,"
               "\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},"
               "\"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0,"
               "\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}}",
               tokens, tokens + 9);
  stream_end_event(stream);
}

static void stream_start(struct stream *stream, const char *model) {
  stream_delta(stream, model, "{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}", "null", 0);
}

static struct plan *stream_finish(struct stream *stream, const char *model, size_t tokens) {
  stream_delta(stream, model, "{}", "\"stop\"", 0);
  stream_usage(stream, model, tokens);
  bytes_text(&stream->event, "data: [DONE]");
  stream_end_event(stream);
  stream_flush(stream, true);
  plan_write(stream->plan, "0\r\n\r\n", 5);
  bytes_free(&stream->waiting);
  bytes_free(&stream->event);
  return stream->plan;
}

/* ---- /__gen streams, made once and kept ---- */

struct generated {
  struct generated *next;
  size_t count, size;
  struct layout layout;
  struct plan *plan;
};

static struct generated *generated_streams;

static bool same_layout(const struct layout *a, const struct layout *b) {
  return a->write_size == b->write_size && a->write_per_event == b->write_per_event &&
         a->chunk_per_event == b->chunk_per_event && a->pause_ms == b->pause_ms;
}

static struct plan *make_generated(size_t count, size_t size, const struct layout *layout) {
  struct stream stream = stream_begin(layout);
  stream_start(&stream, DEFAULT_MODEL);
  for (size_t i = 0; i < count; i++) {
    char delta[64];
    /* Every sixteenth token ends a line, as text does: the reader meets an escape now and then. */
    snprintf(delta, sizeof delta, "{\"content\":\"%zu%s\"}", i, i % 16 == 15 ? "\\n" : " ");
    stream_delta(&stream, DEFAULT_MODEL, delta, "null", size);
  }
  return stream_finish(&stream, DEFAULT_MODEL, count);
}

static struct plan *generated_stream(size_t count, size_t size, const struct layout *layout) {
  for (struct generated *made = generated_streams; made != NULL; made = made->next) {
    if (made->count == count && made->size == size && same_layout(&made->layout, layout)) {
      return plan_retain(made->plan);
    }
  }
  struct generated *made = xcalloc(1, sizeof *made);
  *made = (struct generated){generated_streams, count, size, *layout, make_generated(count, size, layout)};
  generated_streams = made;
  return plan_retain(made->plan);
}

/* ---- reading requests ---- */

static void append_part_texts(struct bytes *text, const json_t *content) {
  size_t index;
  json_t *part;
  json_array_foreach(content, index, part) {
    const char *piece = json_string_value(json_object_get(part, "text"));
    if (piece != NULL) bytes_text(text, piece);
  }
}

/* The text of the last user message, terminated. */
static struct bytes last_user_text(const json_t *request) {
  const json_t *content = NULL;
  size_t index;
  json_t *message;
  json_array_foreach(json_object_get(request, "messages"), index, message) {
    const char *role = json_string_value(json_object_get(message, "role"));
    if (role != NULL && strcmp(role, "user") == 0) content = json_object_get(message, "content");
  }
  struct bytes text = {0};
  if (json_is_string(content)) bytes_text(&text, json_string_value(content));
  if (json_is_array(content)) append_part_texts(&text, content);
  bytes_append(&text, "", 1);
  return text;
}

static const char *requested_model(const json_t *request) {
  const char *model = json_string_value(json_object_get(request, "model"));
  return model != NULL && strpbrk(model, "\"\\") == NULL ? model : DEFAULT_MODEL;
}

/* ---- chat ---- */

static struct plan *dump_and_free(json_t *document) {
  char *json = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(6));
  struct plan *plan = plan_json(200, json);
  free(json);
  json_decref(document);
  return plan;
}

static struct plan *plain_echo(const json_t *request) {
  struct bytes text = last_user_text(request);
  int tokens = (int)(text.size / 4 + 1);
  json_t *document = json_pack(
      "{s:s, s:s, s:i, s:s, s:[{s:i, s:{s:s, s:s, s:n, s:[]}, s:n, s:s}],"
      " s:{s:i, s:i, s:i, s:{s:i, s:i}, s:{s:i, s:i}}, s:s, s:s}",
      "id", COMPLETION_ID, "object", "chat.completion", "created", CREATED, "model", requested_model(request),
      "choices", "index", 0, "message", "role", "assistant", "content", text.data, "refusal", "annotations",
      "logprobs", "finish_reason", "stop", "usage", "prompt_tokens", tokens, "completion_tokens", tokens,
      "total_tokens", 2 * tokens, "prompt_tokens_details", "cached_tokens", 0, "audio_tokens", 0,
      "completion_tokens_details", "reasoning_tokens", 0, "audio_tokens", 0, "service_tier", "default",
      "system_fingerprint", FINGERPRINT);
  bytes_free(&text);
  return dump_and_free(document);
}

/* The size of the first few characters of UTF-8 text. */
static size_t few_characters(const char *text) {
  size_t size = 0;
  for (int characters = 0; text[size] != '\0'; size++) {
    bool starts_character = ((unsigned char)text[size] & 0xC0) != 0x80;
    if (starts_character && characters++ == ECHO_DELTA_CHARACTERS) break;
  }
  return size;
}

static struct plan *streamed_echo(const json_t *request, const struct layout *layout) {
  struct bytes text = last_user_text(request);
  const char *model = requested_model(request);
  struct stream stream = stream_begin(layout);
  stream_start(&stream, model);
  size_t deltas = 0;
  for (const char *rest = text.data; *rest != '\0'; deltas++) {
    size_t size = few_characters(rest);
    json_t *delta = json_pack("{s:s%}", "content", rest, size);
    char *json = json_dumps(delta, JSON_COMPACT);
    stream_delta(&stream, model, json, "null", 0);
    free(json);
    json_decref(delta);
    rest += size;
  }
  bytes_free(&text);
  return stream_finish(&stream, model, deltas);
}

/* ---- embeddings ---- */

/* Component k of the vector of a text: ((number of bytes + sum of bytes + k) mod 100) / 100. */
static float component(const char *text, size_t k) {
  size_t sum = strlen(text) + k;
  for (; *text != '\0'; text++) sum += (unsigned char)*text;
  return (float)(sum % 100) / 100;
}

static json_t *vector_numbers(const char *text, size_t dimensions) {
  json_t *vector = json_array();
  for (size_t k = 0; k < dimensions; k++) {
    json_array_append_new(vector, json_real((double)(int)(component(text, k) * 100 + 0.5F) / 100));
  }
  return vector;
}

static json_t *vector_base64(const char *text, size_t dimensions) {
  float *vector = xcalloc(dimensions, sizeof *vector);
  for (size_t k = 0; k < dimensions; k++) vector[k] = component(text, k);
  int size = (int)(dimensions * sizeof *vector);
  char *encoded = xcalloc((size_t)size / 3 * 4 + 8, 1);
  EVP_EncodeBlock((unsigned char *)encoded, (unsigned char *)vector, size);
  json_t *result = json_string(encoded);
  free(encoded);
  free(vector);
  return result;
}

static json_t *embedding(const json_t *input, size_t index, size_t dimensions, bool base64) {
  char *dumped = json_is_string(input) ? NULL : json_dumps(input, JSON_COMPACT | JSON_ENCODE_ANY);
  const char *text = dumped != NULL ? dumped : json_string_value(input);
  json_t *vector = base64 ? vector_base64(text, dimensions) : vector_numbers(text, dimensions);
  free(dumped);
  return json_pack("{s:s, s:i, s:o}", "object", "embedding", "index", (int)index, "embedding", vector);
}

/* An array of strings or of token arrays is many inputs; a string or an array of tokens is one. */
static bool is_many_inputs(const json_t *input) {
  return json_is_array(input) && !json_is_integer(json_array_get(input, 0));
}

static struct plan *embeddings(const json_t *request) {
  json_t *input = json_object_get(request, "input");
  if (input == NULL) return plan_error(400, "missing_input", "\"input\" is missing");
  json_int_t wanted = json_integer_value(json_object_get(request, "dimensions"));
  size_t dimensions = wanted > 0 && wanted <= MAX_DIMENSIONS ? (size_t)wanted : DEFAULT_DIMENSIONS;
  const char *format = json_string_value(json_object_get(request, "encoding_format"));
  bool base64 = format != NULL && strcmp(format, "base64") == 0;
  json_t *data = json_array();
  if (is_many_inputs(input)) {
    size_t index;
    json_t *one;
    json_array_foreach(input, index, one) {
      json_array_append_new(data, embedding(one, index, dimensions, base64));
    }
  } else {
    json_array_append_new(data, embedding(input, 0, dimensions, base64));
  }
  int tokens = (int)json_array_size(data) * 2;
  return dump_and_free(json_pack("{s:s, s:o, s:s, s:{s:i, s:i}}", "object", "list", "data", data, "model",
                                 requested_model(request), "usage", "prompt_tokens", tokens, "total_tokens",
                                 tokens));
}

/* ---- models ---- */

static const char *const model_names[] = {"echo-large", "echo-small"};

static json_t *model_document(const char *name) {
  return json_pack("{s:s, s:s, s:i, s:s}", "id", name, "object", "model", "created", CREATED, "owned_by",
                   "test-server");
}

static struct plan *model_list(void) {
  json_t *data = json_array();
  for (size_t i = 0; i < 2; i++) json_array_append_new(data, model_document(model_names[i]));
  return dump_and_free(json_pack("{s:s, s:o}", "object", "list", "data", data));
}

static struct plan *one_model(const char *name) {
  for (size_t i = 0; i < 2; i++) {
    if (strcmp(name, model_names[i]) == 0) return dump_and_free(model_document(name));
  }
  return plan_error(404, "model_not_found", "The model '%s' does not exist", name);
}

/* ---- paths ---- */

struct resource {
  bool generated; /* /__gen, not /__echo */
  unsigned long count, size;
  struct layout layout;
};

static bool number_after(const char *segment, const char *prefix, unsigned long *number) {
  size_t length = strlen(prefix);
  if (strncmp(segment, prefix, length) != 0) return false;
  char *end;
  *number = strtoul(segment + length, &end, 10);
  return end != segment + length && *end == '\0';
}

static bool parse_option(const char *segment, struct layout *layout) {
  unsigned long number;
  if (strcmp(segment, "each") == 0) {
    layout->write_per_event = true;
  } else if (strcmp(segment, "chunks") == 0) {
    layout->chunk_per_event = true;
  } else if (number_after(segment, "write-", &number) && number > 0) {
    layout->write_size = number;
  } else if (number_after(segment, "pause-", &number)) {
    layout->pause_ms = (unsigned)number;
  } else {
    return false;
  }
  return true;
}

/* Reads /__gen/COUNT/SIZE/OPTION… or /__echo/OPTION…, up to "/v1"; returns what follows that, or NULL. */
static const char *parse_path(const char *path, struct resource *resource) {
  resource->generated = strncmp(path, "/__gen/", 7) == 0;
  const char *endpoint = strstr(path, "/v1/");
  if (endpoint == NULL) return NULL;
  char *copy = xstrndup(path, (size_t)(endpoint - path));
  char *state = NULL;
  unsigned numbers = resource->generated ? 0 : 2;
  bool good = strtok_r(copy, "/", &state) != NULL;
  for (char *segment; good && (segment = strtok_r(NULL, "/", &state)) != NULL;) {
    if (numbers < 2) {
      good = number_after(segment, "", numbers++ == 0 ? &resource->count : &resource->size);
    } else {
      good = parse_option(segment, &resource->layout);
    }
  }
  free(copy);
  return good && numbers == 2 ? endpoint + 3 : NULL;
}

static struct plan *chat(const struct resource *resource, const json_t *request) {
  if (!json_is_true(json_object_get(request, "stream"))) return plain_echo(request);
  if (!resource->generated) return streamed_echo(request, &resource->layout);
  /* The smallest event has some 300 bytes, whatever size was asked for. */
  size_t event_size = resource->size > 300 ? resource->size : 300;
  if (resource->count > max_stream_size / event_size) return plan_error(400, "too_large", "at most 1 GiB");
  return generated_stream(resource->count, resource->size, &resource->layout);
}

static struct plan *posted(const struct resource *resource, const char *endpoint, const json_t *request) {
  if (strcmp(endpoint, "/chat/completions") == 0) return chat(resource, request);
  if (strcmp(endpoint, "/embeddings") == 0) return embeddings(request);
  return NULL;
}

bool generate_handles(const char *path) {
  return strncmp(path, "/__gen/", 7) == 0 || strncmp(path, "/__echo/", 8) == 0;
}

struct plan *generate_answer(const struct http_request *request) {
  struct resource resource = {.layout = {.write_size = LARGE_WRITE}};
  const char *endpoint = parse_path(request->target, &resource);
  if (endpoint == NULL) return plan_error(404, "not_found", "no such resource: %s", request->target);
  if (strcmp(endpoint, "/models") == 0) return model_list();
  if (strncmp(endpoint, "/models/", 8) == 0) return one_model(endpoint + 8);

  json_error_t error;
  json_t *body =
      json_loadb(request->body.data != NULL ? request->body.data : "", request->body.size, 0, &error);
  if (body == NULL)
    return plan_error(400, "bad_json", "line %d column %d: %s", error.line, error.column, error.text);
  struct plan *plan = posted(&resource, endpoint, body);
  json_decref(body);
  return plan != NULL ? plan : plan_error(404, "not_found", "no such endpoint: %s", endpoint);
}
