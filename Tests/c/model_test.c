/* llm_embed, llm_models, llm_model_info, llm_count_tokens. */
#include "test.h"

static struct answer embed(llm_provider *provider, const char *request) {
  char *json = NULL;
  struct answer answer = {.status = llm_embed(provider, request, &json)};
  answer.json = take(json);
  return answer;
}

static struct answer model_info(llm_provider *provider, const char *model) {
  char *json = NULL;
  struct answer answer = {.status = llm_model_info(provider, model, &json)};
  answer.json = take(json);
  return answer;
}

static struct answer models(llm_provider *provider) {
  char *json = NULL;
  struct answer answer = {.status = llm_models(provider, &json)};
  answer.json = take(json);
  return answer;
}

static void embeddings(void) {
  struct answer answer = embed(service("embeddings", ""), "{\"input\":[\"a\",\"b\"]}");
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/object"), "list");
  CHECK_INT((long long)json_array_size(at(answer.json, "/data")), 2);
  CHECK_INT(int_at(answer.json, "/data/1/index"), 1);
  CHECK(json_real_value(at(answer.json, "/data/0/embedding/1")) == -0.25);
  CHECK_INT(int_at(answer.json, "/usage/prompt_tokens"), 8);
  CHECK_TEXT(text_at(answer.json, "/metadata/provider"), "openai");
  CHECK(json_is_object(at(answer.json, "/metadata/timing")));
}

static void embedding_requests(void) {
  llm_provider *provider = service("__echo", "");
  struct answer answer = embed(provider, "{\"input\":\"one\",\"dimensions\":3,\"model\":\"e\"}");
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_INT((long long)json_array_size(at(answer.json, "/data/0/embedding")), 3);
  static const char *const refused[] = {"{}", "{\"input\":7}", "{\"input\":[]}", "[]", "{"};
  for (size_t index = 0; index < sizeof refused / sizeof *refused; index++) {
    about(refused[index]);
    answer = embed(provider, refused[index]);
    CHECK_STATUS(answer.status, LLM_E_INVALID_REQUEST, answer.json);
  }
  about(NULL);
  answer =
      embed(provider_of("{\"type\":\"anthropic\",\"api_key\":\"k\",\"model\":\"m\"}"), "{\"input\":\"x\"}");
  CHECK_STATUS(answer.status, LLM_E_UNSUPPORTED, answer.json);
}

static void embeddings_of_the_mock(void) {
  struct answer answer = embed(mock(""), "{\"input\":[\"a\",\"a\",\"b\"]}");
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK(json_equal(at(answer.json, "/data/0/embedding"), at(answer.json, "/data/1/embedding")));
  CHECK(!json_equal(at(answer.json, "/data/0/embedding"), at(answer.json, "/data/2/embedding")));
}

static void embedding_errors(void) {
  struct answer answer = embed(service("status-401", ""), "{\"input\":\"x\"}");
  CHECK_STATUS(answer.status, LLM_E_AUTHENTICATION, answer.json);
  answer = embed(service("garbage-body", ""), "{\"input\":\"x\"}");
  CHECK_STATUS(answer.status, LLM_E_PROTOCOL, answer.json);
  CHECK_TEXT(text_at(answer.json, "/error/stage"), "decode");
}

static void lists(void) {
  struct answer answer = models(service("__echo", ""));
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/object"), "list");
  CHECK_TEXT(text_at(answer.json, "/data/0/id"), "echo-large");
  CHECK_TEXT(text_at(answer.json, "/data/1/id"), "echo-small");
  answer = models(service("status-401", ""));
  CHECK_STATUS(answer.status, LLM_E_AUTHENTICATION, answer.json);
}

static void one_model(void) {
  llm_provider *provider = service("__echo", "");
  struct answer answer = model_info(provider, "echo-small");
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/id"), "echo-small");
  answer = model_info(provider, "no-such-model");
  CHECK_STATUS(answer.status, LLM_E_NOT_FOUND, answer.json);
  CHECK_PART(text_at(answer.json, "/error/message"), "no-such-model");
  answer = model_info(mock(""), "mock-small");
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  /* NULL asks for the provider's own. */
  answer = model_info(provider_of("{\"type\":\"mock\",\"model\":\"mock-small\"}"), NULL);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/id"), "mock-small");
}

static void tokens(void) {
  char *json = NULL;
  llm_status status =
      llm_count_tokens(service("__echo", ""), "{\"prompt\":\"four score and seven years\"}", &json);
  json_t *count = take(json);
  CHECK_STATUS(status, LLM_OK, count);
  CHECK(is_true(count, "/estimated"));
  CHECK(int_at(count, "/prompt_tokens") > 3);
  CHECK_TEXT(text_at(count, "/model"), "m");
  CHECK_INT(llm_count_tokens(mock(""), "{\"prompt\":7}", &json), LLM_E_INVALID_REQUEST);
  CHECK_TEXT(text_at(take(json), "/error/param"), "/prompt");
}

const struct test_case model_cases[] = {
    CASE(embeddings),
    CASE(embedding_requests),
    CASE(embeddings_of_the_mock),
    CASE(embedding_errors),
    CASE(lists),
    CASE(one_model),
    CASE(tokens),
    {0},
};
