/* llm_provider_status and llm_metrics. The format of the metrics as a whole is checked with the examples. */
#include <pthread.h>

#include "test.h"

static json_t *status_of(llm_provider *provider) {
  char *json = NULL;
  CHECK_INT(llm_provider_status(provider, &json), LLM_OK);
  return take(json);
}

static const char *metrics_of(llm_provider *provider) {
  char *text = NULL;
  CHECK_INT(llm_metrics(provider, &text), LLM_OK);
  const char *kept = format("%s", text ? text : "");
  llm_free(text);
  return kept;
}

static void before_the_first_call(void) {
  json_t *status = status_of(service("ok-plain", "\"name\":\"mine\""));
  CHECK_TEXT(text_at(status, "/provider"), "mine");
  CHECK_TEXT(text_at(status, "/type"), "openai");
  CHECK_TEXT(text_at(status, "/state"), "idle");
  CHECK(is_true(status, "/available"));
  CHECK_INT(int_at(status, "/uptime_s"), 0);
  CHECK(at(status, "/last_used") == NULL);
  CHECK_INT(int_at(status, "/in_flight"), 0);
  CHECK_INT(int_at(status, "/counters/calls"), 0);
  CHECK_INT((long long)json_object_size(at(status, "/failures")), 0);
  CHECK_INT(int_at(status, "/latency_ms/samples"), 0);
  CHECK(at(status, "/latency_ms/p50") == NULL);
  CHECK(json_is_null(at(status, "/last_error")));
}

static void what_was_counted(void) {
  llm_provider *provider = service("500-then-ok", "\"retry\":{\"delay_ms\":1},\"model\":\"gpt-4o-mini\"");
  struct answer answer = chat(provider, hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  json_t *status = status_of(provider);
  CHECK_INT(int_at(status, "/counters/calls"), 1);
  CHECK_INT(int_at(status, "/counters/succeeded"), 1);
  CHECK_INT(int_at(status, "/counters/failed"), 0);
  CHECK_INT(int_at(status, "/counters/attempts"), 2);
  CHECK_INT(int_at(status, "/counters/retries"), 1);
  CHECK_INT(int_at(status, "/counters/prompt_tokens"), int_at(answer.json, "/usage/prompt_tokens"));
  CHECK_INT(int_at(status, "/counters/completion_tokens"), int_at(answer.json, "/usage/completion_tokens"));
  CHECK_TEXT(stable(at(status, "/failures")), "{}");
  CHECK_TEXT(stable(at(status, "/attempt_failures")), "{\"server_error\":1}");
  CHECK_INT(int_at(status, "/in_flight"), 0);
  CHECK(int_at(status, "/last_used") > 1700000000);
  CHECK(json_number_value(at(status, "/cost/total")) > 0);
  CHECK(json_number_value(at(status, "/cost/total")) ==
        json_number_value(at(answer.json, "/metadata/cost/total")));
  CHECK_INT(int_at(status, "/latency_ms/samples"), 1);
  CHECK_INT(int_at(status, "/call_ms/samples"), 1);
  CHECK_INT(int_at(status, "/first_token_ms/samples"), 0);
  /* One measurement is its own percentiles. */
  CHECK(json_equal(at(status, "/latency_ms/p50"), at(status, "/latency_ms/max")));
  CHECK(json_equal(at(status, "/latency_ms/p99"), at(status, "/latency_ms/mean")));
  CHECK_TEXT(text_at(status, "/last_error/code"), "server_error");
}

static void failures_and_cancellations(void) {
  llm_provider *provider = service("status-401", "");
  CHECK_INT(chat(provider, hello).status, LLM_E_AUTHENTICATION);
  CHECK_INT(chat(provider, hello).status, LLM_E_AUTHENTICATION);
  json_t *status = status_of(provider);
  CHECK_INT(int_at(status, "/counters/failed"), 2);
  CHECK_TEXT(stable(at(status, "/failures")), "{\"authentication\":2}");
  CHECK(is_false(status, "/available"));
  provider = service("ok-stream", "");
  CHECK_INT(stream(provider, hello, record_event, &(struct record){.stop_after = 2}).status, LLM_E_CANCELLED);
  status = status_of(provider);
  CHECK_INT(int_at(status, "/counters/cancelled"), 1);
  CHECK_INT(int_at(status, "/counters/failed"), 0);
  CHECK_TEXT(stable(at(status, "/failures")), "{\"cancelled\":1}");
}

/* A call is in flight while it lasts, however it is driven, and not when it was only made. */
static void in_flight(void) {
  llm_provider *provider = mock("\"first_delay_ms\":60000");
  llm_call *call = NULL;
  const llm_event *event = NULL;
  CHECK_INT(llm_call_start(provider, hello, &call, NULL), LLM_OK);
  CHECK_INT(int_at(status_of(provider), "/in_flight"), 0);
  while (llm_call_next(call, 0, &event) == LLM_OK) continue;
  CHECK_INT(int_at(status_of(provider), "/in_flight"), 1);
  CHECK_PART(metrics_of(provider), "llm_calls_in_flight{provider=\"mock\",type=\"mock\"} 1\n");
  llm_call_free(call);
  CHECK_INT(int_at(status_of(provider), "/in_flight"), 0);
  CHECK_INT(int_at(status_of(provider), "/counters/cancelled"), 1);
}

static void metrics(void) {
  llm_provider *provider = service("500-then-ok", "\"retry\":{\"delay_ms\":1},\"name\":\"a\\\\b\\\"c\\nd\"");
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  const char *text = metrics_of(provider);
#define LABELS "provider=\"a\\\\b\\\"c\\nd\",type=\"openai\",model=\"m\""
  CHECK_PART(text, "# HELP llm_calls_total Calls by how they ended");
  CHECK_PART(text, "# TYPE llm_calls_total counter\nllm_calls_total{" LABELS ",code=\"ok\"} 1\n");
  CHECK_PART(text, "\nllm_attempts_total{" LABELS ",code=\"ok\"} 1\n");
  CHECK_PART(text, "\nllm_attempts_total{" LABELS ",code=\"server_error\"} 1\n");
  CHECK_PART(text, "\nllm_retries_total{" LABELS "} 1\n");
  CHECK_PART(text, "\nllm_cost_usd_total{" LABELS "} 0.000000000\n");
  CHECK_PART(text, "# TYPE llm_attempt_duration_seconds histogram\n");
  CHECK_PART(text, "\nllm_attempt_duration_seconds_bucket{" LABELS ",le=\"0.004096\"} ");
  CHECK_PART(text, "\nllm_attempt_duration_seconds_bucket{" LABELS ",le=\"134.217728\"} 1\n");
  CHECK_PART(text, "\nllm_attempt_duration_seconds_bucket{" LABELS ",le=\"+Inf\"} 1\n");
  CHECK_PART(text, "\nllm_attempt_duration_seconds_count{" LABELS "} 1\n");
#undef LABELS
}

/* Two of a name are one series, and one that was freed is none. */
static void metrics_of_all(void) {
  static const char config[] = "{\"type\":\"mock\",\"name\":\"twin\"}";
  llm_provider *first = provider_of(config), *second = NULL;
  CHECK_INT(llm_provider_new(config, &second, NULL), LLM_OK);
  CHECK_INT(chat(first, hello).status, LLM_OK);
  CHECK_INT(llm_chat(second, hello, NULL), LLM_OK);
  CHECK_PART(metrics_of(NULL),
             "\nllm_calls_total{provider=\"twin\",type=\"mock\",model=\"echo-large\",code=\"ok\"} 2\n");
  CHECK_PART(metrics_of(first),
             "\nllm_calls_total{provider=\"twin\",type=\"mock\",model=\"echo-large\",code=\"ok\"} 1\n");
  llm_provider_free(second);
  CHECK_PART(metrics_of(NULL),
             "\nllm_calls_total{provider=\"twin\",type=\"mock\",model=\"echo-large\",code=\"ok\"} 1\n");
  CHECK_INT(llm_metrics(first, NULL), LLM_OK);
}

/* Who reads the metrics of all meets providers that are being made and freed. */
static void *make_and_free(void *rounds) {
  for (int round = 0; round < *(int *)rounds; round++) {
    llm_provider *provider = NULL;
    if (llm_provider_new("{\"type\":\"mock\",\"name\":\"short-lived\"}", &provider, NULL) < 0) continue;
    llm_chat(provider, hello, NULL);
    llm_provider_free(provider);
  }
  return NULL;
}

static void metrics_while_providers_come_and_go(void) {
  int rounds = 300;
  pthread_t threads[3];
  for (int index = 0; index < 3; index++) pthread_create(&threads[index], NULL, make_and_free, &rounds);
  for (int round = 0; round < rounds; round++) {
    char *text = NULL;
    CHECK_INT(llm_metrics(NULL, &text), LLM_OK);
    CHECK(text != NULL);
    llm_free(text);
  }
  for (int index = 0; index < 3; index++) pthread_join(threads[index], NULL);
  CHECK(strstr(metrics_of(NULL), "short-lived") == NULL);
}

const struct test_case metrics_cases[] = {
    CASE(before_the_first_call),
    CASE(what_was_counted),
    CASE(failures_and_cancellations),
    CASE(in_flight),
    CASE(metrics),
    CASE(metrics_of_all),
    CASE(metrics_while_providers_come_and_go),
    {0},
};
