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

static void a_call(void) {
  llm_provider *provider = service("ok-plain", "\"name\":\"mine\"");
  struct heard heard = listen_to(provider);
  llm_provider_set_observer(provider, hear, &heard);
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  CHECK_TEXT(event_names(&heard), "status_changed connected");
  CHECK_TEXT(text_at(heard.events, "/0/provider"), "mine");
  CHECK_TEXT(text_at(heard.events, "/0/from"), "idle");
  CHECK_TEXT(text_at(heard.events, "/0/to"), "connected");
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  CHECK_INT((long long)json_array_size(heard.events), 2);
  llm_disconnect(provider);
  CHECK_TEXT(text_at(heard.events, "/2/event"), "disconnected");
}

static void a_retry(void) {
  llm_provider *provider = service("500-then-ok", "\"retry\":{\"delay_ms\":1}");
  struct heard heard = listen_to(provider);
  llm_provider_set_observer(provider, hear, &heard);
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  CHECK_TEXT(event_names(&heard), "status_changed error retry status_changed connected");
  CHECK_TEXT(text_at(heard.events, "/1/error/code"), "server_error");
  CHECK_TEXT(text_at(heard.events, "/2/code"), "server_error");
  CHECK_INT(int_at(heard.events, "/2/attempt"), 1);
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

const struct test_case observer_cases[] = {
    CASE(a_call), CASE(a_retry), CASE(removed), CASE(log_lines), CASE(log_lines_of_services), {0},
};
