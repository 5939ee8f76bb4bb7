/* Observation: calls as OpenTelemetry spans, and metrics for Prometheus to scrape.
 *
 *   cc observe.c $(pkg-config --cflags --libs llm-provider jansson) -o observe
 *   ./observe '{"type":"mock"}' spans
 *   ./observe '{"type":"openai","model":"gpt-4o-mini"}' metrics
 *
 * An event's "attributes" are named as OpenTelemetry's conventions have it: a bridge copies them in a loop.
 */
#include <jansson.h>
#include <llm_provider.h>
#include <stdio.h>
#include <string.h>

/* The bridge. Where this prints, another would call the SDK: start a span `duration_ms` ago, set its
 * attributes, end it. */
static void end_span(const char *event_json, void *user_data) {
  json_t *event = json_loads(event_json, 0, NULL), *value;
  const char *key;
  (void)user_data;
  if (strcmp(json_string_value(json_object_get(event, "event")), "call_ended") == 0) {
    printf("span of %.0f ms\n", json_number_value(json_object_get(event, "duration_ms")));
    json_object_foreach(json_object_get(event, "attributes"), key, value) {
      char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
      printf("  %s = %s\n", key, text);
      free(text);
    }
  }
  json_decref(event);
}

int main(int argc, char **argv) {
  const char *config = argc > 1 ? argv[1] : "{\"type\":\"auto\"}";
  int wants_metrics = argc > 2 && strcmp(argv[2], "metrics") == 0;
  llm_provider *provider;
  char *text = NULL;

  if (llm_provider_new(config, &provider, &text) < 0) {
    fprintf(stderr, "%s\n", text);
    llm_free(text);
    return 1;
  }
  if (!wants_metrics) llm_provider_set_observer(provider, end_span, NULL);
  llm_chat(provider, "{\"prompt\":\"Say hello.\",\"temperature\":0.5,\"max_tokens\":50}", NULL);
  llm_embed(provider, "{\"input\":\"Hello.\"}", NULL);

  if (wants_metrics && llm_metrics(NULL, &text) >= 0) {
    fputs(text, stdout);
    llm_free(text);
  }
  llm_provider_free(provider);
  return 0;
}
