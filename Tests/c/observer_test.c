/* Observers and log lines. */
#include "test.h"

struct heard {
  json_t *events;
  llm_provider *provider;
};

static void hear(const char *event_json, void *user_data) {
  struct heard *heard = user_data;
  json_t *event = json_loads(event_json, 0, NULL);
  CHECK(json_is_object(event));
  json_array_append_new(heard->events, event);
  /* Outside of all locks. */
  char *json = NULL;
  CHECK_INT(llm_provider_status(heard->provider, &json), LLM_OK);
  llm_free(json);
}

static struct heard listen_to(llm_provider *provider) {
  struct heard heard = {.events = keep_json(json_array()), .provider = provider};
  return heard;
}

static const char *event_names(struct heard *heard) {
  char *names = format("%s", "");
  json_t *event;
  size_t index;
  json_array_foreach(heard->events, index, event) names =
      format("%s%s%s", names, *names ? " " : "", text_at(event, "/event"));
  return names;
}

static const json_t *event_at(struct heard *heard, size_t index) {
  return json_array_get(heard->events, index);
}

static void a_call(void) {
  llm_provider *provider = service("ok-plain", "\"name\":\"mine\"");
  struct heard heard = listen_to(provider);
  llm_provider_set_observer(provider, hear, &heard);
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  CHECK_TEXT(event_names(&heard), "call_started status_changed connected call_ended");
  CHECK_TEXT(text_at(heard.events, "/1/provider"), "mine");
  CHECK_TEXT(text_at(heard.events, "/1/from"), "idle");
  CHECK_TEXT(text_at(heard.events, "/1/to"), "connected");
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  CHECK_INT((long long)json_array_size(heard.events), 6);
  llm_disconnect(provider);
  CHECK_TEXT(text_at(heard.events, "/6/event"), "disconnected");
  CHECK(at(heard.events, "/6/request_id") == NULL);
}

static void what_a_call_is_told_with(void) {
  llm_provider *provider = service("ok-stream", "");
  struct heard heard = listen_to(provider);
  llm_provider_set_observer(provider, hear, &heard);
  struct answer answer = stream(
      provider,
      "{\"prompt\":\"the secret prompt\",\"temperature\":0.5,\"max_tokens\":7,\"stop\":\"END\",\"llm\":{"
      "\"metadata\":{\"request_id\":\"mine-1\"}}}",
      record_event, &(struct record){0});
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  const json_t *start = event_at(&heard, 0), *end = event_at(&heard, 3);
  CHECK_TEXT(text_at(start, "/event"), "call_started");
  CHECK_TEXT(text_at(start, "/request_id"), "mine-1");
  CHECK_TEXT(text_at(start, "/operation"), "chat");
  CHECK(is_true(start, "/stream"));
  CHECK_TEXT(text_at(start, "/attributes/gen_ai.operation.name"), "chat");
  CHECK_TEXT(text_at(start, "/attributes/gen_ai.provider.name"), "openai");
  CHECK_TEXT(text_at(start, "/attributes/gen_ai.request.model"), "m");
  CHECK_TEXT(text_at(start, "/attributes/server.address"), "127.0.0.1");
  CHECK_INT(int_at(start, "/attributes/server.port"), server_port());
  CHECK(json_real_value(at(start, "/attributes/gen_ai.request.temperature")) == 0.5);
  CHECK_INT(int_at(start, "/attributes/gen_ai.request.max_tokens"), 7);
  CHECK_TEXT(text_at(start, "/attributes/gen_ai.request.stop_sequences/0"), "END");
  CHECK_TEXT(text_at(end, "/event"), "call_ended");
  CHECK_TEXT(text_at(end, "/request_id"), "mine-1");
  CHECK_TEXT(text_at(end, "/code"), "ok");
  CHECK_INT(int_at(end, "/attempts"), 1);
  CHECK(is_false(end, "/cached"));
  CHECK(json_number_value(at(end, "/duration_ms")) > 0);
  CHECK(json_number_value(at(end, "/first_token_ms")) > 0);
  CHECK(json_equal(at(end, "/usage"), at(answer.json, "/usage")));
  CHECK_TEXT(text_at(end, "/attributes/gen_ai.response.id"), text_at(answer.json, "/id"));
  CHECK_TEXT(text_at(end, "/attributes/gen_ai.response.model"), text_at(answer.json, "/model"));
  CHECK_TEXT(text_at(end, "/attributes/gen_ai.response.finish_reasons/0"), "stop");
  CHECK_INT(int_at(end, "/attributes/gen_ai.usage.output_tokens"),
            int_at(answer.json, "/usage/completion_tokens"));
  CHECK(strstr(stable(heard.events), "secret prompt") == NULL);
}

static void a_retry(void) {
  llm_provider *provider = service("500-then-ok", "\"retry\":{\"delay_ms\":1}");
  struct heard heard = listen_to(provider);
  llm_provider_set_observer(provider, hear, &heard);
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  CHECK_TEXT(event_names(&heard),
             "call_started status_changed error retry status_changed connected call_ended");
  CHECK_TEXT(text_at(heard.events, "/2/error/code"), "server_error");
  CHECK_TEXT(text_at(heard.events, "/2/attributes/error.type"), "server_error");
  CHECK_TEXT(text_at(heard.events, "/3/code"), "server_error");
  CHECK_INT(int_at(heard.events, "/3/attempt"), 1);
  CHECK_INT(int_at(heard.events, "/6/attempts"), 2);
}

static void a_rate_limit(void) {
  llm_provider *provider = service("status-429-ms", "");
  struct heard heard = listen_to(provider);
  llm_provider_set_observer(provider, hear, &heard);
  CHECK_INT(chat(provider, hello).status, LLM_E_RATE_LIMITED);
  CHECK_TEXT(event_names(&heard), "call_started status_changed error rate_limited call_ended");
  CHECK_TEXT(text_at(heard.events, "/3/reason"), "service");
  CHECK(int_at(heard.events, "/3/wait_ms") > 0);
  CHECK_TEXT(text_at(heard.events, "/4/code"), "rate_limited");
  CHECK_TEXT(text_at(heard.events, "/4/attributes/error.type"), "rate_limited");
}

static void a_refused_request(void) {
  llm_provider *provider = service("ok-plain", "");
  struct heard heard = listen_to(provider);
  llm_provider_set_observer(provider, hear, &heard);
  CHECK_INT(chat(provider, "{\"messages\":7}").status, LLM_E_INVALID_REQUEST);
  CHECK_TEXT(event_names(&heard), "");
}

static void removed(void) {
  llm_provider *provider = service("ok-plain", "");
  struct heard heard = listen_to(provider);
  llm_provider_set_observer(provider, hear, &heard);
  llm_provider_set_observer(provider, NULL, NULL);
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  CHECK_INT((long long)json_array_size(heard.events), 0);
}

struct lines {
  int count, worst;
  struct growing text;
};

static void write_down(int level, const char *line, void *user_data) {
  struct lines *lines = user_data;
  lines->count++;
  if (level > lines->worst) lines->worst = level;
  CHECK(level >= LLM_LOG_ERROR && level <= LLM_LOG_DEBUG);
  CHECK(strchr(line, '\n') == NULL);
  lines->text.bytes = format("%s%s\n", lines->text.bytes ? lines->text.bytes : "", line);
}

static void log_lines(void) {
  struct lines lines = {0};
  llm_provider *provider = service("status-401", "\"name\":\"mine\"");
  llm_set_log(write_down, LLM_LOG_DEBUG, &lines);
  CHECK_INT(chat(provider, hello).status, LLM_E_AUTHENTICATION);
  CHECK(lines.count > 0);
  CHECK_PART(lines.text.bytes, "authentication");
  CHECK_PART(lines.text.bytes, "mine");
  /* Up to a level, and not at all. */
  lines = (struct lines){0};
  llm_set_log(write_down, LLM_LOG_WARN, &lines);
  CHECK_INT(chat(service("ok-plain", ""), hello).status, LLM_OK);
  CHECK_INT(lines.count, 0);
  CHECK_INT(chat(provider, hello).status, LLM_E_AUTHENTICATION);
  CHECK_INT(lines.worst, LLM_LOG_WARN);
  lines = (struct lines){0};
  llm_set_log(write_down, 0, &lines);
  CHECK_INT(chat(provider, hello).status, LLM_E_AUTHENTICATION);
  llm_set_log(NULL, LLM_LOG_DEBUG, NULL);
  CHECK_INT(chat(provider, hello).status, LLM_E_AUTHENTICATION);
  CHECK_INT(lines.count, 0);
}

static int count_of(const char *text, const char *part) {
  int count = 0;
  while ((text = strstr(text, part)) != NULL) count++, text++;
  return count;
}

/* What happens at a router's target is told once, by the router. */
static void a_router_and_its_targets(void) {
  struct lines lines = {0};
  const char *paths[] = {script("HTTP/1.1 500 Oops\n@repeat\n"), "__echo"};
  char *targets[2];
  for (int index = 0; index < 2; index++)
    targets[index] =
        format("{\"name\":\"fast\",\"provider\":{\"type\":\"openai\",\"name\":\"t%d\",\"model\":\"m\","
               "\"api_key\":\"k\",\"base_url\":\"http://127.0.0.1:%d/%s/v1\"}}",
               index, server_port(), paths[index]);
  llm_provider *router = provider_of(
      format("{\"type\":\"router\",\"name\":\"gate\",\"models\":[%s,%s]}", targets[0], targets[1]));
  struct heard heard = listen_to(router);
  llm_provider_set_observer(router, hear, &heard);
  llm_set_log(write_down, LLM_LOG_DEBUG, &lines);
  CHECK_INT(chat(router, hello).status, LLM_OK);
  llm_set_log(NULL, 0, NULL);
  CHECK_TEXT(event_names(&heard),
             "call_started status_changed error fallback status_changed connected call_ended");
  CHECK_TEXT(text_at(heard.events, "/1/provider"), "gate");
  CHECK_TEXT(text_at(heard.events, "/1/target"), "t0");
  CHECK_TEXT(text_at(heard.events, "/2/target"), "t0");
  CHECK_TEXT(text_at(heard.events, "/5/target"), "t1");
  CHECK(at(heard.events, "/6/target") == NULL);
  CHECK_INT(lines.count, (int)json_array_size(heard.events));
  CHECK_INT(count_of(lines.text.bytes, "event=error provider=gate"), 1);
  CHECK_PART(lines.text.bytes, " target=t0");
  CHECK_INT(count_of(lines.text.bytes, "event=error"), 1);
}

/* What a service says may hold line ends; a log line is one line. */
static void log_lines_of_services(void) {
  struct lines lines = {0};
  llm_set_log(write_down, LLM_LOG_DEBUG, &lines);
  CHECK_INT(chat(service("status-502", ""), hello).status, LLM_E_SERVER_ERROR);
  CHECK_INT(
      chat(mock("\"responses\":[{\"error\":{\"status\":400,\"message\":\"two\\nlines\"}}]"), hello).status,
      LLM_E_INVALID_REQUEST);
  llm_set_log(NULL, 0, NULL);
  CHECK(lines.count > 1);
}

/* Key and value, each line the same way. */
static void log_format(void) {
  struct lines lines = {0};
  llm_provider *provider = service("status-401", "\"name\":\"my \\\"own\\\" provider\"");
  llm_set_log(write_down, LLM_LOG_DEBUG, &lines);
  chat(provider, "{\"prompt\":\"?\",\"llm\":{\"metadata\":{\"request_id\":\"mine-1\"}}}");
  llm_set_log(NULL, 0, NULL);
  CHECK_PART(lines.text.bytes,
             "level=debug event=call_started provider=\"my \\\"own\\\" provider\" request_id=mine-1 "
             "operation=chat model=m stream=false\n");
  CHECK_PART(lines.text.bytes,
             "level=warn event=error provider=\"my \\\"own\\\" provider\" request_id=mine-1 "
             "model=m attempt=1 duration_ms=");
  CHECK_PART(lines.text.bytes, " code=authentication status=401 stage=first_byte\n");
  CHECK_PART(lines.text.bytes, "level=error event=call_ended provider=\"my \\\"own\\\" provider\" "
                               "request_id=mine-1 operation=chat model=m code=authentication duration_ms=");
  char *text = lines.text.bytes;
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
    CHECK(strncmp(line, "level=", 6) == 0);
    CHECK(strstr(line, "request_id=mine-1") != NULL);
  }
}

/* Neither the key, nor what was asked, nor what was said, whoever says it again. */
static void log_secrets(void) {
  static const char *const bodies[] = {
      "HTTP/1.1 401 Unauthorized\nContent-Type: application/json\n<<END\n{\"error\":{\"message\":\"Bad key "
      "sk-secret-z8Wv4q for marker-said\"}}\nEND\n@repeat\n",
      "HTTP/1.1 500 Oops\n<<END\nno JSON: marker-said sk-secret-z8Wv4q\nEND\n@repeat\n",
      "HTTP/1.1 200 OK\nContent-Type: application/json\n<<END\n{\"broken marker-said "
      "sk-secret-z8Wv4q\nEND\n@repeat\n",
      "HTTP/1.1 200 OK\nContent-Type: "
      "application/json\n<<END\n{\"choices\":[{\"message\":{\"content\":\"marker-said\"},"
      "\"finish_reason\":\"stop\"}]}\nEND\n@repeat\n",
  };
  struct lines lines = {0};
  llm_set_log(write_down, LLM_LOG_DEBUG, &lines);
  for (size_t index = 0; index < sizeof bodies / sizeof *bodies; index++) {
    llm_provider *provider = provider_of(format(
        "{\"type\":\"openai\",\"base_url\":\"http://127.0.0.1:%d/%s/"
        "v1\",\"api_key\":\"sk-secret-z8Wv4q\",\"model\":"
        "\"m\",\"retry\":{\"attempts\":2,\"delay_ms\":1},\"headers\":{\"X-Api-Key\":\"sk-secret-z8Wv4q\"}}",
        server_port(), script(bodies[index])));
    chat(provider, "{\"prompt\":\"marker-asked\"}");
    stream(provider, "{\"prompt\":\"marker-asked\"}", record_event, &(struct record){0});
  }
  llm_set_log(NULL, 0, NULL);
  CHECK(lines.count > 20);
  CHECK(strstr(lines.text.bytes, "z8Wv4q") == NULL);
  CHECK(strstr(lines.text.bytes, "marker") == NULL);
}

const struct test_case observer_cases[] = {
    CASE(a_call),
    CASE(what_a_call_is_told_with),
    CASE(a_retry),
    CASE(a_rate_limit),
    CASE(a_refused_request),
    CASE(removed),
    CASE(log_lines),
    CASE(log_lines_of_services),
    CASE(a_router_and_its_targets),
    CASE(log_format),
    CASE(log_secrets),
    {0},
};
