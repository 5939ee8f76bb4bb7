/* One handle, many threads. */
#include "test.h"

#include <pthread.h>

enum { thread_count = 8 };

struct worker {
  pthread_t thread;
  llm_provider *provider;
  int number, calls, right;
};

/* The text of a stream, in a buffer of the thread's own: the harness keeps too much for so many calls. */
struct collected {
  char text[64];
  size_t length;
  int terminals;
};

static int collect(const llm_event *event, void *user_data) {
  struct collected *collected = user_data;
  collected->terminals += event->type >= LLM_EVENT_FINISH;
  if (event->type == LLM_EVENT_TEXT && collected->length + event->len < sizeof collected->text) {
    memcpy(collected->text + collected->length, event->data, event->len);
    collected->length += event->len;
  }
  return 0;
}

static int text_is(char *json, const char *text) {
  json_t *document = json ? json_loads(json, 0, NULL) : NULL;
  const char *actual = text_at(document, "/text");
  int same = actual && strcmp(actual, text) == 0;
  json_decref(document);
  llm_free(json);
  return same;
}

static int pulled(llm_provider *provider, const char *request, const char *text) {
  struct collected collected = {.length = 0};
  llm_call *call = NULL;
  const llm_event *event;
  if (llm_call_start(provider, request, &call, NULL) < 0) return 0;
  while (llm_call_next(call, -1, &event) == LLM_OK) collect(event, &collected);
  llm_call_free(call);
  return collected.terminals == 1 && strcmp(collected.text, text) == 0;
}

static int one_call(llm_provider *provider, int kind, const char *request, const char *text) {
  char *json = NULL;
  struct collected collected = {.length = 0};
  llm_status status;
  switch (kind) {
  case 0:
    status = llm_chat(provider, request, &json);
    return text_is(json, text) && status == LLM_OK;
  case 1:
    status = llm_stream(provider, request, collect, &collected, &json);
    return text_is(json, text) && status == LLM_OK && collected.terminals == 1 &&
           strcmp(collected.text, text) == 0;
  default:
    return pulled(provider, request, text);
  }
}

static void *work(void *argument) {
  struct worker *worker = argument;
  for (int call = 0; call < worker->calls; call++) {
    char text[48], request[128];
    snprintf(text, sizeof text, "thread %d, call number %d", worker->number, call);
    snprintf(request, sizeof request, "{\"prompt\":\"%s\"}", text);
    worker->right += one_call(worker->provider, call % 3, request, text);
  }
  return NULL;
}

static void run_workers(llm_provider *provider, int calls) {
  struct worker workers[thread_count];
  for (int number = 0; number < thread_count; number++) {
    workers[number] = (struct worker){.provider = provider, .number = number, .calls = calls};
    pthread_create(&workers[number].thread, NULL, work, &workers[number]);
  }
  for (int number = 0; number < thread_count; number++) {
    pthread_join(workers[number].thread, NULL);
    CHECK_INT(workers[number].right, calls);
  }
}

static void on_a_server(void) {
  int calls = repetitions(1000);
  llm_provider *provider = service("__echo", "");
  long long before = int_at(server_get("/__stats"), "/accepted");
  run_workers(provider, calls);
  /* One connection for each thread at most, and one that asks for these numbers. */
  CHECK(int_at(server_get("/__stats"), "/accepted") - before <= thread_count + 1);
  char *json = NULL;
  CHECK_INT(llm_provider_status(provider, &json), LLM_OK);
  json_t *status = take(json);
  CHECK_INT(int_at(status, "/counters/succeeded"), (long long)thread_count * calls);
  CHECK(int_at(status, "/connections/opened") <= thread_count);
  CHECK_INT(int_at(status, "/connections/opened") + int_at(status, "/connections/reused"),
            (long long)thread_count * calls);
}

static void on_the_mock(void) {
  run_workers(mock(""), repetitions(1000));
}

/* Everything at once on one handle: calls, questions, observers, connections dropped under way. */
static volatile int is_over;

static void ignore_event(const char *event_json, void *user_data) {
  (void)event_json;
  (void)user_data;
}

static void *meddle(void *argument) {
  llm_provider *provider = argument;
  while (!__atomic_load_n(&is_over, __ATOMIC_ACQUIRE)) {
    char *json = NULL;
    llm_provider_set_observer(llm_provider_retain(provider), ignore_event, NULL);
    llm_provider_status(provider, &json);
    llm_free(json);
    llm_render(provider, hello, &json);
    llm_free(json);
    llm_count_tokens(provider, hello, &json);
    llm_free(json);
    llm_disconnect(provider);
    llm_is_available(provider);
    llm_provider_set_observer(provider, NULL, NULL);
    llm_provider_free(provider);
  }
  return NULL;
}

static void with_meddlers(void) {
  pthread_t meddlers[2];
  llm_provider *provider = service("__echo", "");
  is_over = 0;
  for (int index = 0; index < 2; index++) pthread_create(&meddlers[index], NULL, meddle, provider);
  run_workers(provider, repetitions(200));
  __atomic_store_n(&is_over, 1, __ATOMIC_RELEASE);
  for (int index = 0; index < 2; index++) pthread_join(meddlers[index], NULL);
}

/* The thread that lets a handle go last need not be the one that made it. */
static void *free_it(void *provider) {
  llm_provider_free(provider);
  return NULL;
}

static void freed_elsewhere(void) {
  llm_provider *provider = NULL;
  char *config =
      format("{\"type\":\"openai\",\"api\":\"chat\",\"api_key\":\"k\",\"model\":\"m\",\"base_url\":"
             "\"http://127.0.0.1:%d/__echo/v1\"}",
             server_port());
  CHECK_INT(llm_provider_new(config, &provider, NULL), LLM_OK);
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  pthread_t thread;
  pthread_create(&thread, NULL, free_it, provider);
  pthread_join(thread, NULL);
}

const struct test_case thread_cases[] = {
    CASE(on_a_server), CASE(on_the_mock), CASE(with_meddlers), CASE(freed_elsewhere), {0},
};
