/* llm_call_cancel from another thread: the waiting thread wakes, the socket is closed, one CANCELLED ends the
 * call. */
#include "test.h"

#include <pthread.h>

struct waiter {
  llm_call *call;
  struct record record;
  llm_status status;
};

static void *pull_to_the_end(void *argument) {
  struct waiter *waiter = argument;
  const llm_event *event;
  while ((waiter->status = llm_call_next(waiter->call, -1, &event)) == LLM_OK)
    record_event(event, &waiter->record);
  return NULL;
}

static int request_arrived(void *path) {
  return json_array_size(requests_to(path)) > 0;
}

static int text_arrived(void *waiter) {
  return __atomic_load_n(&((struct waiter *)waiter)->record.last_type, __ATOMIC_ACQUIRE) == LLM_EVENT_TEXT;
}

static long long aborted(void) {
  return int_at(server_get("/__stats"), "/aborted");
}

struct expectation {
  long long aborted;
};

static int was_aborted(void *expectation) {
  return aborted() > ((struct expectation *)expectation)->aborted;
}

static void cancel_in_another_thread(const char *script_name, int (*condition)(void *), int takes_waiter) {
  struct expectation before = {aborted()};
  struct waiter waiter = {0};
  llm_provider *provider = service(script_name, "");
  const char *path = last_path();
  pthread_t thread;
  about(script_name);
  CHECK_INT(llm_call_start(provider, hello, &waiter.call, NULL), LLM_OK);
  pthread_create(&thread, NULL, pull_to_the_end, &waiter);
  CHECK(wait_until(condition, takes_waiter ? (void *)&waiter : (void *)path));
  for (int round = 0; round < 3; round++) llm_call_cancel(waiter.call);
  pthread_join(thread, NULL);
  CHECK_INT(waiter.status, LLM_DONE);
  CHECK_INT(waiter.record.terminals, 1);
  CHECK_INT(waiter.record.last_type, LLM_EVENT_CANCELLED);
  /* The server saw the connection go while it was answering. */
  CHECK(wait_until(was_aborted, &before));
  char *json = NULL;
  CHECK_INT(llm_call_result(waiter.call, &json), LLM_E_CANCELLED);
  json_t *error = take(json);
  CHECK_TEXT(text_at(error, "/error/code"), "cancelled");
  if (takes_waiter) CHECK_TEXT(text_at(error, "/partial/text"), waiter.record.text.bytes);
  llm_call_free(waiter.call);
  /* The provider goes on as if nothing had been. */
  CHECK_INT(llm_is_available(provider), 1);
}

static void before_the_first_byte(void) {
  cancel_in_another_thread("never", request_arrived, 0);
}
static void after_the_head(void) {
  cancel_in_another_thread("never-after-head", request_arrived, 0);
}
static void in_the_middle(void) {
  cancel_in_another_thread("never-after-text", text_arrived, 1);
}

/* While the library pauses between two attempts. */
static void in_a_pause(void) {
  struct waiter waiter = {0};
  llm_provider *provider =
      service("status-500", "\"retry\":{\"delay_ms\":60000,\"max_delay_ms\":60000,\"jitter\":false}");
  char *path = (char *)last_path();
  pthread_t thread;
  CHECK_INT(llm_call_start(provider, hello, &waiter.call, NULL), LLM_OK);
  pthread_create(&thread, NULL, pull_to_the_end, &waiter);
  CHECK(wait_until(request_arrived, path));
  llm_call_cancel(waiter.call);
  pthread_join(thread, NULL);
  CHECK_INT(waiter.record.last_type, LLM_EVENT_CANCELLED);
  llm_call_free(waiter.call);
}

static void before_it_is_pulled(void) {
  struct waiter waiter = {0};
  llm_provider *provider = service("ok-stream", "");
  const char *path = last_path();
  CHECK_INT(llm_call_start(provider, hello, &waiter.call, NULL), LLM_OK);
  llm_call_cancel(waiter.call);
  pull_to_the_end(&waiter);
  CHECK_INT(waiter.record.events, 1);
  CHECK_INT(waiter.record.last_type, LLM_EVENT_CANCELLED);
  CHECK_INT((long long)json_array_size(requests_to(path)), 0);
  llm_call_free(waiter.call);
}

static void by_freeing(void) {
  struct expectation before = {aborted()};
  llm_call *call = NULL;
  const llm_event *event = NULL;
  CHECK_INT(llm_call_start(service("never-after-text", ""), hello, &call, NULL), LLM_OK);
  while (llm_call_next(call, -1, &event) == LLM_OK && event->type != LLM_EVENT_TEXT) {
  }
  llm_call_free(call);
  CHECK(wait_until(was_aborted, &before));
}

static void by_the_callback(void) {
  struct expectation before = {aborted()};
  struct record record = {.stop_at_type = LLM_EVENT_TEXT};
  struct answer answer = stream(service("never-after-text", ""), hello, record_event, &record);
  CHECK_STATUS(answer.status, LLM_E_CANCELLED, answer.json);
  CHECK_TEXT(text_at(answer.json, "/partial/text"), "Hello");
  CHECK(wait_until(was_aborted, &before));
}

/* The mock waits without a socket, and wakes all the same. */
static void without_a_socket(void) {
  struct waiter waiter = {0};
  pthread_t thread;
  CHECK_INT(llm_call_start(mock("\"delay_ms\":60000"), hello, &waiter.call, NULL), LLM_OK);
  pthread_create(&thread, NULL, pull_to_the_end, &waiter);
  CHECK(wait_until(text_arrived, &waiter));
  llm_call_cancel(waiter.call);
  pthread_join(thread, NULL);
  CHECK_INT(waiter.record.terminals, 1);
  CHECK_INT(waiter.record.last_type, LLM_EVENT_CANCELLED);
  llm_call_free(waiter.call);
}

/* What a call says of itself is handed over when it comes about, and not when the service next says
 * something. */
static void events_do_not_wait(void) {
  llm_call *call = NULL;
  const llm_event *event = NULL;
  CHECK_INT(llm_call_start(service("never", ""), hello, &call, NULL), LLM_OK);
  CHECK_INT(llm_call_next(call, -1, &event), LLM_OK);
  CHECK_INT(event ? event->type : 0, LLM_EVENT_START);
  llm_call_free(call);
}

const struct test_case cancel_cases[] = {
    CASE(before_the_first_byte), CASE(after_the_head),
    CASE(in_the_middle),         CASE(in_a_pause),
    CASE(before_it_is_pulled),   CASE(by_freeing),
    CASE(by_the_callback),       CASE(without_a_socket),
    CASE(events_do_not_wait),    {0},
};
