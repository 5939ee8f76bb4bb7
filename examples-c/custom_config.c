/* A service that the library does not know, by configuration alone: which wire format it speaks, where its
 * operations are, how it wants the key, and where it departs from the format. Shows the request that would be
 * sent; nothing is.
 *
 *   cc custom_config.c $(pkg-config --cflags --libs llm-provider) -o custom_config
 *   ./custom_config
 */
#include <llm_provider.h>
#include <stdio.h>

static const char *const services[] = {
    /* Most services: the OpenAI format, the key as a bearer token. */
    "{\"type\":\"openai-compatible\",\"base_url\":\"https://one.example/v1\",\"api_key\":\"secret-1\"}",

    /* A header of its own for the key, other paths, and a field that it does not take. */
    "{\"type\":\"openai-compatible\",\"base_url\":\"https://two.example\",\"api_key\":\"secret-2\","
    " \"auth\":{\"header\":\"X-Api-Key\"},\"paths\":{\"chat\":\"/generate\",\"models\":\"/list\"},"
    " \"quirks\":[\"max_tokens\",\"no_seed\"]}",

    /* The key as a query parameter. */
    "{\"type\":\"openai-compatible\",\"base_url\":\"https://three.example/api\",\"api_key\":\"secret-3\","
    " \"auth\":{\"query\":\"token\"}}",

    /* Another wire format, with a word before the key and a header for every request. */
    "{\"type\":\"openai-compatible\",\"dialect\":\"anthropic-messages\",\"base_url\":\"https://"
    "four.example\","
    " \"api_key\":\"secret-4\",\"auth\":{\"header\":\"Authorization\",\"prefix\":\"Token \"},"
    " \"headers\":{\"X-Team\":\"blue\"}}",

    /* A server on this machine, without a key. */
    "{\"type\":\"openai-compatible\",\"base_url\":\"http://127.0.0.1:8080/v1\",\"auth\":\"none\"}",
};

int main(void) {
  const char *request = "{\"model\":\"m\",\"prompt\":\"Hello!\",\"max_completion_tokens\":20,\"seed\":7}";
  int failures = 0;
  for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
    llm_provider *provider;
    char *json;
    llm_status status = llm_provider_new(services[i], &provider, &json);
    if (status >= 0) status = llm_render(provider, request, &json);
    printf("%s\n", json ? json : llm_status_name(status));
    failures += status < 0;
    llm_free(json);
    llm_provider_free(provider);
  }
  return failures > 0;
}
