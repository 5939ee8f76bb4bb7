/* llm_chat: whole answers, and requests that are not to be sent. */
#include "test.h"

static void whole_answer(void) {
  struct answer answer = chat(service("ok-plain", ""), hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/text"), "Hello! How can I help you today?");
  CHECK_TEXT(text_at(answer.json, "/choices/0/message/content"), "Hello! How can I help you today?");
  CHECK_TEXT(text_at(answer.json, "/choices/0/message/role"), "assistant");
  CHECK_TEXT(text_at(answer.json, "/choices/0/finish_reason"), "stop");
  CHECK_TEXT(text_at(answer.json, "/object"), "chat.completion");
  CHECK_TEXT(text_at(answer.json, "/id"), "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT");
  CHECK_TEXT(text_at(answer.json, "/model"), "gpt-4o-2024-08-06");
  CHECK_INT(int_at(answer.json, "/created"), 1741569952);
  CHECK_INT(int_at(answer.json, "/usage/prompt_tokens"), 9);
  CHECK_INT(int_at(answer.json, "/usage/total_tokens"), 18);
  CHECK_TEXT(text_at(answer.json, "/metadata/provider"), "openai");
  CHECK_TEXT(text_at(answer.json, "/metadata/model"), "m");
  CHECK_TEXT(text_at(answer.json, "/metadata/finish_reason_raw"), "stop");
  CHECK_INT((long long)json_array_size(at(answer.json, "/metadata/attempts")), 1);
  CHECK(json_is_array(at(answer.json, "/metadata/warnings")));
  CHECK(is_false(answer.json, "/metadata/cached"));
  CHECK(json_is_number(at(answer.json, "/metadata/timing/total_ms")));
}

/* Answers that oddities of HTTP do not spoil. */
static void odd_but_right(void) {
  static const char *const scripts[] = {"chunked-odd",       "close-each",      "continue-unasked",
                                        "continue-withheld", "gzip-plain",      "length-none",
                                        "slow-body",         "slow-first-byte", "checks-key"};
  for (size_t index = 0; index < sizeof scripts / sizeof *scripts; index++) {
    about(scripts[index]);
    struct answer answer = chat(service(scripts[index], ""), hello);
    CHECK_STATUS(answer.status, LLM_OK, answer.json);
    CHECK_TEXT(text_at(answer.json, "/text"), "Hello! How can I help you today?");
  }
}

static void tool_call(void) {
  struct answer answer = chat(service("tool-plain", ""), hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/choices/0/finish_reason"), "tool_calls");
  CHECK_TEXT(text_at(answer.json, "/choices/0/message/tool_calls/0/function/name"), "get_weather");
  CHECK_TEXT(text_at(answer.json, "/choices/0/message/tool_calls/0/function/arguments"),
             "{\"location\":\"Paris, France\"}");
}

/* A message of an answer is a message of the next request. */
static void message_goes_back(void) {
  llm_provider *provider = service("tool-then-answer", "");
  const char tools[] = "[{\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"parameters\":{}}}]";
  struct answer first = chat(provider, format("{\"prompt\":\"Hello\",\"tools\":%s}", tools));
  CHECK_STATUS(first.status, LLM_OK, first.json);
  json_t *request = keep_json(
      json_pack("{s:o,s:[{s:s,s:s},O,{s:s,s:O,s:s}]}", "tools", json_loads(tools, 0, NULL), "messages",
                "role", "user", "content", "Hello", at(first.json, "/choices/0/message"), "role", "tool",
                "tool_call_id", at(first.json, "/choices/0/message/tool_calls/0/id"), "content", "18"));
  struct answer second = chat(provider, keep_text(json_dumps(request, 0)));
  CHECK_STATUS(second.status, LLM_OK, second.json);
  CHECK_TEXT(text_at(second.json, "/choices/0/finish_reason"), "stop");
}

static void shorthands(void) {
  llm_provider *provider = service("ok-plain", "");
  const char *path = last_path();
  CHECK_INT(chat(provider, "{\"prompt\":\"P\",\"system\":\"S\",\"llm\":{\"strict\":true}}").status, LLM_OK);
  json_t *body = keep_json(json_loads(text_at(requests_to(path), "/0/body"), 0, NULL));
  CHECK_TEXT(text_at(body, "/messages/0/role"), "system");
  CHECK_TEXT(text_at(body, "/messages/0/content"), "S");
  CHECK_TEXT(text_at(body, "/messages/1/role"), "user");
  CHECK_TEXT(text_at(body, "/messages/1/content"), "P");
  CHECK_TEXT(text_at(body, "/model"), "m");
  CHECK(at(body, "/llm") == NULL && at(body, "/prompt") == NULL && at(body, "/system") == NULL);
}

static void settings_of_the_call(void) {
  llm_provider *provider = service("ok-plain", "");
  const char *path = last_path();
  struct answer answer = chat(
      provider, "{\"prompt\":\"P\",\"llm\":{\"extra_body\":{\"x\":1},\"extra_headers\":{\"X-Mine\":\"2\"},"
                "\"metadata\":{\"request_id\":\"mine-3\"}}}");
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/metadata/request_id"), "mine-3");
  json_t *request = at(requests_to(path), "/0");
  CHECK_PART(text_at(request, "/body"), "\"x\":1");
  CHECK_PART(stable(at(request, "/headers")), "[\"X-Mine\",\"2\"]");
}

/* What the caller says is sent as it was said, and answered as it was sent. */
static void text_survives(void) {
  static const char *const texts[] = {
      "\\u0000 a NUL",
      "quotes \\\" and backslashes \\\\ and \\/",
      "control \\u0001\\b\\f\\n\\r\\t\\u001f\\u007f",
      "\\u00e4\\u4e2d\\ud83d\\ude00 and the same \xc3\xa4\xe4\xb8\xad\xf0\x9f\x98\x80",
      "\\ufeff\\u2028\\u2029\\uffff",
  };
  llm_provider *providers[] = {service("__echo", ""), mock("")};
  /* The server's own JSON knows no NUL; the mock's does. */
  for (size_t index = 1; index < 2 * sizeof texts / sizeof *texts; index++) {
    const char *text = texts[index / 2];
    about(text);
    json_t *meant = keep_json(json_loads(format("\"%s\"", text), JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL));
    struct answer answer = chat(providers[index % 2], format("{\"prompt\":\"%s\"}", text));
    CHECK_STATUS(answer.status, LLM_OK, answer.json);
    CHECK(json_equal(at(answer.json, "/text"), meant));
  }
}

static void no_document_wanted(void) {
  CHECK_INT(llm_chat(service("ok-plain", ""), hello, NULL), LLM_OK);
  CHECK_INT(llm_chat(service("status-401", ""), hello, NULL), LLM_E_AUTHENTICATION);
  CHECK_INT(llm_chat(mock(""), "{", NULL), LLM_E_INVALID_REQUEST);
}

static void strict(void) {
  llm_provider *provider = provider_of("{\"type\":\"anthropic\",\"api_key\":\"k\",\"model\":\"m\"}");
  char *json = NULL;
  CHECK_INT(llm_render(provider, "{\"prompt\":\"x\",\"no_such_parameter\":1}", &json), LLM_OK);
  take(json);
  llm_status status =
      llm_render(provider, "{\"prompt\":\"x\",\"no_such_parameter\":1,\"llm\":{\"strict\":true}}", &json);
  json_t *error = take(json);
  CHECK_STATUS(status, LLM_E_UNSUPPORTED, error);
  CHECK_TEXT(text_at(error, "/error/param"), "/no_such_parameter");
}

const struct test_case chat_cases[] = {
    CASE(whole_answer),  CASE(odd_but_right),
    CASE(tool_call),     CASE(message_goes_back),
    CASE(shorthands),    CASE(settings_of_the_call),
    CASE(text_survives), CASE(no_document_wanted),
    CASE(strict),        {0},
};
