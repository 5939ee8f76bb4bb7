/* Cancels an answer from another thread, and shows what had arrived until then.
 *
 *   cc cancel.c $(pkg-config --cflags --libs llm-provider) -pthread -o cancel && ./cancel '{"type":"openai"}'
 */
#define _POSIX_C_SOURCE 200809L
#include <llm_provider.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

static void *cancel_soon(void *call) {
  const struct timespec a_while = {.tv_nsec = 300 * 1000 * 1000};
  nanosleep(&a_while, NULL);
  llm_call_cancel(call); /* the one function that any thread may call */
  return NULL;
}

static void print_until_the_end(llm_call *call) {
  const llm_event *event;
  while (llm_call_next(call, -1, &event) == LLM_OK) {
    if (event->type == LLM_EVENT_TEXT) fwrite(event->data, 1, event->len, stdout);
    if (event->type == LLM_EVENT_CANCELLED) printf("\n[cancelled]\n");
    fflush(stdout);
  }
}

int main(int argc, char **argv) {
  const char *config = argc > 1 ? argv[1] : "{\"type\":\"auto\"}";
  llm_provider *provider;
  llm_call *call = NULL;
  char *json;

  llm_status status = llm_provider_new(config, &provider, &json);
  if (status >= 0) status = llm_call_start(provider, "{\"prompt\":\"Write a long story.\"}", &call, &json);
  llm_provider_free(provider);
  if (status < 0) {
    fprintf(stderr, "%s\n", json ? json : llm_status_name(status));
    llm_free(json);
    return 2;
  }

  pthread_t canceller;
  if (pthread_create(&canceller, NULL, cancel_soon, call) != 0) {
    llm_call_free(call);
    return 2;
  }
  print_until_the_end(call);
  pthread_join(canceller, NULL); /* before the call is freed: nobody may be using it then */

  status = llm_call_result(call, &json);
  printf("%s: %s\n", llm_status_name(status), json ? json : "");
  llm_free(json);
  llm_call_free(call);
  return status == LLM_E_CANCELLED || status == LLM_OK ? 0 : 1;
}
