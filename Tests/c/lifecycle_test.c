/* Providers: made, shared, freed in any order, connected, asked how they are. */
#include "test.h"

static void new_and_free(void) {
  llm_provider *provider = NULL;
  char *error = (char *)"left over";
  CHECK_INT(llm_provider_new("{\"type\":\"mock\"}", &provider, &error), LLM_OK);
  CHECK(provider != NULL);
  CHECK(error == NULL);
  llm_provider_free(provider);
}

static void failed_new_leaves_null(void) {
  llm_provider *provider = (llm_provider *)&provider;
  CHECK_INT(llm_provider_new("{}", &provider, NULL), LLM_E_INVALID_CONFIG);
  CHECK(provider == NULL);
}

static void retained(void) {
  llm_provider *provider = NULL;
  CHECK_INT(llm_provider_new("{\"type\":\"mock\"}", &provider, NULL), LLM_OK);
  CHECK(llm_provider_retain(provider) == provider);
  llm_provider_free(provider);
  CHECK_STATUS(chat(provider, hello).status, LLM_OK, NULL);
  llm_provider_free(provider);
}

static void call_outlives_provider(void) {
  llm_provider *provider = NULL;
  llm_call *call = NULL;
  const llm_event *event;
  CHECK_INT(llm_provider_new("{\"type\":\"mock\"}", &provider, NULL), LLM_OK);
  CHECK_INT(llm_call_start(provider, hello, &call, NULL), LLM_OK);
  llm_provider_free(provider);
  while (llm_call_next(call, -1, &event) == LLM_OK) {
  }
  char *json = NULL;
  llm_status status = llm_call_result(call, &json);
  json_t *result = take(json);
  CHECK_STATUS(status, LLM_OK, result);
  CHECK_TEXT(text_at(result, "/text"), "Hello");
  llm_call_free(call);
}

static void decoder_outlives_provider(void) {
  llm_provider *provider = NULL;
  llm_decoder *decoder = NULL;
  char *json = NULL;
  const char body[] = "{\"choices\":[{\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}";
  CHECK_INT(llm_provider_new("{\"type\":\"mock\"}", &provider, NULL), LLM_OK);
  CHECK_INT(llm_decoder_new(provider, hello, 200, &decoder, NULL), LLM_OK);
  llm_provider_free(provider);
  CHECK_INT(llm_decoder_feed(decoder, body, sizeof body - 1, NULL, NULL), LLM_OK);
  CHECK_INT(llm_decoder_finish(decoder, NULL, NULL, &json), LLM_OK);
  CHECK_TEXT(text_at(take(json), "/text"), "Hi");
  llm_decoder_free(decoder);
}

static int free_provider(const llm_event *event, void *user_data) {
  llm_provider **provider = user_data;
  if (event->type == LLM_EVENT_TEXT) {
    llm_provider_free(*provider);
    *provider = NULL;
  }
  return 0;
}

static void freed_in_a_callback(void) {
  llm_provider *provider = NULL;
  CHECK_INT(llm_provider_new("{\"type\":\"mock\"}", &provider, NULL), LLM_OK);
  struct answer answer = stream(provider, hello, free_provider, &provider);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/text"), "Hello");
  CHECK(provider == NULL);
}

static void abandoned_call_and_decoder(void) {
  llm_call *call = NULL;
  llm_decoder *decoder = NULL;
  const llm_event *event;
  llm_provider *provider = service("never-after-text", "");
  CHECK_INT(llm_call_start(provider, hello, &call, NULL), LLM_OK);
  llm_call_free(call);
  CHECK_INT(llm_call_start(provider, hello, &call, NULL), LLM_OK);
  while (llm_call_next(call, -1, &event) == LLM_OK && event->type != LLM_EVENT_TEXT) {
  }
  llm_call_free(call);
  CHECK_INT(llm_decoder_new(provider, hello, 200, &decoder, NULL), LLM_OK);
  CHECK_INT(llm_decoder_feed(decoder, "data: {", 7, NULL, NULL), LLM_OK);
  llm_decoder_free(decoder);
}

static void connects(void) {
  char *json = NULL;
  llm_provider *provider = service("__echo", "\"name\":\"mine\"");
  llm_status status = llm_connect(provider, &json);
  json_t *result = take(json);
  CHECK_STATUS(status, LLM_OK, result);
  CHECK_TEXT(text_at(result, "/state"), "connected");
  CHECK_TEXT(text_at(result, "/provider"), "mine");
  CHECK(json_is_object(at(result, "/timing")));
  /* The connection is there for the first call. */
  struct answer answer = chat(provider, hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK(is_true(answer.json, "/metadata/timing/connection_reused"));
}

static void connect_fails(void) {
  static const struct {
    const char *script;
    llm_status status;
  } rows[] = {
      {"status-401", LLM_E_AUTHENTICATION},
      {"status-403", LLM_E_PERMISSION},
      {"status-500", LLM_E_SERVER_ERROR},
      {"reset-at-once", LLM_E_CONNECTION},
  };
  for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
    char *json = NULL;
    about(rows[row].script);
    llm_provider *provider = service(rows[row].script, "");
    llm_status status = llm_connect(provider, &json);
    json_t *error = take(json);
    CHECK_STATUS(status, rows[row].status, error);
    CHECK_TEXT(text_at(error, "/error/code"), llm_status_name(rows[row].status));
    CHECK_INT(llm_test_connection(provider, &json), LLM_OK);
    json_t *report = take(json);
    CHECK(is_false(report, "/success"));
    CHECK_TEXT(text_at(report, "/error/code"), llm_status_name(rows[row].status));
    CHECK_TEXT(text_at(report, "/provider"), "openai");
  }
}

static void test_connection_succeeds(void) {
  char *json = NULL;
  CHECK_INT(llm_test_connection(service("__echo", ""), &json), LLM_OK);
  json_t *report = take(json);
  CHECK(is_true(report, "/success"));
  CHECK(json_is_null(at(report, "/error")));
}

/* A service without a list of models has been reached all the same. */
static void connects_without_a_list_of_models(void) {
  char *json = NULL;
  llm_status status = llm_connect(service("status-404", ""), &json);
  CHECK_STATUS(status, LLM_OK, take(json));
}

static json_t *status_of(llm_provider *provider) {
  char *json = NULL;
  CHECK_INT(llm_provider_status(provider, &json), LLM_OK);
  return take(json);
}

static void status_and_availability(void) {
  llm_provider *provider = service("500-then-ok", "\"name\":\"mine\"");
  json_t *status = status_of(provider);
  CHECK_TEXT(text_at(status, "/provider"), "mine");
  CHECK_TEXT(text_at(status, "/type"), "openai");
  CHECK_TEXT(text_at(status, "/model"), "m");
  CHECK_TEXT(text_at(status, "/state"), "idle");
  CHECK_INT(int_at(status, "/counters/calls"), 0);
  CHECK(json_is_null(at(status, "/last_error")));
  CHECK_INT(llm_is_available(provider), 1);

  CHECK_INT(chat(provider, hello).status, LLM_E_SERVER_ERROR);
  status = status_of(provider);
  CHECK_TEXT(text_at(status, "/state"), "error");
  CHECK_TEXT(text_at(status, "/last_error/code"), "server_error");
  CHECK_INT(int_at(status, "/counters/failed"), 1);
  CHECK_INT(llm_is_available(provider), 0);

  CHECK_INT(chat(provider, hello).status, LLM_OK);
  status = status_of(provider);
  CHECK_TEXT(text_at(status, "/state"), "connected");
  CHECK_INT(int_at(status, "/counters/calls"), 2);
  CHECK_INT(int_at(status, "/counters/succeeded"), 1);
  CHECK_INT(int_at(status, "/counters/prompt_tokens"), 9);
  CHECK_INT(int_at(status, "/latency_ms/samples"), 1);
  CHECK_INT(int_at(status, "/connections/opened"), 1);
  CHECK_INT(int_at(status, "/connections/reused"), 1);
  CHECK_INT(llm_is_available(provider), 1);
}

/* A request that the service refuses as such says nothing against the service. */
static void a_bad_request_leaves_it_available(void) {
  llm_provider *provider = service("status-400", "");
  CHECK_INT(chat(provider, hello).status, LLM_E_INVALID_REQUEST);
  CHECK_INT(llm_is_available(provider), 1);
}

static void disconnects(void) {
  llm_provider *provider = service("__echo", "");
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  CHECK_INT(int_at(status_of(provider), "/connections/idle"), 1);
  llm_disconnect(provider);
  json_t *status = status_of(provider);
  CHECK_INT(int_at(status, "/connections/idle"), 0);
  CHECK_TEXT(text_at(status, "/state"), "idle");
  struct answer answer = chat(provider, hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK(is_false(answer.json, "/metadata/timing/connection_reused"));
}

static void capabilities(void) {
  char *json = NULL;
  CHECK_INT(llm_capabilities(service("__echo", ""), &json), LLM_OK);
  json_t *result = take(json);
  CHECK_TEXT(text_at(result, "/type"), "openai");
  static const char *const names[] = {"/streaming", "/tools",      "/parallel_tools", "/json_schema",
                                      "/vision",    "/embeddings", "/model_list"};
  for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
    about(names[index]);
    CHECK(is_true(result, names[index]));
  }
}

const struct test_case lifecycle_cases[] = {
    CASE(new_and_free),
    CASE(failed_new_leaves_null),
    CASE(retained),
    CASE(call_outlives_provider),
    CASE(decoder_outlives_provider),
    CASE(freed_in_a_callback),
    CASE(abandoned_call_and_decoder),
    CASE(connects),
    CASE(connect_fails),
    CASE(test_connection_succeeds),
    CASE(connects_without_a_list_of_models),
    CASE(status_and_availability),
    CASE(a_bad_request_leaves_it_available),
    CASE(disconnects),
    CASE(capabilities),
    {0},
};
