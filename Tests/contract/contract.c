/* What every provider must do, whoever wrote it. Runs the behaviour that llm_provider.h promises against one
 * configuration, and prints TAP: a line for each promise, kept or not. docs/adding-a-provider.md tells more.
 *
 *   cc -pthread contract.c $(pkg-config --cflags --libs llm-provider jansson) -o contract
 *   ./contract '{"type":"mock"}'
 *   ./contract --plugin "$PWD/mine.so" '{"type":"mine"}' --request '{"prompt":"Say something."}'
 *
 * The request must be one that the provider answers with some text, as often as it is asked.
 */
#include <llm_provider_jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *config;
static const char *request = "{\"messages\":[{\"role\":\"user\",\"content\":\"Say something.\"}]}";

/* -- TAP ------------------------------------------------------------------------------------------------- */

static int count, failures;

static bool check(bool kept, const char *promise) {
  printf("%s %d - %s\n", kept ? "ok" : "not ok", ++count, promise);
  failures += !kept;
  return kept;
}

/* What came instead, under a promise that was not kept. */
static void explain(bool kept, const char *text) {
  if (!kept) printf("# %s\n", text ? text : "(nothing)");
}

static void explain_json(bool kept, const json_t *document) {
  if (kept) return;
  char *text = json_dumps(document, JSON_ENCODE_ANY);
  explain(false, text);
  free(text);
}

/* -- JSON ------------------------------------------------------------------------------------------------ */

static json_t *at(const json_t *value, const char *key) {
  return json_object_get(value, key);
}

static const char *text_at(const json_t *value, const char *key) {
  return json_string_value(at(value, key));
}

static bool is(const char *text, const char *expected) {
  return text && strcmp(text, expected) == 0;
}

static json_t *first_choice(const json_t *result) {
  return json_array_get(at(result, "choices"), 0);
}

static bool is_error(const json_t *document, const char *code) {
  const char *message = text_at(at(document, "error"), "message");
  return is(text_at(at(document, "error"), "code"), code) && message && *message;
}

/* -- Transcripts ----------------------------------------------------------------------------------------- */

struct string {
  char *bytes;
  size_t count;
};

static void append(struct string *string, const char *bytes, size_t len) {
  char *longer = realloc(string->bytes, string->count + len + 1);
  if (!longer) abort();
  memcpy(longer + string->count, bytes, len);
  string->bytes = longer;
  string->count += len;
  longer[string->count] = 0;
}

/* What a callback saw, and what was wrong with it. */
struct transcript {
  struct string text, arguments, end;
  int events, terminals, last_type, tool_calls, open_tool;
  bool starts_right, is_terminated, is_utf8, has_order;
  bool cancels; /* at the first piece of text */
};

static struct transcript new_transcript(void) {
  struct transcript seen;
  memset(&seen, 0, sizeof seen);
  seen.starts_right = seen.is_terminated = seen.is_utf8 = seen.has_order = true;
  seen.open_tool = -1;
  return seen;
}

static void forget(struct transcript *seen) {
  free(seen->text.bytes);
  free(seen->arguments.bytes);
  free(seen->end.bytes);
}

static bool is_terminal(int type) {
  return type == LLM_EVENT_FINISH || type == LLM_EVENT_ERROR || type == LLM_EVENT_CANCELLED;
}

static bool is_utf8(const char *bytes, size_t len) {
  json_t *string = json_stringn(bytes, len);
  json_decref(string);
  return string != NULL;
}

static void note_tool(struct transcript *seen, const llm_event *event) {
  switch (event->type) {
  case LLM_EVENT_TOOL_CALL:
    seen->has_order = seen->has_order && (int)event->index == seen->tool_calls && event->id && event->name;
    seen->open_tool = (int)event->index;
    seen->tool_calls++;
    break;
  case LLM_EVENT_TOOL_ARGUMENTS:
    seen->has_order = seen->has_order && (int)event->index < seen->tool_calls;
    if (event->index == 0) append(&seen->arguments, event->data, event->len);
    break;
  default:
    seen->has_order = seen->has_order && (int)event->index < seen->tool_calls;
    break;
  }
}

static int note(const llm_event *event, void *user_data) {
  struct transcript *seen = user_data;
  if (seen->events++ == 0) seen->starts_right = event->type == LLM_EVENT_START;
  if (seen->terminals > 0) seen->has_order = false;
  if (!event->data || event->data[event->len] != 0) seen->is_terminated = false;
  if (!is_utf8(event->data, event->len)) seen->is_utf8 = false;
  seen->last_type = event->type;
  if (event->type == LLM_EVENT_TEXT && event->choice == 0) append(&seen->text, event->data, event->len);
  if (event->type >= LLM_EVENT_TOOL_CALL && event->type <= LLM_EVENT_TOOL_CALL_END) note_tool(seen, event);
  if (is_terminal(event->type)) {
    seen->terminals++;
    append(&seen->end, event->data, event->len);
  }
  return seen->cancels && event->type == LLM_EVENT_TEXT;
}

/* -- Promises -------------------------------------------------------------------------------------------- */

static llm_provider *open_provider(void) {
  llm_provider *provider;
  char *json;
  llm_status status = llm_provider_new(config, &provider, &json);
  bool kept = check(status == LLM_OK && provider, "the configuration makes a provider");
  explain(kept, json);
  llm_free(json);
  return provider;
}

static void check_configuration(void) {
  json_error_t where;
  json_t *given = json_loads(config, 0, &where), *document;
  llm_status status = llm_config_validate_json(given, &document);
  bool kept = check(status == LLM_OK && json_is_true(at(document, "valid")), "the configuration is valid");
  explain_json(kept, document);
  json_decref(document);

  json_t *types, *type, *schema = NULL;
  size_t index;
  llm_provider_types_json(&types);
  json_array_foreach(at(types, "types"), index, type) {
    if (is(text_at(type, "type"), text_at(given, "type"))) schema = at(type, "config_schema");
  }
  check(json_is_object(at(schema, "properties")), "the type is listed, with a schema");

  if (!json_is_true(at(schema, "additionalProperties"))) {
    llm_provider *provider;
    json_object_set_new(given, "no_such_key", json_integer(1));
    status = llm_provider_new_json(given, &provider, &document);
    kept = check(status == LLM_E_INVALID_CONFIG && !provider && is_error(document, "invalid_config"),
                 "a configuration with an unknown key is refused");
    explain_json(kept, document);
    json_decref(document);
    llm_provider_free(provider);
  }
  json_decref(types);
  json_decref(given);
}

static void check_connection(llm_provider *provider) {
  json_t *document;
  llm_status status = llm_connect_json(provider, &document);
  bool kept = check(status == LLM_OK && is(text_at(document, "state"), "connected"), "it connects");
  explain_json(kept, document);
  json_decref(document);

  status = llm_test_connection_json(provider, &document);
  kept = check(status == LLM_OK && json_is_true(at(document, "success")), "its connection passes the test");
  explain_json(kept, document);
  json_decref(document);
  check(llm_is_available(provider), "it is available then");

  status = llm_capabilities_json(provider, &document);
  check(status == LLM_OK && json_is_boolean(at(document, "streaming")), "it tells its capabilities");
  json_decref(document);
}

static void check_models(llm_provider *provider) {
  json_t *document, *info, *model;
  llm_status status = llm_models_json(provider, &document);
  if (status == LLM_E_UNSUPPORTED) {
    check(is_error(document, "unsupported"), "it has no list of models, and says so");
    json_decref(document);
    return;
  }
  bool kept = status == LLM_OK && json_array_size(at(document, "data")) > 0;
  size_t index;
  json_array_foreach(at(document, "data"), index, model) kept = kept && text_at(model, "id");
  check(kept, "it lists its models, each with an id");
  explain_json(kept, document);

  const char *id = text_at(json_array_get(at(document, "data"), 0), "id");
  status = llm_model_info_json(provider, id, &info);
  check(status == LLM_OK && is(text_at(info, "id"), id), "it knows a model that it lists");
  json_decref(info);
  status = llm_model_info_json(provider, "no such model at all", &info);
  check(status == LLM_E_NOT_FOUND && is_error(info, "not_found"),
        "it does not know one that it does not list");
  json_decref(info);
  json_decref(document);
}

static bool is_finish_reason(const char *reason) {
  static const char *const reasons[] = {"stop", "length", "tool_calls", "content_filter", "error"};
  for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
    if (is(reason, reasons[i])) return true;
  return false;
}

/* Whether a document is the result of a chat, in every member that the header promises. */
static bool is_result(const json_t *result) {
  json_t *choice = first_choice(result), *message = at(choice, "message"), *metadata = at(result, "metadata");
  const char *text = text_at(result, "text"), *content = text_at(message, "content");
  return is(text_at(result, "object"), "chat.completion") && text_at(result, "id") &&
         json_is_integer(at(result, "created")) && text_at(result, "model") && text &&
         is(text_at(message, "role"), "assistant") && (content ? is(content, text) : *text == 0) &&
         is_finish_reason(text_at(choice, "finish_reason")) && text_at(metadata, "provider") &&
         text_at(metadata, "model") && text_at(metadata, "request_id") &&
         json_array_size(at(metadata, "attempts")) > 0 && json_is_array(at(metadata, "warnings")) &&
         json_is_object(at(metadata, "timing"));
}

static void check_chat(llm_provider *provider) {
  json_t *asked = json_loads(request, 0, NULL), *before = json_deep_copy(asked), *result, *next;
  llm_status status = llm_chat_json(provider, asked, &result);
  bool kept = check(status == LLM_OK && is_result(result), "a chat has a result, whole in its form");
  explain_json(kept, result);
  check(text_at(result, "text") && *text_at(result, "text"), "the result has text");
  check(json_equal(asked, before), "the request is left as it was");

  json_t *messages = at(asked, "messages");
  if (messages && kept) {
    json_array_append(messages, at(first_choice(result), "message"));
    json_array_append_new(messages, json_pack("{s:s,s:s}", "role", "user", "content", "Go on."));
    status = llm_chat_json(provider, asked, &next);
    kept = check(status == LLM_OK && is_result(next), "the message that came is taken back in the next turn");
    explain_json(kept, next);
    json_decref(next);
  }
  json_decref(result);
  json_decref(before);
  json_decref(asked);
}

static void check_stream(llm_provider *provider) {
  struct transcript seen = new_transcript();
  char *json;
  llm_status status = llm_stream(provider, request, note, &seen, &json);
  json_t *result = json_loads(json ? json : "", 0, NULL);
  bool kept = check(status == LLM_OK && is_result(result), "a stream has a result like a chat's");
  explain(kept, json);
  check(seen.starts_right, "a stream begins with START");
  check(seen.terminals == 1 && seen.last_type == LLM_EVENT_FINISH, "it ends with FINISH, and that once");
  check(seen.has_order, "its events are in order, its tool calls numbered from 0");
  check(seen.is_terminated && seen.is_utf8, "the data of every event is whole UTF-8, with a NUL behind it");
  kept = check(
      is(seen.text.bytes ? seen.text.bytes : "", text_at(result, "text") ? text_at(result, "text") : "-"),
      "its increments add up to the text of the result");
  explain(kept, seen.text.bytes);
  check(is(json, seen.end.bytes ? seen.end.bytes : ""), "FINISH carries the result");

  json_t *calls = at(at(first_choice(result), "message"), "tool_calls");
  check((int)json_array_size(calls) == seen.tool_calls, "the result has the tool calls of the events");
  const char *arguments = text_at(at(json_array_get(calls, 0), "function"), "arguments");
  check(seen.tool_calls == 0 || is(seen.arguments.bytes, arguments), "their arguments add up");
  json_decref(result);
  llm_free(json);
  forget(&seen);
}

static void check_pull(void) {
  llm_provider *provider;
  llm_call *call = NULL;
  struct transcript seen = new_transcript();
  const llm_event *event;
  llm_provider_new(config, &provider, NULL);
  llm_status status = llm_call_start(provider, request, &call, NULL);
  check(status == LLM_OK && call, "a call can be pulled");
  llm_provider_free(provider); /* the call keeps it alive */
  while (llm_call_next(call, 20000, &event) == LLM_OK) note(event, &seen);
  check(seen.starts_right && seen.terminals == 1 && seen.last_type == LLM_EVENT_FINISH && seen.has_order,
        "pulled, it has the same events, though the provider was let go of");
  json_t *result;
  status = llm_call_result_json(call, &result);
  check(status == LLM_OK && is_result(result) && is(seen.text.bytes, text_at(result, "text")),
        "pulled, it has the same result");
  json_decref(result);
  llm_call_free(call);
  forget(&seen);
}

static void check_refused(llm_provider *provider, const char *malformed, const char *what) {
  struct transcript seen = new_transcript();
  char promise[128], *json;
  llm_status status = llm_stream(provider, malformed, note, &seen, &json);
  json_t *document = json_loads(json ? json : "", 0, NULL);
  snprintf(promise, sizeof promise, "%s is refused, and no event is delivered", what);
  bool kept = check(status == LLM_E_INVALID_REQUEST && is_error(document, "invalid_request") && !seen.events,
                    promise);
  explain(kept, json);
  json_decref(document);
  llm_free(json);
  forget(&seen);
}

static void check_errors(llm_provider *provider) {
  check_refused(provider, "{", "a request that is no JSON");
  check_refused(provider, "{}", "a request without messages");
  check_refused(provider, "{\"messages\":[{\"role\":\"user\",\"content\":7}]}",
                "a message of the wrong type");
  check_refused(provider, "{\"prompt\":\"x\",\"temperature\":\"hot\"}", "a parameter of the wrong type");
  check(llm_chat(provider, NULL, NULL) == LLM_E_INVALID_ARGUMENT, "NULL is refused");
}

static void check_cancel(llm_provider *provider) {
  struct transcript seen = new_transcript();
  seen.cancels = true;
  char *json;
  llm_status status = llm_stream(provider, request, note, &seen, &json);
  json_t *document = json_loads(json ? json : "", 0, NULL);
  bool kept = check(status == LLM_E_CANCELLED && is_error(document, "cancelled"), "a callback can cancel");
  explain(kept, json);
  check(seen.terminals == 1 && seen.last_type == LLM_EVENT_CANCELLED,
        "the end is CANCELLED then, and that once");
  check(is(seen.text.bytes,
           text_at(at(document, "partial"), "text") ? text_at(at(document, "partial"), "text") : ""),
        "the text that had arrived is in \"partial\"");
  json_decref(document);
  llm_free(json);
  forget(&seen);

  llm_call *call;
  const llm_event *event;
  int last = 0;
  llm_call_start(provider, request, &call, NULL);
  llm_call_cancel(call);
  while (llm_call_next(call, 20000, &event) == LLM_OK) last = event->type;
  check(last == LLM_EVENT_CANCELLED && llm_call_result(call, NULL) == LLM_E_CANCELLED,
        "a call that is cancelled before it began has no other end");
  llm_call_free(call);
}

static json_int_t counter(llm_provider *provider, const char *name) {
  json_t *document;
  llm_provider_status_json(provider, &document);
  json_int_t value = json_integer_value(at(at(document, "counters"), name));
  json_decref(document);
  return value;
}

static void check_status(llm_provider *provider) {
  json_int_t calls = counter(provider, "calls"), succeeded = counter(provider, "succeeded");
  llm_chat(provider, request, NULL);
  check(counter(provider, "calls") == calls + 1 && counter(provider, "succeeded") == succeeded + 1,
        "its status counts the calls");
  json_t *document;
  llm_provider_status_json(provider, &document);
  bool kept = check(is(text_at(document, "state"), "connected"), "after an answer its state is connected");
  explain_json(kept, document);
  json_decref(document);
}

/* What an observer saw. */
struct sightings {
  int events, malformed, connected;
};

static void observe(const char *event_json, void *user_data) {
  struct sightings *seen = user_data;
  json_t *event = json_loads(event_json, 0, NULL);
  seen->events++;
  seen->malformed += !text_at(event, "event") || !text_at(event, "provider");
  seen->connected += is(text_at(event, "event"), "connected");
  json_decref(event);
}

static void check_observer(void) {
  struct sightings seen = {0, 0, 0};
  llm_provider *provider;
  llm_provider_new(config, &provider, NULL);
  llm_provider_set_observer(provider, observe, &seen);
  llm_chat(provider, request, NULL);
  check(seen.events > 0 && seen.malformed == 0,
        "an observer is told, in documents with \"event\" and \"provider\"");
  check(seen.connected == 1, "it is told once that the provider is connected");
  llm_provider_set_observer(provider, NULL, NULL);
  int events = seen.events;
  llm_disconnect(provider);
  llm_chat(provider, request, NULL);
  check(seen.events == events, "removed, it is told nothing");
  llm_provider_free(provider);
}

#define THREADS 4
#define CALLS_OF_A_THREAD 5

static void *chat_repeatedly(void *provider) {
  size_t good = 0;
  for (int i = 0; i < CALLS_OF_A_THREAD; i++) {
    struct transcript seen = new_transcript();
    char *json;
    llm_status status = llm_stream(provider, request, note, &seen, &json);
    json_t *result = json_loads(json ? json : "", 0, NULL);
    good += status == LLM_OK && seen.terminals == 1 && is(seen.text.bytes, text_at(result, "text"));
    json_decref(result);
    llm_free(json);
    forget(&seen);
  }
  return good == CALLS_OF_A_THREAD ? provider : NULL;
}

static void check_threads(llm_provider *provider) {
  pthread_t threads[THREADS];
  bool kept = true;
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, chat_repeatedly, provider);
  for (int i = 0; i < THREADS; i++) {
    void *good;
    pthread_join(threads[i], &good);
    kept = kept && good;
  }
  check(kept, "threads share it");
}

/* -- Arguments ------------------------------------------------------------------------------------------- */

static bool read_arguments(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--plugin") == 0 && i + 1 < argc) {
      char *json;
      if (llm_load_plugin(argv[++i], &json) < 0) {
        printf("Bail out! %s\n", json ? json : "out of memory");
        llm_free(json);
        exit(1);
      }
    } else if (strcmp(argv[i], "--request") == 0 && i + 1 < argc) {
      request = argv[++i];
    } else {
      if (config || argv[i][0] == '-') return false;
      config = argv[i];
    }
  }
  return config != NULL;
}

int main(int argc, char **argv) {
  if (!read_arguments(argc, argv)) {
    fprintf(stderr, "usage: contract [--plugin PATH]... [--request JSON] CONFIGURATION\n");
    return 2;
  }
  llm_provider *provider = open_provider();
  if (provider) {
    check_configuration();
    check_connection(provider);
    check_models(provider);
    check_chat(provider);
    check_stream(provider);
    check_pull();
    check_errors(provider);
    check_cancel(provider);
    check_status(provider);
    check_observer();
    check_threads(provider);
  }
  llm_provider_free(provider);
  printf("1..%d\n", count);
  return failures > 0;
}
