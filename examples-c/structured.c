/* Structured output: the answer is JSON that a schema describes, ready to be used as data.
 *
 *   cc structured.c $(pkg-config --cflags --libs llm-provider jansson) -o structured
 *   ./structured '{"type":"openai"}'
 */
#include <llm_provider_jansson.h>
#include <stdio.h>

static const char request_text[] =
    "{\"messages\": [{\"role\": \"user\", \"content\": \"Name three rivers of Europe and their lengths.\"}],"
    " \"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"rivers\", \"strict\": "
    "true,"
    "  \"schema\": {\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"rivers\"],"
    "   \"properties\": {\"rivers\": {\"type\": \"array\", \"items\": {\"type\": \"object\","
    "    \"additionalProperties\": false, \"required\": [\"name\", \"length_km\"],"
    "    \"properties\": {\"name\": {\"type\": \"string\"}, \"length_km\": {\"type\": \"number\"}}}}}}}}}";

static void print_error(llm_status status, const json_t *document) {
  const char *message = json_string_value(json_object_get(json_object_get(document, "error"), "message"));
  fprintf(stderr, "%s: %s\n", llm_status_name(status), message ? message : "no details");
}

/* A schema is a strong hint, no proof: check the data as you would any input. Returns the number of rivers.
 */
static size_t print_rivers(const json_t *answer) {
  size_t index, printed = 0;
  json_t *river;
  json_array_foreach(json_object_get(answer, "rivers"), index, river) {
    const char *name;
    double length_km;
    if (json_unpack(river, "{s:s, s:F}", "name", &name, "length_km", &length_km) < 0) continue;
    printf("%-12s %6.0f km\n", name, length_km);
    printed++;
  }
  return printed;
}

int main(int argc, char **argv) {
  json_t *config = json_loads(argc > 1 ? argv[1] : "{\"type\":\"auto\"}", 0, NULL);
  json_t *request = json_loads(request_text, 0, NULL);
  llm_provider *provider;
  json_t *result = NULL;

  llm_status status = llm_provider_new_json(config, &provider, &result);
  if (status >= 0) status = llm_chat_json(provider, request, &result);

  size_t rivers = 0;
  if (status < 0) {
    print_error(status, result);
  } else {
    const json_t *text = json_object_get(result, "text");
    json_t *answer =
        json_loadb(json_string_value(text) ? json_string_value(text) : "", json_string_length(text), 0, NULL);
    rivers = print_rivers(answer);
    if (rivers == 0) fprintf(stderr, "the answer does not follow the schema\n");
    json_decref(answer);
  }

  json_decref(result);
  json_decref(request);
  json_decref(config);
  llm_provider_free(provider);
  return rivers == 0;
}
