/* The same program as baseline.c, over llm-provider. */
#include "measure.h"

#include <llm_provider.h>
#include <stdio.h>
#include <string.h>

static const char request[] =
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" BENCH_QUESTION "\"}]}";

/* True if all went well; otherwise says what did not. Frees `json`. */
static int finish(llm_status status, char *json, int right) {
  if (status < 0) {
    fprintf(stderr, "ours: %s: %s\n", llm_status_name(status), json != NULL ? json : "");
  } else if (!right) {
    fprintf(stderr, "ours: the answer is not the question\n");
  }
  llm_free(json);
  return status < 0 || !right;
}

static int on_event(const llm_event *event, void *user_data) {
  (void)user_data;
  if (event->type == LLM_EVENT_TEXT) measure_text(event->len);
  return 0;
}

static int call_stream(void *state) {
  char *json = NULL;
  llm_status status = llm_stream(state, request, on_event, NULL, &json);
  return finish(status, json, 1);
}

static int call_plain(void *state) {
  char *json = NULL;
  llm_status status = llm_chat(state, request, &json);
  int right = status >= 0 && json != NULL && strstr(json, BENCH_QUESTION) != NULL;
  if (right) measure_text(strlen(BENCH_QUESTION));
  return finish(status, json, right);
}

/* Limits, breaker and budget that are never reached: what it costs to be asked. */
static const char gates[] = ",\"rate_limit\":{\"requests_per_minute\":1000000000,\"tokens_per_minute\":"
                            "1000000000,\"concurrency\":64},\"breaker\":{},\"budget\":{\"usd\":1000000}";

static llm_status make_provider(const char *url, const char *more, llm_provider **provider) {
  char config[1200], *error = NULL;
  snprintf(config, sizeof config,
           "{\"type\":\"openai-compatible\",\"base_url\":\"%s\",\"api_key\":\"k\",\"model\":\"m\"%s}", url,
           more);
  llm_status status = llm_provider_new(config, provider, &error);
  if (status < 0) fprintf(stderr, "ours: %s\n", error != NULL ? error : llm_status_name(status));
  llm_free(error);
  return status;
}

static int call_new(void *state) {
  llm_provider *provider = NULL;
  llm_status status = make_provider(state, "", &provider);
  llm_provider_free(provider);
  return status < 0;
}

static int make_calls(const struct measure_arguments *arguments, const char *more, measure_call_fn *call) {
  llm_provider *provider = NULL;
  if (make_provider(arguments->url, more, &provider) < 0) return 1;
  int status = measure_calls(call, provider, arguments->calls);
  llm_provider_free(provider);
  return status;
}

int main(int argc, char **argv) {
  struct measure_arguments arguments = measure_arguments(argc, argv);
  if (strcmp(arguments.mode, "stream") == 0) return make_calls(&arguments, "", call_stream);
  if (strcmp(arguments.mode, "plain") == 0) return make_calls(&arguments, "", call_plain);
  if (strcmp(arguments.mode, "guarded") == 0) return make_calls(&arguments, gates, call_plain);
  return measure_each(call_new, (void *)arguments.url, arguments.calls);
}
