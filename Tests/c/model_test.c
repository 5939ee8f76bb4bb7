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

/* Types that have no usual model, and whose configuration names none: what asks no model needs none. */
static void lists_need_no_model(void) {
  static const char *const types[] = {"ollama", "vllm", "lmstudio", "openai-compatible", "litellm"};
  for (size_t index = 0; index < sizeof types / sizeof *types; index++) {
    char *json = NULL;
    llm_provider *provider = provider_of(
        format("{\"type\":\"%s\",\"api_key\":\"k\",\"base_url\":\"http://127.0.0.1:%d/__echo%s\"}",
               types[index], server_port(), strcmp(types[index], "ollama") == 0 ? "" : "/v1"));
    about(types[index]);
    llm_status status = llm_connect(provider, &json);
    json_t *document = take(json);
    CHECK_STATUS(status, LLM_OK, document);
    CHECK_INT(llm_test_connection(provider, &json), LLM_OK);
    document = take(json);
    CHECK(is_true(document, "/success"));
    if (strcmp(types[index], "ollama") == 0) continue; /* the server does not speak its list */
    struct answer answer = models(provider);
    CHECK_STATUS(answer.status, LLM_OK, answer.json);
    CHECK(json_array_size(at(answer.json, "/data")) > 0);
    CHECK_INT(chat(provider, hello).status, LLM_E_INVALID_REQUEST);
  }
  about(NULL);
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

static struct answer rerank(llm_provider *provider, const char *request) {
  char *json = NULL;
  struct answer answer = {.status = llm_rerank(provider, request, &json)};
  answer.json = take(json);
  return answer;
}

/* A service of a type, as a script plays it. */
static const char *ranker_path;

static llm_provider *ranker(const char *type, const char *body) {
  const char *name =
      script(format("HTTP/1.1 200 OK\nContent-Type: application/json\n<<END\n%s\nEND\n@repeat\n", body));
  ranker_path = name;
  return provider_of(format("{\"type\":\"%s\",\"base_url\":\"http://127.0.0.1:%d/%s\",\"api_key\":\"k\"}",
                            type, server_port(), name));
}

static void rankings(void) {
  static const char request[] =
      "{\"query\":\"blue sky\",\"documents\":[\"grass\",\"a blue sky\",{\"text\":\"the "
      "sky\"}],\"top_n\":2,\"return_documents\":true,\"model\":\"r\"}";
  struct answer answer = rerank(mock(""), request);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/object"), "list");
  CHECK_INT((long long)json_array_size(at(answer.json, "/results")), 2);
  CHECK_INT(int_at(answer.json, "/results/0/index"), 1);
  CHECK_TEXT(text_at(answer.json, "/results/0/document/text"), "a blue sky");
  CHECK_TEXT(text_at(answer.json, "/results/1/document/text"), "the sky");
  CHECK_TEXT(text_at(answer.json, "/metadata/provider"), "mock");
  json_t *tree = keep_json(json_loads(request, 0, NULL)), *out = NULL;
  CHECK_INT(llm_rerank_json(mock(""), tree, &out), LLM_OK);
  CHECK_INT(int_at(keep_json(out), "/results/0/index"), 1);
}

static void rankings_of_services(void) {
  static const char request[] = "{\"query\":\"q\",\"documents\":[\"a\",\"b\"],\"top_n\":1,\"model\":\"r\"}";
  static const struct {
    const char *type, *answer, *path, *sent;
  } rows[] = {
      {"cohere",
       "{\"id\":\"1\",\"results\":[{\"index\":1,\"relevance_score\":0.9}],\"meta\":{\"billed_units\":{"
       "\"search_"
       "units\":1}}}",
       "/v2/rerank", "{\"documents\":[\"a\",\"b\"],\"model\":\"r\",\"query\":\"q\",\"top_n\":1}"},
      {"jina",
       "{\"model\":\"r\",\"usage\":{\"total_tokens\":5},\"results\":[{\"index\":1,\"relevance_score\":0.9,"
       "\"document\":{\"text\":\"b\"}}]}",
       "/rerank", "{\"documents\":[\"a\",\"b\"],\"model\":\"r\",\"query\":\"q\",\"top_n\":1}"},
      {"voyage",
       "{\"object\":\"list\",\"data\":[{\"index\":1,\"relevance_score\":0.9}],\"model\":\"r\",\"usage\":{"
       "\"total_"
       "tokens\":5}}",
       "/rerank", "{\"documents\":[\"a\",\"b\"],\"model\":\"r\",\"query\":\"q\",\"top_k\":1}"},
      {"mixedbread", "{\"model\":\"r\",\"data\":[{\"index\":1,\"score\":0.9}]}", "/reranking",
       "{\"input\":[\"a\",\"b\"],\"model\":\"r\",\"query\":\"q\",\"top_k\":1}"},
  };
  for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
    about(rows[row].type);
    llm_provider *provider = ranker(rows[row].type, rows[row].answer);
    struct answer answer = rerank(provider, request);
    CHECK_STATUS(answer.status, LLM_OK, answer.json);
    CHECK_INT(int_at(answer.json, "/results/0/index"), 1);
    CHECK(json_real_value(at(answer.json, "/results/0/relevance_score")) == 0.9);
    CHECK(at(answer.json, "/results/0/document") == NULL);
    CHECK_TEXT(text_at(answer.json, "/model"), "r");
    json_t *sent = requests_to(ranker_path);
    CHECK_TEXT(text_at(sent, "/0/path"), format("/%s%s", ranker_path, rows[row].path));
    CHECK_TEXT(stable(keep_json(json_loads(text_at(sent, "/0/body"), 0, NULL))), rows[row].sent);
  }
  about(NULL);
}

static void ranking_requests(void) {
  static const char *const refused[] = {
      "{\"documents\":[\"a\"],\"model\":\"r\"}",
      "{\"query\":\"\",\"documents\":[\"a\"],\"model\":\"r\"}",
      "{\"query\":\"q\",\"documents\":[],\"model\":\"r\"}",
      "{\"query\":\"q\",\"documents\":\"a\",\"model\":\"r\"}",
      "{\"query\":\"q\",\"documents\":[7],\"model\":\"r\"}",
      "{\"query\":\"q\",\"documents\":[\"a\"],\"model\":\"r\",\"top_n\":0}",
      "{\"query\":\"q\",\"documents\":[\"a\"]}",
      "[]",
  };
  llm_provider *provider = ranker("jina", "{}");
  for (size_t index = 0; index < sizeof refused / sizeof *refused; index++) {
    about(refused[index]);
    struct answer answer = rerank(provider, refused[index]);
    CHECK_STATUS(answer.status, LLM_E_INVALID_REQUEST, answer.json);
  }
  about(NULL);
  static const char request[] = "{\"query\":\"q\",\"documents\":[\"a\"],\"model\":\"r\"}";
  struct answer answer = rerank(provider, request);
  CHECK_STATUS(answer.status, LLM_E_PROTOCOL, answer.json);
  answer = rerank(ranker("jina", "{\"results\":[{\"index\":1,\"relevance_score\":1}]}"), request);
  CHECK_STATUS(answer.status, LLM_E_PROTOCOL, answer.json);
  answer = rerank(service("ok-plain", ""), request);
  CHECK_STATUS(answer.status, LLM_E_UNSUPPORTED, answer.json);
  answer = rerank(provider_of("{\"type\":\"anthropic\",\"api_key\":\"k\"}"), request);
  CHECK_STATUS(answer.status, LLM_E_UNSUPPORTED, answer.json);
}

#define LIST(models)                                                                                         \
  "HTTP/1.1 200 OK\nContent-Type: application/json\n<<END\n{\"object\":\"list\",\"data\":[" models "]}"      \
  "\nEND\n"

struct changes {
  int count;
  json_t *last;
};

static void hear_changes(const char *event_json, void *user_data) {
  struct changes *changes = user_data;
  json_t *event = keep_json(json_loads(event_json, 0, NULL));
  if (strcmp(text_at(event, "/event"), "model_changed")) return;
  changes->count++;
  changes->last = event;
}

/* Kept for a while; what has changed since is told, and where the service is gone the old list serves. */
static void lists_that_are_kept(void) {
  const char *name = script(LIST("{\"id\":\"a\"},{\"id\":\"b\"}") "===\n" LIST(
      "{\"id\":\"b\"},{\"id\":\"c\"}") "===\nHTTP/1.1 503 Gone\n@repeat\n");
  llm_provider *kept = service(name, "");
  struct answer answer = models(kept);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK(is_false(answer.json, "/cached"));
  answer = models(kept);
  CHECK(is_true(answer.json, "/cached"));
  CHECK_TEXT(text_at(answer.json, "/data/0/id"), "a");
  CHECK_INT((long long)json_array_size(requests_to(last_path())), 1);

  llm_provider *fresh = service(name, "\"models_ttl_s\":0,\"retry\":{\"attempts\":1}");
  struct changes changes = {0};
  llm_provider_set_observer(fresh, hear_changes, &changes);
  models(fresh);
  CHECK_INT(changes.count, 0);
  answer = models(fresh);
  CHECK_TEXT(text_at(answer.json, "/data/1/id"), "c");
  CHECK_INT(changes.count, 1);
  CHECK_TEXT(text_at(changes.last, "/added/0"), "c");
  CHECK_TEXT(text_at(changes.last, "/removed/0"), "a");
  answer = models(fresh);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK(is_true(answer.json, "/stale"));
  CHECK_TEXT(text_at(answer.json, "/data/1/id"), "c");
  CHECK_INT(changes.count, 1);
  answer = models(service("status-503", "\"retry\":{\"attempts\":1}"));
  CHECK_STATUS(answer.status, LLM_E_OVERLOADED, answer.json);
}

/* What the service does not say the catalogue may know; what it does not list the catalogue may. */
static void lists_and_the_catalogue(void) {
  const char *name =
      script(LIST("{\"id\":\"gpt-4o-mini\",\"context_window\":7},{\"id\":\"of-my-own\"}") "@repeat\n");
  llm_provider *provider = service(name, "");
  struct answer answer = models(provider);
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/data/0/source"), "both");
  CHECK_INT(int_at(answer.json, "/data/0/context_window"), 7);
  CHECK(json_number_value(at(answer.json, "/data/0/prices/input")) > 0);
  CHECK_TEXT(text_at(answer.json, "/data/1/source"), "service");
  /* What was listed says more than the catalogue. */
  answer = model_info(provider, "gpt-4o-mini");
  CHECK_INT(int_at(answer.json, "/context_window"), 7);
  answer = models(service("status-404", ""));
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/data/0/source"), "catalog");
  answer = models(provider_of("{\"type\":\"bedrock\",\"api_key\":\"k\",\"region\":\"us-east-1\"}"));
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_TEXT(text_at(answer.json, "/data/0/source"), "catalog");
}

/* Gemini, Ollama and Cohere tell about one model; that is kept as well. */
static void descriptions(void) {
  llm_provider *provider =
      ranker("cohere", "{\"name\":\"command-r\",\"context_length\":1234,\"endpoints\":[\"chat\"]}");
  struct answer answer = model_info(provider, "command-r");
  CHECK_STATUS(answer.status, LLM_OK, answer.json);
  CHECK_INT(int_at(answer.json, "/context_window"), 1234);
  CHECK_TEXT(text_at(answer.json, "/id"), "command-r");
  json_object_set_new((json_t *)answer.json, "context_window", json_integer(1));
  answer = model_info(provider, "command-r");
  CHECK_INT(int_at(answer.json, "/context_window"), 1234);
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
    CASE(lists_need_no_model),
    CASE(embeddings),
    CASE(embedding_requests),
    CASE(embeddings_of_the_mock),
    CASE(embedding_errors),
    CASE(rankings),
    CASE(rankings_of_services),
    CASE(ranking_requests),
    CASE(lists),
    CASE(lists_that_are_kept),
    CASE(lists_and_the_catalogue),
    CASE(descriptions),
    CASE(one_model),
    CASE(tokens),
    {0},
};
