/* Configurations: what is wrong with one, where, and which key was meant. */
#include "test.h"

/* A configuration, and what is said of it. */
struct row {
  const char *config;
  llm_status status;
  const char *param;
  const char *message; /* a part of it */
};

static const struct row refused[] = {
    {"", LLM_E_INVALID_CONFIG, "", "line 1"},
    {"{\"type\":\"mock\",\n  \"model\":}", LLM_E_INVALID_CONFIG, "", "line 2, column 11"},
    {"{\"type\":\"mock\"} x", LLM_E_INVALID_CONFIG, "", "end of file expected"},
    {"[]", LLM_E_INVALID_CONFIG, "", "object"},
    {"null", LLM_E_INVALID_CONFIG, "", "object"},
    {"{}", LLM_E_INVALID_CONFIG, "/type", "\"type\" is missing"},
    {"{\"type\":7}", LLM_E_INVALID_CONFIG, "/type", "expected string, found integer"},
    {"{\"type\":\"openia\",\"api_key\":\"k\"}", LLM_E_UNSUPPORTED, "/type", "\"openai\""},
    {"{\"type\":\"zzzzzzzzzz\"}", LLM_E_UNSUPPORTED, "/type", "openai-compatible"},
    {"{\"type\":\"openai\",\"api_key_env\":\"LLM_TEST_NOT_SET\"}", LLM_E_INVALID_CONFIG, "/api_key_env",
     "not set"},
    {"{\"type\":\"openai\"}", LLM_E_AUTHENTICATION, "/api_key", "OPENAI_API_KEY"},
    {"{\"type\":\"openai\",\"api_key\":\"${LLM_TEST_NOT_SET}\"}", LLM_E_INVALID_CONFIG, "/api_key",
     "LLM_TEST_NOT_SET"},
    {"{\"type\":\"openai\",\"api_key\":\"k\",\"base_ulr\":\"x\"}", LLM_E_INVALID_CONFIG, "/base_ulr",
     "base_url"},
    {"{\"type\":\"openai\",\"api_key\":\"k\",\"timeout\":{\"idel_ms\":1}}", LLM_E_INVALID_CONFIG,
     "/timeout/idel_ms", "idle_ms"},
    {"{\"type\":\"openai\",\"api_key\":\"k\",\"timeout\":{\"idle_ms\":\"1\"}}", LLM_E_INVALID_CONFIG,
     "/timeout/idle_ms", "integer"},
    {"{\"type\":\"openai\",\"api_key\":\"k\",\"timeout\":{\"idle_ms\":-1}}", LLM_E_INVALID_CONFIG,
     "/timeout/idle_ms", "0"},
    {"{\"type\":\"openai\",\"api_key\":\"k\",\"timeout\":{\"idle_ms\":9e99}}", LLM_E_INVALID_CONFIG,
     "/timeout/idle_ms", "integer"},
    {"{\"type\":\"openai\",\"api_key\":\"k\",\"timeout\":{\"idle_ms\":1e999}}", LLM_E_INVALID_CONFIG, "",
     "real number overflow"},
    {"{\"type\":\"openai\",\"api_key\":\"k\",\"timeout\":{\"idle_ms\":NaN}}", LLM_E_INVALID_CONFIG, "",
     "NaN"},
    {"{\"type\":\"openai\",\"api_key\":\"k\",\"base_url\":\"http://example.com\"}", LLM_E_INVALID_CONFIG,
     "/base_url", "allow_http"},
    {"{\"type\":\"openai\",\"api_key\":\"k\",\"base_url\":\"ftp://example.com\"}", LLM_E_INVALID_CONFIG,
     "/base_url", "https://"},
    {"{\"type\":\"openai\",\"api_key\":\"k\",\"headers\":{\"A\":\"b\\r\\nC: d\"}}", LLM_E_INVALID_CONFIG,
     "/headers/A", "control"},
    {"{\"type\":\"openai\",\"api_key\":\"k\",\"headers\":{\"A b\":\"c\"}}", LLM_E_INVALID_CONFIG,
     "/headers/A b", "header"},
    {"{\"type\":\"openai\",\"api_key\":\"a\\nb\"}", LLM_E_INVALID_CONFIG, "/api_key", "control"},
    {"{\"type\":\"openai\",\"api_key\":\"k\",\"mock\":{}}", LLM_E_INVALID_CONFIG, "/mock", "mock"},
};

static void refusals(void) {
  for (size_t index = 0; index < sizeof refused / sizeof *refused; index++) {
    const struct row *row = &refused[index];
    llm_provider *provider = NULL;
    char *json = NULL;
    about(row->config);
    llm_status status = llm_provider_new(row->config, &provider, &json);
    json_t *error = take(json);
    CHECK_STATUS(status, row->status, error);
    CHECK(provider == NULL);
    CHECK_TEXT(text_at(error, "/error/code"), llm_status_name(row->status));
    CHECK_TEXT(text_at(error, "/error/param"), row->param);
    CHECK_PART(text_at(error, "/error/message"), row->message);
    llm_provider_free(provider);
  }
}

/* llm_config_validate says the same as llm_provider_new. */
static void validation_agrees(void) {
  for (size_t index = 0; index < sizeof refused / sizeof *refused; index++) {
    const struct row *row = &refused[index];
    char *json = NULL;
    about(row->config);
    llm_status status = llm_config_validate(row->config, &json);
    json_t *verdict = take(json);
    CHECK_STATUS(status, row->status, verdict);
    CHECK_TEXT(text_at(verdict, "/error/code"), llm_status_name(row->status));
    CHECK_PART(text_at(verdict, "/error/message"), row->message);
  }
}

static void validation_of_a_right_one(void) {
  char *json = NULL;
  llm_status status = llm_config_validate("{\"type\":\"openai\",\"api_key\":\"secret-4711\"}", &json);
  json_t *verdict = take(json);
  CHECK_STATUS(status, LLM_OK, verdict);
  CHECK(is_true(verdict, "/valid"));
  CHECK(json_is_array(at(verdict, "/warnings")));
  CHECK(strstr(stable(verdict), "4711") == NULL);
}

/* Every problem is found, not only the first. */
static void all_problems(void) {
  char *json = NULL;
  CHECK_INT(
      llm_config_validate("{\"type\":\"openai\",\"api_key\":\"k\",\"modle\":\"m\",\"proxi\":\"p\"}", &json),
      LLM_E_INVALID_CONFIG);
  json_t *verdict = take(json);
  CHECK(is_false(verdict, "/valid"));
  CHECK_INT((long long)json_array_size(at(verdict, "/errors")), 2);
}

static void variables(void) {
  setenv("LLM_TEST_KEY", "k", 1);
  llm_provider *provider = provider_of(
      format("{\"type\":\"openai\",\"api\":\"chat\",\"api_key\":\"${LLM_TEST_KEY}\","
             "\"model\":\"${LLM_TEST_NOT_SET:-m}\",\"base_url\":\"http://127.0.0.1:%d/checks-key/v1\"}",
             server_port()));
  unsetenv("LLM_TEST_KEY");
  struct answer answer = chat(provider, hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
}

static void key_of_the_type(void) {
  setenv("OPENAI_API_KEY", "k", 1);
  setenv("OPENAI_BASE_URL", format("http://127.0.0.1:%d/checks-key/v1/", server_port()), 1);
  llm_provider *provider = provider_of("{\"type\":\"openai\",\"api\":\"chat\",\"model\":\"m\"}");
  unsetenv("OPENAI_API_KEY");
  unsetenv("OPENAI_BASE_URL");
  struct answer answer = chat(provider, hello);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
}

/* What a configuration puts in the service's place on this machine needs no key, and is not shown the
 * service's. */
static void stand_in_is_shown_no_key(void) {
  const char *local =
      "{\"type\":\"openai\",\"model\":\"gpt-6-luna\",\"base_url\":\"http://127.0.0.1:1/v1\"%s}";
  char *json = NULL;
  setenv("OPENAI_API_KEY", "k", 1);
  llm_provider *silent = provider_of(format(local, ""));
  llm_provider *named = provider_of(format(local, ",\"api_key_env\":\"OPENAI_API_KEY\""));
  CHECK_INT(llm_config_validate(format(local, ""), &json), LLM_OK);
  json_t *verdict = take(json);
  CHECK_TEXT(text_at(verdict, "/warnings/0/code"), "key_not_sent");
  unsetenv("OPENAI_API_KEY");
  CHECK_INT(llm_render(silent, hello, &json), LLM_OK);
  CHECK(at(take(json), "/headers/Authorization") == NULL);
  CHECK_INT(llm_render(named, hello, &json), LLM_OK);
  CHECK_TEXT(text_at(take(json), "/headers/Authorization"), "Bearer [redacted]");
  CHECK_INT(llm_config_validate(format(local, ""), &json), LLM_OK);
  CHECK(json_array_size(at(take(json), "/warnings")) == 0);
}

/* One way of finding mistakes for both. */
static void as_strict_as_new(void) {
  static const struct {
    const char *members, *place;
  } rows[] = {
      {"\"store\":{\"type\":\"redsi\"}", "/store/type"},
      {"\"replay\":\"/no/such/directory\"", "/replay"},
      {"\"tls\":{\"ca_file\":\"/no/such/file\"}", "/tls/ca_file"},
      {"\"proxy\":\"ftp://x\"", "/proxy"},
      {"\"record\":\"\"", "/record"},
      {"\"headers\":{\"Content-Length\":\"7\"}", "/headers/Content-Length"},
  };
  for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
    const char *mock = format("{\"type\":\"mock\",%s}", rows[row].members);
    const char *router = format("{\"type\":\"router\",\"models\":[{\"name\":\"a\",\"provider\":%s}]}", mock);
    const char *configs[] = {mock, router};
    const char *roots[] = {"", "/models/0/provider"};
    for (size_t kind = 0; kind < 2; kind++) {
      char *json = NULL;
      llm_provider *provider = NULL;
      about(configs[kind]);
      CHECK_INT(llm_provider_new(configs[kind], &provider, &json), LLM_E_INVALID_CONFIG);
      const char *place = format("%s%s", roots[kind], rows[row].place);
      CHECK_TEXT(text_at(take(json), "/error/param"), place);
      CHECK_INT(llm_config_validate(configs[kind], &json), LLM_E_INVALID_CONFIG);
      json_t *verdict = take(json);
      CHECK_TEXT(text_at(verdict, "/errors/0/param"), place);
      CHECK_TEXT(text_at(verdict, "/error/param"), place);
    }
  }
}

static void unreadable_gateway_file(void) {
  char *json = NULL;
  CHECK_INT(llm_config_validate("{\"type\":\"router\",\"file\":\"/no/such/file\"}", &json),
            LLM_E_INVALID_CONFIG);
  json_t *verdict = take(json);
  CHECK(is_false(verdict, "/valid"));
  CHECK_TEXT(text_at(verdict, "/errors/0/param"), "/file");
}

static void types(void) {
  char *json = NULL;
  CHECK_INT(llm_provider_types(&json), LLM_OK);
  json_t *list = at(take(json), "/types"), *type;
  size_t index;
  int has_openai = 0;
  CHECK(json_array_size(list) > 20);
  json_array_foreach(list, index, type) {
    about(text_at(type, "/type"));
    CHECK(text_at(type, "/type") && text_at(type, "/label") && text_at(type, "/description"));
    CHECK(json_is_array(at(type, "/env")) && json_is_array(at(type, "/models")));
    CHECK(json_is_boolean(at(type, "/capabilities/streaming")));
    CHECK_TEXT(text_at(type, "/config_schema/type"), "object");
    int is_router = strcmp(text_at(type, "/type"), "router") == 0;
    CHECK(json_is_object(
        at(type, is_router ? "/config_schema/properties/models" : "/config_schema/properties/base_url")));
    if (strcmp(text_at(type, "/type"), "openai") == 0) has_openai++;
  }
  about(NULL);
  CHECK_INT(has_openai, 1);
}

/* The request names the model, unless the configuration insists. */
static void model_of_the_configuration(void) {
  struct answer answer = chat(mock(""), "{\"prompt\":\"x\",\"model\":\"asked\"}");
  CHECK_TEXT(text_at(answer.json, "/model"), "asked");
  answer = chat(provider_of("{\"type\":\"mock\",\"model\":\"fixed\",\"bypass_model\":true}"),
                "{\"prompt\":\"x\",\"model\":\"asked\"}");
  CHECK_TEXT(text_at(answer.json, "/model"), "fixed");
}

const struct test_case config_cases[] = {
    CASE(refusals),
    CASE(validation_agrees),
    CASE(validation_of_a_right_one),
    CASE(all_problems),
    CASE(variables),
    CASE(key_of_the_type),
    CASE(stand_in_is_shown_no_key),
    CASE(as_strict_as_new),
    CASE(unreadable_gateway_file),
    CASE(types),
    CASE(model_of_the_configuration),
    {0},
};
