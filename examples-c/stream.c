/* Streams one answer and shows what the events carry: text, reasoning, usage, and the end.
 *
 *   cc stream.c $(pkg-config --cflags --libs llm-provider) -o stream
 *   ./stream '{"type":"openai"}' "Why is the sky blue?"
 */
#include <llm_provider.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the callback remembers from one event to the next. */
struct transcript {
  size_t text_bytes;
  size_t reasoning_bytes;
  int terminal_events;
};

static int on_event(const llm_event *event, void *user_data) {
  struct transcript *seen = user_data;
  switch (event->type) {
  case LLM_EVENT_START:
    fprintf(stderr, "[start %s]\n", event->data);
    break;
  case LLM_EVENT_TEXT:
    fwrite(event->data, 1, event->len, stdout);
    fflush(stdout);
    seen->text_bytes += event->len;
    break;
  case LLM_EVENT_REASONING:
    seen->reasoning_bytes += event->len;
    break;
  case LLM_EVENT_USAGE:
    fprintf(stderr, "[usage %s]\n", event->data);
    break;
  case LLM_EVENT_FINISH:
  case LLM_EVENT_ERROR:
  case LLM_EVENT_CANCELLED:
    seen->terminal_events++;
    break;
  default:
    break; /* event types are added over time: skip the unknown ones */
  }
  return 0;
}

/* {"prompt": "..."}, with the prompt escaped for JSON. */
static char *request_for(const char *prompt) {
  char *request = malloc(strlen(prompt) * 6 + 32);
  if (!request) return NULL;
  char *out = request + sprintf(request, "{\"prompt\":\"");
  for (const char *in = prompt; *in; in++) {
    unsigned char byte = (unsigned char)*in;
    if (byte < 0x20 || byte == '"' || byte == '\\')
      out += sprintf(out, "\\u%04x", byte);
    else
      *out++ = *in;
  }
  strcpy(out, "\"}");
  return request;
}

int main(int argc, char **argv) {
  const char *config = argc > 1 ? argv[1] : "{\"type\":\"auto\"}";
  const char *prompt = argc > 2 ? argv[2] : "Tell me about C in one sentence.";

  llm_provider *provider;
  char *json;
  if (llm_provider_new(config, &provider, &json) < 0) {
    fprintf(stderr, "%s\n", json ? json : "out of memory");
    llm_free(json);
    return 2;
  }

  struct transcript seen = {0};
  char *request = request_for(prompt);
  llm_status status = llm_stream(provider, request, on_event, &seen, &json);
  printf("\n");
  if (status < 0) fprintf(stderr, "%s\n", json ? json : llm_status_name(status));
  fprintf(stderr, "[%zu bytes of text, %zu of reasoning, %d terminal event]\n", seen.text_bytes,
          seen.reasoning_bytes, seen.terminal_events);

  llm_free(json);
  free(request);
  llm_provider_free(provider);
  return status < 0;
}
