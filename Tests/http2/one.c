/* one BASE-URL CA-FILE ATTEMPTS CALLS: so many calls, one after the other, each told as a line
 * "STATUS-NAME ATTEMPTS MESSAGE". */
#include <jansson.h>
#include <llm_provider.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  llm_provider *provider;
  char *json = NULL;
  char config[1024];
  if (argc != 5) return 2;
  snprintf(config, sizeof config,
           "{\"type\":\"openai-compatible\",\"base_url\":\"%s\",\"model\":\"m\",\"auth\":\"none\","
           "\"http_version\":\"2\",\"tls\":{\"ca_file\":\"%s\"},"
           "\"retry\":{\"attempts\":%s,\"delay_ms\":1,\"budget\":1000}}",
           argv[1], argv[2], argv[3]);
  if (llm_provider_new(config, &provider, &json) != LLM_OK) {
    puts(json);
    return 1;
  }
  for (int call = atoi(argv[4]); call > 0; call--) {
    llm_status status = llm_chat(provider, "{\"prompt\":\"Over what?\"}", &json);
    json_t *document = json_loads(json, 0, NULL);
    json_t *error = json_object_get(document, "error");
    json_t *about = error ? error : json_object_get(document, "metadata");
    const char *message = json_string_value(json_object_get(error, "message"));
    printf("%s %zu %s\n", llm_status_name(status), json_array_size(json_object_get(about, "attempts")),
           message ? message : "");
    json_decref(document);
    llm_free(json);
  }
  llm_provider_free(provider);
  return 0;
}
