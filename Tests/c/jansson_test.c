/* llm_provider_jansson.h: the same with trees, which stay the caller's. */
#include "test.h"

static json_t *parse(const char *text) {
  return keep_json(json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL));
}

static json_t *take_tree(json_t *tree) {
  return keep_json(tree);
}

static void as_with_text(void) {
  llm_provider *provider = service("__echo", "");
  json_t *request = parse(hello), *before = keep_json(json_deep_copy(request)), *out = NULL;
  size_t references = request->refcount;
  llm_status status = llm_chat_json(provider, request, &out);
  CHECK_STATUS(status, LLM_OK, take_tree(out));
  CHECK_TEXT(stable(out), stable(chat(provider, hello).json));
  CHECK_INT((long long)request->refcount, (long long)references);

  struct record trees = {0}, texts = {0};
  status = llm_stream_json(provider, request, record_event, &trees, &out);
  CHECK_STATUS(status, LLM_OK, take_tree(out));
  CHECK_TEXT(stable(out), stable(stream(provider, hello, record_event, &texts).json));
  CHECK_TEXT(trees.log.bytes, texts.log.bytes);

  CHECK_INT(llm_count_tokens_json(provider, request, &out), LLM_OK);
  CHECK(is_true(take_tree(out), "/estimated"));
  CHECK_INT(llm_render_json(provider, request, &out), LLM_OK);
  CHECK_TEXT(text_at(take_tree(out), "/method"), "POST");
  CHECK_INT(llm_embed_json(provider, parse("{\"input\":\"x\"}"), &out), LLM_OK);
  CHECK_INT((long long)json_array_size(at(take_tree(out), "/data/0/embedding")), 8);
  CHECK(json_equal(request, before));
  CHECK_INT((long long)request->refcount, (long long)references);
}

/* What is handed out is the caller's alone: to change it changes nothing else. */
static void results_are_the_callers(void) {
  llm_provider *provider =
      provider_of("{\"type\":\"mock\",\"mock\":{\"responses\":[{\"tool_calls\":[{\"name\":\"f\","
                  "\"arguments\":{\"a\":1}}],\"usage\":{\"prompt_tokens\":1}}]}}");
  const char *first = NULL;
  for (int round = 0; round < 3; round++) {
    json_t *out = NULL;
    CHECK_INT(llm_chat_json(provider, parse(hello), &out), LLM_OK);
    take_tree(out);
    const char *text = stable(out);
    if (first) CHECK_TEXT(text, first);
    first = text;
    json_object_clear(at(out, "/choices/0/message"));
    json_object_set_new(at(out, "/usage"), "prompt_tokens", json_string("changed"));
    json_array_clear(at(out, "/metadata/attempts"));
  }
  json_t *types = NULL, *again = NULL;
  CHECK_INT(llm_provider_types_json(&types), LLM_OK);
  take_tree(types);
  const char *text = stable(types);
  json_object_clear(at(types, "/types/0/config_schema"));
  CHECK_INT(llm_provider_types_json(&again), LLM_OK);
  CHECK_TEXT(stable(take_tree(again)), text);
}

/* The caller's own values are not in what is handed out. */
static void requests_are_not_shared(void) {
  json_t *request =
      parse("{\"prompt\":\"x\",\"no\":{\"such\":[1]},\"tools\":[{\"type\":\"function\",\"function\":"
            "{\"name\":\"f\",\"parameters\":{\"type\":\"object\"}}}]}");
  json_t *out = NULL;
  CHECK_INT(llm_render_json(service("__echo", ""), request, &out), LLM_OK);
  const char *before = stable(request);
  json_array_clear(at(take_tree(out), "/body/tools"));
  json_object_clear(at(out, "/body/no"));
  CHECK_TEXT(stable(request), before);
}

/* What is borrowed is not kept: to change it afterwards changes nothing. */
static void borrowed_trees_are_let_go(void) {
  llm_provider *provider = NULL;
  llm_call *call = NULL;
  llm_decoder *decoder = NULL;
  const llm_event *event;
  json_t *out = NULL;
  json_t *config = json_loads(
      "{\"type\":\"mock\",\"extra_body\":{\"x\":[1]},\"mock\":{\"responses\":[\"as told\"]}}", 0, NULL);
  CHECK_INT(llm_provider_new_json(config, &provider, NULL), LLM_OK);
  keep_provider(provider);
  CHECK_INT(llm_config_validate_json(config, &out), LLM_OK);
  const char *verdict = stable(take_tree(out));
  CHECK_INT((long long)config->refcount, 1);
  json_array_clear(at(config, "/mock/responses"));
  json_array_clear(at(config, "/extra_body/x"));
  CHECK_INT((long long)at(config, "/extra_body/x")->refcount, 1);
  json_decref(config);
  CHECK_TEXT(stable(out), verdict);
  CHECK_TEXT(text_at(chat(provider, hello).json, "/text"), "as told");
  CHECK_INT(llm_render_json(provider, parse(hello), &out), LLM_OK);
  CHECK_INT((long long)json_array_size(at(take_tree(out), "/body/x")), 1);

  json_t *request = json_loads(hello, 0, NULL);
  CHECK_INT(llm_call_start_json(mock(""), request, &call, NULL), LLM_OK);
  CHECK_INT(llm_decoder_new_json(mock(""), request, 200, &decoder, NULL), LLM_OK);
  json_object_set_new(at(request, "/messages/0"), "content", json_string("changed"));
  CHECK_INT((long long)at(request, "/messages")->refcount, 1);
  json_decref(request);
  while (llm_call_next(call, -1, &event) == LLM_OK) {
  }
  CHECK_INT(llm_call_result_json(call, &out), LLM_OK);
  CHECK_TEXT(text_at(take_tree(out), "/text"), "Hello");
  llm_call_free(call);
  llm_decoder_free(decoder);
}

/* An error is the caller's, too, and the provider's memory of it is its own. */
static void errors_are_the_callers(void) {
  llm_provider *provider = service("status-400", "");
  json_t *error = NULL, *status = NULL, *again = NULL;
  CHECK_INT(llm_chat_json(provider, parse(hello), &error), LLM_E_INVALID_REQUEST);
  CHECK_INT(llm_provider_status_json(provider, &status), LLM_OK);
  const char *before = stable(take_tree(status));
  json_object_clear(at(take_tree(error), "/error/provider_error"));
  json_object_clear(at(status, "/last_error/provider_error"));
  CHECK_INT(llm_provider_status_json(provider, &again), LLM_OK);
  CHECK_TEXT(stable(take_tree(again)), before);
}

static void life_cycle(void) {
  llm_provider *provider = NULL;
  json_t *out = NULL, *error = (json_t *)&error;
  json_t *config =
      parse(format("{\"type\":\"openai\",\"api\":\"chat\",\"api_key\":\"k\",\"model\":\"echo-small\","
                   "\"base_url\":\"http://127.0.0.1:%d/__echo/v1\"}",
                   server_port()));
  CHECK_INT(llm_provider_new_json(config, &provider, &error), LLM_OK);
  CHECK(error == NULL);
  keep_provider(provider);
  CHECK_INT(llm_connect_json(provider, &out), LLM_OK);
  CHECK_TEXT(text_at(take_tree(out), "/state"), "connected");
  CHECK_INT(llm_test_connection_json(provider, &out), LLM_OK);
  CHECK(is_true(take_tree(out), "/success"));
  CHECK_INT(llm_provider_status_json(provider, &out), LLM_OK);
  CHECK_TEXT(text_at(take_tree(out), "/state"), "connected");
  CHECK_INT(llm_capabilities_json(provider, &out), LLM_OK);
  CHECK(is_true(take_tree(out), "/streaming"));
  CHECK_INT(llm_models_json(provider, &out), LLM_OK);
  CHECK_TEXT(text_at(take_tree(out), "/data/0/id"), "echo-large");
  CHECK_INT(llm_model_info_json(provider, NULL, &out), LLM_OK);
  CHECK_TEXT(text_at(take_tree(out), "/id"), "echo-small");
  CHECK_INT(llm_config_validate_json(config, &out), LLM_OK);
  CHECK(is_true(take_tree(out), "/valid"));
}

static void pulled(void) {
  llm_call *call = NULL;
  const llm_event *event;
  json_t *out = (json_t *)&out, *request = json_loads(hello, 0, NULL);
  struct record record = {0};
  CHECK_INT(llm_call_start_json(service("__echo", ""), request, &call, NULL), LLM_OK);
  json_decref(request);
  CHECK_INT(llm_call_result_json(call, &out), LLM_PENDING);
  CHECK(out == NULL);
  while (llm_call_next(call, -1, &event) == LLM_OK) record_event(event, &record);
  for (int round = 0; round < 2; round++) {
    CHECK_INT(llm_call_result_json(call, &out), LLM_OK);
    CHECK_TEXT(text_at(take_tree(out), "/text"), "Hello");
    json_object_clear(out);
  }
  llm_call_free(call);
}

static void decoded(void) {
  llm_decoder *decoder = NULL;
  json_t *out = NULL, *request = json_loads(hello, 0, NULL);
  static const char body[] = "{\"choices\":[{\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}";
  CHECK_INT(llm_decoder_new_json(service("__echo", ""), request, 200, &decoder, NULL), LLM_OK);
  json_decref(request);
  CHECK_INT(llm_decoder_feed(decoder, body, sizeof body - 1, NULL, NULL), LLM_OK);
  for (int round = 0; round < 2; round++) {
    CHECK_INT(llm_decoder_finish_json(decoder, NULL, NULL, &out), LLM_OK);
    CHECK_TEXT(text_at(take_tree(out), "/text"), "Hi");
    json_object_clear(out);
  }
  llm_decoder_free(decoder);
}

static void errors(void) {
  llm_provider *provider = (llm_provider *)&provider;
  json_t *error = NULL;
  CHECK_INT(llm_provider_new_json(parse("{\"type\":\"mock\",\"modle\":\"m\"}"), &provider, &error),
            LLM_E_INVALID_CONFIG);
  CHECK(provider == NULL);
  CHECK_TEXT(text_at(take_tree(error), "/error/param"), "/modle");
  CHECK_INT(llm_chat_json(service("status-401", ""), parse(hello), &error), LLM_E_AUTHENTICATION);
  CHECK_TEXT(text_at(take_tree(error), "/error/code"), "authentication");
  json_t *scalars[] = {json_null(), json_true(), parse("7"), parse("\"text\""), parse("[]")};
  for (size_t index = 0; index < sizeof scalars / sizeof *scalars; index++) {
    CHECK_INT(llm_chat_json(mock(""), scalars[index], &error), LLM_E_INVALID_REQUEST);
    take_tree(error);
    CHECK_INT(llm_provider_new_json(scalars[index], &provider, &error), LLM_E_INVALID_CONFIG);
    take_tree(error);
  }
}

/* Deeper than text could say, and wider than is sensible. */
static void deep_tree(void) {
  json_t *request = parse(hello), *error = NULL;
  json_t *outer = json_array();
  for (int depth = 0; depth < 3000; depth++) {
    json_t *wrapped = json_array();
    json_array_append_new(wrapped, outer);
    outer = wrapped;
  }
  json_object_set_new(request, "deep", outer);
  llm_status status = llm_chat_json(service("__echo", ""), request, &error);
  CHECK(status == LLM_OK || status == LLM_E_INVALID_REQUEST);
  take_tree(error);
}

const struct test_case jansson_cases[] = {
    CASE(as_with_text),
    CASE(results_are_the_callers),
    CASE(requests_are_not_shared),
    CASE(borrowed_trees_are_let_go),
    CASE(errors_are_the_callers),
    CASE(life_cycle),
    CASE(pulled),
    CASE(decoded),
    CASE(errors),
    CASE(deep_tree),
    {0},
};
