/* llm_call_…: the caller asks for the events. */
#include "test.h"

static llm_call *start(llm_provider *provider) {
  llm_call *call = NULL;
  char *error = NULL;
  llm_status status = llm_call_start(provider, hello, &call, &error);
  CHECK_STATUS(status, LLM_OK, take(error));
  return call;
}

static struct answer result_of(llm_call *call) {
  char *json = NULL;
  struct answer answer = {.status = llm_call_result(call, &json)};
  answer.json = take(json);
  return answer;
}

/* Pulls to the end. */
static void drain(llm_call *call, struct record *record) {
  const llm_event *event;
  llm_status status;
  while ((status = llm_call_next(call, -1, &event)) == LLM_OK) record_event(event, record);
  CHECK_INT(status, LLM_DONE);
  CHECK(event == NULL);
}

/* The same events as a callback gets, and the same result. */
static void same_as_pushed(void) {
  static const char *const scripts[] = {"ok-stream", "tool-stream-parallel", "stream-no-end",
                                        "stream-error-midway", "status-401"};
  for (size_t index = 0; index < sizeof scripts / sizeof *scripts; index++) {
    struct record pulled = {0}, pushed = {0};
    about(scripts[index]);
    llm_call *call = start(service(scripts[index], ""));
    drain(call, &pulled);
    struct answer result = result_of(call);
    llm_call_free(call);
    struct answer answer = stream(service(scripts[index], ""), hello, record_event, &pushed);
    CHECK_TEXT(pulled.log.bytes, pushed.log.bytes);
    CHECK_INT(pulled.terminals, 1);
    CHECK_STATUS(result.status, answer.status, result.json);
    CHECK_TEXT(stable(result.json), stable(answer.json));
  }
}

static void result_before_and_after(void) {
  llm_call *call = start(service("ok-stream", ""));
  char *json = (char *)"left over";
  const llm_event *event = NULL;
  CHECK_INT(llm_call_result(call, &json), LLM_PENDING);
  CHECK(json == NULL);
  while (llm_call_next(call, -1, &event) == LLM_OK && event->type != LLM_EVENT_FINISH)
    CHECK_INT(llm_call_result(call, NULL), LLM_PENDING);
  for (int round = 0; round < 3; round++) {
    CHECK_STATUS(result_of(call).status, LLM_OK, NULL);
    CHECK_INT(llm_call_next(call, 0, &event), LLM_DONE);
    CHECK(event == NULL);
  }
  llm_call_cancel(call);
  CHECK_INT(result_of(call).status, LLM_OK);
  llm_call_free(call);
}

static void pending(void) {
  llm_call *call = start(service("never-after-text", ""));
  const llm_event *event = (const llm_event *)&event;
  llm_status status = llm_call_next(call, 0, &event);
  CHECK(status == LLM_OK || status == LLM_PENDING);
  /* All that the server says, and then it falls silent. */
  struct record record = {0};
  while (!record.text.bytes || strcmp(record.text.bytes, "Hello!") != 0) {
    status = llm_call_next(call, 1000, &event);
    if (status == LLM_OK) record_event(event, &record);
    if (!CHECK(status >= 0)) break;
  }
  for (int timeout = 0; timeout < 60; timeout += 20) {
    CHECK_INT(llm_call_next(call, timeout, &event), LLM_PENDING);
    CHECK(event == NULL);
  }
  llm_call_free(call);
}

static void without_waiting(void) {
  llm_call *call = start(service("slow-tokens", ""));
  struct record record = {0};
  const llm_event *event;
  llm_status status;
  int waits = 0;
  while ((status = llm_call_next(call, 0, &event)) != LLM_DONE) {
    if (status == LLM_OK) record_event(event, &record);
    waits += status == LLM_PENDING;
  }
  CHECK_INT(record.terminals, 1);
  CHECK(waits > 0);
  CHECK_STATUS(result_of(call).status, LLM_OK, NULL);
  llm_call_free(call);
}

/* An event is what it was until the next function is called, and its chunk as well. */
static void event_stays(void) {
  llm_call *call = start(service("ok-stream", ""));
  const llm_event *event;
  while (llm_call_next(call, -1, &event) == LLM_OK) {
    char *before = format("%d %s", event->type, event->data);
    const char *chunk = llm_event_json(event, NULL);
    char *chunk_before = format("%s", chunk ? chunk : "");
    llm_call_cancel(NULL);
    CHECK_TEXT(format("%d %s", event->type, event->data), before);
    if (chunk) CHECK_TEXT(chunk, chunk_before);
    if (event->type == LLM_EVENT_TEXT) CHECK_PART(chunk, "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG");
  }
  llm_call_free(call);
}

static void many_at_once(void) {
  enum { count = 40 };
  llm_provider *provider = service("__echo", "");
  llm_call *calls[count];
  struct record *records = (struct record *)keep_text(calloc(count, sizeof *records));
  int open = count;
  for (int index = 0; index < count; index++) {
    char *error = NULL;
    llm_status status =
        llm_call_start(provider, format("{\"prompt\":\"call %d\"}", index), &calls[index], &error);
    CHECK_STATUS(status, LLM_OK, take(error));
  }
  while (open > 0) {
    open = 0;
    for (int index = 0; index < count; index++) {
      const llm_event *event;
      llm_status status = llm_call_next(calls[index], 0, &event);
      if (status == LLM_OK) record_event(event, &records[index]);
      open += status != LLM_DONE;
    }
  }
  for (int index = 0; index < count; index++) {
    CHECK_TEXT(records[index].text.bytes, format("call %d", index));
    CHECK_INT(records[index].terminals, 1);
    llm_call_free(calls[index]);
  }
}

static void refused(void) {
  llm_call *call = (llm_call *)&call;
  char *json = NULL;
  llm_status status = llm_call_start(mock(""), "{\"messages\":7}", &call, &json);
  json_t *error = take(json);
  CHECK_STATUS(status, LLM_E_INVALID_REQUEST, error);
  CHECK_TEXT(text_at(error, "/error/param"), "/messages");
  CHECK(call == NULL);
}

const struct test_case pull_cases[] = {
    CASE(same_as_pushed), CASE(result_before_and_after),
    CASE(pending),        CASE(without_waiting),
    CASE(event_stays),    CASE(many_at_once),
    CASE(refused),        {0},
};
