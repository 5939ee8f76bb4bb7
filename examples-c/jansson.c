/* The same calls with jansson's json_t: requests are built and results read without a text in between.
 *
 *   cc jansson.c $(pkg-config --cflags --libs llm-provider jansson) -o jansson
 *   ./jansson '{"type":"openai"}'
 */
#include <llm_provider_jansson.h>
#include <stdio.h>

static const char *text_of(const json_t *result) {
  const char *text = json_string_value(json_object_get(result, "text"));
  return text ? text : "";
}

static void print_error(llm_status status, const json_t *document) {
  const char *message = json_string_value(json_object_get(json_object_get(document, "error"), "message"));
  fprintf(stderr, "%s: %s\n", llm_status_name(status), message ? message : "no details");
}

int main(int argc, char **argv) {
  json_t *config = json_loads(argc > 1 ? argv[1] : "{\"type\":\"auto\"}", 0, NULL);
  llm_provider *provider;
  json_t *result = NULL;
  llm_status status = llm_provider_new_json(config, &provider, &result);
  json_decref(config);

  if (status >= 0) {
    json_t *request = json_pack("{s:[{s:s, s:s}, {s:s, s:s}], s:f}", "messages", "role", "system", "content",
                                "You answer in one word.", "role", "user", "content",
                                "What is the capital of France?", "temperature", 0.0);
    status = llm_chat_json(provider, request, &result);
    json_decref(request);
  }

  if (status >= 0)
    printf("%s\n", text_of(result));
  else
    print_error(status, result);

  json_decref(result);
  llm_provider_free(provider);
  return status < 0;
}
