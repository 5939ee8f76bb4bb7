/* Several services behind one handle: what fails is answered by another, and the result tells the way.
 *
 *     cc router.c $(pkg-config --cflags --libs llm-provider jansson) -o router
 *     ./router [CONFIGURATION-OR-GATEWAY-FILE [MODEL]]
 *
 * The first argument is a router's configuration, or the absolute path of a file that holds one. Without
 * arguments two mocks stand in for the services, of which the first always fails. */
#include <jansson.h>
#include <llm_provider.h>
#include <llm_provider_jansson.h>
#include <stdio.h>
#include <string.h>

static const char demo[] =
    "{\"type\": \"router\", \"models\": ["
    "  {\"name\": \"fast\", \"provider\": {\"type\": \"mock\", \"name\": \"shaky\", \"mock\":"
    "     {\"responses\": [{\"error\": {\"status\": 503, \"code\": \"overloaded\", \"message\": \"Too "
    "busy.\"}}]}}},"
    "  {\"name\": \"fast\", \"provider\": {\"type\": \"mock\", \"name\": \"steady\"}}]}";

/* What the router does, as it happens. */
static void observe(const char *event_json, void *file) {
  json_t *event = json_loads(event_json, 0, NULL);
  const char *name = json_string_value(json_object_get(event, "event"));
  if (name && strcmp(name, "fallback") == 0)
    fprintf(file, "[%s failed with %s: asking %s]\n", json_string_value(json_object_get(event, "from")),
            json_string_value(json_object_get(event, "code")),
            json_string_value(json_object_get(event, "to")));
  json_decref(event);
}

static json_t *configuration(const char *argument) {
  if (argument && argument[0] == '/') return json_pack("{s:s, s:s}", "type", "router", "file", argument);
  return json_loads(argument ? argument : demo, 0, NULL);
}

int main(int argc, char **argv) {
  llm_provider *router = NULL;
  json_t *config = configuration(argc > 1 ? argv[1] : NULL), *result = NULL, *status_document = NULL;
  json_t *request = json_pack("{s:s}", "prompt", "Say hello.");
  if (argc > 2) json_object_set_new(request, "model", json_string(argv[2]));

  llm_status status = llm_provider_new_json(config, &router, &result);
  if (status >= 0) {
    llm_provider_set_observer(router, observe, stdout);
    status = llm_chat_json(router, request, &result);
  }
  if (status >= 0) {
    size_t index;
    json_t *attempt, *metadata = json_object_get(result, "metadata");
    printf("%s\n", json_string_value(json_object_get(result, "text")));
    json_array_foreach(json_object_get(metadata, "attempts"), index, attempt) {
      const char *code = json_string_value(json_object_get(attempt, "code"));
      printf("attempt %d: %s %s\n", (int)index + 1, json_string_value(json_object_get(attempt, "provider")),
             code ? code : "ok");
    }
    llm_provider_status_json(router, &status_document);
    json_array_foreach(json_object_get(status_document, "targets"), index, attempt)
        printf("%s is %s\n", json_string_value(json_object_get(attempt, "provider")),
               json_string_value(json_object_get(attempt, "state")));
  } else {
    json_t *error = json_object_get(result, "error");
    fprintf(stderr, "%s: %s\n", llm_status_name(status),
            json_string_value(json_object_get(error, "message")));
  }
  json_decref(config);
  json_decref(request);
  json_decref(result);
  json_decref(status_document);
  llm_provider_free(router);
  return status < 0;
}
