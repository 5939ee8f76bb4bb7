/* One process of several that share a store. It makes calls to the mock, as many as it may, and writes down
 * when each was let through; run.sh looks at what all have written.
 *
 *   limits load CONFIG SECONDS FILE   makes calls on two threads; writes a line for each, and prints a
 * summary limits hold CONFIG                makes one call that takes long, and says "held" when it is on its
 * way limits call CONFIG                makes one call, and prints how many milliseconds it took
 *
 * "store": {"type": "spy", ...} is the store in Redis, through this program's hands: the moment of each
 * change that the server took is what the library itself holds for the moment of leave. "swap" is the same
 * without scripts, as a store is that knows only values.
 */
#include <llm_provider_redis.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static FILE *record;
static atomic_int lost, recovered, succeeded, failed;
static double end;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* -- The spy -------------------------------------------------------------------------------------------- */

static llm_status spy_swap(void *self, const char *key, const char *expected, size_t expected_len,
                           const char *value, size_t len, int64_t ttl_ms, int64_t now_us, int *swapped,
                           char **error) {
  llm_status status = llm_redis_store()->compare_and_set(self, key, expected, expected_len, value, len,
                                                         ttl_ms, now_us, swapped, error);
  if (status == LLM_OK && *swapped) fprintf(record, "leave %.6f\n", (double)now_us * 1e-6);
  return status;
}

static llm_status spy_run(void *self, const char *script, const char *key, const char *const *arguments,
                          const size_t *lengths, size_t count, int64_t now_us, char **answer, size_t *len,
                          char **error) {
  llm_status status =
      llm_redis_store()->run_script(self, script, key, arguments, lengths, count, now_us, answer, len, error);
  if (status == LLM_OK && *len > 0 && (*answer)[0] == '1')
    fprintf(record, "leave %.6f\n", (double)now_us * 1e-6);
  return status;
}

static void *spy_create(const char *config_json, char **error) {
  return llm_redis_store()->create(config_json, error);
}

static void register_stores(void) {
  llm_store_vtable spy = *llm_redis_store(), swap;
  char *error = NULL;
  spy.create = spy_create;
  spy.compare_and_set = spy_swap;
  swap = spy;
  spy.run_script = spy_run;
  swap.struct_size = offsetof(llm_store_vtable, run_script);
  if (llm_redis_register(&error) != LLM_OK || llm_register_store("spy", &spy, &error) != LLM_OK ||
      llm_register_store("swap", &swap, &error) != LLM_OK) {
    fprintf(stderr, "%s\n", error);
    exit(1);
  }
}

/* -- Calls ---------------------------------------------------------------------------------------------- */

static void observe(const char *event_json, void *user_data) {
  (void)user_data;
  if (strstr(event_json, "\"store_lost\"") != NULL) lost++;
  if (strstr(event_json, "\"store_recovered\"") != NULL) recovered++;
}

static llm_provider *open_provider(const char *config) {
  llm_provider *provider;
  char *error = NULL;
  if (llm_provider_new(config, &provider, &error) != LLM_OK) {
    fprintf(stderr, "%s\n", error);
    exit(1);
  }
  llm_provider_set_observer(provider, observe, NULL);
  return provider;
}

static void *load(void *provider) {
  while (now() < end) {
    char *answer = NULL;
    llm_status status = llm_chat(provider, "{\"prompt\":\"Hello\"}", &answer);
    if (status == LLM_OK) {
      double moment = now();
      if (moment < end) fprintf(record, "seen %.6f\n", moment);
      succeeded++;
    } else if (failed++ == 0) {
      fprintf(stderr, "%s\n", answer);
    }
    llm_free(answer);
  }
  return NULL;
}

/* The "state" of the status document's "store". */
static const char *store_state(llm_provider *provider) {
  char *status = NULL;
  llm_provider_status(provider, &status);
  const char *store = strstr(status, "\"store\":");
  const char *state = "none";
  if (store != NULL) state = strstr(store, "\"lost\"") != NULL ? "lost" : "connected";
  llm_free(status);
  return state;
}

static int run_load(const char *config, double seconds, const char *path) {
  pthread_t threads[2];
  llm_provider *provider = open_provider(config);
  record = fopen(path, "w");
  setvbuf(record, NULL, _IOLBF, 0);
  end = now() + seconds;
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, load, provider);
  while (now() < end) {
    usleep(50000);
    fprintf(record, "state %s\n", store_state(provider));
  }
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  printf("succeeded=%d failed=%d lost=%d recovered=%d state=%s\n", succeeded, failed, lost, recovered,
         store_state(provider));
  llm_provider_free(provider);
  fclose(record);
  return 0;
}

static int held(const llm_event *event, void *user_data) {
  (void)user_data;
  if (event->type == LLM_EVENT_TEXT) {
    puts("held");
    fflush(stdout);
  }
  return 0;
}

int main(int count, char **arguments) {
  if (count < 3) return 2;
  register_stores();
  if (strcmp(arguments[1], "load") == 0) return run_load(arguments[2], atof(arguments[3]), arguments[4]);
  llm_provider *provider = open_provider(arguments[2]);
  char *answer = NULL;
  double start = now();
  llm_status status;
  if (strcmp(arguments[1], "hold") == 0)
    status = llm_stream(provider, "{\"prompt\":\"Hello\"}", held, NULL, &answer);
  else
    status = llm_chat(provider, "{\"prompt\":\"Hello\"}", &answer);
  if (strcmp(arguments[1], "call") == 0) printf("%s %.0f\n", llm_status_name(status), (now() - start) * 1000);
  llm_free(answer);
  llm_provider_free(provider);
  return 0;
}
