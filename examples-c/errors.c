/* Errors: what went wrong, where, what to do about it, and what had arrived before it did.
 *
 *   cc errors.c $(pkg-config --cflags --libs llm-provider jansson) -o errors && ./errors '{"type":"openai"}'
 */
#include <llm_provider_jansson.h>
#include <stdio.h>

/* What a program does about a failure depends on its code alone. */
static const char *advice(llm_status status) {
  switch (status) {
  case LLM_E_INVALID_ARGUMENT:
  case LLM_E_INVALID_CONFIG:
  case LLM_E_INVALID_REQUEST:
  case LLM_E_UNSUPPORTED:
    return "mend what \"param\" points at";
  case LLM_E_AUTHENTICATION:
  case LLM_E_PERMISSION:
    return "ask for another key";
  case LLM_E_NOT_FOUND:
    return "choose another model";
  case LLM_E_RATE_LIMITED:
  case LLM_E_OVERLOADED:
    return "wait for \"retry_after_ms\", then try again";
  case LLM_E_QUOTA_EXCEEDED:
  case LLM_E_BUDGET_EXCEEDED:
    return "somebody has to pay";
  case LLM_E_CONTEXT_LENGTH:
    return "shorten the conversation";
  case LLM_E_STREAM_TRUNCATED:
    return "use \"partial\", or ask again";
  case LLM_E_CANCELLED:
    return "nothing: it was asked for";
  default:
    return "try again later";
  }
}

static void explain(const char *what, llm_status status, const json_t *document) {
  const json_t *error = json_object_get(document, "error");
  const char *message = json_string_value(json_object_get(error, "message"));
  const char *param = json_string_value(json_object_get(error, "param"));
  const json_t *retry_after = json_object_get(error, "retry_after_ms");
  const char *partial = json_string_value(json_object_get(json_object_get(document, "partial"), "text"));

  printf("%s: %s\n  message: %s\n", what, llm_status_name(status), message ? message : "");
  if (param) printf("  param: %s\n", param);
  if (retry_after) printf("  retry after: %lld ms\n", (long long)json_integer_value(retry_after));
  if (partial) printf("  had arrived: %s\n", partial);
  printf("  advice: %s\n", advice(status));
}

/* A key that does not exist: the message names the nearest one that does. */
static int try_a_wrong_configuration(void) {
  llm_provider *provider;
  json_t *config = json_pack("{s:s, s:s}", "type", "mock", "modle", "m");
  json_t *error = NULL;
  llm_status status = llm_provider_new_json(config, &provider, &error);
  explain("configuration", status, error);
  json_decref(error);
  json_decref(config);
  llm_provider_free(provider);
  return status == LLM_E_INVALID_CONFIG;
}

/* A content that is neither text nor parts: "param" points at it. */
static int try_a_wrong_request(llm_provider *provider) {
  json_t *request = json_pack("{s:[{s:s, s:i}]}", "messages", "role", "user", "content", 42);
  json_t *error = NULL;
  llm_status status = llm_chat_json(provider, request, &error);
  explain("request", status, error);
  json_decref(error);
  json_decref(request);
  return status == LLM_E_INVALID_REQUEST;
}

static int ignore(const llm_event *event, void *user_data) {
  (void)event;
  (void)user_data;
  return 0;
}

/* A request that is in order: what comes of it is up to the service. */
static void try_a_good_request(llm_provider *provider) {
  json_t *request = json_pack("{s:s}", "prompt", "Hello!");
  json_t *result = NULL;
  llm_status status = llm_stream_json(provider, request, ignore, NULL, &result);
  if (status < 0)
    explain("answer", status, result);
  else
    printf("answer: %s\n", json_string_value(json_object_get(result, "text")));
  json_decref(result);
  json_decref(request);
}

int main(int argc, char **argv) {
  json_t *config = json_loads(argc > 1 ? argv[1] : "{\"type\":\"auto\"}", 0, NULL);
  llm_provider *provider;
  json_t *error = NULL;
  llm_status status = llm_provider_new_json(config, &provider, &error);
  json_decref(config);
  if (status < 0) {
    explain("configuration", status, error);
    json_decref(error);
    return 2;
  }

  int as_expected = try_a_wrong_configuration() & try_a_wrong_request(provider);
  try_a_good_request(provider);
  llm_provider_free(provider);
  return !as_expected;
}
