/* A wire format of the program's own: the library moves the bytes, with its connections, time-outs, retries
 * and limits; this says what request a chat becomes, and what the pieces of the response mean. The service
 * here takes
 *
 *   POST /say {"voice":"...","lines":["..."]}
 *
 * and answers with lines of JSON: {"word":"..."} as often as it likes, then {"over":"stop","words":3}; or
 * with an HTTP status of an error and {"sorry":"..."}.
 *
 *   cc custom_dialect.c $(pkg-config --cflags --libs llm-provider jansson) -o custom_dialect
 *   ./custom_dialect '{"type":"sayer","base_url":"http://127.0.0.1:8080"}'
 *
 * The same file is a plugin for other programs, which load it by its path:
 *
 *   cc -shared -fPIC custom_dialect.c $(pkg-config --cflags --libs llm-provider jansson) -o sayer.so
 */
#include <jansson.h>
#include <llm_provider_extend.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *copy_of(const char *text) {
  char *copy = malloc(strlen(text) + 1);
  return copy ? strcpy(copy, text) : NULL;
}

/* Nothing of the configuration is needed here: where the service is and what key it wants, the library knows.
 */
static void *create(const char *config_json, char **error) {
  (void)config_json, (void)error;
  return malloc(1);
}

static void destroy(void *self) {
  free(self);
}

static char *encode(void *self, const char *request_json, char **error) {
  (void)self;
  json_t *request = json_loads(request_json, 0, NULL), *lines = json_array(), *message;
  size_t index;
  json_array_foreach(json_object_get(request, "messages"), index, message) {
    json_t *content = json_object_get(message, "content");
    if (json_is_string(content)) json_array_append(lines, content);
  }
  char *document = NULL;
  if (json_array_size(lines) > 0) {
    json_t *http = json_pack("{s:s, s:{s:O, s:O}}", "url", "/say", "body", "voice",
                             json_object_get(request, "model"), "lines", lines);
    document = json_dumps(http, 0); /* malloc'd: the library frees it */
    json_decref(http);
  } else {
    *error = copy_of("{\"message\":\"this service takes messages of text only\",\"param\":\"/messages\"}");
  }
  json_decref(lines);
  json_decref(request);
  return document;
}

static int decode(void *self, void *call, int http_status, const char *frame, size_t len,
                  const llm_emitter *emit) {
  (void)self, (void)call;
  if (!frame) return LLM_OK; /* the body is over; whether the answer was, the library knows */
  json_t *line = json_loadb(frame, len, 0, NULL);
  const char *sorry = json_string_value(json_object_get(line, "sorry"));
  const char *word = json_string_value(json_object_get(line, "word"));
  const char *over = json_string_value(json_object_get(line, "over"));
  int result = LLM_OK;
  if (http_status >= 300) {
    if (sorry) result = emit->fail(emit, http_status == 503 ? LLM_E_OVERLOADED : LLM_E_SERVER_ERROR, sorry);
  } else if (word) {
    llm_emit_text(emit, word);
  } else if (over) {
    char usage[64];
    json_int_t words = json_integer_value(json_object_get(line, "words"));
    snprintf(usage, sizeof usage, "{\"completion_tokens\":%" JSON_INTEGER_FORMAT "}", words);
    llm_emit(emit, LLM_EVENT_USAGE, usage, strlen(usage));
    llm_emit_finish(emit, over);
    result = LLM_DONE;
  } else {
    result = emit->fail(emit, LLM_E_PROTOCOL, "the service sent a line that is none of its own");
  }
  json_decref(line);
  return result;
}

static const llm_provider_vtable vtable = {
    .struct_size = sizeof vtable,
    .metadata_json = "{\"name\":\"Sayer\",\"version\":\"1.0\",\"description\":\"Says words, one a line.\","
                     " \"framing\":\"ndjson\",\"key_variables\":[\"SAYER_API_KEY\"],"
                     " \"models\":[\"alto\",\"bass\"],\"model\":\"alto\"}",
    .create = create,
    .destroy = destroy,
    .encode = encode,
    .decode = decode,
};

/* What makes a plugin of it. */
LLM_PLUGIN llm_status llm_plugin_register(const llm_plugin_host *host, char **error) {
  return host->register_provider("sayer", &vtable, error);
}

static int print(const llm_event *event, void *user_data) {
  (void)user_data;
  if (event->type == LLM_EVENT_TEXT) fwrite(event->data, 1, event->len, stdout);
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: custom_dialect CONFIGURATION\n");
    return 2;
  }
  llm_provider *provider = NULL;
  char *json = NULL;
  llm_status status = llm_register_provider("sayer", &vtable, &json);
  if (status >= 0) status = llm_provider_new(argv[1], &provider, &json);
  if (status >= 0) status = llm_stream(provider, "{\"prompt\":\"Say something.\"}", print, NULL, &json);
  printf("\n%s\n", json ? json : llm_status_name(status));
  llm_free(json);
  llm_provider_free(provider);
  return status < 0;
}
