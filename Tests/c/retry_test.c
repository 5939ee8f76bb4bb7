/* Retries: what is tried again, how often, and when no more. */
#include "test.h"

static const char fast[] = "\"retry\":{\"attempts\":3,\"delay_ms\":1,\"max_delay_ms\":5000}";

static void until_it_works(void) {
  static const struct {
    const char *script;
    int attempts;
    const char *first;
  } rows[] = {
      {"429-then-ok", 2, "rate_limited"},
      {"500-then-ok", 2, "server_error"},
      {"500-twice-then-ok", 3, "server_error"},
      {"drop-then-ok", 2, "connection"},
      {"reset-then-ok", 2, "connection"},
      {"429-then-ok-stream", 2, "rate_limited"},
      {"error-event-then-ok-stream", 2, "overloaded"},
  };
  for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
    struct record record = {0};
    about(rows[row].script);
    llm_provider *provider = service(rows[row].script, fast);
    const char *path = last_path();
    struct answer answer = stream(provider, hello, record_event, &record);
    CHECK_STATUS(answer.status, LLM_OK, answer.json);
    CHECK_INT((long long)json_array_size(at(answer.json, "/metadata/attempts")), rows[row].attempts);
    CHECK_TEXT(text_at(answer.json, "/metadata/attempts/0/code"), rows[row].first);
    CHECK(text_at(answer.json, format("/metadata/attempts/%d/code", rows[row].attempts - 1)) == NULL);
    CHECK_INT((long long)json_array_size(requests_to(path)), rows[row].attempts);
    CHECK_INT(record.terminals, 1);
    /* Nothing is taken back before there is content. */
    CHECK(strstr(record.log.bytes, "\"discarded\":true") == NULL);
    answer = chat(service(rows[row].script, fast), hello);
    CHECK_STATUS(answer.status, LLM_OK, answer.json);
  }
}

static const char *failing_once(const char *body) {
  return script(format(
      "HTTP/1.1 500 Oops\n===\nHTTP/1.1 200 OK\nContent-Type: application/json\n<<END\n%s\nEND\n", body));
}

static void the_other_calls_too(void) {
  char *json = NULL;
  const char *name = failing_once("{\"data\":[{\"index\":0,\"embedding\":[1.5]}]}");
  llm_status status = llm_embed(service(name, fast), "{\"input\":\"x\"}", &json);
  CHECK_STATUS(status, LLM_OK, take(json));
  name = failing_once("{\"data\":[{\"id\":\"m\"}]}");
  status = llm_models(service(name, fast), &json);
  CHECK_STATUS(status, LLM_OK, take(json));
}

static void not_for_ever(void) {
  llm_provider *provider = service("status-500", fast);
  const char *path = last_path();
  struct answer answer = chat(provider, hello);
  CHECK_STATUS(answer.status, LLM_E_SERVER_ERROR, answer.json);
  CHECK_INT((long long)json_array_size(at(answer.json, "/error/attempts")), 3);
  CHECK_INT((long long)json_array_size(requests_to(path)), 3);
}

static void not_what_cannot_help(void) {
  static const char *const scripts[] = {"status-400", "status-401", "status-403", "status-404",
                                        "status-429-quota"};
  for (size_t index = 0; index < sizeof scripts / sizeof *scripts; index++) {
    about(scripts[index]);
    llm_provider *provider = service(scripts[index], fast);
    const char *path = last_path();
    CHECK(chat(provider, hello).status < 0);
    CHECK_INT((long long)json_array_size(requests_to(path)), 1);
  }
}

static void pause_heard(const char *event_json, void *user_data) {
  json_t *event = json_loads(event_json, 0, NULL);
  if (strcmp(text_at(event, "/event"), "retry") == 0)
    *(double *)user_data = json_number_value(at(event, "/delay_ms"));
  json_decref(event);
}

static void retry_after_is_honoured(void) {
  double pause = 0;
  llm_provider *provider = service("429-then-ok", "\"retry\":{\"delay_ms\":3000,\"jitter\":false}");
  llm_provider_set_observer(provider, pause_heard, &pause);
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  CHECK_INT((long long)pause, 20);
  /* A service that asks for more patience than there is, is not asked again. */
  provider = service("429-then-ok", "\"retry\":{\"max_delay_ms\":10}");
  struct answer answer = chat(provider, hello);
  CHECK_STATUS(answer.status, LLM_E_RATE_LIMITED, answer.json);
  CHECK_INT(int_at(answer.json, "/error/retry_after_ms"), 20);
  /* A wish that is not heard. */
  provider =
      service("429-then-ok", "\"retry\":{\"delay_ms\":1,\"jitter\":false,\"respect_retry_after\":false}");
  llm_provider_set_observer(provider, pause_heard, &pause);
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  CHECK_INT((long long)pause, 1);
}

static void not_after_content(void) {
  struct record record = {0};
  llm_provider *provider = service("cut-then-ok-stream", fast);
  const char *path = last_path();
  struct answer answer = stream(provider, hello, record_event, &record);
  CHECK_STATUS(answer.status, LLM_E_STREAM_TRUNCATED, answer.json);
  CHECK_INT((long long)json_array_size(requests_to(path)), 1);
  CHECK_TEXT(text_at(answer.json, "/partial/text"), record.text.bytes);
}

static void after_content_if_asked(void) {
  struct record record = {0};
  llm_provider *provider = service("cut-then-ok-stream", fast);
  struct answer answer = stream(provider, "{\"prompt\":\"x\",\"llm\":{\"retry\":{\"after_content\":true}}}",
                                record_event, &record);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  const char *retry = strstr(record.log.bytes, "\n12 0 0 {");
  CHECK_PART(retry, "\"discarded\":true");
  CHECK_PART(retry, "stream_truncated");
  CHECK_PART(retry, "\n1 0 0 {");
  CHECK_INT(record.terminals, 1);
}

/* So that a user interface can say what it waits for. */
static void a_pause_is_told(void) {
  struct record record = {0};
  struct answer answer = stream(service("429-then-ok-stream", "\"retry\":{\"delay_ms\":1,\"jitter\":false}"),
                                hello, record_event, &record);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  const char *retry = strstr(record.log.bytes, "\n12 0 0 {");
  CHECK_PART(retry, "\"attempt\":1");
  CHECK_PART(retry, "\"delay_ms\":");
  CHECK_PART(retry, "\"reason\":\"rate_limited\"");
  CHECK_PART(retry, "\"discarded\":false");
  CHECK_PART(retry, "\n1 0 0 {");
}

/* Without a stream nothing was handed over, so that nothing is in the way of another attempt. */
static void whole_answers_that_broke_off(void) {
  const char *name =
      script("HTTP/1.1 200 OK\nContent-Type: application/json\n@length +10\n@bytes {\"cho\n@close\n===\n"
             "HTTP/1.1 200 OK\nContent-Type: application/json\n<<END\n{\"choices\":[{\"message\":{"
             "\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\nEND\n");
  struct answer answer = chat(service(name, fast), hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_INT((long long)json_array_size(at(answer.json, "/metadata/attempts")), 2);
}

const struct test_case retry_cases[] = {
    CASE(until_it_works),
    CASE(the_other_calls_too),
    CASE(not_for_ever),
    CASE(not_what_cannot_help),
    CASE(retry_after_is_honoured),
    CASE(not_after_content),
    CASE(after_content_if_asked),
    CASE(a_pause_is_told),
    CASE(whole_answers_that_broke_off),
    {0},
};
