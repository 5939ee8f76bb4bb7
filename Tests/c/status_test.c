/* Versions and the names of statuses. */
#include "test.h"

static void versions(void) {
  CHECK_TEXT(llm_version(), LLM_VERSION);
  CHECK_INT(llm_version_number(), LLM_VERSION_NUMBER);
}

static void names(void) {
  static const struct {
    llm_status status;
    const char *name;
  } rows[] = {
      {LLM_OK, "ok"},
      {LLM_DONE, "done"},
      {LLM_PENDING, "pending"},
      {LLM_E_INVALID_ARGUMENT, "invalid_argument"},
      {LLM_E_INVALID_CONFIG, "invalid_config"},
      {LLM_E_INVALID_REQUEST, "invalid_request"},
      {LLM_E_UNSUPPORTED, "unsupported"},
      {LLM_E_AUTHENTICATION, "authentication"},
      {LLM_E_PERMISSION, "permission"},
      {LLM_E_NOT_FOUND, "not_found"},
      {LLM_E_RATE_LIMITED, "rate_limited"},
      {LLM_E_QUOTA_EXCEEDED, "quota_exceeded"},
      {LLM_E_BUDGET_EXCEEDED, "budget_exceeded"},
      {LLM_E_OVERLOADED, "overloaded"},
      {LLM_E_SERVER_ERROR, "server_error"},
      {LLM_E_CONTEXT_LENGTH, "context_length"},
      {LLM_E_CONTENT_FILTER, "content_filter"},
      {LLM_E_TIMEOUT, "timeout"},
      {LLM_E_CONNECTION, "connection"},
      {LLM_E_TLS, "tls"},
      {LLM_E_PROTOCOL, "protocol"},
      {LLM_E_STREAM_TRUNCATED, "stream_truncated"},
      {LLM_E_TOO_LARGE, "too_large"},
      {LLM_E_CANCELLED, "cancelled"},
      {LLM_E_PLUGIN, "plugin"},
      {LLM_E_NO_MEMORY, "no_memory"},
      {LLM_E_INTERNAL, "internal"},
  };
  for (size_t row = 0; row < sizeof rows / sizeof *rows; row++)
    CHECK_TEXT(llm_status_name(rows[row].status), rows[row].name);
  /* The codes are without a gap, so the table has them all. */
  CHECK_INT(sizeof rows / sizeof *rows, 3 - LLM_E_INTERNAL);
}

static void unknown_numbers(void) {
  static const llm_status numbers[] = {3, 4711, LLM_E_INTERNAL - 1, INT32_MAX, INT32_MIN};
  for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++)
    CHECK_TEXT(llm_status_name(numbers[index]), "unknown");
}

const struct test_case status_cases[] = {CASE(versions), CASE(names), CASE(unknown_numbers), {0}};
