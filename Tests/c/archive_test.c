/* The cache, recordings and their replay, over real sockets and real files. */
#define _GNU_SOURCE
#include "test.h"

#include <dirent.h>
#include <ftw.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

/* -- Directories ----------------------------------------------------------------------------------------- */

static const char *new_directory(void) {
  char *path = format("/tmp/llm-archive-XXXXXX");
  CHECK(mkdtemp(path) != NULL);
  return path;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place) {
  (void)status;
  (void)type;
  (void)place;
  return remove(path);
}

static void remove_directory(const char *path) {
  nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static char *contents(const char *path) {
  FILE *file = fopen(path, "rb");
  char *text = NULL;
  size_t size = 0;
  if (!file) return NULL;
  ssize_t length = getdelim(&text, &size, '\0', file);
  fclose(file);
  if (length < 0) {
    free(text);
    return NULL;
  }
  return keep_text(text);
}

/* All files of a directory, one after the other; their number. */
static int read_all(const char *path, const char **all) {
  DIR *directory = opendir(path);
  int count = 0;
  *all = "";
  if (!directory) return 0;
  for (struct dirent *entry; (entry = readdir(directory));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    const char *text = contents(format("%s/%s", path, entry->d_name));
    *all = format("%s%s", *all, text ? text : "");
    count++;
  }
  closedir(directory);
  return count;
}

static int count_files(const char *path) {
  const char *all;
  return read_all(path, &all);
}

static int requests(const char *path) {
  return (int)json_array_size(requests_to(path));
}

/* A log without its terminal event. */
static const char *before_end(const struct record *record) {
  char *text = format("%s", record->log.bytes ? record->log.bytes : "");
  char *line = strlen(text) > 1 ? memrchr(text, '\n', strlen(text) - 1) : NULL;
  if (line) line[1] = '\0';
  return text;
}

static json_t *status_of(llm_provider *provider) {
  char *json = NULL;
  CHECK_INT(llm_provider_status(provider, &json), LLM_OK);
  return take(json);
}

/* -- The cache ------------------------------------------------------------------------------------------- */

static const char memory[] = "\"cache\":{\"type\":\"memory\"}";

static void count_hits(const char *event_json, void *hits) {
  if (strstr(event_json, "\"cache_hit\"")) ++*(int *)hits;
}

static void cached_chat(void) {
  int hits = 0;
  llm_provider *provider = service("ok-plain", memory);
  const char *path = last_path();
  llm_provider_set_observer(provider, count_hits, &hits);
  struct answer first = chat(provider, hello), second = chat(provider, hello);
  CHECK_STATUS(first.status, LLM_OK, first.json);
  CHECK_STATUS(second.status, LLM_OK, second.json);
  CHECK_INT(requests(path), 1);
  CHECK(is_false(first.json, "/metadata/cached"));
  CHECK(is_true(second.json, "/metadata/cached"));
  CHECK_TEXT(text_at(second.json, "/text"), text_at(first.json, "/text"));
  CHECK_TEXT(text_at(second.json, "/id"), text_at(first.json, "/id"));
  CHECK_INT(hits, 1);
  json_t *status = status_of(provider);
  CHECK_INT(int_at(status, "/cache/hits"), 1);
  CHECK_INT(int_at(status, "/cache/misses"), 1);
  CHECK_INT(int_at(status, "/cache/entries"), 1);
  CHECK(int_at(status, "/cache/bytes") > 0);
}

static void cached_stream(void) {
  static const char *const scripts[] = {"ok-stream", "tool-stream-parallel", "reasoning-stream",
                                        "ok-stream-split"};
  for (size_t index = 0; index < sizeof scripts / sizeof *scripts; index++) {
    struct record first = {0}, second = {0}, pulled = {0};
    about(scripts[index]);
    llm_provider *provider = service(scripts[index], memory);
    const char *path = last_path();
    CHECK_INT(stream(provider, hello, record_event, &first).status, LLM_OK);
    CHECK_INT(stream(provider, hello, record_event, &second).status, LLM_OK);
    CHECK_TEXT(before_end(&second), before_end(&first));
    CHECK(is_true(second.last_document, "/metadata/cached"));
    llm_call *call = NULL;
    const llm_event *event;
    CHECK_INT(llm_call_start(provider, hello, &call, NULL), LLM_OK);
    while (llm_call_next(call, -1, &event) == LLM_OK) record_event(event, &pulled);
    llm_call_free(call);
    CHECK_TEXT(before_end(&pulled), before_end(&first));
    CHECK_INT(requests(path), 1);
  }
}

static void wishes_of_a_request(void) {
  llm_provider *provider = service("ok-plain", memory);
  const char *path = last_path();
  static const char *const llm[] = {"true",
                                    "false",
                                    "{\"no_cache\":true}",
                                    "{\"no_store\":true}",
                                    "{\"ttl_s\":60,\"max_age_s\":60}",
                                    "{\"namespace\":\"other\"}"};
  static const int sent[] = {1, 2, 3, 3, 3, 4};
  for (size_t index = 0; index < sizeof sent / sizeof *sent; index++) {
    about(llm[index]);
    struct answer answer = chat(provider, format("{\"prompt\":\"x\",\"llm\":{\"cache\":%s}}", llm[index]));
    CHECK_STATUS(answer.status, LLM_OK, answer.json);
    CHECK_INT(requests(path), sent[index]);
  }
  about(NULL);
  struct answer answer = chat(provider, "{\"prompt\":\"x\",\"llm\":{\"cache\":{\"ttl\":1}}}");
  CHECK_STATUS(answer.status, LLM_E_INVALID_REQUEST, answer.json);
  CHECK_PART(text_at(answer.json, "/error/message"), "did you mean \"ttl_s\"?");
}

static void errors_are_not_cached(void) {
  llm_provider *provider = service("500-then-ok", memory);
  CHECK_INT(chat(provider, hello).status, LLM_E_SERVER_ERROR);
  struct answer answer = chat(provider, hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK(is_false(answer.json, "/metadata/cached"));
}

/* A key that is no longer good is not answered for by the cache. */
static void connecting_is_not_cached(void) {
  llm_provider *provider = service("__echo", memory);
  int before = requests("__echo");
  for (int round = 0; round < 2; round++) {
    char *json = NULL;
    CHECK_STATUS(llm_connect(provider, &json), LLM_OK, NULL);
    llm_free(json);
  }
  CHECK(requests("__echo") >= before + 2);
}

/* What another process would find. */
static void cached_on_disk(void) {
  const char *directory = new_directory();
  const char *members = format("\"cache\":{\"type\":\"disk\",\"path\":\"%s/deeper/still\"}", directory);
  struct record first = {0}, second = {0};
  llm_provider *provider = service("ok-stream", members);
  const char *path = last_path();
  const char *config =
      format("{\"type\":\"openai\",\"api\":\"chat\",\"base_url\":\"http://127.0.0.1:%d/%s/v1\","
             "\"model\":\"m\",%s,\"api_key\":",
             server_port(), path, members);
  CHECK_INT(stream(provider, hello, record_event, &first).status, LLM_OK);
  CHECK_INT(stream(provider_of(format("%s\"k\"}", config)), hello, record_event, &second).status, LLM_OK);
  CHECK_TEXT(before_end(&second), before_end(&first));
  CHECK(is_true(second.last_document, "/metadata/cached"));
  CHECK_INT(requests(path), 1);
  CHECK_INT(count_files(format("%s/deeper/still", directory)), 1);
  struct stat status;
  CHECK_INT(stat(format("%s/deeper/still", directory), &status), 0);
  CHECK_INT(status.st_mode & 077, 0);
  /* Another key is another account. */
  CHECK_INT(
      stream(provider_of(format("%s\"other\"}", config)), hello, record_event, &(struct record){0}).status,
      LLM_OK);
  CHECK_INT(requests(path), 2);
  remove_directory(directory);
}

static void a_disk_that_fills_up(void) {
  const char *directory = new_directory();
  llm_provider *provider = service(
      "ok-plain", format("\"cache\":{\"type\":\"disk\",\"path\":\"%s\",\"max_bytes\":20000}", directory));
  for (int number = 0; number < 60; number++)
    CHECK_INT(chat(provider, format("{\"prompt\":\"%d\"}", number)).status, LLM_OK);
  const char *all;
  int files = read_all(directory, &all);
  CHECK(files > 3 && files < 40);
  CHECK(strlen(all) <= 22000);
  struct answer last = chat(provider, "{\"prompt\":\"59\"}");
  CHECK(is_true(last.json, "/metadata/cached"));
  remove_directory(directory);
}

/* -- Single flight --------------------------------------------------------------------------------------- */

enum { thread_count = 8 };

struct asker {
  pthread_t thread;
  llm_provider *provider;
  int right;
};

static void *ask(void *argument) {
  struct asker *asker = argument;
  char *json = NULL;
  llm_status status = llm_chat(asker->provider, hello, &json);
  asker->right = status == LLM_OK && json && strstr(json, "slowly") != NULL;
  llm_free(json);
  return NULL;
}

static void one_for_all_threads(void) {
  const char *name = script("HTTP/1.1 200 OK\nContent-Type: application/json\n@delay 100\n<<END\n"
                            "{\"choices\":[{\"message\":{\"content\":\"slowly\"}}]}\nEND\n@repeat\n");
  llm_provider *provider = service(name, memory);
  const char *path = last_path();
  struct asker askers[thread_count] = {{0}};
  for (int index = 0; index < thread_count; index++) {
    askers[index].provider = provider;
    pthread_create(&askers[index].thread, NULL, ask, &askers[index]);
  }
  for (int index = 0; index < thread_count; index++) {
    pthread_join(askers[index].thread, NULL);
    CHECK(askers[index].right);
  }
  CHECK_INT(requests(path), 1);
}

static int is_asked_twice(void *path) {
  return requests(path) == 2;
}

/* The one that is sent is let go; of those who wait one was cancelled, and the other is sent in its place. */
static void the_next_is_sent(void) {
  llm_provider *provider = service("never-after-text", memory);
  char *path = format("%s", last_path());
  llm_call *first = NULL, *second = NULL, *third = NULL;
  const llm_event *event;
  CHECK_INT(llm_call_start(provider, hello, &first, NULL), LLM_OK);
  CHECK_INT(llm_call_start(provider, hello, &second, NULL), LLM_OK);
  CHECK_INT(llm_call_start(provider, hello, &third, NULL), LLM_OK);
  do CHECK_INT(llm_call_next(first, -1, &event), LLM_OK);
  while (event->type != LLM_EVENT_TEXT);
  CHECK_INT(llm_call_next(second, 1, &event), LLM_PENDING);
  CHECK_INT(llm_call_next(third, 1, &event), LLM_PENDING);
  llm_call_cancel(second);
  CHECK_INT(llm_call_next(second, -1, &event), LLM_OK);
  CHECK_INT(event->type, LLM_EVENT_CANCELLED);
  CHECK_INT(requests(path), 1);
  llm_call_free(first);
  do CHECK_INT(llm_call_next(third, -1, &event), LLM_OK);
  while (event->type != LLM_EVENT_TEXT);
  CHECK(wait_until(is_asked_twice, path));
  llm_call_free(third);
  llm_call_free(second);
  CHECK_INT(int_at(status_of(provider), "/cache/waits"), 2);
}

/* -- Recordings ------------------------------------------------------------------------------------------ */

/* The same service, at an address where nobody listens, and without a key. */
static llm_provider *replaying(const char *path, const char *directory, const char *members) {
  return provider_of(format("{\"type\":\"openai\",\"api\":\"chat\",\"base_url\":\"http://127.0.0.1:1/%s/v1\","
                            "\"model\":\"m\",\"replay\":\"%s\"%s%s%s}",
                            path, directory, *members ? "," : "", members,
                            strstr(members, "retry") ? "" : ",\"retry\":{\"attempts\":1}"));
}

static void recorded_and_played(void) {
  static const struct {
    const char *script, *members;
  } rows[] = {
      {"ok-plain", ""},
      {"ok-stream", ""},
      {"tool-stream-parallel", ""},
      {"reasoning-stream", ""},
      {"ok-stream-split", ""},
      {"gzip-stream", ""},
      {"status-401", ""},
      {"status-429", ""},
      {"status-529", ""},
      {"status-500-empty", ""},
      {"error-in-200", ""},
      {"stream-error-midway", ""},
      {"stream-cut-mid-event", ""},
      {"stream-malformed-json", ""},
      {"stream-reset", ""},
      {"reset-at-once", ""},
      {"garbage", ""},
      {"429-then-ok-stream", "\"retry\":{\"delay_ms\":1,\"max_delay_ms\":5000}"},
      {"never-after-text", "\"timeout\":{\"idle_ms\":50}"},
      {"never", "\"timeout\":{\"first_token_ms\":50}"},
  };
  for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
    const char *directory = new_directory();
    struct record live = {0}, played = {0};
    about(rows[row].script);
    llm_provider *recording = service(rows[row].script, format("%s%s\"record\":\"%s\"", rows[row].members,
                                                               *rows[row].members ? "," : "", directory));
    const char *path = last_path();
    struct answer first = stream(recording, hello, record_event, &live);
    CHECK(count_files(directory) >= 1);
    struct answer second =
        stream(replaying(path, directory, rows[row].members), hello, record_event, &played);
    CHECK_STATUS(second.status, first.status, second.json);
    CHECK_TEXT(played.log.bytes, live.log.bytes);
    CHECK_TEXT(stable(second.json), stable(first.json));
    remove_directory(directory);
  }
}

/* One call after the other of every kind; how each ended. */
static const char *everything(llm_provider *provider) {
  char *results[5] = {0};
  llm_chat(provider, hello, &results[0]);
  llm_embed(provider, "{\"input\":[\"a\",\"b\"]}", &results[1]);
  llm_models(provider, &results[2]);
  llm_connect(provider, &results[3]);
  llm_count_tokens(provider, hello, &results[4]);
  const char *all = "";
  for (int index = 0; index < 5; index++) {
    json_t *document = take(results[index]);
    json_object_del(document, "timing");
    all = format("%s%s\n", all, stable(document));
  }
  return all;
}

static void every_operation(void) {
  const char *directory = new_directory();
  const char *live = everything(service("__echo", format("\"record\":\"%s\"", directory)));
  CHECK_PART(live, "Hello");
  CHECK_PART(live, "echo-large");
  CHECK_TEXT(everything(replaying("__echo", directory, "")), live);
  CHECK_TEXT(everything(replaying(
                 "__echo", format("%s\",\"timeout\":{\"idle_ms\":0},\"name\":\"openai", directory), "")),
             live);
  remove_directory(directory);
}

/* Services that count. */
static void counted_tokens(void) {
  const char *directory = new_directory();
  const char *name =
      script("HTTP/1.1 200 OK\nContent-Type: application/json\n<<END\n{\"input_tokens\":4711}\nEND\n");
  const char *config =
      "{\"type\":\"anthropic\",\"model\":\"claude-sonnet-4-5\",\"base_url\":\"http://127.0.0.1:%d/%s\""
      ",\"%s\":\"%s\"%s}";
  llm_provider *providers[] = {
      provider_of(format(config, server_port(), name, "record", directory, ",\"api_key\":\"k\"")),
      provider_of(format(config, 1, name, "replay", directory, ""))};
  for (int index = 0; index < 2; index++) {
    char *json = NULL;
    llm_status status = llm_count_tokens(providers[index], hello, &json);
    json_t *answer = take(json);
    CHECK_STATUS(status, LLM_OK, answer);
    CHECK_INT(int_at(answer, "/prompt_tokens"), 4711);
    CHECK(is_false(answer, "/estimated"));
  }
  remove_directory(directory);
}

static void repeated_requests(void) {
  const char *directory = new_directory();
  const char *name = script("HTTP/1.1 200 OK\nContent-Type: application/json\n<<END\n"
                            "{\"choices\":[{\"message\":{\"content\":\"one\"}}]}\nEND\n===\n"
                            "HTTP/1.1 200 OK\nContent-Type: application/json\n<<END\n"
                            "{\"choices\":[{\"message\":{\"content\":\"two\"}}]}\nEND\n");
  llm_provider *provider = service(name, format("\"record\":\"%s\"", directory));
  const char *path = last_path();
  CHECK_TEXT(text_at(chat(provider, hello).json, "/text"), "one");
  CHECK_TEXT(text_at(chat(provider, hello).json, "/text"), "two");
  CHECK_INT(int_at(status_of(provider), "/record/written"), 2);
  llm_provider *replay = replaying(path, directory, "");
  static const char *const texts[] = {"one", "two", "two"};
  for (int index = 0; index < 3; index++) {
    struct answer answer = chat(replay, hello);
    CHECK_TEXT(text_at(answer.json, "/text"), texts[index]);
    CHECK(is_false(answer.json, "/metadata/cached"));
  }
  remove_directory(directory);
}

static void what_was_not_recorded(void) {
  const char *directory = new_directory();
  CHECK_INT(chat(service("ok-plain", format("\"record\":\"%s\"", directory)), hello).status, LLM_OK);
  const char *path = last_path();
  struct answer answer = chat(replaying(path, directory, ""), "{\"prompt\":\"Goodbye\"}");
  CHECK_STATUS(answer.status, LLM_E_NOT_FOUND, answer.json);
  CHECK(is_false(answer.json, "/error/retryable"));
  const char *message = text_at(answer.json, "/error/message");
  CHECK_PART(message, format("%s holds no recording of this request (POST http://127.0.0.1:1/", directory));
  CHECK_PART(message, "; the nearest, openai-m-");
  CHECK_PART(message, "where this has");
  CHECK_PART(message, "; record it with \"record\", or let \"strict\": false of \"replay\"");
  /* With both, what is not there is sent, and then is there. */
  const char *both = format("\"replay\":{\"dir\":\"%s\",\"strict\":false,\"timing\":true},\"record\":\"%s\"",
                            directory, directory);
  llm_provider *provider = provider_of(format(
      "{\"type\":\"openai\",\"api\":\"chat\",\"base_url\":\"http://127.0.0.1:%d/%s/v1\",\"model\":\"m\",%s}",
      server_port(), path, both));
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  CHECK_INT(requests(path), 1);
  CHECK_INT(chat(provider, "{\"prompt\":\"Goodbye\"}").status, LLM_OK);
  CHECK_INT(requests(path), 2);
  CHECK_INT(chat(replaying(path, directory, ""), "{\"prompt\":\"Goodbye\"}").status, LLM_OK);
  remove_directory(directory);
}

static char *heard;

static void hear_line(int level, const char *line, void *user_data) {
  (void)user_data;
  if (level <= LLM_LOG_WARN) heard = format("%s%s\n", heard ? heard : "", line);
}

static void hear_event(const char *event_json, void *user_data) {
  (void)user_data;
  heard = format("%s%s\n", heard ? heard : "", event_json);
}

static void where_nothing_can_be_written(void) {
  heard = NULL;
  llm_set_log(hear_line, LLM_LOG_WARN, NULL);
  llm_provider *provider =
      service("ok-stream", "\"record\":\"/dev/null/nowhere\",\"cache\":{\"type\":\"disk\","
                           "\"path\":\"/dev/null/nowhere\"}");
  llm_provider_set_observer(provider, hear_event, NULL);
  struct answer answer = stream(provider, hello, record_event, &(struct record){0});
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_INT(int_at(status_of(provider), "/record/failed"), 1);
  CHECK_PART(heard, "an exchange was not recorded in /dev/null/nowhere: Not a directory\n");
  CHECK_PART(heard, "an answer was not cached in /dev/null/nowhere: Not a directory\n");
  CHECK_PART(heard, "\"event\":\"error\"");
  llm_set_log(NULL, 0, NULL);
  llm_provider *refused = NULL;
  CHECK_INT(llm_provider_new("{\"type\":\"mock\",\"replay\":\"/dev/null/nowhere\"}", &refused, NULL),
            LLM_E_INVALID_CONFIG);
}

static void no_secret_in_a_recording(void) {
  static const char *const auths[] = {"", ",\"auth\":{\"header\":\"X-Mine\"}",
                                      ",\"auth\":{\"query\":\"key\"}",
                                      ",\"headers\":{\"X-Api-Key\":\"sk-very-secret-4711\"}"};
  const char *directory = new_directory();
  for (size_t index = 0; index < sizeof auths / sizeof *auths; index++) {
    about(auths[index]);
    const char *name =
        script("HTTP/1.1 401 Unauthorized\nContent-Type: application/json\n"
               "Set-Cookie: session=4711\nopenai-organization: org-4711\nX-Request-Id: req-1\n@split 7\n"
               "<<END\n{\"error\":{\"message\":\"Incorrect key: sk-very-secret-4711.\"}}\nEND\n");
    llm_provider *provider = provider_of(
        format("{\"type\":\"openai-compatible\",\"base_url\":\"http://127.0.0.1:%d/%s/v1\",\"model\":\"m\","
               "\"api_key\":\"sk-very-secret-4711\",\"retry\":{\"attempts\":1},\"record\":\"%s\"%s}",
               server_port(), name, directory, auths[index]));
    CHECK_INT(chat(provider, hello).status, LLM_E_AUTHENTICATION);
    const char *all;
    CHECK_INT(read_all(directory, &all), (int)index + 1);
    CHECK(strstr(all, "4711") == NULL);
    CHECK_PART(all, "Hello");
    CHECK_PART(all, "req-1");
  }
  remove_directory(directory);
}

static void wrong_configurations(void) {
  static const char *const wrong[][2] = {
      {"\"cache\":{\"type\":\"disk\"}", "\"path\" is missing at /cache"},
      {"\"cache\":{\"type\":\"memroy\"}", "did you mean \"memory\"?"},
      {"\"cache\":{\"ttl_s\":0}", "outside 1 to"},
      {"\"cache\":\"memory\"", "expected boolean or object"},
      {"\"cache\":{\"no_cache\":true}", "unknown key \"no_cache\""},
      {"\"replay\":{}", "\"dir\" is missing at /replay"},
      {"\"replay\":true", "expected string or object"},
      {"\"record\":{}", "expected string"},
  };
  for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++) {
    char *json = NULL;
    llm_provider *provider = NULL;
    about(wrong[index][0]);
    llm_status status = llm_provider_new(format("{\"type\":\"mock\",%s}", wrong[index][0]), &provider, &json);
    json_t *error = take(json);
    CHECK_STATUS(status, LLM_E_INVALID_CONFIG, error);
    CHECK_PART(text_at(error, "/error/message"), wrong[index][1]);
  }
}

/* Each target of a router has its own. */
static void behind_a_router(void) {
  const char *directory = new_directory();
  service("429-then-ok", "");
  const char *pattern =
      "{\"type\":\"router\",\"models\":[{\"name\":\"fast\",\"provider\":{\"type\":\"openai\","
      "\"api\":\"chat\",\"model\":\"m\",\"base_url\":\"http://127.0.0.1:%d/%s/v1\",\"%s\":\"%s\"%s,"
      "\"retry\":{\"delay_ms\":1,\"max_delay_ms\":5000}}}]}";
  struct record live = {0}, played = {0};
  llm_provider *recording =
      provider_of(format(pattern, server_port(), last_path(), "record", directory, ",\"api_key\":\"k\""));
  llm_provider *replay = provider_of(format(pattern, 1, last_path(), "replay", directory, ""));
  const char *request = "{\"model\":\"fast\",\"prompt\":\"Hello\"}";
  struct answer first = stream(recording, request, record_event, &live);
  CHECK_STATUS(first.status, LLM_OK, first.json);
  CHECK_INT(count_files(directory), 2);
  struct answer second = stream(replay, request, record_event, &played);
  CHECK_STATUS(second.status, LLM_OK, second.json);
  CHECK_TEXT(played.log.bytes, live.log.bytes);
  remove_directory(directory);
}

/* The mock is recorded like any other service: a test suite needs no network, not even to be recorded. */
static void recordings_of_the_mock(void) {
  const char *directory = new_directory();
  struct record live = {0}, played = {0};
  llm_provider *recording = provider_of(format(
      "{\"type\":\"mock\",\"mock\":{\"responses\":[\"Good day.\"],\"chunk_size\":2},\"record\":\"%s\"}",
      directory));
  llm_provider *replay = provider_of(format("{\"type\":\"mock\",\"replay\":\"%s\"}", directory));
  CHECK_INT(stream(recording, hello, record_event, &live).status, LLM_OK);
  CHECK_INT(stream(replay, hello, record_event, &played).status, LLM_OK);
  CHECK_TEXT(played.text.bytes, "Good day.");
  CHECK_TEXT(played.log.bytes, live.log.bytes);
  remove_directory(directory);
}

const struct test_case archive_cases[] = {
    CASE(cached_chat),
    CASE(cached_stream),
    CASE(wishes_of_a_request),
    CASE(errors_are_not_cached),
    CASE(connecting_is_not_cached),
    CASE(cached_on_disk),
    CASE(a_disk_that_fills_up),
    CASE(one_for_all_threads),
    CASE(the_next_is_sent),
    CASE(recorded_and_played),
    CASE(every_operation),
    CASE(counted_tokens),
    CASE(repeated_requests),
    CASE(what_was_not_recorded),
    CASE(where_nothing_can_be_written),
    CASE(no_secret_in_a_recording),
    CASE(wrong_configurations),
    CASE(recordings_of_the_mock),
    CASE(behind_a_router),
    {0},
};
