/* What the library makes of providers of the program's own that break the rules of llm_provider_extend.h: an
 * error that says so, never a crash; and that it keeps its own side: create and destroy pair up, state is
 * zeroed, what a provider passes on arrives. Prints TAP.
 *
 *   cc -pthread rules.c $(pkg-config --cflags --libs llm-provider jansson) -o rules
 */
#include <llm_provider_extend.h>
#include <llm_provider_jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int count, failures;

static bool check(bool kept, const char *rule) {
  printf("%s %d - %s\n", kept ? "ok" : "not ok", ++count, rule);
  failures += !kept;
  return kept;
}

static char *copy_of(const char *text) {
  char *copy = malloc(strlen(text) + 1);
  return copy ? strcpy(copy, text) : NULL;
}

static bool is(const json_t *string, const char *expected) {
  return json_is_string(string) && strcmp(json_string_value(string), expected) == 0;
}

static int say(const llm_emitter *emit, int type, const char *data) {
  return llm_emit(emit, type, data, strlen(data));
}

static bool mentions(const char *json, const char *code, const char *words) {
  json_t *document = json_loads(json ? json : "", 0, NULL), *error = json_object_get(document, "error");
  const char *said = json_string_value(json_object_get(error, "code"));
  const char *message = json_string_value(json_object_get(error, "message"));
  bool good = said && message && strcmp(said, code) == 0 && strstr(message, words);
  if (!good) printf("# %s\n", json ? json : "(nothing)");
  json_decref(document);
  return good;
}

/* -- The instances -----------------------------------------------------------------------------------------
 */

static int created, destroyed;
static char seen_config[1024], seen_request[1024];

static void *create(const char *config_json, char **error) {
  (void)error;
  created++;
  snprintf(seen_config, sizeof seen_config, "%s", config_json);
  return malloc(1);
}

static void destroy(void *self) {
  destroyed++;
  free(self);
}

/* -- Registration ------------------------------------------------------------------------------------------
 */

static int say_nothing(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self, (void)request_json, (void)emit;
  return LLM_OK;
}

static char *encode_plain(void *self, const char *request_json, char **error) {
  (void)self, (void)error;
  snprintf(seen_request, sizeof seen_request, "%s", request_json);
  return copy_of("{\"url\":\"/x\",\"body\":{}}");
}

static int decode_nothing(void *self, void *call, int status, const char *frame, size_t len,
                          const llm_emitter *emit) {
  (void)self, (void)call, (void)status, (void)frame, (void)len, (void)emit;
  return LLM_OK;
}

static void check_registration(const char *type, llm_provider_vtable table, llm_status expected,
                               const char *words, const char *rule) {
  char *json;
  llm_status status = llm_register_provider(type, &table, &json);
  if (expected < 0)
    check(status == expected && mentions(json, llm_status_name(expected), words), rule);
  else
    check(status == expected && !json, rule);
  llm_free(json);
}

static llm_provider_vtable engine(int (*execute)(void *, const char *, const llm_emitter *)) {
  llm_provider_vtable table = {.struct_size = sizeof table, .create = create, .destroy = destroy};
  table.execute = execute;
  return table;
}

static void check_registrations(void) {
  llm_provider_vtable good = engine(say_nothing), bad;
  check(llm_register_provider(NULL, &good, NULL) == LLM_E_INVALID_ARGUMENT,
        "a type without a name is refused");
  check(llm_register_provider("x", NULL, NULL) == LLM_E_INVALID_ARGUMENT,
        "a type without a table is refused");
  check_registration("openai", good, LLM_E_PLUGIN, "taken", "a built-in name is taken");
  check_registration("claude", good, LLM_E_PLUGIN, "taken", "so is another name of a built-in type");
  check_registration("auto", good, LLM_E_PLUGIN, "taken", "so is auto");
  check_registration("router", good, LLM_E_PLUGIN, "taken", "so is router");
  check_registration("", good, LLM_E_PLUGIN, "no name", "an empty name is refused");
  check_registration("Big", good, LLM_E_PLUGIN, "no name", "capitals are refused");
  check_registration("a b", good, LLM_E_PLUGIN, "no name", "blanks are refused");
  bad = good, bad.create = NULL;
  check_registration("bad", bad, LLM_E_PLUGIN, "create", "create is required");
  bad = good, bad.execute = NULL;
  check_registration("bad", bad, LLM_E_PLUGIN, "neither", "a table that can do nothing is refused");
  bad.encode = encode_plain;
  check_registration("bad", bad, LLM_E_PLUGIN, "decode", "encode without decode is refused");
  bad.encode = NULL, bad.decode = decode_nothing;
  check_registration("bad", bad, LLM_E_PLUGIN, "encode", "decode without encode is refused");
  bad = good, bad.encode = encode_plain, bad.decode = decode_nothing;
  check_registration("bad", bad, LLM_E_PLUGIN, "both", "both kinds at once are refused");
  bad = good, bad.struct_size = 0;
  check_registration("bad", bad, LLM_E_PLUGIN, "create", "a table of no size holds nothing");
  bad = good, bad.struct_size = offsetof(llm_provider_vtable, execute);
  check_registration("bad", bad, LLM_E_PLUGIN, "neither", "what lies outside the stated size is not read");
  bad = good, bad.struct_size = (size_t)-1;
  check_registration("newer", bad, LLM_OK, "", "a table from a newer header is read as far as it is known");
  bad = good, bad.metadata_json = "{";
  check_registration("bad", bad, LLM_E_PLUGIN, "no JSON", "metadata must be JSON");
  bad.metadata_json = "[]";
  check_registration("bad", bad, LLM_E_PLUGIN, "no JSON object", "and an object");
  bad.metadata_json = "{\"lable\":\"x\"}";
  check_registration("bad", bad, LLM_E_PLUGIN, "did you mean \"label\"",
                     "an unknown member is named, with the nearest");
  bad.metadata_json = "{\"framing\":\"morse\"}";
  check_registration("bad", bad, LLM_E_PLUGIN, "framing", "the framing must be one there is");
  bad.metadata_json = "{\"config_schema\":7}";
  check_registration("bad", bad, LLM_E_PLUGIN, "config_schema", "a schema is an object");
  bad.metadata_json = "{\"models\":[{\"label\":\"x\"}]}";
  check_registration("bad", bad, LLM_E_PLUGIN, "id", "a model has an id");
  check_registration("good", good, LLM_OK, "", "a good table is taken");
  check_registration("good", good, LLM_E_PLUGIN, "taken", "and its name with it");
}

/* -- Engines that break rules ------------------------------------------------------------------------------
 */

static const llm_event no_event = {.struct_size = sizeof(struct llm_event)};

static int after_finish(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self, (void)request_json;
  llm_emit_text(emit, "before");
  llm_emit_finish(emit, "stop");
  return llm_emit_text(emit, "after") ? LLM_OK : LLM_E_INTERNAL; /* told that nobody wants it */
}

static int unknown_tool(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self, (void)request_json;
  llm_event event = no_event;
  event.type = LLM_EVENT_TOOL_ARGUMENTS;
  event.index = 3;
  event.data = "{}";
  event.len = 2;
  emit->event(emit, &event);
  return LLM_OK;
}

static int nameless_tool(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self, (void)request_json;
  llm_event event = no_event;
  event.type = LLM_EVENT_TOOL_CALL;
  emit->event(emit, &event);
  return LLM_OK;
}

static int same_tool_twice(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self, (void)request_json;
  llm_emit_tool_call(emit, 0, "a", "f", "{}");
  llm_emit_tool_call(emit, 0, "b", "f", "{}");
  return LLM_OK;
}

static int late_arguments(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self, (void)request_json;
  llm_emit_tool_call(emit, 0, "a", "f", "{}");
  llm_event event = no_event;
  event.type = LLM_EVENT_TOOL_ARGUMENTS;
  event.data = "x";
  event.len = 1;
  emit->event(emit, &event);
  return LLM_OK;
}

static int bad_usage(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self, (void)request_json;
  say(emit, LLM_EVENT_USAGE, "many");
  return LLM_OK;
}

static int far_choice(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self, (void)request_json;
  llm_event event = no_event;
  event.type = LLM_EVENT_TEXT;
  event.choice = 4000000000u;
  event.data = "x";
  event.len = 1;
  emit->event(emit, &event);
  return LLM_OK;
}

static int null_event(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self, (void)request_json;
  emit->event(emit, NULL);
  return LLM_OK;
}

static int sizeless_event(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self, (void)request_json;
  llm_event event = no_event;
  event.struct_size = 0;
  event.type = LLM_EVENT_TEXT;
  emit->event(emit, &event);
  return LLM_OK;
}

static int endless_data(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self, (void)request_json;
  llm_emit(emit, LLM_EVENT_TEXT, "x", (size_t)-1);
  return emit->state(emit, (size_t)-1) ? LLM_E_INTERNAL : LLM_OK;
}

static int unknown_code(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self, (void)request_json, (void)emit;
  return -12345;
}

static int positive_failure(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self, (void)request_json;
  return emit->fail(emit, LLM_OK, "no failure at all") < 0 ? LLM_OK : LLM_E_INTERNAL;
}

static void check_engine(const char *type, int (*execute)(void *, const char *, const llm_emitter *),
                         const char *words, const char *rule) {
  llm_provider_vtable table = engine(execute);
  char config[128], *json;
  llm_provider *provider;
  llm_register_provider(type, &table, NULL);
  snprintf(config, sizeof config, "{\"type\":\"%s\",\"model\":\"m\"}", type);
  llm_provider_new(config, &provider, NULL);
  llm_status status = llm_chat(provider, "{\"prompt\":\"x\"}", &json);
  check(status == LLM_E_PLUGIN && mentions(json, "plugin", words), rule);
  llm_free(json);
  llm_provider_free(provider);
}

static void check_engines(void) {
  check_engine("after-finish", after_finish, "after FINISH", "content after FINISH fails the call");
  check_engine("unknown-tool", unknown_tool, "never began",
               "so do arguments for a tool call that never began");
  check_engine("nameless-tool", nameless_tool, "without a name", "so does a tool call without a name");
  check_engine("same-tool-twice", same_tool_twice, "twice", "so does a tool call that begins twice");
  check_engine("late-arguments", late_arguments, "has ended", "so do arguments after a tool call's end");
  check_engine("bad-usage", bad_usage, "no JSON object", "so does a document that is none");
  check_engine("far-choice", far_choice, "choice", "so does a choice beyond all measure");
  check_engine("null-event", null_event, "struct_size", "so does NULL for an event");
  check_engine("sizeless-event", sizeless_event, "struct_size", "so does an event without its size");
  check_engine("endless-data", endless_data, "more data", "so does data beyond all measure");
  check_engine("unknown-code", unknown_code, "plugin", "an unknown code is that of a plugin's failure");
  check_engine("positive-failure", positive_failure, "no failure", "so is a code of success in fail");
}

/* -- Engines that keep them --------------------------------------------------------------------------------
 */

static int everything(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self;
  snprintf(seen_request, sizeof seen_request, "%s", request_json);
  llm_event event = no_event;
  say(emit, LLM_EVENT_RESPONSE, "{\"id\":\"r-1\",\"model\":\"m-1\"}");
  llm_emit(emit, LLM_EVENT_START, NULL, 0); /* skipped */
  event.type = 9999;                        /* from a newer header than the library's: skipped */
  emit->event(emit, &event);
  llm_emit(emit, LLM_EVENT_PING, NULL, 0);
  say(emit, LLM_EVENT_REASONING, "hm");
  say(emit, LLM_EVENT_TEXT, "na\xc3");
  say(emit, LLM_EVENT_TEXT, "\xafve");
  say(emit, LLM_EVENT_SOURCE, "{\"type\":\"url_citation\"}");
  llm_emit_tool_call(emit, 7, NULL, "f", "{\"a\":1}");
  llm_emit_tool_call(emit, 2, "own-id", "g", "");
  event = no_event;
  event.type = LLM_EVENT_REFUSAL;
  event.choice = 1;
  event.data = "no";
  event.len = 2;
  emit->event(emit, &event);
  llm_emit_finish(emit, "tool_use");
  say(emit, LLM_EVENT_USAGE, "{\"prompt_tokens\":1,\"completion_tokens\":2}");
  return LLM_OK;
}

static void check_everything(void) {
  llm_provider_vtable table = engine(everything);
  table.metadata_json =
      "{\"key_variables\":[\"LLM_RULES_KEY\"],\"config_schema\":{\"properties\":{"
      "\"depth\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":9,\"default\":3},"
      "\"mood\":{\"enum\":[\"calm\",\"wild\"]},\"region\":{\"type\":\"string\"}},\"required\":[\"mood\"]}}";
  llm_register_provider("everything", &table, NULL);
  json_t *result;
  char *json;
  llm_provider *provider;
  llm_status status = llm_provider_new("{\"type\":\"everything\",\"model\":\"m\"}", &provider, &json);
  check(status == LLM_E_INVALID_CONFIG && mentions(json, "invalid_config", "\"mood\" is missing"),
        "a required key that is missing is named");
  llm_free(json);
  status = llm_provider_new("{\"type\":\"everything\",\"mood\":\"wlid\"}", &provider, &json);
  check(status == LLM_E_INVALID_CONFIG && mentions(json, "invalid_config", "did you mean \"wild\""),
        "a word that is none of the schema's is named");
  llm_free(json);
  status = llm_provider_new("{\"type\":\"everything\",\"mood\":\"calm\",\"depth\":10}", &provider, &json);
  check(status == LLM_E_INVALID_CONFIG && mentions(json, "invalid_config", "above 9"), "bounds hold");
  llm_free(json);
  status = llm_provider_new("{\"type\":\"everything\",\"mood\":\"calm\",\"timeout\":{\"total_ms\":\"x\"}}",
                            &provider, &json);
  check(status == LLM_E_INVALID_CONFIG && mentions(json, "invalid_config", "total_ms"),
        "the keys of all types are checked as ever");
  llm_free(json);
  int before = created;
  check(before == destroyed, "a configuration that is refused makes no instance");

  setenv("LLM_RULES_KEY", "key-of-the-environment", 1);
  status = llm_provider_new(
      "{\"type\":\"everything\",\"model\":\"m\",\"mood\":\"${LLM_RULES_MOOD:-calm}\",\"region\":\"r\"}",
      &provider, &json);
  check(status == LLM_OK && created == before + 1, "one that is right makes one");
  check(strstr(seen_config, "\"mood\":\"calm\"") && strstr(seen_config, "\"depth\":3") &&
            strstr(seen_config, "\"region\":\"r\"") && strstr(seen_config, "key-of-the-environment"),
        "create sees variables, defaults and the key");

  json_t *request = json_loads("{\"prompt\":\"x\",\"llm\":{}}", 0, NULL);
  llm_chat_json(provider, request, &result);
  json_decref(request);
  json_t *choice = json_array_get(json_object_get(result, "choices"), 0);
  json_t *message = json_object_get(choice, "message"), *calls = json_object_get(message, "tool_calls");
  check(is(json_object_get(result, "id"), "r-1"), "the response's id arrives");
  check(is(json_object_get(result, "text"), "na\xc3\xafve"),
        "text that was cut within a character arrives whole");
  check(json_object_get(message, "reasoning_content") && json_object_get(message, "annotations"),
        "reasoning and sources arrive");
  check(json_array_size(calls) == 2 && json_object_get(json_array_get(calls, 0), "id") &&
            is(json_object_get(json_array_get(calls, 1), "id"), "own-id"),
        "tool calls arrive, with ids of their own or of the library's making");
  check(json_array_size(json_object_get(result, "choices")) == 2, "choices arrive");
  check(is(json_object_get(choice, "finish_reason"), "tool_calls"),
        "the service's own word for the end is understood");
  check(json_integer_value(json_object_get(json_object_get(result, "usage"), "total_tokens")) == 3,
        "usage arrives");
  check(strstr(seen_request, "\"messages\"") && strstr(seen_request, "\"model\":\"m\"") &&
            !strstr(seen_request, "\"llm\"") && !strstr(seen_request, "\"stream\""),
        "the request is whole, and only what is for the model");
  json_decref(result);
  status = llm_render(provider, "{\"prompt\":\"x\"}", &json);
  check(status == LLM_E_UNSUPPORTED && mentions(json, "unsupported", "HTTP"),
        "an engine has nothing to render");
  llm_free(json);
  llm_decoder *decoder;
  status = llm_decoder_new(provider, "{\"prompt\":\"x\"}", 200, &decoder, NULL);
  check(status == LLM_E_UNSUPPORTED && !decoder, "nor to decode");
  check(llm_embed(provider, "{\"input\":\"x\"}", NULL) == LLM_E_UNSUPPORTED, "nor embeddings");
  llm_provider_free(provider);
  check(created == destroyed, "every instance is destroyed, once");
}

/* -- An engine that asks another provider ------------------------------------------------------------------
 */

struct relay {
  const llm_emitter *emit;
};

static int pass_on(const llm_event *event, void *user_data) {
  struct relay *relay = user_data;
  return relay->emit->event(relay->emit, event);
}

static int relay(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self;
  struct relay state = {emit};
  llm_provider *inner;
  if (llm_provider_new(strstr(request_json, "fail")
                           ? "{\"type\":\"mock\",\"mock\":{\"responses\":[{\"error\":{\"status\":429,"
                             "\"message\":\"slow\"}}]},\"retry\":{\"attempts\":1}}"
                           : "{\"type\":\"mock\"}",
                       &inner, NULL) < 0)
    return LLM_E_INTERNAL;
  llm_stream(inner, request_json, pass_on, &state, NULL);
  llm_provider_free(inner);
  return LLM_OK;
}

static int cancel_at_text(const llm_event *event, void *user_data) {
  int *texts = user_data;
  *texts += event->type == LLM_EVENT_TEXT;
  return event->type == LLM_EVENT_TEXT;
}

static void check_relay(void) {
  llm_provider_vtable table = engine(relay);
  llm_provider *provider;
  char *json;
  llm_register_provider("relay", &table, NULL);
  llm_provider_new("{\"type\":\"relay\",\"model\":\"m\",\"retry\":{\"attempts\":1}}", &provider, NULL);
  llm_status status = llm_chat(provider, "{\"prompt\":\"echoed through\"}", &json);
  check(status == LLM_OK && strstr(json, "echoed through") && strstr(json, "total_tokens"),
        "events of another provider are passed on as they are");
  llm_free(json);
  status = llm_chat(provider, "{\"prompt\":\"fail\"}", &json);
  check(status == LLM_E_RATE_LIMITED && mentions(json, "rate_limited", "slow"), "so are its errors");
  llm_free(json);
  int texts = 0;
  status = llm_stream(provider, "{\"prompt\":\"one two three four five\"}", cancel_at_text, &texts, NULL);
  check(status == LLM_E_CANCELLED && texts == 1, "a cancel goes through");
  llm_provider_free(provider);
}

/* -- Retries and time-outs of engines ----------------------------------------------------------------------
 */

static int attempts;

static int second_time_lucky(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self, (void)request_json;
  if (++attempts == 1) return emit->fail(emit, LLM_E_OVERLOADED, "not yet");
  llm_emit_text(emit, "now");
  return LLM_OK;
}

static int endless(void *self, const char *request_json, const llm_emitter *emit) {
  (void)self, (void)request_json;
  llm_emit_text(emit, "and on");
  while (!emit->is_cancelled(emit)) {
  }
  return LLM_OK;
}

static void check_calls(void) {
  llm_provider_vtable lucky = engine(second_time_lucky), slow = engine(endless);
  llm_provider *provider;
  char *json;
  llm_register_provider("lucky", &lucky, NULL);
  llm_register_provider("endless", &slow, NULL);
  llm_provider_new("{\"type\":\"lucky\",\"model\":\"m\",\"retry\":{\"delay_ms\":1}}", &provider, NULL);
  llm_status status = llm_chat(provider, "{\"prompt\":\"x\"}", &json);
  check(status == LLM_OK && attempts == 2 && strstr(json, "\"now\""),
        "an engine is asked again where that may help");
  llm_free(json);
  llm_provider_free(provider);
  llm_provider_new("{\"type\":\"endless\",\"model\":\"m\",\"timeout\":{\"total_ms\":20}}", &provider, NULL);
  status = llm_chat(provider, "{\"prompt\":\"x\"}", &json);
  check(status == LLM_E_TIMEOUT && strstr(json, "and on"), "an engine that asks is told that time is up");
  llm_free(json);
  llm_provider_free(provider);
}

/* -- Dialects ----------------------------------------------------------------------------------------------
 */

static const char *encoded;

static char *encode_as_told(void *self, const char *request_json, char **error) {
  (void)self, (void)request_json;
  if (!encoded) return NULL;
  if (encoded[0] == '!') {
    *error = copy_of(encoded + 1);
    return NULL;
  }
  return copy_of(encoded);
}

static int frames, zeroed, ended;
static char names[64];

/* Counts in the memory of the response, and says the frame. */
static int decode_and_count(void *self, void *call, int status, const char *frame, size_t len,
                            const llm_emitter *emit) {
  (void)self, (void)call;
  int *mine = emit->state(emit, sizeof *mine);
  if (status >= 300) return strstr(frame, "quiet") ? LLM_OK : emit->fail(emit, LLM_E_QUOTA_EXCEEDED, frame);
  if (!frame) {
    ended++;
    return LLM_OK;
  }
  zeroed += *mine == 0;
  *mine += 1;
  frames++;
  strncat(names, emit->frame_name, sizeof names - strlen(names) - 1);
  if (strcmp(frame, "boom") == 0) return LLM_E_PERMISSION;
  if (strcmp(frame, "end") == 0) return LLM_DONE;
  if (llm_emit(emit, LLM_EVENT_TEXT, frame, len)) return LLM_OK;
  return emit->state(emit, 1000) ? LLM_E_INTERNAL : LLM_OK; /* less was asked for first */
}

static void check_encoded(llm_provider *provider, const char *document, const char *code, const char *words,
                          const char *rule) {
  char *json;
  encoded = document;
  llm_status status = llm_render(provider, "{\"prompt\":\"x\"}", &json);
  check(status < 0 && mentions(json, code, words), rule);
  llm_free(json);
}

static llm_status decode_response(llm_provider *provider, const char *request, int http_status,
                                  const char *body, char **json) {
  llm_decoder *decoder;
  frames = zeroed = ended = 0;
  names[0] = 0;
  encoded = "{\"url\":\"/x\"}";
  llm_decoder_new(provider, request, http_status, &decoder, NULL);
  for (const char *byte = body; *byte; byte++) llm_decoder_feed(decoder, byte, 1, NULL, NULL);
  llm_status status = llm_decoder_finish(decoder, NULL, NULL, json);
  llm_decoder_free(decoder);
  return status;
}

static void check_encoding(llm_provider *provider) {
  char *json;
  check_encoded(provider, NULL, "plugin", "no reason", "encode without a reason fails as the plugin's");
  check_encoded(provider, "!too long", "invalid_request", "too long", "with one, as the request's");
  check_encoded(provider, "!{\"code\":\"unsupported\",\"message\":\"no\"}", "unsupported", "no",
                "or as it says");
  check_encoded(provider, "{", "plugin", "no JSON", "what is no JSON is refused");
  check_encoded(provider, "{}", "plugin", "url", "what has no address is refused");
  check_encoded(provider, "{\"url\":\"ftp://x.example\"}", "plugin", "https://",
                "other protocols are refused");
  check_encoded(provider, "{\"url\":\"http://x.example/\"}", "plugin", "unencrypted",
                "a key does not travel in the open");
  check_encoded(provider, "{\"url\":\"/x\\r\\nHost: y\"}", "plugin", "control", "an address is one line");
  check_encoded(provider, "{\"url\":\"/x\",\"method\":\"BREW\"}", "plugin", "BREW",
                "methods are those there are");
  check_encoded(provider, "{\"url\":\"/x\",\"headers\":{\"A\":\"1\\r\\nB: 2\"}}", "plugin", "one line",
                "a header is one line");
  check_encoded(provider, "{\"url\":\"/x\",\"headers\":{\"A b\":\"1\"}}", "plugin", "A b",
                "its name is a name");
  check_encoded(provider, "{\"url\":\"/x\",\"body\":7}", "plugin", "body", "a body is JSON or text");
  encoded =
      "{\"url\":\"/"
      "x?y=1\",\"method\":\"PUT\",\"headers\":{\"X-Own-Token\":\"hush\",\"A\":\"b\"},\"body\":{\"c\":1},"
      "\"warnings\":[{\"message\":\"no seed\",\"param\":\"/seed\"}]}";
  llm_status status = llm_render(
      provider, "{\"prompt\":\"x\",\"llm\":{\"extra_body\":{\"d\":2},\"extra_headers\":{\"E\":\"f\"}}}",
      &json);
  check(status == LLM_OK && strstr(json, "\"url\":\"https://service.example/x?y=1\"") &&
            strstr(json, "\"PUT\"") && strstr(json, "\"A\":\"b\"") && strstr(json, "\"E\":\"f\"") &&
            strstr(json, "\"c\":1,\"d\":2") && strstr(json, "application/json"),
        "a request is what was encoded, and what the library adds");
  check(!strstr(json, "hush") && !strstr(json, "the-key") && strstr(json, "Bearer [redacted]"),
        "the key is added, and no secret is shown");
  llm_free(json);
  status = llm_render(provider, "{\"prompt\":\"x\",\"llm\":{\"strict\":true}}", &json);
  check(status == LLM_E_UNSUPPORTED && mentions(json, "unsupported", "no seed"),
        "a warning is an error, if strict");
  llm_free(json);
  encoded = "{\"url\":\"/x\",\"headers\":{\"authorization\":\"Own "
            "the-key\",\"Content-Type\":\"text/plain\"},\"body\":\"as it is\"}";
  status = llm_render(provider, "{\"prompt\":\"x\"}", &json);
  check(status == LLM_OK && !strstr(json, "Bearer") && !strstr(json, "the-key") && strstr(json, "as it is") &&
            strstr(json, "text/plain"),
        "its own key and body stand");
  llm_free(json);
}

static void check_decoding(llm_provider *provider) {
  const char *stream = "{\"prompt\":\"x\",\"stream\":true}";
  char *json;
  llm_status status = decode_response(provider, stream, 200,
                                      "event: a\ndata: one\n\nevent: b\ndata: two\n\ndata: end\n\n", &json);
  check(status == LLM_OK && strstr(json, "\"onetwo\""), "frames become text");
  check(frames == 3 && zeroed == 1 && ended == 0, "state begins zeroed and lasts for the response");
  check(strcmp(names, "ab") == 0, "frames have their events' names");
  llm_free(json);
  status = decode_response(provider, stream, 200, "data: one\n\n", &json);
  check(status == LLM_E_STREAM_TRUNCATED && ended == 1 && strstr(json, "\"one\""),
        "a stream without its end is truncated; decode is told that the body is over");
  llm_free(json);
  status = decode_response(provider, stream, 200, "data: boom\n\ndata: two\n\n", &json);
  check(status == LLM_E_PERMISSION && frames == 1, "a code that decode returns ends the call");
  llm_free(json);
  status = decode_response(provider, "{\"prompt\":\"x\"}", 200, "{\"whole\":1}", &json);
  check(status == LLM_OK && frames == 1 && strstr(json, "whole"), "what came whole is one frame");
  llm_free(json);
  status = decode_response(provider, "{\"prompt\":\"x\"}", 418, "teapot", &json);
  check(status == LLM_E_QUOTA_EXCEEDED && mentions(json, "quota_exceeded", "teapot") && strstr(json, "418"),
        "decode may say what an error response means");
  llm_free(json);
  status = decode_response(provider, "{\"prompt\":\"x\"}", 401, "{\"error\":\"quiet\"}", &json);
  check(status == LLM_E_AUTHENTICATION && mentions(json, "authentication", "quiet"),
        "the library does, if it does not");
  llm_free(json);
  status = decode_response(provider, stream, 200, "", &json);
  check(status < 0, "an empty response is an error");
  llm_free(json);
}

static void check_dialects(void) {
  llm_provider_vtable table = {.struct_size = sizeof table, .create = create, .destroy = destroy};
  table.encode = encode_as_told;
  table.decode = decode_and_count;
  llm_register_provider("dialect", &table, NULL);
  llm_provider *provider;
  llm_provider_new("{\"type\":\"dialect\",\"model\":\"m\",\"base_url\":\"https://"
                   "service.example\",\"api_key\":\"the-key\"}",
                   &provider, NULL);
  check_encoding(provider);
  check_decoding(provider);
  check(llm_models(provider, NULL) == LLM_E_UNSUPPORTED, "a dialect without models has no list");
  llm_provider_free(provider);
}

/* -- Models, refusals, plugins -----------------------------------------------------------------------------
 */

static const char *listed;

static char *list(void *self, char **error) {
  (void)self;
  if (listed) return copy_of(listed);
  *error = copy_of("no list today");
  return NULL;
}

static void *refuse(const char *config_json, char **error) {
  if (strstr(config_json, "politely"))
    *error = copy_of("{\"code\":\"permission\",\"message\":\"not you\",\"param\":\"/name\"}");
  return NULL;
}

static void check_the_rest(void) {
  llm_provider_vtable table = engine(say_nothing), refusing = engine(say_nothing);
  llm_provider *provider;
  char *json;
  table.models = list;
  llm_register_provider("lists", &table, NULL);
  llm_provider_new("{\"type\":\"lists\",\"model\":\"m\",\"models_ttl_s\":0}", &provider, NULL);
  listed = "[\"a\",{\"id\":\"b\",\"x\":1}]";
  check(llm_models(provider, &json) == LLM_OK && strstr(json, "\"id\":\"a\"") && strstr(json, "\"x\":1"),
        "models may be names or objects");
  llm_free(json);
  listed = "{\"data\":[\"a\"]}";
  check(llm_models(provider, NULL) == LLM_OK, "or within \"data\"");
  listed = "nonsense";
  check(llm_models(provider, NULL) == LLM_E_PLUGIN, "a list that is no JSON is the plugin's failure");
  listed = "7";
  check(llm_models(provider, NULL) == LLM_E_PLUGIN, "so is one that is no list");
  listed = NULL;
  llm_status status = llm_models(provider, &json);
  check(status == LLM_E_PLUGIN && mentions(json, "plugin", "no list today"), "so is none, with its reason");
  llm_free(json);
  check(llm_chat(provider, "{\"prompt\":\"x\"}", NULL) == LLM_OK, "an answer may be empty");
  llm_provider_free(provider);

  refusing.create = refuse;
  llm_register_provider("refuses", &refusing, NULL);
  int before = destroyed;
  status = llm_provider_new("{\"type\":\"refuses\"}", &provider, &json);
  check(status == LLM_E_INVALID_CONFIG && !provider && mentions(json, "invalid_config", "refused"),
        "create may refuse without a word");
  llm_free(json);
  status = llm_provider_new("{\"type\":\"refuses\",\"name\":\"politely\"}", &provider, &json);
  check(status == LLM_E_PERMISSION && mentions(json, "permission", "not you"), "or say why");
  check(destroyed == before, "what was not created is not destroyed");
  llm_free(json);

  check(llm_load_plugin(NULL, NULL) == LLM_E_INVALID_ARGUMENT, "a plugin has a path");
  status = llm_load_plugin("mine.so", &json);
  check(status == LLM_E_PLUGIN && mentions(json, "plugin", "absolute"), "that is absolute");
  llm_free(json);
  status = llm_load_plugin("/no/such/plugin.so", &json);
  check(status == LLM_E_PLUGIN && mentions(json, "plugin", "/no/such/plugin.so"), "and names a file");
  llm_free(json);
}

int main(void) {
  check_registrations();
  check_engines();
  check_everything();
  check_relay();
  check_calls();
  check_dialects();
  check_the_rest();
  check(created > 0 && created == destroyed, "in the end every instance was destroyed, once");
  printf("1..%d\n", count);
  return failures > 0;
}
