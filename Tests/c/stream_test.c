/* llm_stream: events, and the result that they add up to. */
#include "test.h"

static void events_in_order(void) {
  struct record record = {0};
  struct answer answer = stream(service("ok-stream", ""), hello, record_event, &record);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(record.text.bytes, text_at(answer.json, "/text"));
  CHECK_INT(record.terminals, 1);
  CHECK_INT(record.last_type, LLM_EVENT_FINISH);
  CHECK(strncmp(record.log.bytes, "1 0 0 {", 7) == 0);
  const char *response = strstr(record.log.bytes, "\n2 0 0 {"),
             *text = strstr(record.log.bytes, "\n3 0 0 Hello ");
  const char *usage = strstr(record.log.bytes, "\n10 0 0 {");
  CHECK(response && text && usage && response < text && text < usage);
  CHECK_PART(response, "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG");
}

/* Every script of a stream that ends as it should. */
static const char *const whole_streams[] = {
    "ok-stream",
    "ok-stream-crlf",
    "ok-stream-split",
    "gzip-stream",
    "stream-no-done",
    "stream-no-blank-at-end",
    "line-3mb",
    "slow-first-token",
    "reasoning-stream",
    "refusal-stream",
    "stream-asked-plain-given",
    "tool-stream",
    "tool-stream-parallel",
    "tool-stream-no-index",
    "tool-stream-same-index",
    "delta-1mb",
};

/* The result that llm_stream hands out, the document of FINISH, and what llm_chat makes of the same bytes. */
static void result_is_finish_is_chat(void) {
  for (size_t index = 0; index < sizeof whole_streams / sizeof *whole_streams; index++) {
    struct record record = {0};
    about(whole_streams[index]);
    struct answer streamed = stream(service(whole_streams[index], ""), hello, record_event, &record);
    CHECK_STATUS(streamed.status, LLM_OK, streamed.json);
    CHECK_INT(record.terminals, 1);
    CHECK(json_equal(streamed.json, record.last_document));
    struct answer whole = chat(service(whole_streams[index], ""), hello);
    CHECK_STATUS(whole.status, LLM_OK, whole.json);
    CHECK_TEXT(stable(whole.json), stable(streamed.json));
  }
}

static void tools_do_not_merge(void) {
  static const char *const scripts[] = {"tool-stream-parallel", "tool-stream-no-index",
                                        "tool-stream-same-index"};
  for (size_t index = 0; index < sizeof scripts / sizeof *scripts; index++) {
    struct record record = {0};
    about(scripts[index]);
    struct answer answer = stream(service(scripts[index], ""), hello, record_event, &record);
    CHECK_STATUS(answer.status, LLM_OK, answer.json);
    json_t *calls = at(answer.json, "/choices/0/message/tool_calls"), *call;
    CHECK_INT((long long)json_array_size(calls), 2);
    CHECK_TEXT(text_at(answer.json, "/choices/0/finish_reason"), "tool_calls");
    size_t place;
    json_array_foreach(calls, place, call) {
      json_t *arguments = keep_json(json_loads(
          text_at(call, "/function/arguments") ? text_at(call, "/function/arguments") : "", 0, NULL));
      CHECK(json_is_object(arguments));
      CHECK_PART(record.log.bytes, format("\n%d 0 %zu  %s %s\n", LLM_EVENT_TOOL_CALL, place,
                                          text_at(call, "/id"), text_at(call, "/function/name")));
      CHECK_PART(record.log.bytes, format("\n%d 0 %zu  %s %s\n", LLM_EVENT_TOOL_CALL_END, place,
                                          text_at(call, "/id"), text_at(call, "/function/name")));
    }
  }
}

static void other_channels(void) {
  struct record record = {0};
  struct answer answer = stream(service("reasoning-stream", ""), hello, record_event, &record);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK(text_at(answer.json, "/choices/0/message/reasoning_content") != NULL);
  CHECK_PART(record.log.bytes, "\n4 0 ");
  memset(&record, 0, sizeof record);
  answer = stream(service("refusal-stream", ""), hello, record_event, &record);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK(text_at(answer.json, "/choices/0/message/refusal") != NULL);
  CHECK_PART(record.log.bytes, "\n5 0 ");
}

/* A cut anywhere, in the bytes of one event and of one character: the same events. */
static void cuts_change_nothing(void) {
  struct record whole = {0}, split = {0};
  CHECK_INT(stream(service("ok-stream", ""), hello, record_event, &whole).status, LLM_OK);
  CHECK_INT(stream(service("ok-stream-split", ""), hello, record_event, &split).status, LLM_OK);
  CHECK(strstr(split.text.bytes, "\xef\xbf\xbd") == NULL);
  for (int size = 1; size < 40; size += 6) {
    struct record cut = {0};
    const char *path = format("__gen/20/300/write-%d", size);
    about(path);
    struct answer answer = stream(service(path, ""), hello, record_event, &cut);
    CHECK_STATUS(answer.status, LLM_OK, answer.json);
    CHECK_TEXT(cut.text.bytes, "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n16 17 18 19 ");
  }
}

/* A megabyte of answer in small deltas: all of it arrives, and is in the result. */
static void megabyte_of_deltas(void) {
  int events = repetitions(200000);
  struct record record = {0};
  size_t length = 0;
  for (int number = 0; number < events; number++) length += (size_t)snprintf(NULL, 0, "%d ", number);
  struct answer answer = stream(service(format("__gen/%d/300", events), ""), hello, record_event, &record);
  CHECK_STATUS(answer.status, LLM_OK, NULL);
  CHECK_INT((long long)record.text.length, (long long)length);
  CHECK_INT((long long)json_string_length(at(answer.json, "/text")), (long long)length);
  CHECK(record.text.bytes && memcmp(record.text.bytes, text_at(answer.json, "/text"), length) == 0);
  CHECK_INT(record.terminals, 1);
}

/* -- Breaking off ---------------------------------------------------------------------------------------- */

static void cancelled_by_the_callback(void) {
  for (int event = 1; event < 9; event++) {
    struct record record = {.stop_after = event};
    about(format("event %d", event));
    struct answer answer = stream(service("ok-stream", ""), hello, record_event, &record);
    CHECK_STATUS(answer.status, LLM_E_CANCELLED, answer.json);
    CHECK_INT(record.terminals, 1);
    CHECK_INT(record.last_type, LLM_EVENT_CANCELLED);
    CHECK_INT(record.events, event + 1);
    CHECK(json_equal(answer.json, record.last_document));
    CHECK_TEXT(text_at(answer.json, "/partial/text"),
               record.text.bytes ? record.text.bytes : text_at(answer.json, "/partial/text"));
  }
}

/* What a callback answers to the terminal event is of no account. */
static void cancelled_too_late(void) {
  struct record record = {.stop_at_type = LLM_EVENT_FINISH};
  struct answer answer = stream(service("ok-stream", ""), hello, record_event, &record);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
}

static void cancelled_at_start(void) {
  struct record record = {.stop_at_type = LLM_EVENT_START};
  llm_provider *provider = service("ok-stream", "");
  const char *path = last_path();
  CHECK_INT(stream(provider, hello, record_event, &record).status, LLM_E_CANCELLED);
  CHECK_INT((long long)json_array_size(requests_to(path)), 0);
}

static void refused_requests_tell_nothing(void) {
  static const char *const requests[] = {"", "{", "{}", "{\"messages\":[]}", "{\"prompt\":\"x\",\"n\":0}"};
  for (size_t index = 0; index < sizeof requests / sizeof *requests; index++) {
    struct record record = {0};
    about(requests[index]);
    struct answer answer = stream(service("ok-stream", ""), requests[index], record_event, &record);
    CHECK_STATUS(answer.status, LLM_E_INVALID_REQUEST, answer.json);
    CHECK_INT(record.events, 0);
  }
}

/* -- Calling back into the library ----------------------------------------------------------------------- */

struct nested {
  llm_provider *provider;
  int calls;
};

static int call_back(const llm_event *event, void *user_data) {
  struct nested *nested = user_data;
  if (event->type != LLM_EVENT_TEXT || nested->calls == 3) return 0;
  nested->calls++;
  struct answer answer = chat(nested->provider, "{\"prompt\":\"inner\"}");
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/text"), "inner");
  struct record record = {0};
  answer = stream(nested->provider, "{\"prompt\":\"innermost\"}", record_event, &record);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(record.text.bytes, "innermost");
  char *json = NULL;
  CHECK_INT(llm_provider_status(nested->provider, &json), LLM_OK);
  take(json);
  llm_disconnect(nested->provider);
  return 0;
}

static void calls_within_a_callback(void) {
  struct nested nested = {.provider = service("__echo", "")};
  struct answer answer = stream(nested.provider, "{\"prompt\":\"The outer answer.\"}", call_back, &nested);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/text"), "The outer answer.");
  CHECK_INT(nested.calls, 3);
  nested = (struct nested){.provider = mock("")};
  answer = stream(nested.provider, "{\"prompt\":\"The outer answer.\"}", call_back, &nested);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/text"), "The outer answer.");
  CHECK_INT(nested.calls, 3);
}

/* -- Events as chunks ------------------------------------------------------------------------------------ */

struct chunks {
  struct growing text;
  int count, without;
  json_t *last;
};

static int collect_chunk(const llm_event *event, void *user_data) {
  struct chunks *chunks = user_data;
  size_t length = 4711;
  const char *json = llm_event_json(event, &length);
  if (!json) {
    CHECK_INT((long long)length, 0);
    CHECK(event->type == LLM_EVENT_START || event->type == LLM_EVENT_TOOL_CALL_END);
    chunks->without++;
    return 0;
  }
  CHECK_INT((long long)length, (long long)strlen(json));
  CHECK_TEXT(llm_event_json(event, NULL), json);
  chunks->last = keep_json(json_loads(json, 0, NULL));
  chunks->count++;
  CHECK_TEXT(text_at(chunks->last, "/object"), "chat.completion.chunk");
  CHECK_TEXT(text_at(chunks->last, "/id"), "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG");
  if (event->type == LLM_EVENT_TEXT)
    CHECK_TEXT(text_at(chunks->last, "/choices/0/delta/content"), event->data);
  return 0;
}

static void events_as_chunks(void) {
  struct chunks chunks = {0};
  struct answer answer = stream(service("ok-stream", ""), hello, collect_chunk, &chunks);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_INT(chunks.without, 1);
  CHECK(chunks.count > 5);
  CHECK_TEXT(text_at(chunks.last, "/choices/0/finish_reason"), "stop");
  memset(&chunks, 0, sizeof chunks);
  answer = stream(service("tool-stream", ""), hello, collect_chunk, &chunks);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(chunks.last, "/choices/0/finish_reason"), "tool_calls");
  CHECK_INT(chunks.without, 2);
}

static int expect_error_document(const llm_event *event, void *user_data) {
  if (event->type == LLM_EVENT_ERROR) CHECK_TEXT(llm_event_json(event, NULL), event->data);
  *(int *)user_data += event->type == LLM_EVENT_ERROR;
  return 0;
}

static void error_as_chunk(void) {
  int errors = 0;
  stream(service("status-401", ""), hello, expect_error_document, &errors);
  CHECK_INT(errors, 1);
  CHECK(llm_event_json(NULL, NULL) == NULL);
}

static void raw_frames(void) {
  struct record record = {0};
  struct answer answer =
      stream(service("ok-stream", ""), "{\"prompt\":\"x\",\"llm\":{\"raw\":true}}", record_event, &record);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_PART(record.log.bytes, "\n13 0 0 {\"id\":\"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG\"");
  CHECK_PART(record.log.bytes, "\n13 0 0 [DONE] ");
}

const struct test_case stream_cases[] = {
    CASE(events_in_order),
    CASE(result_is_finish_is_chat),
    CASE(tools_do_not_merge),
    CASE(other_channels),
    CASE(cuts_change_nothing),
    CASE(megabyte_of_deltas),
    CASE(cancelled_by_the_callback),
    CASE(cancelled_too_late),
    CASE(cancelled_at_start),
    CASE(refused_requests_tell_nothing),
    CASE(calls_within_a_callback),
    CASE(events_as_chunks),
    CASE(error_as_chunk),
    CASE(raw_frames),
    {0},
};
