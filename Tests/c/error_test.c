/* Servers that misbehave: the right code, the right stage, and what had arrived. */
#include "test.h"

/* What a script leads to: of llm_chat and of llm_stream; a partial text of NULL means that there is no
 * partial. */
struct row {
  const char *script;
  llm_status chat_status;
  const char *chat_stage;
  llm_status stream_status;
  const char *stream_stage;
  const char *partial;
};

#define BOTH(status, stage) status, stage, status, stage

static const struct row rows[] = {
    {"status-400", BOTH(LLM_E_INVALID_REQUEST, "first_byte"), NULL},
    {"status-400-context", BOTH(LLM_E_CONTEXT_LENGTH, "first_byte"), NULL},
    {"status-400-content-filter", BOTH(LLM_E_CONTENT_FILTER, "first_byte"), NULL},
    {"status-401", BOTH(LLM_E_AUTHENTICATION, "first_byte"), NULL},
    {"status-403", BOTH(LLM_E_PERMISSION, "first_byte"), NULL},
    {"status-404", BOTH(LLM_E_NOT_FOUND, "first_byte"), NULL},
    {"status-408", BOTH(LLM_E_TIMEOUT, "first_byte"), NULL},
    {"status-413", BOTH(LLM_E_TOO_LARGE, "first_byte"), NULL},
    {"status-422", BOTH(LLM_E_INVALID_REQUEST, "first_byte"), NULL},
    {"status-429", BOTH(LLM_E_RATE_LIMITED, "first_byte"), NULL},
    {"status-429-ms", BOTH(LLM_E_RATE_LIMITED, "first_byte"), NULL},
    {"status-429-quota", BOTH(LLM_E_QUOTA_EXCEEDED, "first_byte"), NULL},
    {"status-500", BOTH(LLM_E_SERVER_ERROR, "first_byte"), NULL},
    {"status-500-empty", BOTH(LLM_E_SERVER_ERROR, "first_byte"), NULL},
    {"status-502", BOTH(LLM_E_SERVER_ERROR, "first_byte"), NULL},
    {"status-503", BOTH(LLM_E_OVERLOADED, "first_byte"), NULL},
    {"status-529", BOTH(LLM_E_OVERLOADED, "first_byte"), NULL},
    {"continue-refused", BOTH(LLM_E_TOO_LARGE, "first_byte"), NULL},
    {"redirect-elsewhere", BOTH(LLM_E_PROTOCOL, "first_byte"), NULL},
    {"redirect-loop", BOTH(LLM_E_PROTOCOL, "first_byte"), NULL},
    {"close-at-once", BOTH(LLM_E_CONNECTION, "first_byte"), NULL},
    {"reset-at-once", BOTH(LLM_E_CONNECTION, "first_byte"), NULL},
    {"garbage", BOTH(LLM_E_PROTOCOL, "first_byte"), NULL},
    {"header-huge", BOTH(LLM_E_TOO_LARGE, "first_byte"), NULL},
    {"error-in-200", BOTH(LLM_E_OVERLOADED, "decode"), NULL},
    {"empty-200", BOTH(LLM_E_PROTOCOL, "decode"), NULL},
    {"garbage-body", BOTH(LLM_E_PROTOCOL, "decode"), NULL},
    {"html-200", BOTH(LLM_E_PROTOCOL, "decode"), NULL},
    {"length-too-short", BOTH(LLM_E_PROTOCOL, "decode"), NULL},
    {"length-too-long", BOTH(LLM_E_CONNECTION, "stream"), NULL},
    {"reset-mid-body", BOTH(LLM_E_CONNECTION, "stream"), NULL},
    {"chunked-unterminated", BOTH(LLM_E_CONNECTION, "stream"), NULL},
    {"chunked-broken", BOTH(LLM_E_CONNECTION, "stream"), NULL},
    {"gzip-bomb", BOTH(LLM_E_TOO_LARGE, "stream"), NULL},
    {"empty-stream", BOTH(LLM_E_PROTOCOL, "decode"), NULL},
    {"stream-done-only", BOTH(LLM_E_STREAM_TRUNCATED, "stream"), NULL},
    {"stream-no-end", BOTH(LLM_E_STREAM_TRUNCATED, "stream"), "Hello! How can I help you today?"},
    {"stream-cut-complete-body", BOTH(LLM_E_STREAM_TRUNCATED, "stream"), "Hello!"},
    {"stream-cut-mid-event", BOTH(LLM_E_STREAM_TRUNCATED, "stream"), "Hello!"},
    {"stream-reset", BOTH(LLM_E_STREAM_TRUNCATED, "stream"), "Hello!"},
    {"tool-stream-cut", BOTH(LLM_E_STREAM_TRUNCATED, "stream"), ""},
    {"stream-malformed-json", BOTH(LLM_E_PROTOCOL, "decode"), "Hello"},
    {"stream-error-first", BOTH(LLM_E_RATE_LIMITED, "stream"), NULL},
    {"stream-error-midway", BOTH(LLM_E_OVERLOADED, "stream"), "Hello!"},
    {"line-endless", BOTH(LLM_E_STREAM_TRUNCATED, "stream"), NULL},
};

static void expect_error(const struct row *row, struct answer answer, llm_status status, const char *stage) {
  CHECK_STATUS(answer.status, status, answer.json);
  CHECK_TEXT(text_at(answer.json, "/error/code"), llm_status_name(status));
  CHECK_TEXT(text_at(answer.json, "/error/stage"), stage);
  CHECK_TEXT(text_at(answer.json, "/error/provider"), "openai");
  CHECK_TEXT(text_at(answer.json, "/error/model"), "m");
  CHECK(text_at(answer.json, "/error/request_id") != NULL);
  CHECK_INT((long long)json_array_size(at(answer.json, "/error/attempts")), 1);
  CHECK_TEXT(text_at(answer.json, "/error/attempts/0/code"), llm_status_name(status));
  CHECK_TEXT(text_at(answer.json, "/partial/text"), row->partial);
  const char *message = text_at(answer.json, "/error/message");
  CHECK(message && *message);
}

static void misbehaviours(void) {
  for (size_t index = 0; index < sizeof rows / sizeof *rows; index++) {
    const struct row *row = &rows[index];
    struct record record = {0};
    about(format("chat of %s", row->script));
    expect_error(row, chat(service(row->script, ""), hello), row->chat_status, row->chat_stage);
    about(format("stream of %s", row->script));
    expect_error(row, stream(service(row->script, ""), hello, record_event, &record), row->stream_status,
                 row->stream_stage);
    CHECK_INT(record.terminals, 1);
    CHECK_INT(record.last_type, LLM_EVENT_ERROR);
    if (row->partial && *row->partial) CHECK_TEXT(record.text.bytes, row->partial);
  }
}

/* The HTTP status, the service's own words, and what to do are in the document. */
static void details(void) {
  struct answer answer = chat(service("status-429-ms", ""), hello);
  CHECK_INT(int_at(answer.json, "/error/status"), 429);
  CHECK(is_true(answer.json, "/error/retryable"));
  CHECK(int_at(answer.json, "/error/retry_after_ms") > 0);
  CHECK(text_at(answer.json, "/error/provider_error/message") != NULL);
  answer = chat(service("status-401", ""), hello);
  CHECK(is_false(answer.json, "/error/retryable"));
  CHECK_PART(text_at(answer.json, "/error/request_id"), "req_test");
  answer = chat(service("redirect-elsewhere", ""), hello);
  CHECK_INT(int_at(answer.json, "/error/status"), 307);
  CHECK_PART(text_at(answer.json, "/error/message"), "base_url");
}

/* -- Time ------------------------------------------------------------------------------------------------ */

struct time_out {
  const char *script;
  const char *setting;
  const char *stage;
  const char *partial;
};

static const struct time_out time_outs[] = {
    {"never", "first_token_ms", "first_byte", NULL},
    {"never", "total_ms", "first_byte", NULL},
    {"never-after-head", "first_token_ms", "first_token", NULL},
    {"never-after-head", "total_ms", "first_token", NULL},
    {"never-after-text", "idle_ms", "stream", "Hello!"},
    {"never-after-text", "total_ms", "stream", "Hello!"},
};

static void never_answers(void) {
  for (size_t index = 0; index < sizeof time_outs / sizeof *time_outs; index++) {
    const struct time_out *row = &time_outs[index];
    struct record record = {0};
    about(format("%s with %s", row->script, row->setting));
    llm_provider *provider = service(
        row->script, format("\"timeout\":{\"%s\":%d}", row->setting, repetitions(20) == 1 ? 1500 : 200));
    struct answer answer = stream(provider, hello, record_event, &record);
    CHECK_STATUS(answer.status, LLM_E_TIMEOUT, answer.json);
    CHECK_TEXT(text_at(answer.json, "/error/stage"), row->stage);
    CHECK_PART(text_at(answer.json, "/error/message"), row->setting);
    CHECK_TEXT(text_at(answer.json, "/partial/text"), row->partial);
    CHECK_INT(record.terminals, 1);
  }
}

/* The request's own bound counts for more than the configuration's. */
static void bound_of_the_request(void) {
  llm_provider *provider = service("never", "\"timeout\":{\"total_ms\":0,\"first_token_ms\":600000}");
  struct answer answer = chat(provider, "{\"prompt\":\"x\",\"llm\":{\"timeout\":{\"total_ms\":50}}}");
  CHECK_STATUS(answer.status, LLM_E_TIMEOUT, answer.json);
}

static void handshake_that_never_ends(void) {
  static const char *const settings[] = {"connect_ms", "total_ms"};
  for (size_t index = 0; index < 2; index++) {
    about(settings[index]);
    llm_provider *provider = provider_of(format(
        "{\"type\":\"openai\",\"api_key\":\"k\",\"model\":\"m\",\"base_url\":\"https://127.0.0.1:%d/v1\","
        "\"retry\":{\"attempts\":1},\"timeout\":{\"%s\":200}}",
        server_tls_stall_port(), settings[index]));
    struct answer answer = chat(provider, hello);
    CHECK_STATUS(answer.status, LLM_E_TIMEOUT, answer.json);
    CHECK_TEXT(text_at(answer.json, "/error/stage"), index == 0 ? "tls" : "connect");
  }
}

static void nobody_listens(void) {
  llm_provider *provider =
      provider_of("{\"type\":\"openai\",\"api_key\":\"k\",\"model\":\"m\",\"retry\":{\"attempts\":"
                  "1},\"base_url\":\"http://127.0.0.1:1/v1\"}");
  struct answer answer = chat(provider, hello);
  CHECK_STATUS(answer.status, LLM_E_CONNECTION, answer.json);
  CHECK_TEXT(text_at(answer.json, "/error/stage"), "connect");
}

/* A healthy stream is not cut, however long it takes in all. */
static void slow_is_not_silent(void) {
  struct answer answer =
      chat(service("slow-tokens", "\"timeout\":{\"first_token_ms\":20000,\"idle_ms\":20000}"), hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
}

/* -- Limits ---------------------------------------------------------------------------------------------- */

static void limits(void) {
  struct record record = {0};
  struct answer answer =
      stream(service("line-3mb", "\"limits\":{\"max_event_bytes\":100000}"), hello, record_event, &record);
  CHECK_STATUS(answer.status, LLM_E_TOO_LARGE, answer.json);
  CHECK_PART(text_at(answer.json, "/error/message"), "max_event_bytes");
  answer = chat(service("ok-plain", "\"limits\":{\"max_response_bytes\":100}"), hello);
  CHECK_STATUS(answer.status, LLM_E_TOO_LARGE, answer.json);
  CHECK_PART(text_at(answer.json, "/error/message"), "max_response_bytes");
  answer = chat(service("tool-stream-parallel", "\"limits\":{\"max_tool_calls\":1}"), hello);
  CHECK_STATUS(answer.status, LLM_E_TOO_LARGE, answer.json);
}

/* Redirects are not followed: the key goes where it was meant to go, and nowhere else. */
static void key_does_not_travel(void) {
  size_t before = json_array_size(requests_to("ok-plain"));
  struct answer answer = chat(service("redirect-elsewhere", ""), hello);
  CHECK_STATUS(answer.status, LLM_E_PROTOCOL, answer.json);
  CHECK_INT((long long)json_array_size(requests_to("ok-plain")), (long long)before);
}

/* After each misbehaviour the same handle serves the next call. */
static void provider_recovers(void) {
  static const char *const firsts[] = {"@close", "@reset", "not HTTP at all", "@never"};
  for (size_t index = 0; index < sizeof firsts / sizeof *firsts; index++) {
    about(firsts[index]);
    const char *first =
        firsts[index][0] == '@' ? firsts[index] : format("@bytes %s\\n\n@close", firsts[index]);
    llm_provider *provider = service(
        script(format("%s\n===\nHTTP/1.1 200 OK\nContent-Type: application/json\n<<END\n{\"choices\":[{"
                      "\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\nEND\n",
                      first)),
        "\"timeout\":{\"first_token_ms\":2000}");
    CHECK(chat(provider, hello).status < 0);
    struct answer answer = chat(provider, hello);
    CHECK_STATUS(answer.status, LLM_OK, answer.json);
  }
}

const struct test_case error_cases[] = {
    CASE(misbehaviours),
    CASE(details),
    CASE(never_answers),
    CASE(bound_of_the_request),
    CASE(handshake_that_never_ends),
    CASE(nobody_listens),
    CASE(slow_is_not_silent),
    CASE(limits),
    CASE(key_does_not_travel),
    CASE(provider_recovers),
    {0},
};
