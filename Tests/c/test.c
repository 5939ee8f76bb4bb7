#define _GNU_SOURCE
#include "test.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

const char hello[] = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

/* -- Memory --------------------------------------------------------------------------------------------- */

enum kind { TEXT, DOCUMENT, PROVIDER };

struct kept {
  struct kept *next;
  enum kind kind;
  void *thing;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct kept *kept;

static void *keep(enum kind kind, void *thing) {
  struct kept *entry = malloc(sizeof *entry);
  if (!thing || !entry) {
    free(entry);
    return thing;
  }
  entry->kind = kind;
  entry->thing = thing;
  pthread_mutex_lock(&mutex);
  entry->next = kept;
  kept = entry;
  pthread_mutex_unlock(&mutex);
  return thing;
}

static void release_kept(void) {
  while (kept) {
    struct kept *entry = kept;
    kept = entry->next;
    switch (entry->kind) {
    case TEXT:
      free(entry->thing);
      break;
    case DOCUMENT:
      json_decref(entry->thing);
      break;
    case PROVIDER:
      llm_provider_free(entry->thing);
      break;
    }
    free(entry);
  }
}

char *keep_text(char *text) {
  return keep(TEXT, text);
}
json_t *keep_json(json_t *json) {
  return keep(DOCUMENT, json);
}
llm_provider *keep_provider(llm_provider *provider) {
  return keep(PROVIDER, provider);
}

char *format(const char *pattern, ...) {
  char *text = NULL;
  va_list arguments;
  va_start(arguments, pattern);
  if (vasprintf(&text, pattern, arguments) < 0) abort();
  va_end(arguments);
  return keep_text(text);
}

/* -- Checks --------------------------------------------------------------------------------------------- */

static int failures;
static _Thread_local const char *subject;

void about(const char *name) {
  subject = name;
}

static void fail(const char *file, int line, const char *pattern, ...) __attribute__((format(printf, 3, 4)));

static void fail(const char *file, int line, const char *pattern, ...) {
  va_list arguments;
  pthread_mutex_lock(&mutex);
  failures++;
  printf("  | %s:%d: ", file, line);
  if (subject) printf("%s: ", subject);
  va_start(arguments, pattern);
  vprintf(pattern, arguments);
  va_end(arguments);
  putchar('\n');
  pthread_mutex_unlock(&mutex);
}

int check_true(const char *file, int line, const char *expression, int holds) {
  if (!holds) fail(file, line, "%s does not hold", expression);
  return holds;
}

int check_int(const char *file, int line, const char *expression, long long actual, long long expected) {
  if (actual != expected) fail(file, line, "%s is %lld, not %lld", expression, actual, expected);
  return actual == expected;
}

int check_text(const char *file, int line, const char *expression, const char *actual, const char *expected) {
  int same = actual == expected || (actual && expected && strcmp(actual, expected) == 0);
  if (!same)
    fail(file, line, "%s is\n  |   %.2000s\n  | and not\n  |   %.2000s", expression,
         actual ? actual : "(null)", expected ? expected : "(null)");
  return same;
}

int check_part(const char *file, int line, const char *expression, const char *actual, const char *part) {
  int holds = actual && strstr(actual, part);
  if (!holds) fail(file, line, "%s is '%.2000s', without '%s'", expression, actual ? actual : "(null)", part);
  return holds;
}

int check_status(const char *file, int line, const char *expression, llm_status actual, llm_status expected,
                 const json_t *document) {
  if (actual == expected) return 1;
  char *text = document ? json_dumps(document, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
  fail(file, line, "%s is %s, not %s: %.2000s", expression, llm_status_name(actual),
       llm_status_name(expected), text ? text : "no document");
  free(text);
  return 0;
}

/* -- Documents ------------------------------------------------------------------------------------------ */

json_t *take(char *text) {
  if (!text) return NULL;
  json_error_t error;
  json_t *document = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
  if (!document)
    fail(__FILE__, __LINE__, "the library handed out what is no JSON: %s: %.500s", error.text, text);
  llm_free(text);
  return keep_json(document);
}

json_t *at(const json_t *document, const char *pointer) {
  const json_t *place = document;
  while (place && *pointer == '/') {
    const char *name = pointer + 1;
    size_t length = strcspn(name, "/");
    place = json_is_array(place) ? json_array_get(place, strtoul(name, NULL, 10))
                                 : json_object_getn(place, name, length);
    pointer = name + length;
  }
  return (json_t *)place;
}

const char *text_at(const json_t *document, const char *pointer) {
  return json_string_value(at(document, pointer));
}

long long int_at(const json_t *document, const char *pointer) {
  json_t *number = at(document, pointer);
  return json_is_integer(number) ? json_integer_value(number) : -1;
}

int is_true(const json_t *document, const char *pointer) {
  json_t *place = at(document, pointer);
  return json_is_true(place);
}

int is_false(const json_t *document, const char *pointer) {
  json_t *place = at(document, pointer);
  return json_is_false(place);
}

const char *stable(const json_t *document) {
  static const char *const changing[] = {"timing", "request_id", "duration_ms"};
  json_t *copy = json_deep_copy(document);
  json_t *places[] = {at(copy, "/metadata"), at(copy, "/error")};
  for (size_t place = 0; place < sizeof places / sizeof *places; place++) {
    json_t *attempt;
    size_t index;
    for (size_t name = 0; name < sizeof changing / sizeof *changing; name++)
      json_object_del(places[place], changing[name]);
    json_array_foreach(json_object_get(places[place], "attempts"), index, attempt)
        json_object_del(attempt, "duration_ms");
  }
  char *text = json_dumps(copy, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
  json_decref(copy);
  return keep_text(text);
}

/* -- The server ------------------------------------------------------------------------------------------ */

static int number_in_environment(const char *name) {
  const char *text = getenv(name);
  return text ? atoi(text) : 0;
}

int server_port(void) {
  return number_in_environment("LLM_TEST_PORT");
}
int server_tls_stall_port(void) {
  return number_in_environment("LLM_TEST_TLS_STALL_PORT");
}
int repetitions(int normally) {
  return getenv("LLM_TEST_SLOW") ? (normally + 19) / 20 : normally;
}

/* Sends a request whose answer ends with the connection, and returns all of it. */
static char *exchange(const char *request) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server_port())};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  char *response = NULL;
  size_t length = 0, capacity = 0;
  if (connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0 &&
      send(descriptor, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request)) {
    ssize_t received = 1;
    while (received > 0) {
      if (capacity - length < 65536) response = realloc(response, capacity += 1 << 20);
      received = recv(descriptor, response + length, capacity - length - 1, 0);
      if (received > 0) length += (size_t)received;
    }
    response[length] = '\0';
  }
  close(descriptor);
  return keep_text(response);
}

json_t *server_get(const char *path) {
  char *response = exchange(format("GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path));
  const char *body = response ? strstr(response, "\r\n\r\n") : NULL;
  json_error_t error;
  json_t *document = body ? json_loads(body + 4, 0, &error) : NULL;
  if (!document)
    fail(__FILE__, __LINE__, "the test server answers %.500s to %s", response ? response : "nothing", path);
  return keep_json(document);
}

json_t *requests_to(const char *path) {
  return server_get(format("/__requests/%s", path));
}

static int next_number(void) {
  static int number;
  pthread_mutex_lock(&mutex);
  int taken = ++number;
  pthread_mutex_unlock(&mutex);
  return taken;
}

const char *script(const char *text) {
  const char *name = format("own-%d", next_number());
  const char *response =
      exchange(format("PUT /__scripts/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                      "Content-Length: %zu\r\n\r\n%s",
                      name, strlen(text), text));
  CHECK_PART(response, "HTTP/1.1 200");
  return name;
}

int wait_until(int (*condition)(void *), void *context) {
  struct timespec moment = {.tv_nsec = 2000000};
  for (int round = 0; round < 15000; round++) {
    if (condition(context)) return 1;
    nanosleep(&moment, NULL);
  }
  return 0;
}

/* -- Providers and answers ------------------------------------------------------------------------------- */

static const char *path_of_last_service;

const char *last_path(void) {
  return path_of_last_service;
}

llm_provider *provider_of(const char *config) {
  llm_provider *provider = NULL;
  char *error = NULL;
  llm_status status = llm_provider_new(config, &provider, &error);
  CHECK_STATUS(status, LLM_OK, take(error));
  return keep_provider(provider);
}

llm_provider *service(const char *name, const char *members) {
  const char *retry = strstr(members, "\"retry\"") ? "" : ",\"retry\":{\"attempts\":1}";
  path_of_last_service = name[0] == '_' ? name : format("%s~%d", name, next_number());
  return provider_of(
      format("{\"type\":\"openai\",\"api\":\"chat\",\"base_url\":\"http://127.0.0.1:%d/%s/v1\","
             "\"api_key\":\"k\",\"model\":\"m\"%s%s%s}",
             server_port(), path_of_last_service, retry, *members ? "," : "", members));
}

llm_provider *mock(const char *members) {
  return provider_of(*members ? format("{\"type\":\"mock\",\"mock\":{%s}}", members) : "{\"type\":\"mock\"}");
}

struct answer chat(llm_provider *provider, const char *request) {
  char *text = NULL;
  struct answer answer = {.status = llm_chat(provider, request, &text)};
  answer.json = take(text);
  return answer;
}

struct answer stream(llm_provider *provider, const char *request, llm_event_fn on_event, void *user_data) {
  char *text = NULL;
  struct answer answer = {.status = llm_stream(provider, request, on_event, user_data, &text)};
  answer.json = take(text);
  return answer;
}

/* -- Events --------------------------------------------------------------------------------------------- */

/* What it grows out of is left to the harness with the rest. */
static void append(struct growing *text, const char *bytes, size_t count) {
  if (text->length + count + 1 > text->capacity) {
    text->capacity = 2 * (text->length + count) + 64;
    char *larger = malloc(text->capacity);
    if (!larger) abort();
    if (text->length) memcpy(larger, text->bytes, text->length);
    text->bytes = keep_text(larger);
  }
  memcpy(text->bytes + text->length, bytes, count);
  text->length += count;
  text->bytes[text->length] = '\0';
}

static int is_terminal(int type) {
  return type >= LLM_EVENT_FINISH && type <= LLM_EVENT_CANCELLED;
}

int record_event(const llm_event *event, void *user_data) {
  struct record *record = user_data;
  record->events++;
  __atomic_store_n(&record->last_type, event->type, __ATOMIC_RELEASE);
  CHECK(event->struct_size >= sizeof(llm_event));
  CHECK(event->data != NULL && event->data[event->len] == '\0');
  CHECK_INT(record->terminals, 0);
  const char *data = event->data;
  if (is_terminal(event->type)) {
    record->terminals++;
    record->last_document = keep_json(json_loadb(event->data, event->len, JSON_ALLOW_NUL, NULL));
    CHECK(record->last_document != NULL);
    data = stable(record->last_document);
  }
  const char *line = format("%d %u %u %s %s %s\n", event->type, event->choice, event->index, data ? data : "",
                            event->id ? event->id : "-", event->name ? event->name : "-");
  append(&record->log, line, strlen(line));
  if (event->type == LLM_EVENT_TEXT && event->choice == 0) append(&record->text, event->data, event->len);
  return record->events == record->stop_after || event->type == record->stop_at_type;
}

/* -- Running -------------------------------------------------------------------------------------------- */

static const struct test_group groups[] = {
    {"status", status_cases},   {"life cycle", lifecycle_cases}, {"configuration", config_cases},
    {"chat", chat_cases},       {"stream", stream_cases},        {"pull", pull_cases},
    {"cancel", cancel_cases},   {"decoder", decoder_cases},      {"render", render_cases},
    {"models", model_cases},    {"jansson", jansson_cases},      {"observation", observer_cases},
    {"metrics", metrics_cases}, {"errors", error_cases},         {"retry", retry_cases},
    {"router", router_cases},   {"bad input", bad_input_cases},  {"secrets", secret_cases},
    {"threads", thread_cases},  {"good guest", guest_cases},     {"gates", gates_cases},
    {"archive", archive_cases},
};

/* The arguments name groups or cases to run, all without one. */
static int is_wanted(int count, char **wanted, const char *group, const char *name) {
  for (int index = 1; index < count; index++)
    if (strcmp(wanted[index], group) == 0 || strcmp(wanted[index], name) == 0) return 1;
  return count == 1;
}

int main(int count, char **wanted) {
  int failed = 0;
  const char *suffix = getenv("LLM_TEST_SLOW") ? ", under valgrind" : "";
  setvbuf(stdout, NULL, _IOLBF, 0);
  json_object_seed(1);
  for (size_t group = 0; group < sizeof groups / sizeof *groups; group++) {
    for (const struct test_case *test = groups[group].cases; test->run; test++) {
      if (!is_wanted(count, wanted, groups[group].name, test->name)) continue;
      int before = failures;
      test->run();
      about(NULL);
      release_kept();
      printf("%s %s: %s%s\n", failures == before ? "ok" : "not ok", groups[group].name, test->name, suffix);
      failed += failures != before;
    }
  }
  return failed != 0;
}
