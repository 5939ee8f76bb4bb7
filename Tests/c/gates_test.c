/* Limits, breakers, budgets, and stores of the program's own. */
#include <llm_provider_extend.h>

#include "test.h"

static json_t *status_of(llm_provider *provider) {
  char *json = NULL;
  CHECK_INT(llm_provider_status(provider, &json), LLM_OK);
  return take(json);
}

static void limits(void) {
  llm_provider *provider =
      provider_of("{\"type\":\"mock\",\"name\":\"mine\",\"retry\":{\"attempts\":1},"
                  "\"rate_limit\":{\"requests_per_minute\":2,\"tokens_per_minute\":100000,\"queue\":0}}");
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  struct answer refused = chat(provider, hello);
  CHECK_STATUS(refused.status, LLM_E_RATE_LIMITED, refused.json);
  CHECK_PART(text_at(refused.json, "/error/message"), "rate_limit.requests_per_minute");
  CHECK(int_at(refused.json, "/error/retry_after_ms") > 0);
  json_t *status = status_of(provider);
  CHECK_INT(int_at(status, "/rate_limit/requests/used"), 2);
  CHECK_INT(int_at(status, "/rate_limit/requests/left"), 0);
  CHECK_INT(int_at(status, "/rate_limit/tokens/limit"), 100000);
  CHECK_INT(int_at(status, "/rate_limit/queued"), 0);
}

/* The header's order: START, then the end. */
static void a_refusal_has_a_beginning(void) {
  struct record record = {0};
  llm_provider *provider = provider_of("{\"type\":\"mock\",\"retry\":{\"attempts\":1},"
                                       "\"rate_limit\":{\"requests_per_minute\":1,\"queue\":0}}");
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  struct answer refused = stream(provider, hello, record_event, &record);
  CHECK_STATUS(refused.status, LLM_E_RATE_LIMITED, refused.json);
  CHECK_INT(record.events, 2);
  CHECK_INT(strncmp(record.log.bytes, "1 0 0 {", 7), 0);
  CHECK_INT(record.last_type, LLM_EVENT_ERROR);
  /* Whoever wants no more at START has cancelled. */
  refused = stream(provider, hello, record_event, &(struct record){.stop_after = 1});
  CHECK_STATUS(refused.status, LLM_E_CANCELLED, refused.json);
}

static void waiting(void) {
  llm_provider *provider =
      provider_of("{\"type\":\"mock\",\"rate_limit\":{\"requests_per_minute\":1,\"window_ms\":100}}");
  for (int i = 0; i < 3; i++) CHECK_INT(chat(provider, hello).status, LLM_OK);
  llm_provider *impatient = provider_of("{\"type\":\"mock\",\"rate_limit\":{\"requests_per_minute\":1,"
                                        "\"queue_timeout_ms\":20},\"retry\":{\"attempts\":1}}");
  CHECK_INT(chat(impatient, hello).status, LLM_OK);
  struct answer refused = chat(impatient, "{\"prompt\":\"Hello\",\"llm\":{\"priority\":5}}");
  CHECK_STATUS(refused.status, LLM_E_RATE_LIMITED, refused.json);
  CHECK_PART(text_at(refused.json, "/error/message"), "queue_timeout_ms");
}

static void breaker(void) {
  llm_provider *provider = service(
      "status-500", "\"breaker\":{\"failures\":2,\"open_ms\":60000,\"window_ms\":60000,\"half_open\":1}");
  CHECK_INT(chat(provider, hello).status, LLM_E_SERVER_ERROR);
  CHECK_INT(chat(provider, hello).status, LLM_E_SERVER_ERROR);
  struct answer refused = chat(provider, hello);
  CHECK_STATUS(refused.status, LLM_E_OVERLOADED, refused.json);
  CHECK_PART(text_at(refused.json, "/error/message"), "breaker");
  CHECK(int_at(refused.json, "/error/retry_after_ms") > 50000);
  CHECK_TEXT(text_at(status_of(provider), "/breaker/state"), "open");
}

static void budget(void) {
  llm_provider *provider =
      service("ok-plain",
              "\"model\":\"gpt-4o-mini\",\"budget\":{\"usd\":0.0000001,\"per\":\"day\",\"scope\":\"key\"}");
  struct answer refused = chat(provider, "{\"prompt\":\"Hello\",\"model\":\"gpt-4o-mini\"}");
  CHECK_STATUS(refused.status, LLM_E_BUDGET_EXCEEDED, refused.json);
  CHECK_PART(text_at(refused.json, "/error/message"), "the period ends at");
  CHECK(at(status_of(provider), "/budget/spent_usd") != NULL);
  llm_provider *rich = service("ok-plain", "\"budget\":{\"usd\":100}");
  CHECK_INT(chat(rich, "{\"prompt\":\"Hello\",\"model\":\"gpt-4o-mini\"}").status, LLM_OK);
}

/* -- A store of our own --------------------------------------------------------------------------------- */

struct shelf {
  char key[128];
  char *value;
  size_t len;
};

static struct {
  struct shelf shelves[16];
  int instances, operations, is_down;
} cupboard;

static void *store_create(const char *config_json, char **error) {
  if (strstr(config_json, "\"colour\"") == NULL) {
    *error = strdup("{\"code\":\"invalid_config\",\"param\":\"/store/colour\",\"message\":\"no colour\"}");
    return NULL;
  }
  cupboard.instances++;
  return &cupboard;
}

static void store_destroy(void *self) {
  CHECK(self == &cupboard);
  cupboard.instances--;
  for (int i = 0; i < 16; i++) {
    free(cupboard.shelves[i].value);
    cupboard.shelves[i] = (struct shelf){.value = NULL};
  }
}

static llm_status is_up(char **error) {
  cupboard.operations++;
  if (!cupboard.is_down) return LLM_OK;
  *error = strdup("it is locked");
  return LLM_E_CONNECTION;
}

static struct shelf *shelf_of(const char *key) {
  for (int i = 0; i < 16; i++) {
    struct shelf *shelf = &cupboard.shelves[i];
    if (shelf->value == NULL || strcmp(shelf->key, key) == 0) {
      snprintf(shelf->key, sizeof shelf->key, "%s", key);
      return shelf;
    }
  }
  return NULL;
}

static llm_status store_get(void *self, const char *key, int64_t now_us, char **value, size_t *len,
                            char **error) {
  (void)self;
  CHECK(now_us > 1700000000000000);
  struct shelf *shelf = shelf_of(key);
  if (shelf->value != NULL) {
    *value = malloc(shelf->len + 1);
    memcpy(*value, shelf->value, shelf->len);
    *len = shelf->len;
  }
  return is_up(error);
}

static llm_status store_set(void *self, const char *key, const char *value, size_t len, int64_t ttl_ms,
                            int64_t now_us, char **error) {
  (void)self, (void)ttl_ms, (void)now_us;
  struct shelf *shelf = shelf_of(key);
  free(shelf->value);
  shelf->value = malloc(len + 1);
  memcpy(shelf->value, value, len);
  shelf->value[len] = '\0';
  shelf->len = len;
  return is_up(error);
}

static llm_status store_add(void *self, const char *key, int64_t amount, int64_t ttl_ms, int64_t now_us,
                            int64_t *sum, char **error) {
  char text[32];
  struct shelf *shelf = shelf_of(key);
  CHECK(ttl_ms > 0);
  *sum = (shelf->value == NULL ? 0 : strtoll(shelf->value, NULL, 10)) + amount;
  snprintf(text, sizeof text, "%lld", (long long)*sum);
  return store_set(self, key, text, strlen(text), ttl_ms, now_us, error);
}

static llm_status store_swap(void *self, const char *key, const char *expected, size_t expected_len,
                             const char *value, size_t len, int64_t ttl_ms, int64_t now_us, int *swapped,
                             char **error) {
  struct shelf *shelf = shelf_of(key);
  if (expected == NULL)
    *swapped = shelf->value == NULL;
  else
    *swapped = shelf->value != NULL && shelf->len == expected_len &&
               memcmp(shelf->value, expected, expected_len) == 0;
  return *swapped ? store_set(self, key, value, len, ttl_ms, now_us, error) : is_up(error);
}

static llm_status store_remove(void *self, const char *key, int64_t now_us, char **error) {
  (void)self, (void)now_us;
  struct shelf *shelf = shelf_of(key);
  free(shelf->value);
  shelf->value = NULL;
  return is_up(error);
}

static const llm_store_vtable store = {
    .struct_size = sizeof store,
    .create = store_create,
    .destroy = store_destroy,
    .get = store_get,
    .set = store_set,
    .add = store_add,
    .compare_and_set = store_swap,
    .remove = store_remove,
};

static void tell(const char *event_json, void *user_data) {
  json_t *event = json_loads(event_json, 0, NULL);
  char *told = user_data;
  snprintf(told + strlen(told), 256 - strlen(told), "%s ", text_at(event, "/event"));
  json_decref(event);
}

#define SHARED                                                                                               \
  "{\"type\":\"mock\",\"retry\":{\"attempts\":1},\"rate_limit\":{\"requests_per_minute\":2,\"queue\":0},"    \
  "\"store\":{\"type\":\"cupboard\",\"colour\":\"green\"}}"

static void register_cupboard(void) {
  static int is_registered;
  if (!is_registered) CHECK_INT(llm_register_store("cupboard", &store, NULL), LLM_OK);
  is_registered = 1;
}

static void own_store(void) {
  char told[256] = "";
  register_cupboard();
  llm_provider *one = NULL, *other = NULL;
  CHECK_INT(llm_provider_new(SHARED, &one, NULL), LLM_OK);
  CHECK_INT(llm_provider_new(SHARED, &other, NULL), LLM_OK);
  CHECK_INT(cupboard.instances, 1);
  CHECK_INT(chat(one, hello).status, LLM_OK);
  CHECK_INT(chat(other, hello).status, LLM_OK);
  CHECK_INT(chat(one, hello).status, LLM_E_RATE_LIMITED);
  CHECK_TEXT(text_at(status_of(one), "/store/type"), "cupboard");
  CHECK_TEXT(text_at(status_of(one), "/store/state"), "connected");
  llm_provider_set_observer(other, tell, told);
  cupboard.is_down = 1;
  CHECK_INT(chat(other, hello).status, LLM_E_RATE_LIMITED);
  CHECK_TEXT(text_at(status_of(other), "/store/state"), "lost");
  CHECK_PART(told, "store_lost");
  cupboard.is_down = 0;
  llm_provider_free(one);
  CHECK_INT(cupboard.instances, 1);
  llm_provider_free(other);
  CHECK_INT(cupboard.instances, 0);
}

#define CACHED                                                                                               \
  "{\"type\":\"mock\",\"mock\":{\"responses\":[\"%s\"]},\"cache\":{\"type\":\"store\",\"ttl_s\":60},"        \
  "\"store\":{\"type\":\"cupboard\",\"colour\":\"blue\"}}"

/* What one handle was answered is the other's, and a store that is lost costs no call. */
static void shared_cache(void) {
  llm_provider *one = NULL, *other = NULL;
  register_cupboard();
  CHECK_INT(llm_provider_new(format(CACHED, "first"), &one, NULL), LLM_OK);
  CHECK_INT(llm_provider_new(format(CACHED, "second"), &other, NULL), LLM_OK);
  struct answer sent = chat(one, hello);
  CHECK_TEXT(text_at(sent.json, "/text"), "first");
  CHECK(json_is_false(at(sent.json, "/metadata/cached")));
  struct answer played = chat(other, hello);
  CHECK_TEXT(text_at(played.json, "/text"), "first");
  CHECK(json_is_true(at(played.json, "/metadata/cached")));
  CHECK_INT(int_at(status_of(other), "/cache/hits"), 1);
  CHECK_TEXT(text_at(status_of(other), "/store/state"), "connected");
  cupboard.is_down = 1;
  struct answer alone = chat(other, hello);
  CHECK_TEXT(text_at(alone.json, "/text"), "second");
  CHECK_TEXT(text_at(status_of(other), "/store/state"), "lost");
  cupboard.is_down = 0;
  llm_provider_free(one);
  llm_provider_free(other);
  CHECK_INT(cupboard.instances, 0);
}

static void wrong_stores(void) {
  char *error = NULL;
  llm_store_vtable wrong = store;
  wrong.add = NULL;
  CHECK_INT(llm_register_store("wrong", &wrong, &error), LLM_E_PLUGIN);
  CHECK_PART(text_at(take(error), "/error/message"), "lacks one");
  wrong = store;
  wrong.struct_size = offsetof(llm_store_vtable, remove);
  CHECK_INT(llm_register_store("wrong", &wrong, NULL), LLM_E_PLUGIN);
  CHECK_INT(llm_register_store("memory", &store, &error), LLM_E_PLUGIN);
  CHECK_PART(text_at(take(error), "/error/message"), "taken");
  CHECK_INT(llm_register_store("file", &store, NULL), LLM_E_PLUGIN);
  CHECK_INT(llm_register_store("Not A Name", &store, NULL), LLM_E_PLUGIN);
  CHECK_INT(llm_register_store(NULL, &store, NULL), LLM_E_INVALID_ARGUMENT);
  CHECK_INT(llm_register_store("x", NULL, NULL), LLM_E_INVALID_ARGUMENT);
}

/* A store that is made of another one: `create` makes a handle. */
static void *nest_create(const char *config_json, char **error) {
  llm_provider *inner = NULL;
  (void)error;
  CHECK_INT(llm_provider_new(SHARED, &inner, NULL), LLM_OK);
  CHECK(strstr(config_json, "nest") != NULL);
  return inner;
}

static void nest_destroy(void *self) {
  llm_provider_free(self);
}

static void nested_store(void) {
  llm_store_vtable nest = store;
  nest.create = nest_create;
  nest.destroy = nest_destroy;
  register_cupboard();
  CHECK_INT(llm_register_store("nest", &nest, NULL), LLM_OK);
  llm_provider *provider = NULL;
  CHECK_INT(
      llm_provider_new("{\"type\":\"mock\",\"breaker\":{},\"store\":{\"type\":\"nest\"}}", &provider, NULL),
      LLM_OK);
  CHECK_INT(cupboard.instances, 1);
  llm_provider_free(provider);
  CHECK_INT(cupboard.instances, 0);
}

/* -- A store that runs scripts -------------------------------------------------------------------------- */

static int scripts;

static llm_status store_run(void *self, const char *script, const char *key, const char *const *arguments,
                            const size_t *lengths, size_t count, int64_t now_us, char **answer, size_t *len,
                            char **error) {
  (void)self, (void)now_us, (void)arguments, (void)lengths;
  CHECK_PART(script, "redis.call('GET', KEYS[1])");
  CHECK_PART(key, "limit1:mock");
  CHECK(count > 0);
  scripts++;
  if (scripts > 1) {
    /* An answer that makes no sense: the limit is counted in the process. */
    *answer = strdup("nonsense");
    *len = 8;
    return is_up(error);
  }
  static const char made[1 + 24] = {'1', 1};
  *answer = malloc(sizeof made);
  memcpy(*answer, made, sizeof made);
  *len = sizeof made;
  return is_up(error);
}

static void scripted_store(void) {
  llm_store_vtable scripted = store;
  scripted.run_script = store_run;
  CHECK_INT(llm_register_store("scripted", &scripted, NULL), LLM_OK);
  llm_provider *provider = NULL;
  CHECK_INT(llm_provider_new(
                "{\"type\":\"mock\",\"retry\":{\"attempts\":1},\"rate_limit\":{\"requests_per_minute\":1,"
                "\"queue\":0},\"store\":{\"type\":\"scripted\",\"colour\":\"red\"}}",
                &provider, NULL),
            LLM_OK);
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  CHECK_INT(scripts, 1);
  CHECK_INT(chat(provider, hello).status, LLM_OK);
  CHECK_TEXT(text_at(status_of(provider), "/store/state"), "lost");
  CHECK_INT(chat(provider, hello).status, LLM_E_RATE_LIMITED);
  llm_provider_free(provider);
}

static void refuses(const char *members, const char *param, const char *part) {
  llm_provider *provider = NULL;
  char *error = NULL;
  about(members);
  CHECK_INT(llm_provider_new(format("{\"type\":\"mock\",%s}", members), &provider, &error),
            LLM_E_INVALID_CONFIG);
  json_t *document = take(error);
  CHECK_TEXT(text_at(document, "/error/param"), param);
  CHECK_PART(text_at(document, "/error/message"), part);
  about(NULL);
}

static void wrong_configurations(void) {
  refuses("\"store\":{\"type\":\"nosuch\"}", "/store/type", "register it");
  refuses("\"store\":{\"type\":\"file\"}", "/store", "path");
  refuses("\"store\":{\"type\":\"file\",\"pth\":\"/x\"}", "/store/pth", "did you mean \"path\"");
  refuses("\"store\":{\"type\":\"file\",\"path\":\"\"}", "/store", "empty path");
  refuses("\"record\":\"\"", "/record", "empty path");
  refuses("\"replay\":\"\"", "/replay", "empty path");
  refuses("\"replay\":{\"dir\":\"\"}", "/replay", "empty path");
  refuses("\"cache\":{\"type\":\"disk\",\"path\":\"\"}", "/cache", "empty path");
  refuses("\"store\":{\"nam\":\"x\"}", "/store/nam", "did you mean \"name\"");
  refuses("\"cache\":{\"type\":\"store\"}", "/cache/type", "registered type");
  refuses("\"cache\":{\"type\":\"store\"},\"store\":{\"type\":\"file\",\"path\":\"/x\"}", "/cache/type",
          "disk");
  refuses("\"budget\":{\"per\":\"day\"}", "/budget", "usd");
  refuses("\"budget\":{\"usd\":1,\"per\":\"week\"}", "/budget/per", "none of");
  refuses("\"budget\":{\"usd\":-1}", "/budget/usd", "outside");
  refuses("\"rate_limit\":{\"requests_per_minute\":0}", "/rate_limit/requests_per_minute", "outside");
  refuses("\"rate_limit\":{\"concurency\":1}", "/rate_limit/concurency", "concurrency");
  refuses("\"breaker\":{\"failures\":0}", "/breaker/failures", "outside");
  refuses("\"breaker\":true", "/breaker", "expected object");
}

const struct test_case gates_cases[] = {
    CASE(limits),
    CASE(a_refusal_has_a_beginning),
    CASE(waiting),
    CASE(breaker),
    CASE(budget),
    CASE(own_store),
    CASE(shared_cache),
    CASE(wrong_stores),
    CASE(wrong_configurations),
    CASE(nested_store),
    CASE(scripted_store),
    {NULL, NULL},
};
