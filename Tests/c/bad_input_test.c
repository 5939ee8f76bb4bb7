/* Whatever a program passes: a clear error document, and no crash. */
#include <pthread.h>

#include "test.h"

/* -- NULL ------------------------------------------------------------------------------------------------ */

static void null_handles(void) {
  llm_provider_free(NULL);
  llm_disconnect(NULL);
  llm_call_cancel(NULL);
  llm_call_free(NULL);
  llm_decoder_free(NULL);
  llm_free(NULL);
  llm_provider_set_observer(NULL, NULL, NULL);
  CHECK(llm_provider_retain(NULL) == NULL);
  CHECK_INT(llm_is_available(NULL), 0);
  CHECK(llm_event_json(NULL, NULL) == NULL);
}

static int never_called(const llm_event *event, void *user_data) {
  (void)event;
  (void)user_data;
  CHECK(!"called");
  return 0;
}

/* Calls that must fail with invalid_argument, with and without a place for the document. */
#define REFUSED(call)                                                                                        \
  do {                                                                                                       \
    char *json = NULL;                                                                                       \
    llm_status status = (call);                                                                              \
    json_t *document = take(json);                                                                           \
    about(#call);                                                                                            \
    CHECK_STATUS(status, LLM_E_INVALID_ARGUMENT, document);                                                  \
    CHECK_TEXT(text_at(document, "/error/code"), "invalid_argument");                                        \
    CHECK_PART(text_at(document, "/error/message"), "NULL");                                                 \
    about(NULL);                                                                                             \
  } while (0)

static void null_arguments(void) {
  llm_provider *provider = mock(""), *out_provider = NULL;
  llm_call *call = NULL;
  llm_decoder *decoder = NULL;
  REFUSED(llm_provider_new(NULL, &out_provider, &json));
  REFUSED(llm_provider_new("{\"type\":\"mock\"}", NULL, &json));
  REFUSED(llm_connect(NULL, &json));
  REFUSED(llm_test_connection(NULL, &json));
  REFUSED(llm_provider_status(NULL, &json));
  REFUSED(llm_capabilities(NULL, &json));
  REFUSED(llm_chat(NULL, hello, &json));
  REFUSED(llm_chat(provider, NULL, &json));
  REFUSED(llm_stream(NULL, hello, never_called, NULL, &json));
  REFUSED(llm_stream(provider, NULL, never_called, NULL, &json));
  REFUSED(llm_stream(provider, hello, NULL, NULL, &json));
  REFUSED(llm_embed(NULL, "{\"input\":\"x\"}", &json));
  REFUSED(llm_embed(provider, NULL, &json));
  REFUSED(llm_count_tokens(NULL, hello, &json));
  REFUSED(llm_count_tokens(provider, NULL, &json));
  REFUSED(llm_rerank(NULL, "{\"query\":\"x\",\"documents\":[\"x\"]}", &json));
  REFUSED(llm_rerank(provider, NULL, &json));
  REFUSED(llm_models(NULL, &json));
  REFUSED(llm_model_info(NULL, "m", &json));
  REFUSED(llm_call_start(NULL, hello, &call, &json));
  REFUSED(llm_call_start(provider, NULL, &call, &json));
  REFUSED(llm_call_start(provider, hello, NULL, &json));
  REFUSED(llm_call_result(NULL, &json));
  REFUSED(llm_config_validate(NULL, &json));
  REFUSED(llm_render(NULL, hello, &json));
  REFUSED(llm_render(provider, NULL, &json));
  REFUSED(llm_decoder_new(NULL, hello, 200, &decoder, &json));
  REFUSED(llm_decoder_new(provider, NULL, 200, &decoder, &json));
  REFUSED(llm_decoder_new(provider, hello, 200, NULL, &json));
  REFUSED(llm_decoder_finish(NULL, NULL, NULL, &json));
  CHECK(out_provider == NULL && call == NULL && decoder == NULL);
}

static void null_arguments_without_documents(void) {
  llm_provider *provider = mock(""), *out_provider;
  llm_call *call = NULL;
  llm_decoder *decoder = NULL;
  const llm_event *event = NULL;
  CHECK_INT(llm_provider_new(NULL, &out_provider, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_provider_new(NULL, NULL, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_chat(NULL, NULL, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_call_next(NULL, 0, &event), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_call_start(provider, hello, &call, NULL), LLM_OK);
  CHECK_INT(llm_call_next(call, 0, NULL), LLM_E_INVALID_ARGUMENT);
  llm_call_free(call);
  CHECK_INT(llm_decoder_feed(NULL, "x", 1, NULL, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_decoder_new(provider, hello, 200, &decoder, NULL), LLM_OK);
  CHECK_INT(llm_decoder_feed(decoder, NULL, 1, NULL, NULL), LLM_E_INVALID_ARGUMENT);
  llm_decoder_free(decoder);
  CHECK_INT(llm_provider_types(NULL), LLM_OK);
  CHECK_INT(llm_models(provider, NULL), LLM_OK);
}

static void null_trees(void) {
  llm_provider *provider = mock(""), *out_provider = NULL;
  llm_call *call = NULL;
  llm_decoder *decoder = NULL;
  json_t *out = NULL;
  CHECK_INT(llm_provider_new_json(NULL, &out_provider, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_chat_json(NULL, NULL, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_chat_json(provider, NULL, &out), LLM_E_INVALID_ARGUMENT);
  CHECK_TEXT(text_at(keep_json(out), "/error/code"), "invalid_argument");
  CHECK_INT(llm_stream_json(provider, NULL, never_called, NULL, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_embed_json(provider, NULL, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_count_tokens_json(provider, NULL, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_call_start_json(provider, NULL, &call, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_call_result_json(NULL, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_config_validate_json(NULL, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_render_json(provider, NULL, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_decoder_new_json(provider, NULL, 200, &decoder, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_decoder_finish_json(NULL, NULL, NULL, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_connect_json(NULL, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_models_json(NULL, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_model_info_json(NULL, NULL, NULL), LLM_E_INVALID_ARGUMENT);
}

/* -- Requests -------------------------------------------------------------------------------------------- */

/* A request, the place in it that is wrong, and a part of what is said. */
static const struct {
  const char *request, *param, *message;
} requests[] = {
    {"", "", "line 1"},
    {" \n\t", "", "line 2"},
    {"{\"messages\": [\n  {\"role\": \"user\", \"content\": }\n]}", "", "line 2, column 31"},
    {"{\"prompt\":\"x\"", "", "end of file"},
    {"{\"prompt\":\"x\"}}", "", "end of file expected near '}'"},
    {"{\"prompt\":\"x\",}", "", "'}'"},
    {"{'prompt':'x'}", "", "line 1"},
    {"{\"prompt\":\"x\",\"temperature\":NaN}", "", "NaN"},
    {"{\"prompt\":\"x\",\"temperature\":1e999}", "", "real number overflow"},
    {"{\"prompt\":\"x\",\"seed\":99999999999999999999}", "", "too big integer"},
    {"{\"prompt\":\"\xff\xfe\"}", "", "invalid UTF-8"},
    {"{\"prompt\":\"\xc3\"}", "", "invalid UTF-8"},
    {"{\"prompt\":\"\xed\xa0\x80\"}", "", "invalid UTF-8"},
    {"{\"prompt\":\"\\ud800\"}", "", "Unicode"},
    {"[]", "", "object"},
    {"\"text\"", "", "object"},
    {"null", "", "object"},
    {"{}", "/messages", "\"prompt\""},
    {"{\"messages\":[]}", "/messages", "not empty"},
    {"{\"messages\":null}", "/messages", "\"prompt\""},
    {"{\"messages\":\"x\"}", "/messages", "an array, not a string"},
    {"{\"messages\":[7]}", "/messages/0", "object"},
    {"{\"messages\":[{}]}", "/messages/0/role", "role"},
    {"{\"messages\":[{\"role\":\"user\"}]}", "/messages/0/content", "content"},
    {"{\"messages\":[{\"role\":\"usr\",\"content\":\"x\"}]}", "/messages/0/role", "user"},
    {"{\"messages\":[{\"role\":\"user\",\"content\":7}]}", "/messages/0/content", "string"},
    {"{\"messages\":[{\"role\":\"user\",\"content\":[7]}]}", "/messages/0/content/0/type", "type"},
    {"{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":7}]}]}", "/messages/0/content/0/type", "type"},
    {"{\"prompt\":7}", "/prompt", "string"},
    {"{\"prompt\":\"x\",\"temperature\":\"hot\"}", "/temperature", "a number, not a string"},
    {"{\"prompt\":\"x\",\"max_tokens\":1.5}", "/max_tokens", "integer"},
    {"{\"prompt\":\"x\",\"max_tokens\":0}", "/max_tokens", "at least 1"},
    {"{\"prompt\":\"x\",\"max_tokens\":1e300}", "/max_tokens", "integer"},
    {"{\"prompt\":\"x\",\"n\":-1}", "/n", "at least 1"},
    {"{\"prompt\":\"x\",\"tools\":{}}", "/tools", "array"},
    {"{\"prompt\":\"x\",\"tools\":[7]}", "/tools/0", "object"},
    {"{\"prompt\":\"x\",\"model\":7}", "/model", "string"},
    {"{\"prompt\":\"x\",\"llm\":7}", "/llm", "object"},
    {"{\"prompt\":\"x\",\"llm\":{\"timeuot\":{}}}", "/llm/timeuot", "timeout"},
    {"{\"prompt\":\"x\",\"llm\":{\"timeout\":{\"total_ms\":-5}}}", "/llm/timeout/total_ms", "0"},
    {"{\"prompt\":\"x\",\"llm\":{\"strict\":\"yes\"}}", "/llm/strict", "boolean"},
    {"{\"prompt\":\"x\",\"llm\":{\"extra_headers\":{\"A\":\"b\\nc\"}}}", "/llm/extra_headers/A", "control"},
    {"{\"prompt\":\"x\",\"llm\":{\"metadata\":{\"request_id\":\"a\\r\\nb\"}}}", "/llm/metadata/request_id",
     "control"},
};

static void refused_requests(void) {
  llm_provider *provider = service("__echo", "");
  for (size_t index = 0; index < sizeof requests / sizeof *requests; index++) {
    about(requests[index].request);
    struct answer answer = chat(provider, requests[index].request);
    CHECK_STATUS(answer.status, LLM_E_INVALID_REQUEST, answer.json);
    CHECK_TEXT(text_at(answer.json, "/error/code"), "invalid_request");
    CHECK_TEXT(text_at(answer.json, "/error/param"), requests[index].param);
    CHECK_PART(text_at(answer.json, "/error/message"), requests[index].message);
  }
}

static char *nested(size_t depth, const char *before, const char *after) {
  char *text = malloc(2 * depth + strlen(before) + strlen(after) + 1);
  char *end = text + sprintf(text, "%s", before);
  memset(end, '[', depth);
  memset(end + depth, ']', depth);
  strcpy(end + 2 * depth, after);
  return keep_text(text);
}

static void deep_nesting(void) {
  llm_provider *provider = service("__echo", "");
  struct answer answer = chat(provider, nested(100, "{\"prompt\":\"x\",\"deep\":", "}"));
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  answer = chat(provider, nested(3000, "{\"prompt\":\"x\",\"deep\":", "}"));
  CHECK_STATUS(answer.status, LLM_E_INVALID_REQUEST, answer.json);
  CHECK_PART(text_at(answer.json, "/error/message"), "depth");
  llm_provider *refused = NULL;
  CHECK_INT(llm_provider_new(nested(3000, "{\"type\":", "}"), &refused, NULL), LLM_E_INVALID_CONFIG);
  CHECK_INT(llm_provider_new(nested(1000000, "{\"type\":", "}"), &refused, NULL), LLM_E_INVALID_CONFIG);
  CHECK_INT(llm_provider_new(nested(60, "{\"type\":\"mock\",\"extra_body\":{\"x\":", "}}"), &refused, NULL),
            LLM_OK);
  CHECK_STATUS(chat(keep_provider(refused), hello).status, LLM_OK, NULL);
}

/* The peer nests as deep as it likes. */
static void deep_answers(void) {
  for (size_t depth = 100; depth <= 100000; depth *= 1000) {
    about(format("depth %zu", depth));
    const char *body = nested(
        depth, "{\"choices\":[{\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],\"x\":", "}");
    const char *name =
        script(format("HTTP/1.1 200 OK\nContent-Type: application/json\n<<END\n%s\nEND\n@repeat\n", body));
    struct answer answer = chat(service(name, ""), hello);
    CHECK_STATUS(answer.status, depth == 100 ? LLM_OK : LLM_E_PROTOCOL, answer.json);
    name = script(format(
        "HTTP/1.1 200 OK\nContent-Type: text/event-stream\n<<END\ndata: %s\n\n"
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\nEND\n@repeat\n",
        body));
    struct record record = {0};
    answer = stream(service(name, ""), hello, record_event, &record);
    CHECK_STATUS(answer.status, depth == 100 ? LLM_OK : LLM_E_PROTOCOL, answer.json);
  }
}

/* What takes a nested document on a small stack. */
static struct {
  llm_provider *mock, *peer;
  const char *request, *config;
  llm_status asked, answered, configured;
} small;

static void *on_a_small_stack(void *unused) {
  char *json = NULL;
  llm_provider *made = NULL;
  small.asked = llm_chat(small.mock, small.request, &json);
  llm_free(json);
  json = NULL;
  small.answered = llm_chat(small.peer, hello, &json);
  llm_free(json);
  json = NULL;
  small.configured = llm_provider_new(small.config, &made, &json);
  llm_free(json);
  llm_provider_free(made);
  return unused;
}

/* Threads are small in some C libraries (128 KB with musl), and no nesting of a caller's or a peer's takes
 * more of them than a plain call does. The depths on both sides of the bound, and far beyond it. */
static void nesting_on_a_small_stack(void) {
  static const size_t depths[] = {2, 240, 253, 300, 2000, 100000};
  for (size_t index = 0; index < sizeof depths / sizeof *depths; index++) {
    size_t depth = depths[index];
    about(format("depth %zu", depth));
    const char *body = nested(
        depth, "{\"choices\":[{\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],\"x\":", "}");
    const char *name =
        script(format("HTTP/1.1 200 OK\nContent-Type: application/json\n<<END\n%s\nEND\n@repeat\n", body));
    small.mock = mock("");
    small.peer = service(name, "");
    small.request = nested(depth, "{\"prompt\":\"x\",\"deep\":", "}");
    small.config = nested(depth, "{\"type\":\"mock\",\"extra_body\":{\"x\":", "}}");
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 128 * 1024);
    CHECK_INT(pthread_create(&thread, &attributes, on_a_small_stack, NULL), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
    CHECK_INT(small.asked, depth < 256 ? LLM_OK : LLM_E_INVALID_REQUEST);
    CHECK_INT(small.answered, depth < 256 ? LLM_OK : LLM_E_PROTOCOL);
    if (depth > 256) CHECK_INT(small.configured, LLM_E_INVALID_CONFIG);
  }
}

/* 10 MB there and back, with every byte of them. */
static void large_prompt(void) {
  size_t length = 10000000;
  char *request = keep_text(malloc(length + 64));
  char *end = request + sprintf(request, "{\"prompt\":\"");
  for (size_t index = 0; index < length; index++) end[index] = (char)('a' + index % 26);
  strcpy(end + length, "\"}");
  struct answer answer = chat(service("__echo", ""), request);
  CHECK_STATUS(answer.status, LLM_OK, NULL);
  CHECK_INT((long long)json_string_length(at(answer.json, "/text")), (long long)length);
  CHECK(text_at(answer.json, "/text") && memcmp(text_at(answer.json, "/text"), end, length) == 0);
}

static void many_messages(void) {
  size_t count = 20000;
  char *request = keep_text(malloc(count * 64 + 64)), *end = request + sprintf(request, "{\"messages\":[");
  for (size_t index = 0; index < count; index++)
    end += sprintf(end, "%s{\"role\":\"user\",\"content\":\"message %zu\"}", index ? "," : "", index);
  strcpy(end, "]}");
  struct answer answer = chat(service("__echo", ""), request);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/text"), format("message %zu", count - 1));
}

/* Numbers at the edges reach the service as they were written. */
static void numbers_survive(void) {
  llm_provider *provider = service("ok-plain", "");
  const char *path = last_path();
  CHECK_INT(chat(provider,
                 "{\"prompt\":\"x\",\"temperature\":0.7,\"top_p\":1e-300,\"seed\":-9223372036854775808,"
                 "\"top_k\":9223372036854775807,\"x\":0.1,\"y\":1e22,\"z\":-0.0}")
                .status,
            LLM_OK);
  const char *body = text_at(requests_to(path), "/0/body");
  CHECK_PART(body, "\"temperature\":0.7,");
  CHECK_PART(body, "\"top_p\":1e-300,");
  CHECK_PART(body, "\"seed\":-9223372036854775808,");
  CHECK_PART(body, "\"top_k\":9223372036854775807,");
  CHECK_PART(body, "\"x\":0.1,");
  CHECK_PART(body, "\"y\":1e+22,");
  CHECK_PART(body, "\"z\":-0.0");
}

static void strange_timeouts(void) {
  llm_call *call = NULL;
  const llm_event *event;
  CHECK_INT(llm_call_start(mock(""), hello, &call, NULL), LLM_OK);
  CHECK_INT(llm_call_next(call, INT32_MAX, &event), LLM_OK);
  CHECK_INT(llm_call_next(call, INT32_MIN, &event), LLM_OK);
  llm_call_free(call);
}

const struct test_case bad_input_cases[] = {
    CASE(null_handles),
    CASE(null_arguments),
    CASE(null_arguments_without_documents),
    CASE(null_trees),
    CASE(refused_requests),
    CASE(deep_nesting),
    CASE(deep_answers),
    CASE(nesting_on_a_small_stack),
    CASE(large_prompt),
    CASE(many_messages),
    CASE(numbers_survive),
    CASE(strange_timeouts),
    {0},
};
