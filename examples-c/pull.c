/* Pulls events instead of being called back, and does something else while nothing arrives.
 *
 *   cc pull.c $(pkg-config --cflags --libs llm-provider) -o pull && ./pull '{"type":"openai"}'
 */
#include <llm_provider.h>
#include <stdio.h>

/* Prints the text of a call until it ends. Returns how it ended. */
static llm_status print_answer(llm_call *call) {
  const llm_event *event;
  llm_status status;
  unsigned idle_turns = 0;
  while ((status = llm_call_next(call, 100, &event)) >= 0 && status != LLM_DONE) {
    if (status == LLM_PENDING) {
      idle_turns++; /* 100 ms without an event: a program would draw its spinner here */
    } else if (event->type == LLM_EVENT_TEXT) {
      fwrite(event->data, 1, event->len, stdout);
      fflush(stdout);
    }
  }
  fprintf(stderr, "\n[waited %u times]\n", idle_turns);
  return status;
}

int main(int argc, char **argv) {
  const char *config = argc > 1 ? argv[1] : "{\"type\":\"auto\"}";
  llm_provider *provider;
  llm_call *call = NULL;
  char *json;

  llm_status status = llm_provider_new(config, &provider, &json);
  if (status >= 0) status = llm_call_start(provider, "{\"prompt\":\"Count to five.\"}", &call, &json);
  llm_provider_free(provider); /* legal already: the call keeps what it needs */

  if (status >= 0) status = print_answer(call);
  if (status >= 0) status = llm_call_result(call, &json);
  if (status >= 0)
    printf("%s\n", json);
  else
    fprintf(stderr, "%s\n", json ? json : llm_status_name(status));

  llm_free(json);
  llm_call_free(call);
  return status < 0;
}
