/* llm_render: the request as it would be sent, without its secrets. */
#include "test.h"

static json_t *render(llm_provider *provider, const char *request) {
  char *json = NULL;
  llm_status status = llm_render(provider, request, &json);
  json_t *document = take(json);
  CHECK_STATUS(status, LLM_OK, document);
  return document;
}

static void parts(void) {
  llm_provider *provider =
      provider_of("{\"type\":\"openai\",\"api\":\"chat\",\"api_key\":\"sk-secret-4711\","
                  "\"model\":\"m\",\"headers\":{\"X-Mine\":\"1\"},\"extra_body\":{\"x\":2}}");
  json_t *document =
      render(provider, "{\"prompt\":\"Hi\",\"temperature\":0.7,\"llm\":{\"extra_body\":{\"y\":3}}}");
  CHECK_TEXT(text_at(document, "/method"), "POST");
  CHECK_TEXT(text_at(document, "/url"), "https://api.openai.com/v1/chat/completions");
  CHECK_TEXT(text_at(document, "/headers/Content-Type"), "application/json");
  CHECK_TEXT(text_at(document, "/headers/X-Mine"), "1");
  CHECK_PART(text_at(document, "/headers/Authorization"), "Bearer ");
  CHECK_TEXT(text_at(document, "/body/messages/0/content"), "Hi");
  CHECK_INT(int_at(document, "/body/x"), 2);
  CHECK_INT(int_at(document, "/body/y"), 3);
  CHECK(json_real_value(at(document, "/body/temperature")) == 0.7);
  CHECK(strstr(stable(document), "4711") == NULL);
  CHECK(at(document, "/body/llm") == NULL);
}

static void streamed_form(void) {
  llm_provider *provider = service("__echo", "");
  CHECK(at(render(provider, "{\"prompt\":\"Hi\"}"), "/body/stream_options") == NULL);
  json_t *document = render(provider, "{\"prompt\":\"Hi\",\"stream\":true}");
  CHECK(is_true(document, "/body/stream"));
  CHECK(is_true(document, "/body/stream_options/include_usage"));
  CHECK_TEXT(text_at(document, "/headers/Accept"), "text/event-stream");
}

/* A body that is rendered is the body that is sent. */
static void as_it_is_sent(void) {
  llm_provider *provider = service("ok-plain", "");
  const char *path = last_path();
  const char request[] =
      "{\"prompt\":\"Hi\",\"temperature\":0.1,\"tools\":[{\"type\":\"function\",\"function\":"
      "{\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"properties\":{}}}}]}";
  json_t *document = render(provider, request);
  CHECK_INT(chat(provider, request).status, LLM_OK);
  json_t *sent = at(requests_to(path), "/0");
  CHECK(json_equal(keep_json(json_loads(text_at(sent, "/body"), 0, NULL)), at(document, "/body")));
  CHECK_PART(text_at(document, "/url"), text_at(sent, "/path"));
}

static void keys_in_headers_and_queries(void) {
  static const char *const configs[] = {
      "{\"type\":\"openai\",\"api_key\":\"sk-secret-4711\",\"model\":\"m\"}",
      "{\"type\":\"anthropic\",\"api_key\":\"sk-secret-4711\",\"model\":\"m\"}",
      "{\"type\":\"openai-compatible\",\"base_url\":\"https://x.test/"
      "v1\",\"api_key\":\"sk-secret-4711\",\"model\":\"m\","
      "\"auth\":{\"query\":\"key\"}}",
      "{\"type\":\"openai-compatible\",\"base_url\":\"https://x.test/"
      "v1\",\"api_key\":\"sk-secret-4711\",\"model\":\"m\","
      "\"auth\":{\"header\":\"X-Key\",\"prefix\":\"Key \"}}",
  };
  for (size_t index = 0; index < sizeof configs / sizeof *configs; index++) {
    about(configs[index]);
    const char *text = stable(render(provider_of(configs[index]), hello));
    CHECK(strstr(text, "4711") == NULL);
    CHECK_PART(text, "[redacted]");
  }
}

static void refused(void) {
  char *json = NULL;
  CHECK_INT(llm_render(service("__echo", ""), "{}", &json), LLM_E_INVALID_REQUEST);
  CHECK_TEXT(text_at(take(json), "/error/param"), "/messages");
}

const struct test_case render_cases[] = {
    CASE(parts), CASE(streamed_form), CASE(as_it_is_sent), CASE(keys_in_headers_and_queries), CASE(refused),
    {0},
};
