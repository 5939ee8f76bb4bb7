/* llm_decoder_…: responses that the caller fetched, cut anywhere. */
#include "test.h"

static const char streamed[] =
    "data: "
    "{\"id\":\"r1\",\"created\":1,\"model\":\"big\",\"choices\":[{\"index\":0,\"delta\":{\"role\":"
    "\"assistant\","
    "\"content\":\"\"}}]}\r\n\r\n"
    ": a comment\r\n\r\n"
    "data: {\"id\":\"r1\",\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"Hm.\"}}]}\n\n"
    "data: {\"id\":\"r1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Z\xc3\xbcrich "
    "\xf0\x9f\x98\x80\"}}]}\n\n"
    "data: {\"id\":\"r1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\ud83d\"}}]}\n\n"
    "data: {\"id\":\"r1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\ude00 \\\"ok\\\"\"}}]}\n\n"
    "data: "
    "{\"id\":\"r1\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"type\":"
    "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\"\"}}]}}]}\n\n"
    "data: {\"id\":\"r1\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":"
    "{\"arguments\":\":1}\"}}]}}]}\n\n"
    "data: {\"id\":\"r1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n"
    "data: "
    "{\"id\":\"r1\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":7}"
    "}"
    "\n\n"
    "data: [DONE]\n\n";

static const char whole[] =
    "{\"id\":\"r2\",\"model\":\"big\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
    "\"assistant\",\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}";

static const char request_for_stream[] = "{\"prompt\":\"x\",\"stream\":true}";

static llm_decoder *decoder_for(const char *request, int http_status) {
  llm_decoder *decoder = NULL;
  char *error = NULL;
  llm_status status = llm_decoder_new(service("__echo", ""), request, http_status, &decoder, &error);
  CHECK_STATUS(status, LLM_OK, take(error));
  return decoder;
}

/* The size of the piece that starts at a place. */
typedef size_t cut_fn(size_t place, size_t rest);

static size_t all_at_once(size_t place, size_t rest) {
  return (void)place, rest;
}
static size_t byte_by_byte(size_t place, size_t rest) {
  return (void)place, rest > 0;
}

static unsigned seed;

static size_t at_random(size_t place, size_t rest) {
  (void)place;
  seed = seed * 1103515245 + 12345;
  size_t size = (seed >> 16) % 90;
  return size < rest ? size : rest;
}

/* Feeds a body in pieces, each copied to where a read beyond its end is found out. */
static struct answer decode(const char *request, int http_status, const char *body, size_t length,
                            cut_fn *cut, struct record *record) {
  llm_decoder *decoder = decoder_for(request, http_status);
  llm_status status = LLM_OK;
  for (size_t place = 0; place < length && status == LLM_OK;) {
    size_t size = cut(place, length - place);
    char *piece = malloc(size ? size : 1);
    memcpy(piece, body + place, size);
    status = llm_decoder_feed(decoder, piece, size, record_event, record);
    free(piece);
    place += size;
  }
  char *json = NULL;
  struct answer answer = {.status = llm_decoder_finish(decoder, record_event, record, &json)};
  answer.json = take(json);
  if (status == LLM_DONE) CHECK_INT(answer.status, LLM_OK);
  if (status < 0) CHECK_INT(answer.status, status);
  /* The outcome may be asked for again. */
  CHECK_INT(llm_decoder_finish(decoder, record_event, record, &json), answer.status);
  CHECK(json_equal(take(json), answer.json));
  llm_decoder_free(decoder);
  CHECK_INT(record->terminals, 1);
  CHECK(json_equal(record->last_document, answer.json));
  return answer;
}

static void stream_in_one_piece(void) {
  struct record record = {0};
  struct answer answer = decode(request_for_stream, 200, streamed, strlen(streamed), all_at_once, &record);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/text"), "Z\xc3\xbcrich \xf0\x9f\x98\x80\xf0\x9f\x98\x80 \"ok\"");
  CHECK_TEXT(text_at(answer.json, "/choices/0/message/reasoning_content"), "Hm.");
  CHECK_TEXT(text_at(answer.json, "/choices/0/message/tool_calls/0/function/arguments"), "{\"a\":1}");
  CHECK_TEXT(text_at(answer.json, "/choices/0/finish_reason"), "tool_calls");
  CHECK_INT(int_at(answer.json, "/usage/total_tokens"), 7);
  CHECK_INT(record.last_type, LLM_EVENT_FINISH);
}

static void cut_anywhere(void) {
  struct record whole_record = {0};
  struct answer expected =
      decode(request_for_stream, 200, streamed, strlen(streamed), all_at_once, &whole_record);
  for (int round = 0; round < repetitions(200); round++) {
    struct record record = {0};
    seed = (unsigned)round;
    about(format("seed %d", round));
    struct answer answer = decode(request_for_stream, 200, streamed, strlen(streamed),
                                  round ? at_random : byte_by_byte, &record);
    CHECK_STATUS(answer.status, LLM_OK, answer.json);
    CHECK_TEXT(record.log.bytes, whole_record.log.bytes);
    CHECK_TEXT(stable(answer.json), stable(expected.json));
  }
}

/* Cut off at every place: the error that tells so, with what had arrived, or an end that is one. */
static void truncated_anywhere(void) {
  size_t end = (size_t)(strstr(streamed, "\"finish_reason\"") - streamed);
  for (size_t length = 0; length < strlen(streamed); length += 1 + (size_t)(repetitions(20) == 1) * 6) {
    struct record record = {0};
    about(format("%zu bytes", length));
    struct answer answer = decode(request_for_stream, 200, streamed, length, all_at_once, &record);
    if (length < end) {
      CHECK_STATUS(answer.status, length == 0 ? LLM_E_PROTOCOL : LLM_E_STREAM_TRUNCATED, answer.json);
      if (record.text.bytes) CHECK_TEXT(text_at(answer.json, "/partial/text"), record.text.bytes);
    } else {
      CHECK(answer.status == LLM_OK || answer.status == LLM_E_STREAM_TRUNCATED);
    }
  }
}

/* A stream's own end is the end, and nothing that is fed after it changes the answer. */
static void ended_by_the_stream(void) {
  static const char *const more[] = {
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"more\"}}]}\n\n",
      "data: {\"error\":{\"message\":\"Too late.\",\"code\":\"overloaded\"}}\n\n", "nonsense"};
  struct record record = {0};
  llm_decoder *decoder = decoder_for(request_for_stream, 200);
  char *json = NULL;
  CHECK_INT(llm_decoder_feed(decoder, streamed, strlen(streamed), record_event, &record), LLM_DONE);
  CHECK_INT(record.terminals, 1);
  CHECK_INT(record.last_type, LLM_EVENT_FINISH);
  char *text = strdup(record.text.bytes);
  for (size_t index = 0; index < 3; index++)
    CHECK_INT(llm_decoder_feed(decoder, more[index], strlen(more[index]), record_event, &record), LLM_DONE);
  CHECK_INT(llm_decoder_finish(decoder, record_event, &record, &json), LLM_OK);
  CHECK_TEXT(text_at(take(json), "/text"), text);
  CHECK_TEXT(record.text.bytes, text);
  CHECK_INT(record.terminals, 1);
  free(text);
  llm_decoder_free(decoder);
}

static void whole_answer(void) {
  cut_fn *const cuts[] = {all_at_once, byte_by_byte, at_random};
  for (size_t index = 0; index < 3; index++) {
    struct record record = {0};
    struct answer answer = decode("{\"prompt\":\"x\"}", 200, whole, strlen(whole), cuts[index], &record);
    CHECK_STATUS(answer.status, LLM_OK, answer.json);
    CHECK_TEXT(text_at(answer.json, "/text"), "Hello");
    CHECK_TEXT(record.text.bytes, "Hello");
  }
}

static void errors(void) {
  static const char body[] = "{\"error\":{\"message\":\"Slow down.\",\"type\":\"rate_limit_error\"}}";
  static const struct {
    int http_status;
    llm_status status;
  } rows[] = {{400, LLM_E_INVALID_REQUEST}, {401, LLM_E_AUTHENTICATION}, {404, LLM_E_NOT_FOUND},
              {429, LLM_E_RATE_LIMITED},    {500, LLM_E_RATE_LIMITED},   {503, LLM_E_OVERLOADED}};
  for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
    struct record record = {0};
    about(format("%d", rows[row].http_status));
    struct answer answer = decode(hello, rows[row].http_status, body, sizeof body - 1, byte_by_byte, &record);
    CHECK_STATUS(answer.status, rows[row].status, answer.json);
    CHECK_TEXT(text_at(answer.json, "/error/message"), "Slow down.");
    CHECK_INT(int_at(answer.json, "/error/status"), rows[row].http_status);
    CHECK_TEXT(text_at(answer.json, "/error/provider_error/type"), "rate_limit_error");
  }
}

static void error_within_a_stream(void) {
  static const char body[] = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Half\"}}]}\n\n"
                             "data: {\"error\":{\"message\":\"Too busy.\",\"code\":\"overloaded\"}}\n\n";
  struct record record = {0};
  struct answer answer = decode(request_for_stream, 200, body, sizeof body - 1, byte_by_byte, &record);
  CHECK_STATUS(answer.status, LLM_E_OVERLOADED, answer.json);
  CHECK_TEXT(text_at(answer.json, "/partial/text"), "Half");
}

static void cancelled(void) {
  llm_decoder *decoder = decoder_for(request_for_stream, 200);
  struct record record = {.stop_at_type = LLM_EVENT_TEXT};
  char *json = NULL;
  CHECK_INT(llm_decoder_feed(decoder, streamed, strlen(streamed), record_event, &record), LLM_E_CANCELLED);
  CHECK_INT(record.terminals, 1);
  CHECK_INT(llm_decoder_feed(decoder, streamed, strlen(streamed), record_event, &record), LLM_E_CANCELLED);
  CHECK_INT(llm_decoder_finish(decoder, record_event, &record, &json), LLM_E_CANCELLED);
  CHECK_TEXT(text_at(take(json), "/partial/text"), record.text.bytes);
  CHECK_INT(record.terminals, 1);
  llm_decoder_free(decoder);
}

static void without_callback(void) {
  llm_decoder *decoder = decoder_for(request_for_stream, 200);
  char *json = NULL;
  CHECK_INT(llm_decoder_feed(decoder, NULL, 0, NULL, NULL), LLM_OK);
  CHECK(llm_decoder_feed(decoder, streamed, strlen(streamed), NULL, NULL) >= 0);
  CHECK_INT(llm_decoder_finish(decoder, NULL, NULL, &json), LLM_OK);
  CHECK(text_at(take(json), "/text") != NULL);
  llm_decoder_free(decoder);
}

static void nothing_at_all(void) {
  struct record record = {0};
  struct answer answer = decode(request_for_stream, 200, "", 0, all_at_once, &record);
  CHECK_STATUS(answer.status, LLM_E_PROTOCOL, answer.json);
}

/* What arrives by a decoder is what arrives by llm_stream. */
static void same_as_stream(void) {
  struct record decoded = {0}, streamed_record = {0};
  struct answer answer = stream(
      service(script(format("HTTP/1.1 200 OK\nContent-Type: text/event-stream\n<<END\n%sEND\n@repeat\n",
                            streamed)),
              ""),
      hello, record_event, &streamed_record);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  decode(request_for_stream, 200, streamed, strlen(streamed), all_at_once, &decoded);
  CHECK_TEXT(decoded.log.bytes, streamed_record.log.bytes);
}

static void bad_statuses(void) {
  static const int numbers[] = {0, -1, 99, 600, 1000000};
  for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++) {
    llm_decoder *decoder = (llm_decoder *)&decoder;
    char *json = NULL;
    CHECK_INT(llm_decoder_new(mock(""), hello, numbers[index], &decoder, &json), LLM_E_INVALID_ARGUMENT);
    CHECK_PART(text_at(take(json), "/error/message"), format("%d", numbers[index]));
    CHECK(decoder == NULL);
  }
}

const struct test_case decoder_cases[] = {
    CASE(stream_in_one_piece),
    CASE(cut_anywhere),
    CASE(truncated_anywhere),
    CASE(ended_by_the_stream),
    CASE(whole_answer),
    CASE(errors),
    CASE(error_within_a_stream),
    CASE(cancelled),
    CASE(without_callback),
    CASE(nothing_at_all),
    CASE(same_as_stream),
    CASE(bad_statuses),
    {0},
};
