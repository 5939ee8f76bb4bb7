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

/* A flood of small pieces, of which the program takes one. */
static const char *flood(void) {
  static char piece[] = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n";
  char *pieces = format("%s", piece);
  for (int doubling = 0; doubling < 10; doubling++) pieces = format("%s%s", pieces, pieces);
  return script(format("HTTP/1.1 200 OK\nContent-Type: text/event-stream\n@chunked\n<<END\n%sEND\n"
                       "@delay 600000\n@repeat\n",
                       pieces));
}

static llm_call *in_a_flood(void) {
  llm_call *call = NULL;
  const llm_event *event = NULL;
  CHECK_INT(llm_call_start(service(flood(), ""), hello, &call, NULL), LLM_OK);
  while (llm_call_next(call, -1, &event) == LLM_OK && event->type != LLM_EVENT_TEXT) {
  }
  return call;
}

/* What waits to be pulled does not stand before the end. */
static void queued_events_are_dropped(void) {
  const llm_event *event = NULL;
  llm_call *call = in_a_flood();
  llm_call_cancel(call);
  CHECK_INT(llm_call_next(call, -1, &event), LLM_OK);
  CHECK_INT(event ? event->type : 0, LLM_EVENT_CANCELLED);
  CHECK_INT(llm_call_next(call, -1, &event), LLM_DONE);
  CHECK_INT(llm_call_result(call, NULL), LLM_E_CANCELLED);
  llm_call_free(call);
}

static void *cancel_from_here(void *call) {
  llm_call_cancel(call);
  return NULL;
}

/* Nobody drives the call: whoever cancels closes its connection. What was handed out stays as it is. */
static void while_nobody_pulls(void) {
  struct expectation before = {aborted()};
  const llm_event *event = NULL;
  llm_call *call = NULL;
  pthread_t thread;
  CHECK_INT(llm_call_start(service("never-after-text", ""), hello, &call, NULL), LLM_OK);
  while (llm_call_next(call, -1, &event) == LLM_OK && event->type != LLM_EVENT_TEXT) {
  }
  pthread_create(&thread, NULL, cancel_from_here, call);
  pthread_join(thread, NULL);
  CHECK(wait_until(was_aborted, &before));
  CHECK_TEXT(event->data, "Hello");
  CHECK_INT(llm_call_next(call, 0, &event), LLM_OK);
  CHECK_INT(event ? event->type : 0, LLM_EVENT_CANCELLED);
  llm_call_free(call);
}

/* It ended by itself: what waits is still to be had. */
static void after_its_own_end(void) {
  struct record record = {0};
  const llm_event *event = NULL;
  llm_call *call = NULL;
  CHECK_INT(llm_call_start(mock("\"responses\":[\"one two three\"]"), hello, &call, NULL), LLM_OK);
  CHECK_INT(llm_call_next(call, -1, &event), LLM_OK);
  record_event(event, &record);
  while (llm_call_next(call, 100, &event) == LLM_OK) record_event(event, &record);
  llm_call_cancel(call);
  CHECK_INT(llm_call_result(call, NULL), LLM_OK);
  CHECK_INT(record.last_type, LLM_EVENT_FINISH);
  llm_call_free(call);
}

/* -- Blocking functions ---------------------------------------------------------------------------------- */

struct patience {
  int asked, left;
  llm_provider *provider;
};

static int ask(void *user_data) {
  struct patience *patience = user_data;
  /* Outside of all locks. */
  CHECK_INT(llm_is_available(patience->provider) >= 0, 1);
  patience->asked++;
  return patience->left-- <= 0;
}

static struct patience impatient(llm_provider *provider, int left) {
  return (struct patience){.left = left, .provider = provider};
}

static void progress_ends_a_wait(void) {
  static const char *const waits[] = {"never", "never-after-head", "never-after-text"};
  for (size_t index = 0; index < sizeof waits / sizeof *waits; index++) {
    struct expectation before = {aborted()};
    llm_provider *provider = service(waits[index], "");
    struct patience patience = impatient(provider, 1);
    about(waits[index]);
    llm_provider_set_progress(provider, ask, &patience);
    struct answer answer = chat(provider, hello);
    CHECK_STATUS(answer.status, LLM_E_CANCELLED, answer.json);
    CHECK_INT(patience.asked, 2);
    CHECK(wait_until(was_aborted, &before));
  }
}

/* In a pause between attempts, in the queue of a limit, in a mock's delay, of a router's target, of a list.
 */
static void progress_is_asked_whatever_is_waited_for(void) {
  llm_provider *limited = provider_of("{\"type\":\"mock\",\"rate_limit\":{\"requests_per_minute\":1}}");
  CHECK_INT(chat(limited, hello).status, LLM_OK);
  llm_provider *const waits[] = {
      service("status-500", "\"retry\":{\"delay_ms\":60000,\"max_delay_ms\":60000,\"jitter\":false}"),
      limited, mock("\"first_delay_ms\":60000"),
      provider_of("{\"type\":\"router\",\"models\":[{\"name\":\"m\",\"provider\":{\"type\":\"mock\","
                  "\"mock\":{\"first_delay_ms\":60000}}}]}")};
  for (size_t index = 0; index < sizeof waits / sizeof *waits; index++) {
    struct patience patience = impatient(waits[index], 0);
    struct record record = {0};
    about(format("wait %zu", index));
    llm_provider_set_progress(waits[index], ask, &patience);
    struct answer answer = stream(waits[index], hello, record_event, &record);
    CHECK_STATUS(answer.status, LLM_E_CANCELLED, answer.json);
    CHECK_INT(record.terminals, 1);
    CHECK_INT(strncmp(record.log.bytes, "1 0 0 ", 6), 0);
    CHECK_INT(patience.asked, 1);
  }
  llm_provider *silent = service("never", "");
  struct patience patience = impatient(silent, 0);
  about("llm_models, llm_connect");
  llm_provider_set_progress(silent, ask, &patience);
  CHECK_INT(llm_models(silent, NULL), LLM_E_CANCELLED);
  CHECK_INT(llm_connect(silent, NULL), LLM_E_CANCELLED);
  about(NULL);
}

static void progress_removed(void) {
  llm_provider *provider = mock("\"first_delay_ms\":150");
  struct patience patience = impatient(provider, 0);
  llm_provider_set_progress(provider, ask, &patience);
  llm_provider_set_progress(provider, NULL, NULL);
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  CHECK_INT(patience.asked, 0);
  llm_provider_set_progress(NULL, ask, NULL);
}

const struct test_case cancel_cases[] = {
    CASE(before_the_first_byte), CASE(after_the_head),
    CASE(in_the_middle),         CASE(in_a_pause),
    CASE(before_it_is_pulled),   CASE(by_freeing),
    CASE(by_the_callback),       CASE(without_a_socket),
    CASE(events_do_not_wait),    CASE(queued_events_are_dropped),
    CASE(while_nobody_pulls),    CASE(after_its_own_end),
    CASE(progress_ends_a_wait),  CASE(progress_is_asked_whatever_is_waited_for),
    CASE(progress_removed),      {0},
};
