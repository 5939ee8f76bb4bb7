/* Loads a plugin by its absolute path, and asks the provider that it brings.
 *
 *   cc plugin_host.c $(pkg-config --cflags --libs llm-provider) -o plugin_host
 *   ./plugin_host "$PWD/plugin.so" '{"type":"greeter"}'
 */
#include <llm_provider.h>
#include <stdio.h>

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: plugin_host PLUGIN CONFIGURATION\n");
    return 2;
  }
  llm_provider *provider = NULL;
  char *json = NULL;
  llm_status status = llm_load_plugin(argv[1], &json);
  if (status >= 0) status = llm_provider_new(argv[2], &provider, &json);
  if (status >= 0) status = llm_chat(provider, "{\"prompt\":\"Hello!\"}", &json);
  printf("%s\n", json ? json : llm_status_name(status));
  llm_free(json);
  llm_provider_free(provider);
  return status < 0;
}
