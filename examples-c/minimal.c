#include <llm_provider.h>
#include <stdio.h>

static int print_text(const llm_event *event, void *file) {
  if (event->type == LLM_EVENT_TEXT) fwrite(event->data, 1, event->len, file);
  return fflush(file); /* anything but 0 cancels */
}

int main(int argc, char **argv) {
  llm_provider *provider;
  char *json;
  llm_status status = llm_provider_new(argc > 1 ? argv[1] : "{\"type\":\"auto\"}", &provider, &json);
  if (status >= 0 && (status = llm_chat(provider, "{\"prompt\":\"Say hello.\"}", &json)) >= 0) {
    puts(json); /* the whole answer, with usage and metadata */
    llm_free(json);
    status = llm_stream(provider, "{\"prompt\":\"Say goodbye.\"}", print_text, stdout, &json);
    puts("");
  }
  if (status < 0) fprintf(stderr, "%s\n", json);
  llm_free(json);
  llm_provider_free(provider);
  return status < 0;
}
