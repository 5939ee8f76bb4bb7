/* Routers: several targets behind one handle. */
#include "test.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static const char fast_retry[] = "\"retry\":{\"attempts\":2,\"delay_ms\":1,\"jitter\":false}";

/* A target's configuration, called `name`, at a path of the server that plays the script anew. */
static const char *target(const char *name, const char *path, const char *members) {
  static int tag;
  const char *play = strncmp(path, "__", 2) == 0 ? path : format("%s~router%d", path, ++tag);
  return format("{\"type\":\"openai\",\"api\":\"chat\",\"name\":\"%s\",\"model\":\"m-%s\",\"api_key\":\"k\","
                "\"base_url\":\"http://127.0.0.1:%d/%s/v1\",%s%s%s}",
                name, name, server_port(), play, fast_retry, *members ? "," : "", members);
}

/* A router with one group, `fast`, of two targets. */
static llm_provider *pair(const char *first, const char *second, const char *members) {
  return provider_of(format("{\"type\":\"router\",\"models\":[{\"name\":\"fast\",\"provider\":%s},"
                            "{\"name\":\"fast\",\"provider\":%s}]%s%s}",
                            first, second, *members ? "," : "", members));
}

static void another_target_answers(void) {
  llm_provider *router = pair(target("a", "status-500", ""), target("b", "ok-plain", ""), "");
  struct answer answer = chat(router, hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/metadata/provider"), "b");
  CHECK_TEXT(text_at(answer.json, "/metadata/attempts/0/provider"), "a");
  CHECK_TEXT(text_at(answer.json, "/metadata/attempts/0/code"), "server_error");
  CHECK_TEXT(text_at(answer.json, "/metadata/attempts/1/model"), "m-b");
}

static void a_service_that_is_not_there(void) {
  const char *nowhere = "{\"type\":\"openai-compatible\",\"name\":\"a\",\"model\":\"m\",\"base_url\":"
                        "\"http://127.0.0.1:1/v1\"}";
  struct answer answer = chat(pair(nowhere, target("b", "ok-plain", ""), ""), hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/metadata/attempts/0/code"), "connection");
}

static void all_are_down(void) {
  llm_provider *router = pair(target("a", "status-401", ""), target("b", "status-503", ""), "");
  struct answer answer = chat(router, hello);
  CHECK_STATUS(answer.status, LLM_E_OVERLOADED, answer.json);
  CHECK_TEXT(text_at(answer.json, "/error/provider"), "b");
  CHECK_INT((long long)json_array_size(at(answer.json, "/error/attempts")), 3);
  CHECK_TEXT(text_at(answer.json, "/error/attempts/0/code"), "authentication");
}

/* Its head and a comment come, and then the connection breaks. */
static const char dies_early[] =
    "HTTP/1.1 200 OK\nContent-Type: text/event-stream\n@chunked\n<<END\n: hello\n\nEND\n"
    "@delay 20\n@reset\n@repeat\n";

static void a_stream_that_dies_before_its_content(void) {
  struct record record = {0};
  llm_provider *router = pair(target("a", script(dies_early), ""), target("b", "ok-stream", ""), "");
  struct answer answer = stream(router, hello, record_event, &record);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/text"), record.text.bytes);
  CHECK_TEXT(text_at(answer.json, "/metadata/provider"), "b");
  CHECK_INT(record.terminals, 1);
  CHECK(strstr(record.log.bytes, "\n12 ") == NULL);
}

static void a_stream_that_dies_after_its_content(void) {
  struct record record = {0};
  llm_provider *router = pair(target("a", "stream-reset", ""), target("b", "ok-stream", ""), "");
  struct answer answer = stream(router, hello, record_event, &record);
  CHECK_STATUS(answer.status, LLM_E_STREAM_TRUNCATED, answer.json);
  CHECK_TEXT(text_at(answer.json, "/partial/text"), "Hello!");
  CHECK_INT((long long)json_array_size(at(answer.json, "/error/attempts")), 1);
}

static void pulled_as_well(void) {
  llm_provider *router = pair(target("a", script(dies_early), ""), target("b", "ok-stream", ""), "");
  llm_call *call = NULL;
  const llm_event *event;
  char *json = NULL;
  int terminals = 0;
  CHECK_INT(llm_call_start(router, hello, &call, NULL), LLM_OK);
  while (llm_call_next(call, -1, &event) == LLM_OK) terminals += event->type >= LLM_EVENT_FINISH;
  CHECK_INT(llm_call_result(call, &json), LLM_OK);
  CHECK_TEXT(text_at(take(json), "/metadata/provider"), "b");
  CHECK_INT(terminals, 1);
  llm_call_free(call);
}

static int closed_another(void *before) {
  return int_at(server_get("/__stats"), "/aborted") > *(long long *)before;
}

static void the_slow_one_is_hedged_and_closed(void) {
  struct record record = {0};
  long long before = int_at(server_get("/__stats"), "/aborted");
  llm_provider *router =
      pair(target("a", "never-after-head", ""), target("b", "ok-stream", ""), "\"hedge\":{\"after_ms\":20}");
  struct answer answer = stream(router, hello, record_event, &record);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/metadata/provider"), "b");
  CHECK_TEXT(text_at(answer.json, "/metadata/attempts/0/code"), "cancelled");
  CHECK_TEXT(text_at(answer.json, "/text"), record.text.bytes);
  CHECK(wait_until(closed_another, &before));
  /* The connection of the one that won is kept. */
  json_t *status = NULL;
  llm_provider_status_json(router, &status);
  CHECK_INT(int_at(keep_json(status), "/connections/idle"), 1);
}

static void errors_have_fallbacks_of_their_own(void) {
  llm_provider *router =
      provider_of(format("{\"type\":\"router\",\"models\":[{\"name\":\"small\",\"provider\":%s},{\"name\":"
                         "\"huge\",\"provider\":%s}],"
                         "\"fallbacks\":{\"small\":[{\"on\":\"context_length\",\"to\":\"huge\"}]}}",
                         target("a", "status-400-context", ""), target("b", "ok-plain", "")));
  struct answer answer = chat(router, hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/metadata/attempts/0/code"), "context_length");
  CHECK_TEXT(text_at(answer.json, "/metadata/model"), "m-b");
}

static void requests_name_groups_targets_and_models(void) {
  llm_provider *router = provider_of(format("{\"type\":\"router\",\"models\":[{\"name\":\"fast\","
                                            "\"provider\":%s},{\"name\":\"big\",\"provider\":%s}]}",
                                            target("a", "__echo", ""), target("b", "__echo", "")));
  static const char *const rows[][3] = {
      {"fast", "a", "m-a"}, {"big", "b", "m-b"}, {"m-b", "b", "m-b"}, {"b/other", "b", "other"}};
  for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
    about(rows[row][0]);
    struct answer answer = chat(router, format("{\"prompt\":\"x\",\"model\":\"%s\"}", rows[row][0]));
    CHECK_STATUS(answer.status, LLM_OK, answer.json);
    CHECK_TEXT(text_at(answer.json, "/metadata/provider"), rows[row][1]);
    CHECK_TEXT(text_at(answer.json, "/metadata/model"), rows[row][2]);
  }
  struct answer answer = chat(router, "{\"prompt\":\"x\",\"model\":\"bgi\"}");
  CHECK_STATUS(answer.status, LLM_E_NOT_FOUND, answer.json);
  CHECK_PART(text_at(answer.json, "/error/message"), "\"big\"");
}

static void every_function_takes_a_router(void) {
  llm_provider *router = pair(target("a", "__echo", ""), target("b", "__echo", ""), "\"name\":\"gate\"");
  char *json = NULL;
  CHECK_INT(llm_models(router, &json), LLM_OK);
  json_t *models = take(json);
  CHECK_TEXT(text_at(models, "/data/0/id"), "fast");
  CHECK_TEXT(text_at(models, "/data/0/targets/1"), "b/m-b");
  CHECK_TEXT(text_at(models, "/data/1/id"), "a/echo-large");
  CHECK_INT(llm_connect(router, &json), LLM_OK);
  CHECK_TEXT(text_at(take(json), "/targets/1/state"), "connected");
  CHECK_INT(llm_test_connection(router, &json), LLM_OK);
  CHECK(is_true(take(json), "/success"));
  CHECK_INT(llm_is_available(router), 1);
  CHECK_INT(llm_model_info(router, "a/echo-small", &json), LLM_OK);
  CHECK_TEXT(text_at(take(json), "/id"), "echo-small");
  CHECK_INT(llm_capabilities(router, &json), LLM_OK);
  CHECK(is_true(take(json), "/streaming"));
  CHECK_INT(llm_count_tokens(router, hello, &json), LLM_OK);
  CHECK(int_at(take(json), "/prompt_tokens") > 0);
  CHECK_INT(llm_render(router, hello, &json), LLM_OK);
  CHECK_TEXT(text_at(take(json), "/body/model"), "m-a");
  CHECK_INT(llm_embed(router, "{\"input\":\"x\",\"model\":\"fast\"}", &json), LLM_OK);
  CHECK_TEXT(text_at(take(json), "/metadata/provider"), "a");
  CHECK_INT(llm_provider_status(router, &json), LLM_OK);
  json_t *status = take(json);
  CHECK_TEXT(text_at(status, "/type"), "router");
  CHECK_TEXT(text_at(status, "/provider"), "gate");
  CHECK_INT(int_at(status, "/counters/calls"), 1);
  CHECK_TEXT(text_at(status, "/state"), "connected");
  CHECK_TEXT(text_at(status, "/targets/0/provider"), "a");
  CHECK_TEXT(text_at(status, "/targets/0/groups/0"), "fast");
  CHECK_INT(int_at(status, "/targets/0/routing/in_flight"), 0);
  llm_disconnect(router);
  llm_decoder *decoder = NULL;
  CHECK_INT(llm_decoder_new(router, hello, 200, &decoder, NULL), LLM_OK);
  llm_decoder_free(decoder);
}

static void a_plain_provider_has_other_models(void) {
  llm_provider *provider =
      service(script("HTTP/1.1 404 Not Found\n===\n@match body \"model\":\"m-2\"\nHTTP/1.1 200 OK\n"
                     "Content-Type: application/json\n<<END\n{\"choices\":[{\"message\":{\"content\":\"Hi\"},"
                     "\"finish_reason\":\"stop\"}]}\nEND\n"),
              "");
  struct answer answer = chat(provider, "{\"prompt\":\"x\",\"llm\":{\"fallbacks\":[\"m-2\"]}}");
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/metadata/model"), "m-2");
  CHECK_TEXT(text_at(answer.json, "/metadata/attempts/0/code"), "not_found");
}

static void a_fallback_that_leads_nowhere(void) {
  llm_provider *router = pair(target("a", "__echo", ""), target("b", "__echo", ""), "");
  struct answer answer = chat(router, "{\"prompt\":\"x\",\"llm\":{\"fallbacks\":[\"b/m\",\"nobody\"]}}");
  CHECK_STATUS(answer.status, LLM_E_NOT_FOUND, answer.json);
  CHECK_TEXT(text_at(answer.json, "/error/param"), "/llm/fallbacks/1");
}

/* Each target counts what the router's calls did there, and the router the calls. */
static void every_target_counts_its_own(void) {
  llm_provider *router =
      pair(target("a", "status-500", ""), target("b", "ok-plain", "\"cache\":{\"type\":\"memory\"}"),
           "\"name\":\"gate\"");
  for (int call = 0; call < 3; call++) CHECK_INT(chat(router, hello).status, LLM_OK);
  char *json = NULL;
  CHECK_INT(llm_provider_status(router, &json), LLM_OK);
  json_t *status = take(json);
  CHECK_INT(int_at(status, "/counters/calls"), 3);
  CHECK_INT(int_at(status, "/counters/retries"), 0);
  /* The first cools after its failure, and is not asked again. */
  CHECK_INT(int_at(status, "/targets/0/counters/calls"), 1);
  CHECK_INT(int_at(status, "/targets/0/counters/failed"), 1);
  CHECK_INT(int_at(status, "/targets/0/counters/attempts"), 1);
  CHECK_INT(int_at(status, "/targets/0/counters/retries"), 0);
  CHECK_TEXT(text_at(status, "/targets/0/state"), "error");
  CHECK_INT(int_at(status, "/targets/1/counters/calls"), 3);
  CHECK_INT(int_at(status, "/targets/1/counters/succeeded"), 3);
  CHECK_INT(int_at(status, "/targets/1/counters/attempts"), 1);
  CHECK_INT(int_at(status, "/targets/1/counters/cache_hits"), 2);
  CHECK(int_at(status, "/targets/1/counters/prompt_tokens") > 0);
  CHECK_INT(int_at(status, "/targets/1/counters/prompt_tokens"), int_at(status, "/counters/prompt_tokens"));
  CHECK_INT(int_at(status, "/targets/1/in_flight"), 0);
  CHECK_INT(int_at(status, "/targets/0/connections/opened") +
                int_at(status, "/targets/1/connections/opened") +
                int_at(status, "/targets/1/connections/reused"),
            2);
  CHECK_INT(llm_metrics(router, &json), LLM_OK);
  const char *text = keep_text(json);
  CHECK_PART(text,
             "\nllm_attempts_total{provider=\"a\",type=\"openai\",model=\"m-a\",code=\"server_error\"} 1\n");
  CHECK_PART(text, "\nllm_calls_total{provider=\"b\",type=\"openai\",model=\"m-b\",code=\"ok\"} 3\n");
  CHECK_PART(text, "\nllm_cache_hits_total{provider=\"b\",type=\"openai\",model=\"m-b\"} 2\n");
  CHECK_PART(text, "\nllm_router_calls_total{provider=\"gate\",type=\"router\",code=\"ok\"} 3\n");
  CHECK_PART(text, "\nllm_router_available{provider=\"gate\",type=\"router\"} 1\n");
  /* No sum over providers counts anything twice. */
  CHECK(strstr(text, "llm_attempts_total{provider=\"gate\"") == NULL);
  CHECK(strstr(text, "llm_calls_total{provider=\"gate\"") == NULL);
}

/* Header fields of a request may hold a key, and another target is another company. */
static void header_fields_go_to_who_was_asked(void) {
  const char *failing = script("@match header X-Mine: yes\nHTTP/1.1 500 Oops\n@repeat\n");
  llm_provider *router = pair(target("a", failing, ""), target("b", "__echo", ""), "");
  struct answer answer = chat(router, "{\"prompt\":\"x\",\"llm\":{\"extra_headers\":{\"Authorization\":"
                                      "\"Bearer mine\",\"X-Mine\":\"yes\"}}}");
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/metadata/provider"), "b");
  CHECK_TEXT(text_at(answer.json, "/metadata/warnings/0/param"), "/llm/extra_headers");
}

static void fallback_heard(const char *event_json, void *user_data) {
  json_t *event = json_loads(event_json, 0, NULL);
  if (strcmp(text_at(event, "/event"), "fallback") == 0)
    snprintf(user_data, 100, "%s %s %s", text_at(event, "/from"), text_at(event, "/to"),
             text_at(event, "/code"));
  json_decref(event);
}

static void observers_hear_of_it(void) {
  char heard[100] = "";
  llm_provider *router = pair(target("a", "status-401", ""), target("b", "ok-plain", ""), "");
  llm_provider_set_observer(router, fallback_heard, heard);
  CHECK_INT(chat(router, hello).status, LLM_OK);
  CHECK_TEXT(heard, "a b authentication");
}

/* -- Configuration ----------------------------------------------------------------------------------------
 */

static void problems_are_named_with_their_place(void) {
  char *json = NULL;
  llm_status status = llm_config_validate("{\"type\":\"router\",\"models\":[{\"name\":\"a\",\"provider\":{"
                                          "\"type\":\"openai\",\"api_kye\":\"k\"}}]}",
                                          &json);
  json_t *verdict = take(json);
  CHECK_STATUS(status, LLM_E_INVALID_CONFIG, verdict);
  CHECK_TEXT(text_at(verdict, "/errors/0/param"), "/models/0/provider/api_kye");
  CHECK_TEXT(text_at(verdict, "/errors/0/suggestion"), "api_key");
  CHECK_INT(llm_provider_types(&json), LLM_OK);
  json_t *types = take(json);
  json_t *last = json_array_get(at(types, "/types"), json_array_size(at(types, "/types")) - 1);
  CHECK_TEXT(text_at(last, "/type"), "router");
  CHECK_TEXT(text_at(last, "/config_schema/properties/strategy/default"), "fallback");
}

/* Writes a file and gives its path. */
static const char *file(const char *text) {
  char *path = format("/tmp/llm-gateway-%ld-XXXXXX", (long)getpid());
  int descriptor = mkstemp(path);
  CHECK(write(descriptor, text, strlen(text)) == (ssize_t)strlen(text));
  close(descriptor);
  return path;
}

static void a_gateway_in_a_file(void) {
  const char *path =
      file(format("{\"providers\":{\"one\":%s},\"models\":[{\"name\":\"${LLM_TEST_GROUP:-fast}\","
                  "\"provider\":\"one\",\"model\":\"m-1\"}]}",
                  target("ignored", "__echo", "")));
  llm_provider *router = provider_of(format("{\"type\":\"router\",\"file\":\"%s\"}", path));
  unlink(path);
  struct answer answer = chat(router, "{\"prompt\":\"x\",\"model\":\"fast\"}");
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/metadata/provider"), "one");
  CHECK_TEXT(text_at(answer.json, "/metadata/model"), "m-1");
}

static void a_gateway_file_that_is_wrong(void) {
  static const char *const texts[] = {"{", "[]", "{\"file\":\"/x\"}", "{\"type\":\"openai\"}",
                                      "{\"models\":[],\"plugins\":[\"relative.so\"]}"};
  for (size_t index = 0; index < sizeof texts / sizeof *texts; index++) {
    const char *path = file(texts[index]);
    about(texts[index]);
    llm_provider *router = NULL;
    char *json = NULL;
    llm_status status =
        llm_provider_new(format("{\"type\":\"router\",\"file\":\"%s\"}", path), &router, &json);
    unlink(path);
    json_t *error = take(json);
    CHECK_STATUS(status, index == 4 ? LLM_E_PLUGIN : LLM_E_INVALID_CONFIG, error);
    CHECK_PART(text_at(error, "/error/message"), index == 4 ? "relative.so" : path);
  }
  llm_provider *router = NULL;
  CHECK_INT(llm_provider_new("{\"type\":\"router\",\"file\":\"gateway.json\"}", &router, NULL),
            LLM_E_INVALID_CONFIG);
  CHECK_INT(llm_provider_new("{\"type\":\"router\",\"file\":\"/no/such/file\"}", &router, NULL),
            LLM_E_INVALID_CONFIG);
}

/* -- A provider that is killed -----------------------------------------------------------------------------
 */

enum { thread_count = 6 };

struct load {
  llm_provider *router;
  int calls, right, by_second;
};

static int count_terminals(const llm_event *event, void *user_data) {
  *(int *)user_data += event->type >= LLM_EVENT_FINISH;
  return 0;
}

static void *put_load(void *context) {
  struct load *load = context;
  for (int call = 0; call < load->calls; call++) {
    /* What had content when the server died is asked again only because it says so. */
    json_t *request =
        json_pack("{s:s, s:{s:{s:b}}}", "prompt", "Hello there", "llm", "retry", "after_content", 1);
    json_t *result = NULL;
    int terminals = call % 2;
    llm_status status = call % 2
                            ? llm_chat_json(load->router, request, &result)
                            : llm_stream_json(load->router, request, count_terminals, &terminals, &result);
    const char *text = text_at(result, "/text"), *provider = text_at(result, "/metadata/provider");
    load->right += status == LLM_OK && terminals == 1 && text && strcmp(text, "Hello there") == 0;
    load->by_second += provider && strcmp(provider, "b") == 0;
    json_decref(request);
    json_decref(result);
  }
  return NULL;
}

/* A server of its own, to be killed. */
static pid_t start_server(int *port) {
  int output[2], input[2];
  char line[64] = "";
  if (pipe(output) || pipe(input)) return -1;
  pid_t child = fork();
  if (child == 0) {
    dup2(output[1], 1);
    dup2(input[0], 0);
    close(output[0]);
    close(input[1]);
    execl("Tests/server/build/llm-test-server", "llm-test-server", "--until-stdin-closes", (char *)NULL);
    _exit(127);
  }
  close(output[1]);
  close(input[0]);
  FILE *said = fdopen(output[0], "r");
  while (said && fgets(line, sizeof line, said) && sscanf(line, "listening %d", port) != 1) {
  }
  if (said) fclose(said);
  return child;
}

static void a_provider_is_killed_in_the_middle_of_load(void) {
  int port = 0;
  pid_t server = start_server(&port);
  if (!CHECK(server > 0 && port > 0)) return;
  const char *mortal =
      format("{\"type\":\"openai\",\"api\":\"chat\",\"name\":\"a\",\"model\":\"m\",\"api_key\":\"k\",%s,"
             "\"base_url\":\"http://127.0.0.1:%d/__echo/v1\"}",
             fast_retry, port);
  llm_provider *router = pair(mortal, target("b", "__echo", ""), "\"cooldown_ms\":60000");
  pthread_t threads[thread_count];
  struct load loads[thread_count];
  int calls = repetitions(100), right = 0, by_second = 0;
  for (int index = 0; index < thread_count; index++) {
    loads[index] = (struct load){.router = router, .calls = calls};
    pthread_create(&threads[index], NULL, put_load, &loads[index]);
  }
  /* Not by the clock: once some calls have been served. */
  json_t *status = NULL;
  do {
    json_decref(status);
    llm_provider_status_json(router, &status);
  } while (int_at(status, "/counters/succeeded") < calls);
  json_decref(status);
  kill(server, SIGKILL);
  waitpid(server, NULL, 0);
  for (int index = 0; index < thread_count; index++) {
    pthread_join(threads[index], NULL);
    right += loads[index].right;
    by_second += loads[index].by_second;
  }
  CHECK_INT(right, thread_count * calls);
  CHECK(by_second > 0 && by_second < thread_count * calls);
  llm_provider_status_json(router, &status);
  keep_json(status);
  CHECK_INT(int_at(status, "/counters/succeeded"), thread_count * calls);
  CHECK_INT(int_at(status, "/counters/failed"), 0);
  CHECK_TEXT(text_at(status, "/targets/0/state"), "error");
  CHECK_TEXT(text_at(status, "/targets/1/state"), "connected");
  CHECK(json_number_value(at(status, "/targets/0/routing/cooldown_ms")) > 0);
  CHECK_INT(llm_is_available(router), 1);
}

const struct test_case router_cases[] = {
    CASE(every_target_counts_its_own),
    CASE(header_fields_go_to_who_was_asked),
    CASE(another_target_answers),
    CASE(a_service_that_is_not_there),
    CASE(all_are_down),
    CASE(a_stream_that_dies_before_its_content),
    CASE(a_stream_that_dies_after_its_content),
    CASE(pulled_as_well),
    CASE(the_slow_one_is_hedged_and_closed),
    CASE(errors_have_fallbacks_of_their_own),
    CASE(requests_name_groups_targets_and_models),
    CASE(every_function_takes_a_router),
    CASE(a_plain_provider_has_other_models),
    CASE(a_fallback_that_leads_nowhere),
    CASE(observers_hear_of_it),
    CASE(problems_are_named_with_their_place),
    CASE(a_gateway_in_a_file),
    CASE(a_gateway_file_that_is_wrong),
    CASE(a_provider_is_killed_in_the_middle_of_load),
    {0},
};
