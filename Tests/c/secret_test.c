/* A key is seen by the service, and by nobody else. */
#include "test.h"

static const char key[] = "sk-very-secret-z8Wv4q";

static struct growing heard;

static void hear(const char *text) {
  heard.bytes = format("%s%s\n", heard.bytes ? heard.bytes : "", text ? text : "");
}

static void observe(const char *event_json, void *user_data) {
  (void)user_data;
  hear(event_json);
}

static void log_line(int level, const char *line, void *user_data) {
  (void)level;
  (void)user_data;
  hear(line);
}

static int event_text(const llm_event *event, void *user_data) {
  (void)user_data;
  if (event->type != LLM_EVENT_TEXT) hear(event->data);
  hear(llm_event_json(event, NULL));
  return 0;
}

static void hear_document(char *json) {
  hear(json);
  llm_free(json);
}

/* Everything that the library says of a provider, whatever becomes of its calls. */
static void listen_to(llm_provider *provider) {
  char *json = NULL;
  llm_call *call = NULL;
  llm_decoder *decoder = NULL;
  llm_provider_set_observer(provider, observe, NULL);
  llm_chat(provider, hello, &json);
  hear_document(json);
  llm_stream(provider, hello, event_text, NULL, &json);
  hear_document(json);
  llm_render(provider, hello, &json);
  hear_document(json);
  llm_connect(provider, &json);
  hear_document(json);
  llm_test_connection(provider, &json);
  hear_document(json);
  llm_models(provider, &json);
  hear_document(json);
  llm_model_info(provider, "m", &json);
  hear_document(json);
  llm_embed(provider, "{\"input\":\"x\"}", &json);
  hear_document(json);
  llm_capabilities(provider, &json);
  hear_document(json);
  llm_chat(provider, "{\"prompt\":\"x\",\"unknown\":{}}", &json);
  hear_document(json);
  CHECK_INT(llm_call_start(provider, hello, &call, NULL), LLM_OK);
  const llm_event *event;
  while (llm_call_next(call, -1, &event) == LLM_OK) event_text(event, NULL);
  llm_call_free(call);
  if (llm_decoder_new(provider, hello, 401, &decoder, &json) >= 0)
    llm_decoder_finish(decoder, event_text, NULL, &json);
  llm_decoder_free(decoder);
  hear_document(json);
  llm_provider_status(provider, &json);
  hear_document(json);
}

static const char *config(const char *path, const char *more) {
  return format(
      "{\"type\":\"openai-compatible\",\"base_url\":\"http://127.0.0.1:%d/%s/v1\",\"api_key\":\"%s\","
      "\"model\":\"m\",\"retry\":{\"attempts\":1}%s}",
      server_port(), path, key, more);
}

static void nowhere(void) {
  static const char *const scripts[] = {"ok-plain",    "ok-stream",     "status-401",   "status-500",
                                        "garbage",     "reset-at-once", "garbage-body", "redirect-elsewhere",
                                        "stream-reset"};
  static const char *const auths[] = {"", ",\"auth\":{\"header\":\"X-Key\"}", ",\"auth\":{\"query\":\"key\"}",
                                      ",\"headers\":{\"X-Api-Key\":\"sk-very-secret-z8Wv4q\"}"};
  llm_set_log(log_line, LLM_LOG_DEBUG, NULL);
  for (size_t index = 0; index < sizeof scripts / sizeof *scripts; index++) {
    for (size_t auth = 0; auth < sizeof auths / sizeof *auths; auth++) {
      heard = (struct growing){0};
      about(format("%s%s", scripts[index], auths[auth]));
      listen_to(provider_of(config(scripts[index], auths[auth])));
      CHECK_PART(heard.bytes, "\"provider\"");
      CHECK(strstr(heard.bytes, "z8Wv4q") == NULL);
    }
  }
  llm_set_log(NULL, 0, NULL);
}

/* It does reach the service. */
static void at_the_service(void) {
  struct answer answer = chat(provider_of(config("ok-plain~secret", "")), hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_PART(stable(at(requests_to("ok-plain~secret"), "/0/headers")),
             "[\"Authorization\",\"Bearer sk-very-secret-z8Wv4q\"]");
  answer = chat(provider_of(config("ok-plain~query", ",\"auth\":{\"query\":\"key\"}")), hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_PART(text_at(requests_to("ok-plain~query"), "/0/path"), "?key=sk-very-secret-z8Wv4q");
}

/* Not even where the configuration that holds it is refused. */
static void in_no_refusal(void) {
  static const char *const wrongs[] = {",\"modle\":\"m\"", ",\"timeout\":7", ",\"allow_http\":\"x\"", ",,",
                                       ",\"api_key\":\"sk-very-secret-z8Wv4q\\nz8Wv4q\""};
  for (size_t index = 0; index < sizeof wrongs / sizeof *wrongs; index++) {
    char *json = NULL;
    llm_provider *provider = NULL;
    heard = (struct growing){0};
    about(wrongs[index]);
    CHECK(llm_provider_new(config("x", wrongs[index]), &provider, &json) < 0);
    hear_document(json);
    llm_config_validate(config("x", wrongs[index]), &json);
    hear_document(json);
    CHECK(strstr(heard.bytes, "z8Wv4q") == NULL);
  }
}

/* Some services quote the key that they refuse. */
static void quoted_by_the_service(void) {
  char *json = NULL;
  const char *name = script(
      format("HTTP/1.1 401 Unauthorized\nContent-Type: application/json\n<<END\n{\"error\":{"
             "\"message\":\"Incorrect API key provided: %s.\",\"code\":\"invalid_api_key\"}}\nEND\n@repeat\n",
             key));
  llm_provider *provider = provider_of(config(name, ""));
  llm_status status = llm_chat(provider, hello, &json);
  json_t *error = take(json);
  CHECK_STATUS(status, LLM_E_AUTHENTICATION, error);
  CHECK(strstr(stable(error), "z8Wv4q") == NULL);
  CHECK_PART(text_at(error, "/error/message"), "Incorrect API key provided: [redacted].");
  CHECK_PART(text_at(error, "/error/provider_error/message"), "[redacted]");
  CHECK_INT(llm_provider_status(provider, &json), LLM_OK);
  CHECK(strstr(stable(take(json)), "z8Wv4q") == NULL);
}

/* Everything that is said of a provider whose service quotes `secret` wherever it can. */
static void quoting(const char *secret, const char *members, const char *request) {
  const char *name = script(format(
      "HTTP/1.1 401 Unauthorized\nx-request-id: id-%s\nContent-Type: application/json\n<<END\n"
      "{\"error\":{\"message\":\"Incorrect API key: %s.\",\"code\":\"invalid_api_key\",\"%s\":1}}\n"
      "END\n===\nHTTP/1.1 200 OK\nx-request-id: id-%s\nContent-Type: application/json\n<<END\n"
      "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
      "\"finish_reason\":\"stop\",\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"}}]}\nEND\n===\n"
      "HTTP/1.1 502 Bad Gateway\nContent-Type: text/html\n<<END\n%0*d%s\nEND\n===\n"
      "HTTP/1.1 302 Found\nLocation: http://x/?%s\n@repeat\n",
      secret, secret, secret, secret, 285, 0, secret, secret));
  char *json = NULL;
  llm_provider *provider =
      provider_of(format("{\"type\":\"openai\",\"api\":\"chat\",\"base_url\":\"http://127.0.0.1:%d/%s/v1\","
                         "\"model\":\"m\",\"retry\":{\"attempts\":1}%s}",
                         server_port(), name, members));
  heard = (struct growing){0};
  about(format("%s%s", members, request));
  llm_set_log(log_line, LLM_LOG_DEBUG, NULL);
  llm_provider_set_observer(provider, observe, NULL);
  llm_status expected[] = {LLM_E_AUTHENTICATION, LLM_OK, LLM_E_SERVER_ERROR, LLM_E_PROTOCOL};
  for (size_t index = 0; index < sizeof expected / sizeof *expected; index++) {
    CHECK_INT(llm_chat(provider, request, &json), expected[index]);
    hear_document(json);
  }
  llm_render(provider, request, &json);
  hear_document(json);
  llm_provider_status(provider, &json);
  hear_document(json);
  llm_set_log(NULL, 0, NULL);
  CHECK_PART(heard.bytes, "[redacted]");
  CHECK(strstr(heard.bytes, "z8Wv4q") == NULL);
}

/* In headers of the response, names of members, excerpts and addresses; however the key was given. */
static void quoted_wherever_it_can_be(void) {
  quoting(key, ",\"api_key\":\"sk-very-secret-z8Wv4q\"", hello);
  quoting(key, ",\"headers\":{\"Authorization\":\"Bearer sk-very-secret-z8Wv4q\"}", hello);
  quoting(key, ",\"headers\":{\"X-Key\":\"sk-very-secret-z8Wv4q\"}", hello);
  quoting(
      key, ",\"api_key\":\"k\"",
      "{\"prompt\":\"x\",\"llm\":{\"extra_headers\":{\"Authorization\":\"Bearer sk-very-secret-z8Wv4q\"}}}");
}

/* A proxy that libcurl refuses is quoted by it with the password. */
static void password_of_a_proxy(void) {
  static const char *const proxies[] = {"ftp://user:secret-z8Wv4q@127.0.0.1:1",
                                        "http://user:z8Wv4q@127.0.0.1:1", "zzz://user:z8Wv4q@127.0.0.1:1"};
  for (size_t index = 0; index < sizeof proxies / sizeof *proxies; index++) {
    char *json = NULL;
    llm_provider *provider = NULL;
    heard = (struct growing){0};
    about(proxies[index]);
    llm_set_log(log_line, LLM_LOG_DEBUG, NULL);
    llm_status status =
        llm_provider_new(config("x", format(",\"proxy\":\"%s\"", proxies[index])), &provider, &json);
    if (status == LLM_OK) {
      keep_provider(provider);
      llm_provider_set_observer(provider, observe, NULL);
      CHECK(llm_chat(provider, hello, &json) < 0);
      hear_document(json);
      llm_provider_status(provider, &json);
    }
    hear_document(json);
    llm_set_log(NULL, 0, NULL);
    CHECK(strstr(heard.bytes, "z8Wv4q") == NULL);
  }
}

/* What is no JSON is not quoted: where it breaks off may be within a key. */
static void in_no_syntax_error(void) {
  static const char *const wrongs[] = {"{\"type\":\"openai\",\"api_key\":\"sk-z8Wv4q\n\"}",
                                       "{\"type\":\"openai\",\"api_key\":\"sk-z8Wv4q\\x\"}",
                                       "{\"type\":\"openai\",\"api_key\":\"sk-z8Wv4q\xff\"}",
                                       "{\"type\":\"openai\",\"api_key\":\"sk-z8Wv4q}",
                                       "{\"type\":\"openai\",\"api_key\":sk-z8Wv4q\"}"};
  for (size_t index = 0; index < sizeof wrongs / sizeof *wrongs; index++) {
    char *json = NULL;
    llm_provider *provider = NULL;
    about(wrongs[index]);
    CHECK_INT(llm_provider_new(wrongs[index], &provider, &json), LLM_E_INVALID_CONFIG);
    json_t *error = take(json);
    CHECK_PART(text_at(error, "/error/message"), "(line ");
    CHECK(strstr(stable(error), "sk-") == NULL && strstr(stable(error), "z8Wv4q") == NULL);
    llm_config_validate(wrongs[index], &json);
    CHECK(strstr(stable(take(json)), "z8Wv4q") == NULL);
  }
}

const struct test_case secret_cases[] = {
    CASE(nowhere),
    CASE(at_the_service),
    CASE(in_no_refusal),
    CASE(quoted_by_the_service),
    CASE(quoted_wherever_it_can_be),
    CASE(password_of_a_proxy),
    CASE(in_no_syntax_error),
    {0},
};
