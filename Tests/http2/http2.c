/* http2 BASE-URL CA-FILE: calls from several threads over HTTP/2, then what became of the connections:
 * "right ANSWERS opened CONNECTIONS reused TIMES". */
#include <jansson.h>
#include <llm_provider.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { thread_count = 4, calls_each = 25 };

static void *make_calls(void *user_data) {
  llm_provider *provider = user_data;
  long right = 0;
  for (int i = 0; i < calls_each; i++) {
    char *json = NULL;
    if (llm_chat(provider, "{\"prompt\":\"Over what?\"}", &json) == LLM_OK &&
        strstr(json, "\"text\":\"Over HTTP/2.\""))
      right++;
    llm_free(json);
  }
  return (void *)right;
}

int main(int argc, char **argv) {
  llm_provider *provider;
  char *json = NULL;
  char config[1024];
  pthread_t threads[thread_count];
  long right = 0;
  if (argc != 3) return 2;
  snprintf(config, sizeof config,
           "{\"type\":\"openai-compatible\",\"base_url\":\"%s\",\"model\":\"m\",\"auth\":\"none\","
           "\"http_version\":\"2\",\"tls\":{\"ca_file\":\"%s\"}}",
           argv[1], argv[2]);
  if (llm_provider_new(config, &provider, &json) != LLM_OK) {
    puts(json);
    return 1;
  }
  for (int i = 0; i < thread_count; i++) pthread_create(&threads[i], NULL, make_calls, provider);
  for (int i = 0; i < thread_count; i++) {
    void *answers;
    pthread_join(threads[i], &answers);
    right += (long)answers;
  }
  json_t *status = NULL;
  if (llm_provider_status(provider, &json) == LLM_OK) status = json_loads(json, 0, NULL);
  json_t *connections = json_object_get(status, "connections");
  printf("right %ld opened %lld reused %lld\n", right,
         json_integer_value(json_object_get(connections, "opened")),
         json_integer_value(json_object_get(connections, "reused")));
  json_decref(status);
  llm_free(json);
  llm_provider_free(provider);
  return 0;
}
